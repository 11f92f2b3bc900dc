"""Networks to measure with."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from derivations.kinds import kind_module
from derivations.kinds.base.files import Loaded, check
from derivations.reading import yaml
from derivations.steps.solution import Derivation

HEAD = """\
kind: network
title: A network
given:
  x: [{x}]
  layers:
{layers}
  target: [{target}]
  loss: half_squared_error
ask: {{gradients: true{rate}}}
rounding: {{decimals: 4}}
"""


def network(widths: list[int], rate: str = ", rate: 0.5") -> Loaded:
    """A sigmoid network with random numbers, as a problem file says it."""
    source = random.Random(1)

    def numbers(count: int) -> str:
        return ", ".join(f"{source.uniform(-1, 1):.2f}" for _ in range(count))

    layers = [
        f"    - {{weights: [{', '.join(f'[{numbers(before)}]' for _ in range(width))}], "
        f"biases: [{numbers(width)}], activation: sigmoid}}"
        for before, width in pairwise(widths)
    ]
    text = HEAD.format(
        x=numbers(widths[0]), layers="\n".join(layers), target=numbers(widths[-1]), rate=rate
    )
    return check(yaml.parse(text.encode(), "network.yaml"), "network")


def derived(loaded: Loaded) -> tuple[Derivation, Mapping[str, Any]]:
    """The derivation and the givens."""
    module = kind_module(loaded.problem.kind)
    return module.derive(loaded.problem), module.givens(loaded.problem)


def variants(given: Mapping[str, Any], count: int) -> list[dict[str, str]]:
    """Other numbers for the same network."""
    source = random.Random(2)
    return [{name: f"{source.uniform(-1, 1):.2f}" for name in given} for _ in range(count)]
