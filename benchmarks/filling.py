"""Worked LaTeX of a 2-2-1 network, forward, backward and update: variants a second."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import sympy as sp

from benchmarks.networks import derived, network, variants
from derivations.exams.filling import AT_ONCE, Filling, item_of, write_document
from derivations.pipeline import solve_for
from derivations.steps.batch import substitute_batch
from derivations.steps.solution import Derivation
from derivations.truth.batch_verification import verify_batch
from derivations.truth.second_road import model_values

COUNT, NAIVE, MANY, ROUNDS = 2000, 20, 10_000, 3
MEASURED = "import sys; from benchmarks.filling import many; many(int(sys.argv[1]))"


def lines() -> Iterator[str]:
    """Our fast road, our slow road, and SymPy's ``subs`` and ``latex`` for the same lines."""
    derivation, givens = _task(COUNT)
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    list(filling.fill(givens[:20]))
    naive = _rate(lambda: [naive_page(one) for one in givens[:NAIVE]], NAIVE)
    slow = _rate(
        lambda: [write_document(item_of(solve_for(derivation, one))) for one in givens[:NAIVE]],
        NAIVE,
    )
    before = filling.slow
    fast = _rate(lambda: list(filling.fill(givens)), COUNT)
    alone = (filling.slow - before) / ROUNDS
    yield f"{'SymPy subs + latex, values only':45} {naive:8.0f} a second    1.0"
    yield f"{'solved, verified, written one by one':45} {slow:8.0f} a second  {slow / naive:5.1f}"
    yield f"{'derived once, filled by the column, verified':45} {fast:8.0f} a second  {fast / naive:5.1f}"
    yield f"{'... of these solved one by one':45} {alone:8.0f} of {COUNT}"
    road = fast / _rate(lambda: second_road(derivation, givens), COUNT)
    judged = fast / _rate(_judged(derivation, givens), COUNT)
    yield f"{'... share of the second road':45} {road:8.0%} of the time"
    yield f"{'... share of the judge with the second road':45} {judged:8.0%} of the time"
    (few, _), (long, memory) = _alone(MANY // 10), _alone(MANY)
    yield f"{f'{MANY} variants: time against {MANY // 10}':45} {long / few:8.1f} times as long"
    yield f"{f'{MANY} variants: peak memory':45} {memory:8.0f} MB"


def _task(count: int) -> tuple[Derivation, list[dict[str, str]]]:
    derivation, given = derived(network([2, 2, 1]))
    return derivation, variants(given, count)


def second_road(derivation: Derivation, givens: list[dict[str, str]]) -> None:
    """All values and gradients of all variants in plain doubles, by reverse mode."""
    columns = {name: np.array([float(one[name]) for one in givens]) for name in givens[0]}
    quantities = derivation.quantities
    model = {q.key: q.formula for q in quantities if q.formula and q.role in ("defined", "update")}
    derived_keys = [q.key for q in quantities if q.role == "derived"]
    pairs = [(of, wrt) for of, wrt in (name[1:].split("/d") for name in derived_keys)]
    functions = {name: f for name, f in derivation.functions.items() if "'" not in name}
    model_values(columns, model, functions, pairs)


def _judged(derivation: Derivation, givens: list[dict[str, str]]) -> Callable[[], object]:
    chunks = [givens[at : at + AT_ONCE] for at in range(0, len(givens), AT_ONCE)]
    batches = [substitute_batch(derivation, chunk) for chunk in chunks]
    return lambda: [verify_batch(derivation, batch) for batch in batches]


def many(count: int) -> None:
    """Fill so many variants, and say how long it took and how much memory."""
    derivation, givens = _task(count)
    filling = Filling(derivation, lambda one: solve_for(derivation, one))
    list(filling.fill(givens[:20]))
    start = time.process_time()
    for _ in filling.fill(givens):
        pass
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.process_time() - start, memory)


def _alone(count: int) -> tuple[float, float]:
    """Seconds and megabytes of `many` in a process of its own, the best of some."""
    command = [sys.executable, "-c", MEASURED, str(count)]
    outputs = [subprocess.check_output(command, text=True).split() for _ in range(ROUNDS)]
    return min(float(out[0]) for out in outputs), max(float(out[1]) for out in outputs)


def _rate(work: Callable[[], object], count: int) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return count / best


def _sigmoid(z: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-z))


def _model() -> tuple[dict[str, sp.Expr], dict[str, sp.Symbol]]:
    """Forward values, loss, gradients and updates, each over the values before it."""
    s = {name: sp.Symbol(name) for name in (
        "x1 x2 w11 w12 b1 w21 w22 b2 v1 v2 c t eta z1 z2 h1 h2 u y L dy du dv1 dv2 dc dh1 dh2 dz1 dz2 "
        "dw11 dw12 db1 dw21 dw22 db2"
    ).split()}  # fmt: skip
    e = {
        "z1": s["w11"] * s["x1"] + s["w12"] * s["x2"] + s["b1"], "h1": _sigmoid(s["z1"]),
        "z2": s["w21"] * s["x1"] + s["w22"] * s["x2"] + s["b2"], "h2": _sigmoid(s["z2"]),
        "u": s["v1"] * s["h1"] + s["v2"] * s["h2"] + s["c"], "y": _sigmoid(s["u"]),
        "L": (s["y"] - s["t"]) ** 2 / 2, "dy": s["y"] - s["t"], "du": s["dy"] * s["y"] * (1 - s["y"]),
        "dv1": s["du"] * s["h1"], "dv2": s["du"] * s["h2"], "dc": s["du"] * 1,
        "dh1": s["du"] * s["v1"], "dh2": s["du"] * s["v2"],
        "dz1": s["dh1"] * s["h1"] * (1 - s["h1"]), "dz2": s["dh2"] * s["h2"] * (1 - s["h2"]),
        "dw11": s["dz1"] * s["x1"], "dw12": s["dz1"] * s["x2"], "db1": s["dz1"] * 1,
        "dw21": s["dz2"] * s["x1"], "dw22": s["dz2"] * s["x2"], "db2": s["dz2"] * 1,
    }  # fmt: skip
    for name in ("w11", "w12", "b1", "w21", "w22", "b2", "v1", "v2", "c"):
        e[f"{name}'"] = s[name] - s["eta"] * s[f"d{name}"]
    return e, s


EXPRESSIONS, SYMBOLS = _model()


def naive_page(given: Mapping[str, Any]) -> str:
    """Each quantity in names, with numbers, and its value, as a script of ten minutes prints it."""
    names = ["x1", "x2", "w11", "w12", "b1", "w21", "w22", "b2", "v1", "v2", "c", "t", "eta"]
    texts = [text for text in given.values() if isinstance(text, str)]
    values = {SYMBOLS[name]: sp.Float(text, 15) for name, text in zip(names, texts, strict=False)}
    rows = []
    for name, expression in EXPRESSIONS.items():
        with sp.evaluate(False):
            put_in = expression.subs(values)
        value = sp.N(expression.subs(values), 15)
        if name in SYMBOLS:
            values[SYMBOLS[name]] = sp.Float(round(float(value), 4), 15)
        rows.append(f"{name} &= {sp.latex(expression)} = {sp.latex(put_in)} = {value:.4f}")
    return r" \\ ".join(rows)
