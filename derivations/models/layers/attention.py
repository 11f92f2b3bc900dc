"""Multi-head attention of queries to a memory; one input attends to itself."""

from __future__ import annotations

from typing import Literal

from derivations.formula.tree import Formula, apply, number, product, sum_of
from derivations.models.layer_fields import LayerFields, Size
from derivations.models.traces import LayerError, Shape, Trace

TOKENS = ("MHA",)
INPUTS = (1, 2)


class Fields(LayerFields):
    """Heads; the width of keys and values of a head is width / heads if left out."""

    layer: Literal["attention"] = "attention"
    heads: Size
    key_width: Size | None = None
    value_width: Size | None = None
    bias: bool | None = None


def parse(token: str, numbers: list[int]) -> dict[str, object]:
    """``MHA-H``: H heads."""
    if len(numbers) != 1:
        raise LayerError("attention is written MHA-H, H heads")
    return {"layer": "attention", "heads": numbers[0]}


def words(fields: Fields, *shapes: Shape) -> str:
    """``attention, 8 heads``."""
    return f"attention, {fields.heads} heads"


def trace(fields: Fields, shape: Shape, memory: Shape | None = None) -> Trace:
    """Queries, keys, values and what joins the heads: four matrices with their biases.

    Scores take T × S × h d_k multiply-accumulates, their use for the values as many with d_v.

    Raises:
        LayerError: the inputs are no sequences, or the heads do not divide the width.

    Source: Vaswani et al. 2017, section 3.2.2.
    """
    memory = memory or shape
    if len(shape) != 2 or len(memory) != 2:
        raise LayerError("attention needs sequences, [steps, width]")
    (steps, width), (places, wide) = shape, memory
    if width % fields.heads and not fields.key_width:
        raise LayerError(f"{fields.heads} heads do not divide the width {width}")
    keys = fields.heads * (fields.key_width or width // fields.heads)
    values = fields.heads * (fields.value_width or keys // fields.heads)
    pairs = ((width, keys), (wide, keys), (wide, values), (values, width))
    bias = fields.bias is not False
    each = product(number(width), number(keys))
    if len(set(pairs)) == 1:  # four alike
        weights: Formula = product(number(4), each)
        biases: Formula = product(number(4), number(width))
        both = product(number(4), apply("group", sum_of(each, number(width))))
    else:
        weights = sum_of(*(product(number(a), number(b)) for a, b in pairs))
        biases = sum_of(*(number(b) for _, b in pairs))
        both = sum_of(
            *(apply("group", sum_of(product(number(a), number(b)), number(b))) for a, b in pairs)
        )
    counts = [(steps, width, keys), (places, wide, keys), (places, wide, values)]
    counts += [(steps, places, keys), (steps, places, values), (steps, values, width)]
    return Trace(
        shape,
        None,
        weights,
        biases if bias else None,
        keras="MultiHeadAttention",
        parameters=both if bias else None,
        macs=_together(counts),
        biased=(steps * (keys + width) + places * (keys + values)) if bias else 0,
        sees_all=True,
    )


def _together(counts: list[tuple[int, int, int]]) -> Formula:
    """``4 × 64 × 512 × 512 + 2 × 64 × 64 × 512``: products that are alike once, with how many."""
    runs: dict[tuple[int, int, int], int] = {}
    for factors in counts:
        runs[factors] = runs.get(factors, 0) + 1
    return sum_of(
        *(
            product(*([number(count)] if count > 1 else []), *map(number, factors))
            for factors, count in runs.items()
        )
    )
