"""What a problem is worth, and how its marks are spread over the quantities that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from flint import arb, fmpq

from derivations.checking.names.problems import Background, background_of
from derivations.checking.names.quantities import is_of_names
from derivations.formula.evaluation import Value
from derivations.formula.printing import Notation, latex, text
from derivations.formula.tree import Apply, Formula, Name, children, is_quantity, key, walk
from derivations.kinds.base.problem import Problem
from derivations.steps.notes import formula_of
from derivations.steps.solution import Answer, Quantity, Solution

WHOLE = "derivation"  # the one item of a problem that asks for a derivation in symbols


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that earns marks.

    Attributes:
        name: as the problem's answers are named.
        key: of its quantity; nothing where it is the whole derivation, or is no quantity.
        worth: in marks.
        values: what it is, exactly and as rounded on the way; nothing where it is no number.
        parts: keys of the items that it rests on.
        rests: keys of all quantities that it rests on.
        text, latex: its name as the sheet prints it; nothing where that is the name itself.
    """

    name: str
    key: str
    worth: Fraction
    values: tuple[Value, ...] = ()
    parts: frozenset[str] = frozenset()
    text: str = ""
    latex: str = ""
    rests: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """Its name for people."""
        return self.text or self.name


@dataclass(frozen=True, slots=True)
class Scheme:
    """The marks of a problem.

    Attributes:
        total: what the problem is worth.
        items: what earns them.
        slip: what one wrong step costs; an even part of its item's marks where it is None.
        arrays: keys of arrays, each with the keys of its entries, row by row.
    """

    total: Fraction
    items: tuple[Item, ...]
    slip: Fraction | None = None
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def scheme_of(problem: Problem, solution: Solution) -> Scheme | None:
    """The scheme of a problem; None where the file does not say what it is worth."""
    if problem.marks is None:
        return None
    given = problem.marking.weights
    weights = {name: Fraction(text) for name, text in given.items()}
    total = Fraction(problem.marks)
    slip = None if problem.marking.slip is None else Fraction(problem.marking.slip)
    named = dict(_named(solution, weights))
    if not named:
        return Scheme(total, (Item(WHOLE, "", total),), slip)
    whole = sum((weights.get(name, Fraction(1)) for name in named), Fraction(0))
    quantities = {q.key: q for q in solution.derivation.quantities}
    written = solution.derivation.notation.spelling.key
    keys = frozenset(answer.key for answer in named.values() if answer.key)
    items = tuple(
        Item(
            name, written(answer.key), total * weights.get(name, Fraction(1)) / whole,
            _values(answer, solution),
            frozenset(map(written, (_rests(answer.key, quantities) & keys) - {answer.key})),
            *_printed(answer, solution.derivation.notation),
            frozenset(map(written, _rests(answer.key, quantities))),
        )
        for name, answer in named.items()
    )  # fmt: skip
    return Scheme(total, items, slip, dict(_arrays(background_of(solution), keys)))


def _printed(answer: Answer, notation: Notation) -> tuple[str, str]:
    """An answer's name as the sheet prints it, as text and as LaTeX; what is updated says so."""
    whole, at, count = answer.key.partition("@")
    if not whole or (at and not count.isdigit()):
        return "", ""
    new = "new " if count == "1" else ""
    after = f" after {count} updates" if count not in ("", "0", "1") else ""
    formula, words = formula_of(whole), r"\text{%s}"
    return (
        f"{new}{text(formula, notation)}{after}",
        "".join([words % new * bool(new), latex(formula, notation), words % after * bool(after)]),
    )


def _arrays(background: Background, keys: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Arrays of names, with their gradients and their new values."""
    scalars = {each.partition("/d")[0][1:] for each in keys if "/d" in each}
    for name, formula in background.definitions.items():
        if not is_of_names(formula) or isinstance(formula, Name):
            continue
        cells = tuple(node.id for node in walk(formula) if isinstance(node, Name))
        yield name, cells
        yield f"{name}@1", tuple(f"{cell}@1" for cell in cells)
        for of in sorted(scalars):
            yield f"d{of}/d{name}", tuple(f"d{of}/d{cell}" for cell in cells)


def _named(solution: Solution, weights: Mapping[str, Fraction]) -> Iterator[tuple[str, Answer]]:
    """The answers that earn marks, by name: those with a weight, or all that are computed."""
    derivation = solution.derivation
    quantities = {q.key: q for q in derivation.quantities}
    answers = {answer.name: answer for answer in derivation.answers}
    if weights:
        for name in weights:
            found = answers.get(name) or next(
                (answer for answer in answers.values() if answer.key == name), Answer(name, name)
            )
            if weights[name]:
                yield name, found
        return
    keys = {answer.key for answer in answers.values()}
    for name, answer in answers.items():
        quantity = quantities.get(answer.key)
        if answer.literal is None and (
            quantity is None or quantity.role == "fact" or _gathers(quantity, keys)
        ):
            continue
        yield name, answer


def _gathers(quantity: Quantity, keys: set[str]) -> bool:
    """Whether a quantity only puts others together that are answers themselves."""
    formula = quantity.formula
    if not isinstance(formula, Apply) or formula.head not in ("vector", "matrix"):
        return False
    cells: list[Formula] = []
    for arg in formula.args:
        cells += arg.args if isinstance(arg, Apply) and arg.head == "row" else (arg,)
    return all(isinstance(cell, Name) and cell.id in keys for cell in cells)


def _values(answer: Answer, solution: Solution) -> tuple[Value, ...]:
    known = solution.known.get(answer.key)
    if known is None:
        return ()
    return tuple(v for v in (known.true, known.computed) if isinstance(v, (arb, fmpq, tuple)))


def _rests(key: str, quantities: Mapping[str, Quantity]) -> frozenset[str]:
    """All quantities that one is computed from."""
    found: set[str] = set()
    todo = [key]
    while todo:
        quantity = quantities.get(todo.pop())
        if quantity is None or quantity.formula is None:
            continue
        for used in _used(quantity.formula):
            if used not in found:
                found.add(used)
                todo.append(used)
    return frozenset(found)


def _used(formula: Formula) -> Iterator[str]:
    """Names and derivatives in a formula, by their keys; ∂L/∂w does not rest on the value of L."""
    if is_quantity(formula):
        yield key(formula)
        return
    for child in children(formula):
        yield from _used(child)
