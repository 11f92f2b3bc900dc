"""Recurrent cells with numbers: RNN, LSTM and GRU over several time steps, forward and back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from derivations.errors import unknown
from derivations.formula.numerals import exact
from derivations.kinds.base.assemble import assemble, new_draft, written_by
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.notation import letters
from derivations.kinds.base.problem import Problem
from derivations.kinds.base.recurrent_fields import (
    Ask,
    Given,
    Shapes,
    as_rows,
    by_gate,
    fitted,
    parameters,
)
from derivations.kinds.base.recurrent_run import Run
from derivations.models.cells import CELLS, Conventions
from derivations.steps.solution import Derivation
from derivations.truth import sequences


class Fields(Problem):
    """A recurrent network."""

    LETTERS = letters("", "t", "y", sides="weights")

    kind: Literal["recurrent"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: recurrent
title: An LSTM with one unit over two time steps
text: |
  Compute the states of the cell, the loss at the last step, and its gradient by the weights
  of the state.
given:
  cell: lstm               # rnn, lstm or gru
  inputs: [1, 0.5]         # x_1, x_2, ...: numbers, or a row for each step
  W: {f: 0.7, i: 0.95, g: 0.45, o: 0.6}       # of the input; matrices where inputs are rows
  U: {f: 0.1, i: 0.8, g: 0.15, o: 0.25}       # of the state before
  b: {f: 0.15, i: 0.65, g: 0.2, o: 0.1}
  targets: [null, 1.25]    # null where a step has none
  loss: half_squared_error
ask:
  gradients: [u_f, u_i, u_g, u_o]             # or true, for all parameters
rounding: {decimals: 4}
"""


def _checked(problem: Fields) -> tuple[Shapes, Conventions]:
    """Sizes and conventions, or all mistakes at once."""
    mistakes, given, ask = Mistakes(), problem.given, problem.ask
    shapes = Shapes(given, mistakes)
    known = parameters(shapes)
    wanted = ask.gradients if isinstance(ask.gradients, tuple) else ()
    for place, name in enumerate(wanted):
        states = ["h_0", *(["c_0"] if CELLS[given.cell].memory else [])]
        if name not in (*known, *states):
            mistakes.add(
                ("ask", "gradients", place),
                unknown(name, "a parameter here", [*known, *states]),
            )
    has_loss = bool(shapes.aims()) or given.slope_h is not None or given.slope_c is not None
    if ask.gradients and not has_loss:
        mistakes.add(("ask", "gradients"), "gradients need 'targets' or 'slope_h'")
    if ask.truncate and not ask.gradients:
        mistakes.add(("ask", "truncate"), "this is about gradients; ask for 'gradients', too")
    mistakes.raise_all()
    heads = dict(CELLS[given.cell].gates)
    if given.cell == "rnn":
        heads[""] = given.activation or "tanh"
    return shapes, Conventions(
        given.cell,
        heads,
        shapes.one,
        shapes.width is None,
        frozenset(by_gate(given.b)),
        frozenset(by_gate(given.b_h)),
        given.reset,
        given.update,
        not problem.notation.weights_first,
        frozenset(by_gate(given.peepholes)),
    )


def givens(problem: Fields) -> dict[str, Any]:
    """Inputs, states at the start, parameters and targets by name, as the sheet has them."""
    values = _columns(problem)
    if problem.notation.weights_first:
        return values
    return {name: as_rows(value) for name, value in values.items()}


def _columns(problem: Fields) -> dict[str, Any]:
    """The givens as the file has them: vectors as columns, a row of weights for each unit."""
    given = problem.given
    shapes = Shapes(given, Mistakes())
    values: dict[str, Any] = {f"x_{t}": x for t, x in enumerate(given.inputs, 1)}

    def state(value: Any) -> Any:
        return fitted(value, shapes.state())

    zero = ("0",) * shapes.units
    values["h_0"] = state(zero if given.h_0 is None else given.h_0)
    if CELLS[given.cell].memory:
        values["c_0"] = state(zero if given.c_0 is None else given.c_0)
    values |= parameters(shapes)
    for t, target in enumerate(shapes.aims(), 1):
        if target is not None:
            values[f"t_{t}"] = fitted(target, shapes.shape("b_y"))
    if given.slope_h is not None:
        values["delta_h"] = state(given.slope_h)
    if given.slope_c is not None:
        values["delta_c"] = state(given.slope_c)
    return values


def derive(problem: Fields) -> Derivation:
    """Forward through time, the loss, and back through time."""
    shapes, conventions = _checked(problem)
    functions = Functions()
    draft = new_draft(problem, functions)
    written = partial(written_by, problem, functions)
    run = Run(
        problem.given, problem.ask, shapes, conventions, functions, draft, givens(problem), written
    )
    parts = run.parts()
    return assemble(problem, draft, functions, parts, run.answers, run.statement())


# ---------------------------------------------------------------- the second road


def _doubles(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_doubles(part) for part in value]
    number = exact(value)
    return int(number.p) / int(number.q)


def expected(problem: Fields) -> dict[str, Any]:
    """States, outputs, losses and gradients by loops in NumPy."""
    shapes, conventions = _checked(problem)
    given = problem.given
    values = {name: np.array(_doubles(value)) for name, value in _columns(problem).items()}
    lifted = {}
    for name in parameters(shapes):
        letter = "b_y" if name == "b_y" else name[0].upper() if name[0] in "wuv" else name[0]
        rows = shapes.outputs if letter in ("V", "b_y") else shapes.units
        size = (rows, -1) if letter in ("W", "U", "V") else (rows,)
        lifted[name if letter == "b_y" else letter + name[1:]] = values[name].reshape(size)
    counted = sum(target is not None for target in shapes.aims())
    course = sequences.Course(
        given.cell,
        conventions.heads,
        given.reset,
        given.update,
        [np.atleast_1d(values[f"x_{t}"]) for t in range(1, len(given.inputs) + 1)],
        np.atleast_1d(values["h_0"]),
        np.atleast_1d(values.get("c_0", 0.0)),
        [
            None if target is None else np.atleast_1d(np.array(_doubles(target)))
            for target in shapes.aims()
        ],
        None if given.output is None else given.output.activation,
        given.loss,
        1 / counted if given.loss_over_time == "mean" and counted else 1.0,
        problem.ask.truncate or 0,
        np.atleast_1d(values["delta_h"]) if "delta_h" in values else None,
        np.atleast_1d(values["delta_c"]) if "delta_c" in values else None,
    )
    return _reported(problem, values, sequences.run(course, lifted))


def _reported(
    problem: Fields, values: Mapping[str, Any], found: Mapping[str, Any]
) -> dict[str, Any]:
    """What the derivation has as answers, in its shapes."""
    known = {answer.name for answer in derive(problem).answers}
    result: dict[str, Any] = {}
    for name, value in found.items():
        if name.startswith("dL/d"):
            wrt = name[4:] if name[4:] in values else name[4].lower() + name[5:]
            name, value = f"dL/d{wrt}", np.asarray(value).reshape(np.shape(values[wrt]))
        elif np.size(value) == 1:
            value = np.squeeze(value)
        if name in known:
            found_here = np.asarray(value)
            result[name] = (
                found_here if problem.notation.weights_first else _turned(found_here)
            ).tolist()
    return result


def _turned(value: NDArray[np.float64]) -> NDArray[np.float64]:
    """A vector as a row, a matrix turned, one of a single row as a column."""
    if value.ndim == 2:
        return value[0] if len(value) == 1 else value.T
    return value[None, :] if value.ndim else value
