"""Batch, layer, instance, group and RMS normalisation with numbers, forward and backward."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from derivations.formula.tree import (
    Number,
)
from derivations.kinds.base.assemble import (
    assemble,
    new_draft,
)
from derivations.kinds.base.fields import NotNegative, Strict
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.loss_elements import double
from derivations.kinds.base.matrices import entry_name, matrix_values
from derivations.kinds.base.normalisation_run import Run
from derivations.kinds.base.normalising import Given, Pool, check, pools_of
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.steps.solution import Derivation
from derivations.truth.normalisation import moved, normalised

ONE = Number("1")


class Ask(Strict):
    """How much is shown line by line."""

    in_full: NotNegative = Field(1, description="how many means and variances are worked out")


class Fields(Problem):
    """A normalisation layer."""

    LETTERS = letters("x g y h gamma beta mu v s m r A B", data="x g y h")

    kind: Literal["normalisation"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: normalisation
title: Batch normalisation of four samples
text: Normalise the batch, and take the gradient back through the layer.
given:
  layer: batch             # batch, layer, instance, group, rms
  input: [[1, 2], [2, 4], [3, 9], [6, 5]]
  gamma: [1, 2]
  beta: [0, 0.5]
  epsilon: 0
  upstream: [[1, 0], [0, 1], [0.5, 0], [0, -1]]   # the derivative of the loss by the output
rounding: {decimals: 4}
"""


def derive(problem: Fields) -> Derivation:
    """Statistics, normalised values and outputs; running statistics; the gradient."""
    given = problem.given
    check(given)
    draft = new_draft(problem, Functions())
    run = Run(given, list(givens(problem)), problem.ask.in_full, problem.notation, draft)
    parts = run.parts()
    return assemble(problem, draft, Functions(), parts, run.answers, run.statement())


def givens(problem: Fields) -> dict[str, Any]:
    """Everything by name."""
    given = problem.given
    values: dict[str, Any] = dict(matrix_values("x", given.input))
    for letter in ("gamma", "beta"):
        values |= {f"{letter}_{k}": v for k, v in enumerate(getattr(given, letter) or (), 1)}
    values["epsilon"] = given.epsilon
    if given.running is not None:
        values |= {f"m_{k}": v for k, v in enumerate(given.running.mean, 1)}
        values |= {f"r_{k}": v for k, v in enumerate(given.running.variance, 1)}
        if given.mode == "training":
            values["alpha"] = given.running.momentum
    if given.upstream is not None:
        values |= matrix_values("g", given.upstream)
    return values


def expected(problem: Fields) -> dict[str, Any]:
    """Outputs and gradients, a whole set of numbers at once, by the Jacobian."""
    given = problem.given
    x = np.array([[double(text) for text in row] for row in given.input])
    g = None
    if given.upstream is not None:
        g = np.array([[double(text) for text in row] for row in given.upstream])
    gamma = np.array([double(text) for text in given.gamma]) if given.gamma else None
    beta = np.array([double(text) for text in given.beta]) if given.beta else None
    answers: dict[str, Any] = {}
    slopes = {"gamma": np.zeros(x.shape[1]), "beta": np.zeros(x.shape[1])}
    for pool in pools_of(given):
        at = tuple(zip(*pool.cells, strict=True))
        columns = [given.scale(j) for _, j in pool.cells]
        if given.mode == "inference" and given.running is not None:
            mean, spread = (
                double(getattr(given.running, name)[pool.channel]) for name in ("mean", "variance")
            )
            hat, jacobian = moved(x[at], mean, spread, double(given.epsilon))
        else:
            lost = int(given.variance == "unbiased")
            hat, jacobian = normalised(x[at], double(given.epsilon), given.layer != "rms", lost)
        scale = gamma[columns] if gamma is not None else np.ones(len(hat))
        out = scale * hat + (beta[columns] if beta is not None else 0.0)
        back = jacobian.T @ (scale * g[at]) if g is not None else None
        for k, (i, j) in enumerate(pool.cells):
            answers[entry_name("y", i + 1, j + 1)] = float(out[k])
            if g is not None and back is not None:
                answers[f"dL/d{entry_name('x', i + 1, j + 1)}"] = float(back[k])
                slopes["gamma"][columns[k]] += g[i, j] * hat[k]
                slopes["beta"][columns[k]] += g[i, j]
        if given.running is not None and given.mode == "training":
            answers |= _running(given, pool, x[at])
    if g is not None:
        for letter in ("gamma", "beta"):
            for k, _ in enumerate(getattr(given, letter) or ()):
                answers[f"dL/d{letter}_{k + 1}"] = float(slopes[letter][k])
    return answers


def _running(given: Given, pool: Pool, x: Any) -> dict[str, float]:
    assert given.running is not None
    share = double(given.running.momentum)
    new = share if given.running.momentum_of == "new" else 1 - share
    lost = int(given.running.variance_of_batch == "unbiased")
    k = pool.channel
    before = double(given.running.mean[k]), double(given.running.variance[k])
    batch = float(np.mean(x)), float(np.var(x, ddof=lost))
    return {
        f"{name}_{k + 1}_new": old + new * (now - old)
        for name, old, now in zip(("m", "r"), before, batch, strict=True)
    }
