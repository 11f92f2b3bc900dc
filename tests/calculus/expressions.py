"""Random expressions with a derivative everywhere, and values of lines that hold an open D."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from derivations.formula.expressions import read_expression
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    neg,
    number,
    power,
    product,
    quotient,
    rewrite,
    sum_of,
)
from tests.trees import MP, mp_value

LEAVES = ("x", "x", "x", "a", "2", "3", "0.5")
ONE = number(1)


def expressions(count: int, seed: int = 0, depth: int = 3) -> list[Formula]:
    """So many expressions in x and a, each smooth for all x."""
    source = random.Random(seed)
    found: list[Formula] = []
    while len(found) < count:
        formula = _grown(source, depth)
        if not isinstance(formula, Name) and formula not in found:
            found.append(formula)
    return found


def _grown(source: random.Random, depth: int) -> Formula:
    if depth == 0:
        return read_expression(source.choice(LEAVES))
    inner = [_grown(source, source.randrange(depth)) for _ in range(2)]
    positive = sum_of(ONE, power(inner[0], 2))
    return source.choice(
        [
            lambda: sum_of(*inner),
            lambda: sum_of(inner[0], neg(inner[1])),
            lambda: product(*inner),
            lambda: quotient(inner[1], positive),
            lambda: power(inner[0], source.choice((2, 3))),
            lambda: apply("exp", neg(power(inner[0], 2))),
            lambda: apply("ln", positive),
            lambda: apply("sqrt", positive),
            lambda: apply(source.choice(("tanh", "sin", "cos", "atan", "erf")), inner[0]),
            lambda: neg(inner[0]),
        ]
    )()


def value(formula: Formula, at: Mapping[str, Any]) -> Any:
    """The value at a point; a D that is still open is worked out numerically."""
    known = dict(at)

    def worked(node: Formula) -> Formula | None:
        if not (isinstance(node, Apply) and node.head == "D"):
            return None
        inside, x = node.args
        assert isinstance(x, Name)
        name = f"d{len(known)}"
        known[name] = MP.diff(lambda t: value(inside, {**at, x.id: t}), at[x.id])
        return Name(name)

    return mp_value(rewrite(formula, worked), known)
