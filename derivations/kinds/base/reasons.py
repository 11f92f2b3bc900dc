"""Why a function has its properties: a line for each, with the values that it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.calculus.properties import Bound, Properties
from derivations.formula.tree import Formula, apply, neg
from derivations.steps.relations import Piece, Term, Text, Typeset

Line = tuple[Piece, ...]


def reasons(known: Properties) -> Iterator[Line]:
    """One line a property that is known, in the order of a discussion of curves."""
    if known.lowest is None or known.highest is None:
        return
    yield (Text("Range: "), *_end(known.lowest, "smallest", "−∞"), Text("; "),
           *_end(known.highest, "largest", "∞"), Text("."))  # fmt: skip
    yield from _limits(known)
    if known.monotone is not None:
        yield _monotone(known)
    if known.saturating:
        yield (Text("Saturating: the slope goes to 0 on both sides."),)
    else:
        yield (Text("Not saturating: the slope does not go to 0 on both sides."),)
    if known.steepest is not None:
        yield _steepest(known.steepest)
    yield _symmetry(known)
    yield _kinks(known)


def _end(bound: Bound, word: str, infinity: str) -> Line:
    if bound.value is None:
        return (Text(f"no {word} value, the function goes to {infinity}"),)
    about = (Text("about "),) if bound.rounded else ()
    value = Term(bound.value)
    if bound.at is not None:
        return (Text(f"the {word} value is "), *about, value, Text(" at "), Term(bound.at))
    if bound.reached:
        return (Text(f"the {word} value is "), *about, value)
    return (*about, value, Text(" is approached and not reached"))


def _limits(known: Properties) -> Iterator[Line]:
    left, right = (
        _infinite(sign) if limit is None else limit
        for limit, sign in zip(known.limits, known.signs, strict=True)
    )
    yield (Text("Limits: "), Term(left), Text(" at −∞ and "), Term(right), Text(" at +∞."))


def _infinite(sign: int) -> Formula:
    infinity = apply("infinity")
    return infinity if sign > 0 else neg(infinity)


def _monotone(known: Properties) -> Line:
    if known.monotone:
        return (Text("Monotone: the slope never changes its sign."),)
    return (Text("Not monotone: the slope changes its sign."),)


def _steepest(bound: Bound) -> Line:
    if bound.value is None:
        return (Text("Largest slope: there is none, the slope is unbounded."),)
    if bound.at is not None:
        about = (Text("about "),) if bound.rounded else ()
        return (Text("Largest slope: "), *about, Term(bound.value), Text(" at "), Term(bound.at),
                Text(", where the second derivative is 0."))  # fmt: skip
    where = "on a whole piece" if bound.reached else "approached and not reached"
    return (Text("Largest slope: "), Term(bound.value), Text(f", {where}."))


def _symmetry(known: Properties) -> Line:
    if known.symmetry == "odd":
        return (Text("Odd: "), Typeset("f(-x) = -f(x)", "f(−x) = −f(x)"), Text("."))
    if known.symmetry == "even":
        return (Text("Even: "), Typeset("f(-x) = f(x)", "f(−x) = f(x)"), Text("."))
    return (Text("Neither odd nor even: "), Typeset("f(-x)", "f(−x)"), Text(" is neither "),
            Typeset("f(x)", "f(x)"), Text(" nor "), Typeset("-f(x)", "−f(x)"), Text("."))  # fmt: skip


def _kinks(known: Properties) -> Line:
    if not known.kinks:
        return (Text("Differentiable everywhere."),)
    pieces: list[Piece] = [Text("Not differentiable at ")]
    for place, kink in enumerate(known.kinks):
        pieces += [Text(" and ")] if place else []
        pieces.append(Term(kink))
    return (*pieces, Text(": what comes from the left and from the right differs."))
