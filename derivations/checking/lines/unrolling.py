"""Recurrences unrolled at their first steps: ``v_t = β v_{t-1} + g_t`` says what ``Σ_k β^{t-k} g_k`` is.

A relation of steps t holds if it holds at t = 3 and at t = 4 with every step in the place of its
name, down to where the recurrence starts. It is wrong if it does not hold there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import HOLDS, WRONG, Ruling
from derivations.checking.lines.learning import DEFINED
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.times import at_step, family, offset, recurrences
from derivations.checking.names.written_out import LETTERS, numbered
from derivations.checking.text.parts import Part
from derivations.formula.looks import look
from derivations.formula.tree import Formula, Name, Number, names, rewrite

ZERO = Number("0")
STEPS = (3, 4)
FIRST = 1  # the step before it is where the recurrence starts
MOST = 40  # names that are put in
UNROLLED = "at the first steps of the recurrence"
FAILS = "it does not hold at the first steps of the recurrence"


def unrolled(
    comparing: Comparing, left: Formula, right: Formula, line: Part | None = None
) -> Ruling | None:
    """Whether two sides are equal at the first steps; None where they are not about a recurrence.

    ``line``: in which they stand, and which may begin with the recurrence.
    """
    known = comparing.known
    for letter in LETTERS:
        rules = recurrences({**_said(line), **known.definitions}, letter)
        used = {*names(left), *names(right)}
        if not any(offset(name, letter) is not None and family(name) in rules for name in used):
            continue
        rulings = []
        for step in STEPS:
            sides = (_down(at_step(side, letter, step), rules, letter) for side in (left, right))
            a, b = (known.indices.entries(numbered(side)) for side in sides)
            with _as_many(known, letter, step):
                ruling = comparing.equal(a, "=", b)
                said = any(look(name).subscript == "0" for name in used)
                if ruling.verdict == WRONG and not said:  # moments start at zero
                    zero = comparing.equal(_started(a, rules), "=", _started(b, rules))
                    ruling = zero if zero.right else ruling
            rulings.append(ruling)
        if all(ruling.right for ruling in rulings):
            return Ruling(HOLDS, UNROLLED)
        if all(ruling.verdict == WRONG for ruling in rulings):
            return Ruling(WRONG, FAILS, rulings[0].expected, rulings[0].found)
    return None


def _started(formula: Formula, rules: Mapping[str, tuple[int, Formula]]) -> Formula:
    """The formula with zero for the start of each recurrence."""

    def rule(node: Formula) -> Formula | None:
        start = isinstance(node, Name) and look(node.id).subscript == "0"
        return ZERO if start and isinstance(node, Name) and family(node.id) in rules else None

    return rewrite(formula, rule)


def _said(line: Part | None) -> dict[str, Formula]:
    first = line.equation(0) if line is not None else None
    return {first[0].id: first[1]} if first is not None and isinstance(first[0], Name) else {}


@contextmanager
def _as_many(known: Knowledge, letter: str, step: int) -> Iterator[None]:
    """Arrays of t entries have as many as there are steps."""
    before = dict(known.indices.shapes)
    counted = {a: tuple(str(step) if n == letter else n for n in s) for a, s in before.items()}
    known.indices.shapes.update(counted)
    known.changed()
    try:
        yield
    finally:
        known.indices.shapes.update(before)
        known.changed()


def closed_form(comparing: Comparing, left: Formula, right: Formula, ruling: Ruling) -> Ruling:
    """A ruling on ``x_t = (1 - η)^t x_0``, which no recurrence for x_{t+1} may contradict."""
    if (
        ruling.why != DEFINED
        or not isinstance(left, Name)
        or left.id in comparing.known.definitions
    ):
        return ruling
    found = unrolled(comparing, left, right)
    return found if found is not None and found.verdict == WRONG else ruling


def _down(formula: Formula, rules: Mapping[str, tuple[int, Formula]], letter: str) -> Formula:
    """The formula with every step as the recurrence says it, down to its start."""
    for _ in range(MOST):
        steps = {n: int(look(n).subscript) for n in names(formula) if _is_step(n, rules)}
        name = max(steps, key=lambda n: steps[n], default=None)
        if name is None:
            break
        here, body = rules[family(name)]
        inner = at_step(body, letter, steps[name] - here)
        formula = rewrite(formula, lambda n, a=name, b=inner: b if n == Name(a) else None)  # type: ignore[misc]
    return formula


def _is_step(name: str, rules: Mapping[str, tuple[int, Formula]]) -> bool:
    number = look(name).subscript
    return number.isdigit() and int(number) >= FIRST and family(name) in rules
