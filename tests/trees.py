"""Random formulas for property tests, and their values by a road of their own (mpmath)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
from hypothesis import strategies as st

from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    power,
    product,
    quotient,
    sum_of,
)

NUMBERS = st.sampled_from(["0", "1", "2", "3", "7", "12", "0.5", "0.10", "1.25", "2.50"])
LETTERS = st.sampled_from(["a", "b", "t", "w", "x", "y", "z"]).map(Name)
MP = mpmath.mp.clone()
MP.dps = 50


def numerals(signed: bool = False) -> st.SearchStrategy[Formula]:
    """Numbers as a file may hold them: whole, decimal, scientific, fractions, perhaps negative."""
    written = NUMBERS | st.sampled_from(["3/8", "4.8e-6", "1024"])
    return (written | written.map("-{}".format) if signed else written).map(Number)


def _operations(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    whole = st.integers(-3, 4)
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: sum_of(*terms)),
        st.lists(inner, min_size=2, max_size=3).map(lambda factors: product(*factors)),
        inner.map(neg),
        st.tuples(inner, inner).map(lambda pair: quotient(*pair)),
        st.tuples(inner, whole).map(lambda pair: power(*pair)),
    )


def numeric_trees() -> st.SearchStrategy[Formula]:
    """Formulas of numerals: arithmetic, powers, exp, square roots, absolute values, groups."""

    def grow(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        calls = st.sampled_from(["exp", "sqrt", "abs", "group", "ln", "tanh", "sin"])
        return _operations(inner) | st.builds(apply, calls, inner)

    return st.recursive(numerals(signed=True), grow, max_leaves=8)


def named_trees() -> st.SearchStrategy[Formula]:
    """Formulas of names and numerals with every sign that the printers know how to put."""

    def grow(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        calls = st.sampled_from(["exp", "sqrt", "abs", "group", "ln", "tanh", "transpose"])
        return _operations(inner) | st.builds(apply, calls, inner)

    return st.recursive(numerals() | LETTERS, grow, max_leaves=9)


def readable_trees() -> st.SearchStrategy[Formula]:
    """Formulas as the grammar reads them: products are flat from the left, powers print plainly."""
    plain = st.sampled_from(["1", "2", "3", "12", "0.5", "0.10", "1.25"]).map(Number)
    exponents = st.sampled_from([Number("2"), Number("12"), Number("0.5"), Name("t")])

    def grow(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
        calls = st.sampled_from(["tanh", "sin", "cos", "erf"])
        first = inner.filter(lambda f: not (isinstance(f, Apply) and f.head == "product"))
        return st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda terms: Apply("sum", tuple(terms))),
            st.tuples(first, inner).map(lambda pair: Apply("product", pair)),
            st.tuples(first, inner, inner).map(lambda parts: Apply("product", parts)),
            inner.map(neg),
            st.tuples(inner, inner).map(lambda pair: Apply("quotient", pair)),
            st.tuples(inner, exponents | inner.map(neg)).map(lambda pair: Apply("power", pair)),
            inner.map(lambda f: apply("exp", f)),
            st.builds(apply, calls, inner),
            st.tuples(inner, inner).map(lambda pair: Apply("max", pair)),
        )

    return st.recursive(plain | LETTERS, grow, max_leaves=9)


def mp_number(text: str) -> Any:
    """The numeral's value, by mpmath."""
    if "/" in text:
        above, below = text.split("/")
        return MP.mpf(above) / MP.mpf(below)
    return MP.mpf(text)


FUNCTIONS = {
    "exp": MP.exp, "ln": MP.log, "sqrt": MP.sqrt, "abs": abs, "tanh": MP.tanh, "sin": MP.sin,
    "cos": MP.cos, "sinh": MP.sinh, "cosh": MP.cosh, "atan": MP.atan, "erf": MP.erf,
    "log2": lambda x: MP.log(x, 2), "log10": lambda x: MP.log(x, 10), "floor": MP.floor,
    "ceil": MP.ceil, "sign": MP.sign, "group": lambda x: x, "neg": lambda x: -x,
    "max": max, "min": min, "sum": lambda *xs: MP.fsum(xs), "product": lambda *xs: MP.fprod(xs),
    "quotient": lambda a, b: a / b, "pi": lambda: +MP.pi, "euler": lambda: +MP.e,
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
    "and": lambda *xs: all(xs), "or": lambda *xs: any(xs), "not": lambda x: not x,
    "otherwise": lambda: True, "norm": abs, "mean": lambda *xs: MP.fsum(xs) / len(xs),
    "sum_entries": lambda *xs: MP.fsum(xs), "log": lambda x, *base: MP.log(x, *base),
    "iverson": int,
}  # fmt: skip


def mp_value(formula: Formula, values: Mapping[str, Any] | None = None) -> Any:
    """The value at 50 digits.

    Raises:
        ValueError: no real value, or one too large to be compared.
    """
    values = values or {}
    if isinstance(formula, Number):
        return mp_number(formula.text)
    if isinstance(formula, Name):
        return values[formula.id]
    if formula.head == "cases":
        for value, condition in zip(formula.args[::2], formula.args[1::2], strict=True):
            if mp_value(condition, values):
                return mp_value(value, values)
        raise ValueError("no case")
    if formula.head == "bigsum":
        index, low, high, body = formula.args
        ends = range(int(mp_value(low, values)), int(mp_value(high, values)) + 1)
        return MP.fsum(mp_value(body, {**values, index.id: MP.mpf(i)}) for i in ends)
    args = [mp_value(arg, values) for arg in formula.args]
    try:
        if formula.head == "power":
            result = args[0] ** (int(args[1]) if args[1] == int(args[1]) else args[1])
        else:
            result = FUNCTIONS[formula.head](*args)
    except ZeroDivisionError:
        raise ValueError("division by 0") from None
    if isinstance(result, MP.mpc) or (isinstance(result, MP.mpf) and not abs(result) < 10**30):
        raise ValueError("no number to compare")
    return result


def close(left: Any, right: Any, digits: int = 25) -> bool:
    """Whether two numbers agree to so many digits, of their size or of 1."""
    return bool(abs(left - right) <= MP.mpf(10) ** -digits * max(1, abs(left), abs(right)))


def to_mp(value: Any) -> Any:
    """A rational or ball of the program as an mpmath number."""
    if isinstance(value, (int, bool)):
        return value
    if hasattr(value, "q"):
        return MP.mpf(int(value.p)) / int(value.q)
    return MP.mpf(value.mid().str(60, radius=False))
