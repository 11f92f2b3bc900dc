"""What a sheet says about its rounding: the policy, and answers whose last digit it has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from derivations.formula.evaluation import Value
from derivations.formula.numerals import Ambiguous, exact
from derivations.formula.printing import AUXILIARY, Numeral, Word
from derivations.formula.tree import Formula, Name, Number, matrix, partial, vector
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Derivation, Line, Prose, Quantity, Solution
from derivations.steps.substitution import show

MOST = 8  # answers that are listed; of more the last ones stand for all
LAST = 3
FEW = 2  # lines with a remark on unrounded values; more have a mark, which one sentence explains
MARK = "†"
MARKED = f"Where a line is marked {MARK}, the numbers as printed would give other last digits."


def rounding_notes(solution: Solution) -> tuple[Prose, ...]:
    """The paragraphs on rounding that close a solution; none where nothing was rounded."""
    if all(known.exact for known in solution.known.values()):
        return ()
    return notes_on(solution.derivation, tuple(_changed(solution)))


def marked(
    lines: tuple[Line, ...], notes: tuple[Prose, ...]
) -> tuple[tuple[Line, ...], tuple[Prose, ...]]:
    """Lines and notes; where many lines have a remark, they are marked, and a note tells why."""
    if sum(bool(line.remark) for line in lines) <= FEW:
        return lines, notes
    short = tuple(replace(line, remark=MARK if line.remark else "") for line in lines)
    first = notes[0].pieces if notes else ()
    told = Prose((*first, Text(f"{' ' if first else ''}{MARKED}")), "note")
    return short, (told, *notes[1:])


def notes_on(derivation: Derivation, changed: Sequence[tuple[str, Numeral]]) -> tuple[Prose, ...]:
    """The policy, and the answers (by their keys) that would be others with nothing rounded."""
    pieces: list[Piece] = []
    if derivation.rounding.stated:
        pieces.append(Text(_policy(derivation)))
    if changed:
        lead = " " if pieces else ""
        pieces.append(Text(f"{lead}With nothing rounded on the way{_so_many(len(changed))}: "))
        told = changed if len(changed) <= MOST else changed[-LAST:]
        for place, (key, text) in enumerate(told):
            pieces += [Text(", ")] if place else []
            pieces += _version(derivation, key)
            pieces.append(Chain(Term(formula_of(key)), (Link("≈", Term(numerals(text))),)))
        pieces.append(Text("."))
    return (Prose(tuple(pieces), "note"),) if pieces else ()


def _so_many(changed: int) -> str:
    """Nothing where all are listed, else how many there are."""
    return f" {changed} values end in other digits, the last of them" if changed > MOST else ""


def _version(derivation: Derivation, key: str) -> list[Piece]:
    """Which of the quantities of one name is meant: the new weight, that of epoch 2, that of (a)."""
    version = key.partition("@")[2].partition("/")[0]
    if not version:
        return []
    if any(quantity.key == key and quantity.role == "update" for quantity in derivation.quantities):
        return [Text("the new ")]
    return [Text(f"in epoch {version} " if version.isdigit() else f"for ({version}) ")]


def _policy(derivation: Derivation) -> str:
    policy = derivation.rounding
    digits = policy.digits
    if digits.decimals is not None:
        how = f"{digits.decimals} decimal{'s' if digits.decimals != 1 else ''}"
    else:
        how = f"{digits.significant} significant digits"
    if policy.carry == "exact":
        return f"Values are shown with {how}; later steps go on with the unrounded values."
    return f"Values are rounded to {how}; later steps go on with the rounded values."


def _changed(solution: Solution) -> Iterator[tuple[str, Numeral]]:
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
            yield answer.key, text


def _same_numbers(left: Numeral, right: Numeral) -> bool:
    """Whether numerals differ only in how many zeros they end with."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        return all(map(_same_numbers, left, right))
    return exact(str(left)) == exact(str(right))


def _unrounded(quantity: Quantity, true: Value, solution: Solution) -> Numeral:
    policy = quantity.digits or solution.derivation.rounding
    return show(true, policy, quantity.role, true)[0]


@lru_cache(maxsize=4096)
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
            rows = [row for row in shown if isinstance(row, tuple)]
            return matrix(*(tuple(map(numerals, row)) for row in rows))
        return vector(*map(numerals, shown))
    assert isinstance(shown, str)
    return Number(shown)
