"""The judge: does this relation hold?

Values come from exact rationals and from balls that are proved to hold them; derivatives come
from power series through the definitions. Nothing here knows how a step was derived. Tiers, each
saying yes, no or don't know: structure, exact rationals, balls. A ball without 0 proves "no";
a difference of balls that holds 0 at high precision says "yes, numerically".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb, fmpq

from derivations.formula.arrays import as_column
from derivations.formula.evaluation import (
    EvaluationError,
    Function,
    Kink,
    Value,
    entries,
    evaluate,
    precision,
    shape,
)
from derivations.formula.numerals import Ambiguous, decimal_places, exact
from derivations.formula.tree import Apply, Formula, Name, Number, rewrite, walk

BITS = (128, 512, 2048)
KINK = "kink"  # the witness where a derivative does not exist
CLOSE = fmpq(1, 10**30)  # a difference that holds 0 and is smaller than this counts as none

PROVED, HOLDS, ROUNDED, GIVEN, REFUTED, UNDECIDED = (
    "proved", "holds", "rounded", "given", "refuted", "undecided",
)  # fmt: skip
ACCEPTED = frozenset({PROVED, HOLDS, ROUNDED, GIVEN})
STRENGTH = (REFUTED, UNDECIDED, ROUNDED, HOLDS, PROVED, GIVEN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of one relation, and why; ``witness`` holds the two values of a no."""

    kind: str
    why: str = ""
    witness: str = ""

    @property
    def accepted(self) -> bool:
        return self.kind in ACCEPTED


def weakest(verdicts: list[Verdict]) -> Verdict:
    """The verdict of a whole line: that of its weakest relation."""
    if not verdicts:
        return Verdict(GIVEN)
    return min(verdicts, key=lambda verdict: STRENGTH.index(verdict.kind))


@dataclass(frozen=True, slots=True)
class World:
    """The values under which a relation is judged: of names, and the functions it may call."""

    values: Mapping[str, Value]
    functions: Mapping[str, Function]


def judge(left: Formula, relation: str, right: Formula, world: World) -> Verdict:
    """Whether ``left relation right`` holds in this world.

    ``=`` and ``←`` ask for equality, ``≈`` for a correct rounding (see `judge_rounding`), the
    others for the comparison.
    """
    if relation == "≈":
        return judge_rounding(left, right, world)
    if left == right and relation in ("=", "←", "≤", "≥"):
        return Verdict(PROVED, "the same formula")
    for bits in BITS:
        with precision(bits):
            try:
                a = evaluate(left, world.values, world.functions)
                b = evaluate(right, world.values, world.functions)
                verdict = _compare(a, relation, b)
            except Ambiguous:
                continue
            except EvaluationError as error:
                return Verdict(UNDECIDED, str(error), KINK if isinstance(error, Kink) else "")
        if verdict is not None:
            return verdict
    return Verdict(UNDECIDED, "the two sides are too near to each other to tell")


def holds(condition: Formula, world: World) -> bool:
    """Whether a condition is true in this world; one that cannot be decided is not."""
    with precision(BITS[0]):
        try:
            return bool(evaluate(condition, world.values, world.functions))
        except (EvaluationError, Ambiguous):
            return False


def _compare(a: Value, relation: str, b: Value) -> Verdict | None:
    if relation in ("⇔", "⇒") and isinstance(a, bool) and isinstance(b, bool):
        holds = a == b if relation == "⇔" else (b or not a)
        return (
            Verdict(HOLDS) if holds else Verdict(REFUTED, "the conditions differ", f"{a} and {b}")
        )
    if isinstance(a, (str, bool)) or isinstance(b, (str, bool)):
        same = a == b
        return Verdict(PROVED if same == (relation != "≠") else REFUTED, "", f"{a} and {b}")
    a, b = as_column(a), as_column(b)
    if shape(a) != shape(b):
        return Verdict(REFUTED, f"shapes {shape(a)} and {shape(b)} do not fit", "")
    verdicts = [_compare_scalars(x, relation, y) for x, y in _pairs(a, b)]
    if any(verdict is None for verdict in verdicts):
        return None
    return weakest([verdict for verdict in verdicts if verdict is not None])


def _pairs(a: Value, b: Value) -> list[tuple[Value, Value]]:
    left, right = list(entries(a)), list(entries(b))
    if len(left) != len(right):
        raise EvaluationError("arrays of different sizes are not compared entry by entry")
    return list(zip(left, right, strict=True))


def _compare_scalars(a: Value, relation: str, b: Value) -> Verdict | None:
    difference = a - b
    rational = isinstance(difference, fmpq)
    if relation in ("=", "←", "⇒"):
        return _equal(a, b, difference, rational)
    truth = {
        "<": difference < 0, ">": difference > 0, "≤": difference <= 0,
        "≥": difference >= 0, "≠": difference != 0,
    }[relation]  # fmt: skip
    if truth:
        return Verdict(PROVED)
    opposite = {
        "<": difference >= 0, ">": difference <= 0, "≤": difference > 0,
        "≥": difference < 0, "≠": rational,
    }[relation]  # fmt: skip
    if relation in ("≤", "≥") and not rational and _is_nothing(a, difference):
        return Verdict(HOLDS, "equal to 30 digits")
    return Verdict(REFUTED, "the comparison is false", _both(a, b)) if opposite else None


def _equal(a: Value, b: Value, difference: Value, rational: bool) -> Verdict | None:
    if rational:
        if difference == 0:
            return Verdict(PROVED, "the same number")
        return Verdict(REFUTED, "the two sides differ", _both(a, b))
    if not difference.contains(0):
        return Verdict(REFUTED, "the two sides differ", _both(a, b))
    return Verdict(HOLDS, "equal to 30 digits") if _is_nothing(a, difference) else None


def _is_nothing(a: Value, difference: Value) -> bool:
    """Whether a difference holds 0 and is small beside the value."""
    scale = abs(a) if abs(a) > 1 else fmpq(1)
    return bool(difference.contains(0) and difference.rad() < scale * CLOSE)


def _both(a: Value, b: Value) -> str:
    return f"{_digits(a)} and {_digits(b)}"


def _digits(value: Value) -> str:
    return arb(value).str(10, radius=False) if isinstance(value, (arb, fmpq)) else str(value)


def judge_rounding(
    left: Formula, right: Formula, world: World, fresh: Mapping[str, arb] | None = None
) -> Verdict:
    """Whether the right side is the left side, rounded correctly where it is rounded.

    A numeral alone must be the rounding of the left side: half a unit of its last digit is the
    most that it may be off. In a formula, every numeral that is new on the right carries half a
    unit of its last digit, and the two sides must be able to meet. ``fresh`` holds balls
    for names on the right, where it is known which numerals are new.
    """
    for bits in BITS[:-1]:
        verdict = _judge_rounding(left, right, world, fresh, bits)
        if verdict.kind != UNDECIDED:
            return verdict
    return _judge_rounding(left, right, world, fresh, BITS[-1])


def _judge_rounding(
    left: Formula, right: Formula, world: World, fresh: Mapping[str, arb] | None, bits: int
) -> Verdict:
    with precision(bits):
        try:
            a = evaluate(left, world.values, world.functions)
            if _is_numerals(right):
                return _rounded(a, right)
            loose, balls = _with_half_units(right, left) if fresh is None else (right, fresh)
            b = evaluate(loose, {**world.values, **balls}, world.functions)
            pairs = _pairs(a, b)
            if all(arb(x).overlaps(arb(y)) for x, y in pairs):
                return Verdict(ROUNDED)
        except (EvaluationError, Ambiguous) as error:
            return Verdict(UNDECIDED, str(error))
        x, y = next((x, y) for x, y in pairs if not arb(x).overlaps(arb(y)))
        return Verdict(REFUTED, "not the rounded value", _both(x, y))


def _is_numerals(formula: Formula) -> bool:
    """A numeral, or a vector or matrix of numerals."""
    if isinstance(formula, Name):
        return False
    return isinstance(formula, Number) or (
        formula.head in ("vector", "matrix", "row", "neg") and all(map(_is_numerals, formula.args))
    )


def _rounded(value: Value, right: Formula) -> Verdict:
    texts = _numerals(right)
    flat = entries(value)
    if len(texts) != len(flat):
        return Verdict(REFUTED, f"{len(flat)} numbers are rounded to {len(texts)}")
    for number, text in zip(flat, texts, strict=True):
        half = fmpq(1, 2) * _unit(text)
        off = abs(number - exact(text))
        if off <= half:
            continue
        if off > half:
            return Verdict(REFUTED, "not the rounded value", _both(number, exact(text)))
        return Verdict(UNDECIDED, "too near to the middle between two numerals")
    return Verdict(ROUNDED)


def _unit(text: str) -> fmpq:
    """One unit of the numeral's last digit."""
    if "/" in text:
        return fmpq(0)
    places = decimal_places(text)
    return fmpq(1, 10**places) if places >= 0 else fmpq(10**-places)


def _numerals(formula: Formula) -> list[str]:
    if isinstance(formula, Number):
        return [formula.text]
    assert isinstance(formula, Apply)
    if formula.head == "neg":
        return ["-" + text for text in _numerals(formula.args[0])]
    return [text for arg in formula.args for text in _numerals(arg)]


def _with_half_units(right: Formula, left: Formula) -> tuple[Formula, dict[str, arb]]:
    """The right side with a name for each numeral that is new there, and a ball for each name."""
    old = {node.text for node in walk(left) if isinstance(node, Number)}
    balls: dict[str, arb] = {}

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Number) or "/" in node.text or node.text in old:
            return None
        name = f"≈{node.text}"
        balls[name] = ball(node.text)
        return Name(name)

    return rewrite(right, rule), balls


def ball(text: str) -> arb:
    """The numeral as a ball: its value give or take half a unit of its last digit."""
    middle, half = exact(text), fmpq(1, 2) * _unit(text)
    return arb(middle - half).union(arb(middle + half))
