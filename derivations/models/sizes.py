"""Sizes of kernels, strides and paddings: one number for both axes, or one for each."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from derivations.models.traces import LayerError


def _refuse(found: Any, expected: str) -> PydanticCustomError:
    return PydanticCustomError(
        "derivations", "{message}", {"message": f"found {found}, expected {expected}"}
    )


def _pair(minimum: int, expected: str) -> Any:
    def check(value: Any) -> tuple[int, int]:
        parts = value if isinstance(value, (list, tuple)) else [value, value]
        if len(parts) != 2:
            raise _refuse(f"a list of {len(parts)}", f"{expected}, or two of them")
        sizes = []
        for part in parts:
            text = str(part).strip()
            whole = text.isascii() and text.isdigit() and len(text) <= 6
            if isinstance(part, bool) or not whole or int(text) < minimum:
                raise _refuse(str(part)[:40], expected)
            sizes.append(int(text))
        return sizes[0], sizes[1]

    return check


def _padding(value: Any) -> Any:
    if isinstance(value, str) and value.strip().lower() in ("same", "valid"):
        return value.strip().lower()
    if isinstance(value, str) and not (value.isascii() and value.strip().isdigit()):
        raise _refuse(value[:40], "a number of pixels, 'same' or 'valid'")
    return _pair(0, "0 or more pixels, 'same' or 'valid'")(value)


def _pair_schema(minimum: int) -> list[dict[str, Any]]:
    size = {"type": "integer", "minimum": minimum}
    return [size, {"type": "array", "items": size, "minItems": 2, "maxItems": 2}]


Pair = Annotated[
    tuple[int, int],
    BeforeValidator(_pair(1, "a whole number, 1 or more")),
    WithJsonSchema({"anyOf": _pair_schema(1)}),
]
Padding = Annotated[
    tuple[int, int] | str,
    BeforeValidator(_padding),
    WithJsonSchema({"anyOf": [*_pair_schema(0), {"enum": ["same", "valid"]}]}),
]


def pads(
    padding: tuple[int, int] | str,
    sizes: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
) -> tuple[int, int]:
    """Pixels of padding on each side of each axis.

    ``same`` keeps the size at stride 1, which takes (f - 1)/2 pixels and an odd kernel.

    Raises:
        LayerError: ``same`` with an even kernel or another stride has no equal padding.
    """
    if padding == "valid":
        return (0, 0)
    if not isinstance(padding, str):
        return padding
    for k, s in zip(kernel, stride, strict=True):
        if k % 2 == 0 or s != 1:
            raise LayerError(
                "padding 'same' needs an odd kernel and stride 1 to be equal on both sides; "
                "give the number of pixels"
            )
    return ((kernel[0] - 1) // 2, (kernel[1] - 1) // 2)
