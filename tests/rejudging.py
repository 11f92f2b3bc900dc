"""Printed relations judged again, from the page alone.

Values are computed here by a recursion of its own over exact rationals and balls; the program's
evaluation has no part in it. A numeral after ≈ must be what the numbers printed before it round
to. Where a sheet carries unrounded values, a decimal that was rounded stands for its half unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from derivations.formula.tree import Apply, Formula, Name, Number, is_quantity, key
from derivations.reading.latex import ReadChain

BITS = 400


class Unknown(Exception):
    """A name without a printed value, or a sign that is not computed with here."""


@dataclass(slots=True)
class Count:
    """How the relations of some sheets were met."""

    judged: int = 0
    names: int = 0  # in names that have no printed value, nothing to compute
    refused: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.judged / max(self.judged + self.names, 1)


def numeral(text: str) -> tuple[fmpq, fmpq]:
    """The number that a numeral writes, and one unit of its last digit."""
    match = re.fullmatch(r"(\d+)(?:\.(\d+))?(?:e(-?\d+))?", text)
    assert match, text
    decimals, exponent = match[2] or "", int(match[3] or 0)
    unit = Fraction(10) ** (exponent - len(decimals))
    value = int(match[1] + decimals) * unit
    return fmpq(value.numerator, value.denominator), fmpq(unit.numerator, unit.denominator)


def ball(middle: fmpq, radius: fmpq) -> Any:
    return arb(middle - radius).union(arb(middle + radius))


class Page:
    """One sheet as it is read: what its names stand for, and which numerals are rounded.

    Args:
        carried: whether later lines go on with values that are not printed.
        functions: activations by the head under which they are read.
    """

    def __init__(self, carried: bool, functions: Mapping[str, Callable[[Any], Any]]) -> None:
        self.carried = carried
        self.functions = functions
        self.values: dict[Formula, Formula] = {}
        self.rounded: set[str] = set()
        self.count = Count()

    # ------------------------------------------------------------ relations

    def judge(self, chain: ReadChain) -> None:
        """Every relation of a line, and the value that its first name has from here on."""
        if any(link.sign == "⇔" for link in chain.links):  # a condition, claimed of no value
            self.count.names += len(chain.links)
            return
        for link in chain.links:
            self._note_rounded(link.sign, link.term.formula)
        result = self._result(chain)
        worked = _last_in_names(chain) if result is not None else None
        before = chain.first
        for link in chain.links:
            left, right = before.formula, link.term.formula
            assert left is not None
            assert right is not None
            try:
                if right is worked:  # the form that is worked out, against the result
                    exact = all(one.sign != "≈" for one in chain.links)
                    good = self.holds(right, "=" if exact else "≈", result)
                elif link.sign in ("⇒", "⇔") or (before is chain.first and result is not None):
                    raise Unknown(link.sign)
                elif _named(left) and _named(right):
                    raise Unknown("in names")
                else:
                    good = self.holds(left, link.sign, right)
            except Unknown:
                self.count.names += 1
            else:
                self.count.judged += 1
                if not good:
                    self.count.wrong.append(f"{before.source} {link.sign} {link.term.source}")
            before = link.term
        if result is not None:
            assert chain.first.formula is not None
            self.values[chain.first.formula] = result

    def _note_rounded(self, sign: str, formula: Formula | None) -> None:
        if sign == "≈" and formula is not None:
            numerals = _numerals(formula)
            self.rounded |= (
                numerals if _plain(formula) else {n for n in numerals if "." in n or len(n) > 1}
            )

    def _result(self, chain: ReadChain) -> Formula | None:
        """The numeral that a line works out for its first name, if it does.

        What is boxed may be rounded once more; later lines go on with the value before it.
        """
        first = chain.first.formula
        if first is None or not chain.links:
            return None
        if not (is_quantity(first) or (isinstance(first, Apply) and first.head == "dot")):
            return None
        if any(link.sign not in ("=", "≈", "←") for link in chain.links):
            return None
        last = chain.links[-1].term
        if last.boxed and len(chain.links) > 1 and _plain(chain.links[-2].term.formula):
            last = chain.links[-2].term
        return last.formula if _valued(last.formula) else None

    def holds(self, left: Formula, sign: str, right: Formula) -> bool:
        """Whether ``left sign right`` is true as it is printed."""
        before, ctx.prec = ctx.prec, BITS
        try:
            if sign in ("=", "←", "⇔", "⇒"):
                return self._equal(left, right)
            if sign == "≈":
                return self._rounds(left, right)
            a, b = self.value(left), self.value(right)
            return bool({"<": a < b, "≤": a <= b, ">": a > b, "≥": a >= b, "≠": a != b}[sign])
        finally:
            ctx.prec = before

    def _equal(self, left: Formula, right: Formula) -> bool:
        a, b = self.value(left), self.value(right)
        if _same(a, b):
            return True
        if not self.carried:
            return False
        return _meet(self.value(left, True), self.value(right, True))

    def _rounds(self, left: Formula, right: Formula) -> bool:
        if _plain(right):
            values, numbers = _flat(self.value(left)), _flat_numerals(right)
            if len(values) == len(numbers) and all(map(_is_rounding, values, numbers)):
                return True
        elif any(
            _meet(self.value(left), self.value(right, True, kept))
            for kept in (_numerals(left), frozenset[str]())
        ):
            return True
        return self.carried and _meet(self.value(left, True), self.value(right, True))

    # ------------------------------------------------------------ values

    def value(
        self, formula: Formula, loose: bool = False, kept: frozenset[str] = frozenset()
    ) -> Any:
        """The value; ``loose`` takes rounded decimals as balls, except those that are ``kept``."""
        if isinstance(formula, Number):
            middle, unit = numeral(formula.text)
            if loose and formula.text in self.rounded and formula.text not in kept:
                return ball(middle, unit / 2)
            return middle
        if formula in self.values:
            return self.value(self.values[formula], loose, kept)
        if is_quantity(formula):
            raise Unknown(key(formula))
        assert isinstance(formula, Apply)
        if formula.head == "cases":
            return self._cases(formula, loose, kept)
        if formula.head in ("bigsum", "bigsum_over", "entry", "derivative", "row"):
            raise Unknown(formula.head)
        if formula.head == "vector":
            return tuple(self.value(arg, loose, kept) for arg in formula.args)
        if formula.head == "matrix":
            rows = [row.args for row in formula.args if isinstance(row, Apply)]
            return tuple(tuple(self.value(c, loose, kept) for c in row) for row in rows)
        args = [self.value(arg, loose, kept) for arg in formula.args]
        rule = RULES.get(formula.head) or self.functions.get(formula.head)
        if rule is None:
            raise Unknown(formula.head)
        if any(isinstance(arg, tuple) for arg in args) and formula.head not in ARRAYS:
            raise Unknown("entrywise")
        return rule(*args)

    def _cases(self, formula: Apply, loose: bool, kept: frozenset[str]) -> Any:
        for value, when in zip(formula.args[::2], formula.args[1::2], strict=True):
            if self.value(when) is True:
                return self.value(value, loose, kept)
        raise Unknown("cases")


def _walk(formula: Formula) -> list[Formula]:
    parts = [part for arg in getattr(formula, "args", ()) for part in _walk(arg)]
    return [formula, *parts]


def _last_in_names(chain: ReadChain) -> Formula | None:
    named = [
        one.term.formula for one in chain.links if one.term.formula and _named(one.term.formula)
    ]
    return named[-1] if named else None


def _named(formula: Formula) -> bool:
    return any(isinstance(node, Name) for node in _walk(formula))


def _numerals(formula: Formula) -> frozenset[str]:
    return frozenset(node.text for node in _walk(formula) if isinstance(node, Number))


def _plain(formula: Formula | None) -> bool:
    """A numeral, with a sign or in an array."""
    if isinstance(formula, Number):
        return True
    return (
        isinstance(formula, Apply)
        and formula.head in ("neg", "vector", "matrix", "row")
        and all(map(_plain, formula.args))
    )


def _valued(formula: Formula | None) -> bool:
    """Numerals alone, or a fraction of two of them."""
    if isinstance(formula, Apply) and formula.head in ("quotient", "neg"):
        return all(map(_valued, formula.args))
    return _plain(formula)


def _flat_numerals(formula: Formula) -> list[tuple[fmpq, fmpq]]:
    if isinstance(formula, Number):
        return [numeral(formula.text)]
    assert isinstance(formula, Apply)
    inner = [pair for arg in formula.args for pair in _flat_numerals(arg)]
    return [(-value, unit) for value, unit in inner] if formula.head == "neg" else inner


def _flat(value: Any) -> list[Any]:
    return (
        [part for inner in value for part in _flat(inner)] if isinstance(value, tuple) else [value]
    )


def _is_rounding(value: Any, number: tuple[fmpq, fmpq]) -> bool:
    """Within half a unit; in the middle between two numerals both of them are right."""
    middle, unit = number
    off = abs(value) - abs(middle)
    if middle != 0 and value != 0 and (value > 0) != (middle > 0):
        return False
    if middle == 0 and value != 0:
        return False  # nothing but 0 is written as 0
    return bool(off >= -unit / 2 and off <= unit / 2)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) or isinstance(b, tuple):
        return (
            isinstance(a, tuple)
            and isinstance(b, tuple)
            and len(a) == len(b)
            and all(map(_same, a, b))
        )
    if isinstance(a, arb) or isinstance(b, arb):
        difference = a - b
        return bool(
            difference.contains(0) and difference.rad() < arb(10) ** -60 * (1 + abs(arb(a)))
        )
    return bool(a == b)


def _meet(a: Any, b: Any) -> bool:
    pairs = list(zip(_flat(a), _flat(b), strict=True))
    return all(arb(x).overlaps(arb(y)) for x, y in pairs)


# ---------------------------------------------------------------- what signs compute


def _sum(*terms: Any) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(*factors: Any) -> Any:
    if any(isinstance(f, fmpq) and f == 0 for f in factors):
        return fmpq(0)
    total = factors[0]
    for factor in factors[1:]:
        total = total * factor
    return total


def _quotient(above: Any, below: Any) -> Any:
    if below == 0 or (isinstance(below, arb) and below.contains(0)):
        raise Unknown("division by 0")
    return fmpq(0) if isinstance(above, fmpq) and above == 0 else above / below


def _power(base: Any, exponent: Any) -> Any:
    if not isinstance(exponent, fmpq) or exponent.q != 1 or abs(exponent) > 60:
        raise Unknown("power")
    if exponent < 0:
        return _quotient(fmpq(1), _power(base, -exponent))
    result: Any = fmpq(1)
    for _ in range(int(exponent.p)):
        result = result * base
    return result


def exp(x: Any) -> Any:
    return fmpq(1) if isinstance(x, fmpq) and x == 0 else arb(x).exp()


def ln(x: Any) -> Any:
    if not x > 0:
        raise Unknown("logarithm")
    return fmpq(0) if isinstance(x, fmpq) and x == 1 else arb(x).log()


def _to_base(base: int) -> Callable[[Any], Any]:
    def rule(x: Any) -> Any:
        for exponent in range(-12, 13):
            if isinstance(x, fmpq) and x == fmpq(base) ** exponent:
                return fmpq(exponent)
        return ln(x) / arb(base).log()

    return rule


def _root(x: Any) -> Any:
    if isinstance(x, fmpq):
        p, q = int(x.p), int(x.q)
        for candidate in (
            (fmpq(round(p**0.5), max(round(q**0.5), 1)),) if 0 <= p < 10**12 > q else ()
        ):
            if candidate * candidate == x:
                return candidate
    return arb(x).sqrt()


def _same_truth(a: Any, b: Any) -> bool:
    return bool(a == b)


RULES: dict[str, Callable[..., Any]] = {
    "sum": _sum, "product": _product, "quotient": _quotient, "power": _power,
    "neg": lambda x: -x, "exp": exp, "ln": ln, "log": ln, "log2": _to_base(2),
    "log10": _to_base(10), "sqrt": _root, "abs": abs, "norm": abs,
    "max": lambda *xs: max(xs), "min": lambda *xs: min(xs),
    "tanh": lambda x: fmpq(0) if isinstance(x, fmpq) and x == 0 else arb(x).tanh(),
    "atan": lambda x: fmpq(0) if isinstance(x, fmpq) and x == 0 else arb(x).atan(),
    "dot": lambda a, b: _sum(*(x * y for x, y in zip(a, b, strict=True))),
    "otherwise": lambda: True, "<": lambda a, b: bool(a < b), "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b), ">=": lambda a, b: bool(a >= b), "==": _same_truth,
    "!=": lambda a, b: not _same_truth(a, b), "and": lambda *p: all(p), "or": lambda *p: any(p),
    "not": lambda p: not p, "iverson": lambda p: fmpq(int(p)),
    "sign": lambda x: fmpq((x > 0) - (x < 0)),
    "pi": lambda: arb.pi(), "euler": lambda: arb(1).exp(),
}  # fmt: skip
ARRAYS = frozenset(["dot"])


def activations(alpha: str = "0.01") -> dict[str, Callable[[Any], Any]]:
    """The activations that problems are drawn with, written down once more."""
    one, six, half = fmpq(1), fmpq(6), fmpq(1, 2)
    slope = numeral(alpha)[0]

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + exp(-z))

    def clipped(z: Any, low: fmpq, high: fmpq) -> Any:
        return low if z < low else high if z > high else z

    return {
        "sigmoid": sigmoid, "softplus": lambda z: ln(1 + exp(z)), "softsign": lambda z: z / (1 + abs(z)),
        "identity": lambda z: z, "silu": lambda z: z * sigmoid(z), "gaussian": lambda z: exp(-z * z / 2),
        "relu": lambda z: z if z > 0 else fmpq(0), "heaviside": lambda z: fmpq(int(z > 0)),
        "hard_sigmoid": lambda z: clipped(z / 6 + half, fmpq(0), one),
        "hard_tanh": lambda z: clipped(z, -one, one), "relu6": lambda z: clipped(z, fmpq(0), six),
        "elu": lambda z: z if z > 0 else exp(z) - 1,
        "hard_swish": lambda z: z * clipped(z / 6 + half, fmpq(0), one),
        "leaky_relu": lambda z: z if z > 0 else slope * z, "arctan": RULES["atan"],
    }  # fmt: skip
