"""What a sheet says about its rounding: the policy, and answers whose last digit it has changed."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.formula.evaluation import Value
from derivations.formula.numerals import Ambiguous, exact
from derivations.formula.printing import AUXILIARY, Numeral, Word
from derivations.formula.tree import Formula, Name, Number, matrix, partial, vector
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Prose, Quantity, Solution
from derivations.steps.substitution import show

MOST = 8  # answers that are listed; the rest are counted


def rounding_notes(solution: Solution) -> tuple[Prose, ...]:
    """The paragraphs on rounding that close a solution; none where nothing was rounded."""
    rounded = [known for known in solution.known.values() if not known.exact]
    if not rounded:
        return ()
    pieces: list[Piece] = []
    if solution.derivation.rounding.stated:
        pieces.append(Text(_policy(solution)))
    changed = list(_changed(solution))
    if changed:
        lead = " " if pieces else ""
        pieces.append(Text(f"{lead}With nothing rounded on the way: "))
        for place, chain in enumerate(changed[:MOST]):
            pieces += [Text(", ")] if place else []
            pieces.append(chain)
        more = len(changed) - MOST
        pieces.append(Text(f", and {more} more." if more > 0 else "."))
    return (Prose(tuple(pieces), "note"),) if pieces else ()


def _policy(solution: Solution) -> str:
    policy = solution.derivation.rounding
    digits = policy.digits
    if digits.decimals is not None:
        how = f"{digits.decimals} decimal{'s' if digits.decimals != 1 else ''}"
    else:
        how = f"{digits.significant} significant digits"
    if policy.carry == "exact":
        return f"Values are shown with {how}; later steps go on with the unrounded values."
    return f"Values are rounded to {how}; later steps go on with the rounded values."


def _changed(solution: Solution) -> Iterator[Chain]:
    """Reported quantities that would end in another digit if nothing were rounded on the way."""
    quantities = {quantity.key: quantity for quantity in solution.derivation.quantities}
    for answer in solution.derivation.answers:
        if not answer.key:
            continue
        quantity, known = quantities[answer.key], solution.known[answer.key]
        if isinstance(known.shown, Word) or quantity.role in ("given", "fact"):
            continue
        of = f"{AUXILIARY}answer:{answer.key}"
        if of in solution.known:
            quantity, known = quantities[of], solution.known[of]
        try:
            text = _unrounded(quantity, known.true, solution)
        except Ambiguous:  # so near to the middle between two numerals that either is right
            continue
        if text != known.shown and not _same_numbers(text, known.shown):
            name = formula_of(answer.key)
            yield Chain(Term(name), (Link("≈", Term(numerals(text))),))


def _same_numbers(left: Numeral, right: Numeral) -> bool:
    """Whether numerals differ only in how many zeros they end with."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return all(map(_same_numbers, left, right))
    return exact(str(left)) == exact(str(right))


def _unrounded(quantity: Quantity, true: Value, solution: Solution) -> Numeral:
    policy = quantity.digits or solution.derivation.rounding
    return show(true, policy, quantity.role)[0]


def formula_of(key: str) -> Formula:
    """The quantity with this key."""
    if key.startswith("d") and "/d" in key:
        of, wrt = key[1:].split("/d")
        return partial(Name(of), Name(wrt))
    return Name(key)


def numerals(shown: Numeral) -> Formula:
    """Numerals as a formula: a number, a vector or a matrix."""
    if isinstance(shown, tuple):
        if shown and isinstance(shown[0], tuple):
            return matrix(*(tuple(numerals(cell) for cell in row) for row in shown))  # type: ignore[union-attr]
        return vector(*map(numerals, shown))
    assert isinstance(shown, str)
    return Number(shown)
