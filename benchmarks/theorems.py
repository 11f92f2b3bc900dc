"""The library of theorems: each derived, verified and printed; seconds against SymPy's own derivative."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import sympy as sp

from derivations.deriving import Asked, derive
from derivations.kinds.base import library
from derivations.pipeline import document_of_verified
from derivations.writing import latex

SLOWEST = 5  # theorems that are named
EXPRESSIONS = (
    "ln(1 + exp(x))",
    "x/(1 + exp(-x))",
    "(1 - exp(-x^2))/(1 + exp(-x^2))",
    "sin(x)^2 exp(-x)/(1 + x^2)",
)


def lines() -> Iterator[str]:
    """All theorems in one process, one in a process of its own, and expressions beside SymPy."""
    found = sorted(((_timed(name), name) for name in library.entries()), reverse=True)
    yield f"{len(found)} theorems in {sum(seconds for seconds, _ in found):.2f} s; the slowest:"
    for seconds, name in found[:SLOWEST]:
        yield f"  {name:40} {seconds:7.3f} s"
    yield f"the slowest in a process of its own, imports included: {_cold(found[0][1]):.2f} s"
    yield f"{'expression':36} {'derived':>9} {'diff + latex':>13} {'ratio':>7}"
    for text in EXPRESSIONS:
        ours, naive = _expression(text), _sympy(text)
        yield f"{text:36} {1000 * ours:6.1f} ms {1000 * naive:10.1f} ms {ours / naive:7.1f}"


def _timed(name: str) -> float:
    start = time.process_time()
    latex.write(document_of_verified(derive(Asked(name)).verified))
    return time.process_time() - start


def _cold(name: str) -> float:
    command = [sys.executable, "-m", "derivations", "derive", name, "--json"]
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def _expression(text: str) -> float:
    start = time.process_time()
    latex.write(document_of_verified(derive(Asked(text)).verified))
    return time.process_time() - start


def _sympy(text: str) -> float:
    """The result alone, without a step and without verification."""
    x = sp.Symbol("x")
    source = {
        "ln(1 + exp(x))": sp.log(1 + sp.exp(x)), "x/(1 + exp(-x))": x / (1 + sp.exp(-x)),
        "(1 - exp(-x^2))/(1 + exp(-x^2))": (1 - sp.exp(-(x**2))) / (1 + sp.exp(-(x**2))),
        "sin(x)^2 exp(-x)/(1 + x^2)": sp.sin(x) ** 2 * sp.exp(-x) / (1 + x**2),
    }[text]  # fmt: skip
    start = time.process_time()
    sp.latex(sp.simplify(sp.diff(source, x)))
    return time.process_time() - start
