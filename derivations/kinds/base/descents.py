"""The fields of a descent: a function or gradients, where it starts, the optimiser; read and checked."""

from __future__ import annotations

from pydantic import Field

from derivations.calculus.differentiate import NotDifferentiable, differentiate
from derivations.errors import nearest
from derivations.formula.expressions import read_expression
from derivations.formula.shapes import infer
from derivations.formula.tree import Formula, names
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import (
    Expression,
    Few,
    Identifier,
    Many,
    NotNegative,
    Numeral,
    Strict,
)
from derivations.kinds.base.functions import FUNCTION_NAMES, Functions, by_table_key
from derivations.kinds.base.methods import Method, method_of
from derivations.kinds.base.optimiser_fields import Training


class Given(Training):
    """A function or gradients, where the parameters start, and the optimiser."""

    function: Expression | None = Field(None, description="an expression in the parameters")
    name: Identifier = Field("f", description="the name of the function")
    gradients: dict[Identifier, tuple[Numeral, ...]] | None = Field(
        None,
        description="instead of a function: the gradient by each parameter, one for each update",
    )
    start: dict[Identifier, Numeral] = Field(
        min_length=1, description="the parameters and where they start: {w: 1}"
    )
    steps: Many | None = Field(
        None, description="how many updates; with gradients, as many as given"
    )


class Ask(Strict):
    """What is shown."""

    in_full: NotNegative | None = Field(
        None,
        description="how many of the first updates are shown line by line; the last one is, too",
    )
    table: bool = Field(True, description="a table of all state after every update")
    every: Few | None = Field(None, description="of many updates, which have a row in the table")
    rules: bool = Field(True, description="state the rules of the optimiser")


def steps_of(given: Given) -> int:
    """How many updates there are."""
    if given.gradients:
        return len(next(iter(given.gradients.values())))
    return given.steps or 1


def checked(given: Given) -> tuple[Method, Formula | None, dict[str, Formula]]:
    """The method, the function, and its slopes, or all mistakes at once."""
    mistakes = Mistakes()
    parameters = list(given.start)
    method = method_of(given, len(parameters), mistakes)
    function: Formula | None = None
    slopes: dict[str, Formula] = {}
    if (given.function is None) == (given.gradients is None):
        mistakes.add(("given",), "expected either 'function' or 'gradients'")
    elif given.gradients is not None:
        _check_gradients(given, method, mistakes)
    else:
        if given.steps is None:
            mistakes.add(("given",), "'steps' is missing, the number of updates")
        with mistakes.at(("given", "function"), given.function or ""):
            function, slopes = _read(given, parameters)
    mistakes.raise_all()
    return method, function, slopes


def _check_gradients(given: Given, method: Method, mistakes: Mistakes) -> None:
    gradients = given.gradients or {}
    for name in gradients:
        if name not in given.start:
            mistakes.add(
                ("given", "gradients", name), f"'{name}' has no start{nearest(name, given.start)}"
            )
    for name in given.start:
        if name not in gradients:
            mistakes.add(("given", "gradients"), f"there are no gradients by '{name}'")
    count = steps_of(given)
    for name, row in gradients.items():
        if len(row) != count:
            mistakes.add(
                ("given", "gradients", name),
                f"found a list of {len(row)}, expected {count} gradients as for the first",
            )
    if given.steps not in (None, count):
        mistakes.add(("given", "steps"), f"found {given.steps}, but there are {count} gradients")
    if method.looks_ahead:
        mistakes.add(
            ("given", "gradients"),
            "the gradient has to be taken at the point ahead; give a function, or choose another form",
        )


def _read(given: Given, parameters: list[str]) -> tuple[Formula, dict[str, Formula]]:
    """The function and its derivative by each parameter."""
    formula = by_table_key(read_expression(given.function or "", FUNCTION_NAMES, set(parameters)))
    path = ("given", "function")
    for name in names(formula):
        if name not in parameters:
            raise FieldError(path, f"'{name}' is none of the parameters{nearest(name, parameters)}")
    for name in parameters:
        if name not in names(formula):
            raise FieldError(path, f"the function does not depend on '{name}'")
    if infer(formula, {}):
        raise FieldError(path, "expected a function with a single number as its value")
    rules = Functions().rules.slopes
    try:
        return formula, {name: differentiate(formula, name, rules) for name in parameters}
    except NotDifferentiable as error:
        raise FieldError(path, str(error)) from None
