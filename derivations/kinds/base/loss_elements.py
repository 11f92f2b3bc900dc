"""Losses of a problem one by one: their names, their numbers, and those of single numbers in names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from derivations.calculus.tidy import tidy, written
from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    neg,
    number,
    power,
    product,
    quotient,
    rewrite,
    substitute,
    sum_of,
)
from derivations.kinds.base.comparisons import LOGARITHMS, PARAMETERS, Worked
from derivations.kinds.base.loss_fields import BASED, INPUTS, Given, wanted
from derivations.models import losses
from derivations.truth.losses import Case

CALL = "ell"  # the loss of one prediction and its target as a function
LETTERS = {
    "predictions": "y", "logits": "z", "log_predictions": "z", "anchor": "a", "positive": "p",
    "negative": "n", "first": "u", "second": "v", "targets": "t",
}  # fmt: skip
FOCAL = frozenset({"focal", "balanced_focal"})


@dataclass(frozen=True, slots=True)
class Unit:
    """One loss: the names of its inputs and targets, its own name, its row, its column."""

    row: int
    column: int
    index: str
    loss: str
    inputs: Mapping[str, tuple[Name, ...]]
    targets: tuple[Name, ...]
    elements: int = 1


def entry(given: Given, field: str, row: int, column: int) -> str:
    """The name of a number of a field: ``y``, ``y_2``, ``y_2_3``."""
    letter = LETTERS[field]
    rows = given.rows(field)
    if given.flat and len(rows) == 1 and len(rows[0]) == 1 and not given.by_sample:
        return letter
    if given.flat:
        return f"{letter}_{max(row, column) + 1}"
    return f"{letter}_{row + 1}_{column + 1}"


def units_of(given: Given) -> list[Unit]:
    """Every loss: of each number, or of each sample."""
    rows = given.rows(given.form)
    fields = [field for field in INPUTS if getattr(given, field) is not None]
    units: list[Unit] = []
    count = len(rows) if given.by_sample else len(rows) * len(rows[0])
    for i, row in enumerate(rows):
        groups = (
            [range(len(row))] if given.by_sample else [range(k, k + 1) for k in range(len(row))]
        )
        for group in groups:
            inputs = {
                field: tuple(Name(entry(given, field, i, k)) for k in group) for field in fields
            }
            targets = tuple(
                Name(entry(given, "targets", i, k)) for k in group if given.targets is not None
            )
            index = "" if count == 1 else f"_{i + 1}"
            if not given.by_sample and not given.flat and count > 1:
                index += f"_{group[0] + 1}"
            units.append(Unit(i, group[0], index, f"L{index}", inputs, targets, len(group)))
    return units


def values_of(given: Given) -> dict[str, str]:
    """All numbers by name."""
    values: dict[str, str] = {}
    for field in (*INPUTS, "targets"):
        if getattr(given, field) is None:
            continue
        for i, row in enumerate(given.rows(field)):
            values |= {entry(given, field, i, k): text for k, text in enumerate(row)}
    letters = PARAMETERS.get(given.loss.name, {})
    for word, text in given.loss.parameters.items():
        labelled = given.loss.name != "cosine" or given.labels is not None
        if word in letters and labelled:
            values[letters[word]] = text
    if given.label_smoothing is not None:
        values["epsilon"] = given.label_smoothing
    if given.weighted:
        values |= dict(given.weight(row) for row in range(len(given.rows(given.form))))
    return values


def double(text: str) -> float:
    """A numeral as a double."""
    value = exact(text)
    return int(value.p) / int(value.q)


def case_of(given: Given, unit: Unit) -> Case:
    """A loss as numbers, for the second road."""
    values = {name: double(text) for name, text in values_of(given).items()}

    def numbers(names: tuple[Name, ...]) -> NDArray[np.float64]:
        return np.array([values[name.id] for name in names], dtype=np.float64)

    target, true, label = numbers(unit.targets), -1, 1
    if given.classes is not None:
        true = given.classes[unit.row] - given.classes_from
        target = np.array([float(value.p) for value in wanted(given, unit.row)])
    if given.labels is not None:
        label = given.labels[unit.row]
    if given.similar is not None:
        label = 1 if given.similar[unit.row] else -1
    parameters = {word: double(text) for word, text in given.loss.parameters.items()}
    return Case(
        {field: numbers(names) for field, names in unit.inputs.items()}, target, parameters,
        given.loss.conventions, math.e if given.base == "e" else float(given.base),
        values.get("epsilon", 0.0), true, label,
    )  # fmt: skip


# ---------------------------------------------------------------- losses of single numbers


def body_of(given: Given) -> tuple[Formula, Formula] | None:
    """The loss of one prediction y and its target t, and its derivative; None for whole samples."""
    if given.by_sample or given.loss.name in FOCAL:
        return None
    y, t = Name("y"), Name("t")
    parameters = given.loss.parameters
    value = tidy(losses.value(given.loss.name, y, t, parameters))
    slope = tidy(losses.derivative(given.loss.name, y, t, parameters))
    return _based(given, value), _natural(given, slope)


def has_call(given: Given) -> bool:
    """Whether the loss is a function ℓ(y, t) of all numbers, as it can be stated by itself."""
    name = given.loss.name
    return not given.by_sample and losses.LOSSES[name].domain == "any number"


def _based(given: Given, formula: Formula) -> Formula:
    """With logarithms in the base that is asked for."""
    if given.base == "e" or given.loss.name not in BASED:
        return formula

    def rule(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head == "ln":
            return apply(LOGARITHMS[given.base], _based(given, node.args[0]))
        return None

    return rewrite(formula, rule)


def _natural(given: Given, slope: Formula) -> Formula:
    if given.base == "e":
        return slope
    return quotient(slope, apply("ln", number(int(given.base))))


def element(given: Given, unit: Unit, texts: Mapping[str, str]) -> Worked:
    """Definitions and slope of one number's loss."""
    (x,) = unit.inputs[given.form]
    (t,) = unit.targets
    definitions: list[tuple[str, Formula]] = []
    y = x
    if given.logits is not None:
        y = Name(f"y{unit.index}")
        definitions.append((y.id, apply("sigmoid", x)))
    hard = exact(texts[t.id])
    if given.label_smoothing is not None:
        smooth = Name(f"t_tilde{unit.index}")
        kept = product(difference(Number("1"), Name("epsilon")), t)
        definitions.append((smooth.id, sum_of(kept, quotient(Name("epsilon"), Number("2")))))
        t = smooth
    edge = (
        given.loss.name in BASED and given.predictions is not None and exact(texts[x.id]) in (0, 1)
    )
    if given.loss.name in FOCAL:
        value, slope = _focal(given, y, bool(hard))
    elif edge:
        value, slope = _focal(given, y, bool(hard), "0")
    else:
        body = body_of(given)
        assert body is not None
        value = apply(CALL, y, t)
        if not has_call(given):
            value = substitute(body[0], {"y": y, "t": t})
        slope = substitute(body[1], {"y": y, "t": t})
    definitions.append((unit.loss, value))
    if given.logits is not None:
        if given.loss.name == "binary_cross_entropy":
            slope = _natural(given, difference(y, t))
        else:
            slope = product(slope, y, difference(Number("1"), y))
    return Worked(tuple(definitions), ((x.id, slope),))


def _focal(given: Given, y: Name, positive: bool, gamma: str = "") -> tuple[Formula, Formula]:
    """−α (1 − p)^γ ln p with p the probability of the true class, and its derivative by y."""
    gamma = gamma or given.loss.parameters["gamma"]
    one = Number("1")
    right: Formula = y if positive else difference(one, y)
    wrong: Formula = difference(one, y) if positive else y
    alpha = given.loss.parameters.get("alpha")
    front: list[Formula] = []
    if positive and "positive_weight" in given.loss.parameters:
        front = [Number(given.loss.parameters["positive_weight"])]
    if alpha is not None:
        front = [Number(alpha) if positive else difference(one, Number(alpha))]
    log = apply("ln", right)
    fades = _raised(wrong, exact(gamma))
    value = neg(product(*front, *fades, _based(given, log)))
    steep: Formula = neg(quotient(product(*fades) if fades else one, right))
    if fades:
        rate = product(Number(gamma), *_raised(wrong, exact(gamma) - 1), log)
        steep = sum_of(rate, steep)
    slope = product(*front, steep) if front else steep
    return value, _natural(given, tidy(slope if positive else neg(slope)))


def _raised(base: Formula, exponent: fmpq) -> list[Formula]:
    """The factor base^exponent; none where the exponent is 0."""
    if exponent == 0:
        return []
    return [base if exponent == 1 else power(base, written(exponent))]
