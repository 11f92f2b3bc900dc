"""Blocks that every architecture can name: those of the Transformer.

A block is written as it would be in a problem file. Post-norm is the order of 2017, LayerNorm
behind each sum; pre-norm that of GPT-2, LayerNorm in front of each part.
"""

from __future__ import annotations

from typing import Any

from derivations.kinds.base.architectures.entries import Block

ATTEND = {"layer": "attention", "heads": "heads"}
CROSS = {"layer": "attention", "heads": "heads", "from": [".", "memory"]}
NORM = {"layer": "layer_norm"}
WIDTH = ("width", "heads", "hidden")


def feed_forward(function: str) -> list[Any]:
    """Two dense layers at every place, with an activation between them."""
    return [
        {"layer": "dense", "units": "hidden", "per_position": True},
        {"layer": "activation", "function": function},
        {"layer": "dense", "units": "width", "per_position": True},
    ]


BLOCKS: dict[str, Block] = {
    "transformer-encoder": Block(
        WIDTH,
        [{"residual": [ATTEND]}, NORM, {"residual": feed_forward("relu")}, NORM],
        ("given",),
    ),
    "transformer-decoder": Block(
        (*WIDTH, "memory"),
        [
            {"residual": [ATTEND]}, NORM, {"residual": [CROSS]}, NORM,
            {"residual": feed_forward("relu")}, NORM,
        ],
        ("given",),
    ),
    "gpt-decoder": Block(
        WIDTH,
        [{"residual": [NORM, ATTEND]}, {"residual": [NORM, *feed_forward("gelu")]}],
        ("given",),
    ),
}  # fmt: skip
