"""Formulas of the field read: time, read without an exception, and read correctly; beside other readers.

``python -m benchmarks.reading``. A reading is correct if its value is the one that was written down
by hand, at three points. What can be installed of the others comes with ``pip install
'derivations[rivals]'``; what is missing is said.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from math import isclose
from statistics import median
from typing import Any

from benchmarks.reading_formulas import FORMULAS, Written, s
from derivations.checking.names.indexed import indices_of
from derivations.formula.evaluation import entries, evaluate, precision
from derivations.formula.tree import Formula
from derivations.models import activations
from derivations.reading.latex import declare, read_formula

POINTS = 3
RUNS = {"derivations": 7}
TYPED = re.compile(r"mathbf|mathrm|text\b|boldsymbol")
NONE = declare({})
FLINT_BITS = 128
Value = Callable[[Any, int], list[float]]


# ---------------------------------------------------------------- values of names


def key(name: str) -> str:
    """One spelling for ``hat{y}_{1}``, ``y_hat_1`` and the like."""
    spaced = TYPED.sub(" ", name).replace("__", " ^").replace("change", "Delta")
    spaced = re.sub(r"\^\s*[({]*", " ^", spaced)
    return " ".join(sorted(re.findall(r"\^?[A-Za-z0-9]+", spaced.replace("_", " "))))


class Names(dict[str, Any]):
    """A value between 0.3 and 0.95 for every name, at one point; ``x@`` is the array x_1 to x_3."""

    def __init__(self, point: int) -> None:
        super().__init__()
        self.point = point

    def __missing__(self, name: str) -> Any:
        from flint import fmpq

        if name.endswith("@"):
            return tuple(self[f"{name[:-1]}_{place}"] for place in (1, 2, 3))
        return fmpq(300 + zlib.crc32(f"{self.point} {key(name)}".encode()) % 650, 1000)

    def __call__(self, name: str) -> float:
        value = self[name]
        return int(value.p) / int(value.q)

    def __getattr__(self, name: str) -> float:
        return self(name)


def wanted(formula: Written, point: int) -> list[float]:
    """The value that was written down."""
    value = formula.meaning(Names(point))
    return [float(x) for x in value] if isinstance(value, tuple) else [float(value)]


# ---------------------------------------------------------------- readers


def ours(formula: Formula, point: int) -> list[float]:
    """The value of our reading."""
    indexed = indices_of([formula], NONE).entries(formula)
    with precision(FLINT_BITS):
        value = evaluate(indexed, Names(point), activations.bodies())
        return [
            float((x + 0).mid()) if hasattr(x, "mid") else int(x.p) / int(x.q)
            for x in entries(value)
        ]


def theirs(expression: Any, point: int) -> list[float]:
    """The value of a SymPy expression; σ, ReLU and the like are given their meaning."""
    import sympy as sp

    names = Names(point)
    meanings = {"sigma": s, "relu": lambda z: max(0.0, z)}

    def derivative(node: Any) -> Any:
        plain = isinstance(node.expr, sp.Symbol)
        return sp.Float(names(f"d{node.expr}/d{node.variables[0]}")) if plain else node.doit()

    def call(node: Any) -> Any:
        meaning = meanings.get(re.sub(r"[^a-z]", "", str(node.func).lower()))
        return node if meaning is None else sp.Float(meaning(float(node.args[0].evalf())))

    expression = expression.replace(lambda e: isinstance(e, sp.Derivative), derivative)
    expression = expression.subs({x: sp.Float(names(str(x))) for x in expression.free_symbols})
    if hasattr(expression, "doit"):
        expression = expression.doit()
    expression = expression.replace(lambda e: isinstance(e, sp.core.function.AppliedUndef), call)
    expression = expression.subs(sp.Symbol("e"), sp.E)
    flat = list(expression) if isinstance(expression, sp.MatrixBase) else [expression]
    return [float(x.evalf()) for x in flat]


def _first(found: list[Any]) -> Any:
    import sympy as sp

    if not found or not isinstance(found[0], (sp.Basic, sp.MatrixBase)):
        raise ValueError("nothing was read")
    return found[0]


def readers() -> Iterator[tuple[str, Callable[[str], Any] | None, Value]]:
    """Every reader with its name; None for one that is not installed."""
    yield "derivations", read_formula, ours
    for title, load in RIVALS.items():
        try:
            reader = load()
            reader("x + 1")
        except ImportError:
            yield title, None, theirs
        else:
            yield title, reader, theirs


def _sympy(backend: str) -> Callable[[str], Any]:
    import_module({"antlr": "antlr4", "lark": "lark"}[backend])
    parse = import_module("sympy.parsing.latex").parse_latex
    return lambda latex: parse(latex, backend=backend)


def _math_verify() -> Callable[[str], Any]:
    parse = import_module("math_verify").parse
    return lambda latex: _first(parse(f"${latex}$"))


RIVALS: Mapping[str, Callable[[], Callable[[str], Any]]] = {
    "SymPy parse_latex, antlr": lambda: _sympy("antlr"),
    "SymPy parse_latex, lark": lambda: _sympy("lark"),
    "latex2sympy2-extended": lambda: import_module("latex2sympy2_extended").latex2sympy,
    "math-verify": _math_verify,
}


# ---------------------------------------------------------------- the table


def is_right(formula: Written, read: Any, value: Value) -> bool:
    """Whether a reading has the value that was written down, at every point."""
    for point in range(POINTS):
        expected = wanted(formula, point)
        try:
            found = value(read, point)
        except Exception:  # whatever a reading cannot be computed by, it is not the formula
            return False
        pairs = zip(found, expected, strict=False)
        if len(found) != len(expected) or not all(
            isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in pairs
        ):
            return False
    return True


def measured(
    name: str, reader: Callable[[str], Any], value: Value
) -> tuple[list[float], int, list[str]]:
    """Seconds for each formula, how many were read, and those that were read wrongly."""
    seconds, read, misread = [], 0, list[str]()
    for formula in FORMULAS:
        best, found = float("inf"), None
        for _ in range(RUNS.get(name, 2)):
            start = time.process_time()
            try:
                found = reader(formula.latex)
            except Exception:  # any exception at all counts as not read
                found = None
            best = min(best, time.process_time() - start)
        seconds.append(best)
        read += found is not None
        if found is not None and not is_right(formula, found, value):
            misread.append(formula.latex)
    return sorted(seconds), read, misread


def lines() -> Iterator[str]:
    """A line a reader."""
    count = len(FORMULAS)
    yield f"{count} formulas              read   correct   misread   median ms   99 % ms"
    for name, reader, value in readers():
        if reader is None:
            yield f"{name:25} not installed"
            continue
        seconds, read, misread = measured(name, reader, value)
        last = seconds[min(int(0.99 * count), count - 1)]
        yield (
            f"{name:25} {read / count:6.0%} {(read - len(misread)) / count:8.0%} {len(misread):9} "
            f"{1000 * median(seconds):11.3f} {1000 * last:9.3f}"
        )
        if name == "derivations":
            yield from (f"  misread: {latex}" for latex in misread)


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
