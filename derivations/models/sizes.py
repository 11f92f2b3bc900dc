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
        return _whole(parts[0], minimum, expected), _whole(parts[1], minimum, expected)

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


def _axes(minimum: int, expected: str) -> Any:
    """A number for all axes, kept as two alike, or a list of one to three of them."""

    def check(value: Any) -> tuple[int, ...]:
        if isinstance(value, (list, tuple)) and len(value) not in (1, 2, 3):
            raise _refuse(f"a list of {len(value)}", f"{expected}, or a list of one to three")
        parts = value if isinstance(value, (list, tuple)) else [value, value]
        return tuple(_whole(part, minimum, expected) for part in parts)

    return check


def _whole(part: Any, minimum: int, expected: str) -> int:
    text = str(part).strip()
    whole = text.isascii() and text.isdigit() and len(text) <= 6
    if isinstance(part, bool) or not whole or int(text) < minimum:
        raise _refuse(str(part)[:40], expected)
    return int(text)


def _edges(value: Any) -> Any:
    """Words, a number, a number for each axis, or [before, after] for each axis."""
    if isinstance(value, (list, tuple)) and any(isinstance(v, (list, tuple)) for v in value):
        if not all(isinstance(v, (list, tuple)) and len(v) == 2 for v in value):
            raise _refuse(f"a list of {len(value)}", "[before, after] for every axis")
        if len(value) > 3:
            raise _refuse(f"a list of {len(value)}", "[before, after] for one to three axes")
        return tuple(tuple(_whole(p, 0, "0 or more pixels") for p in pair) for pair in value)
    if isinstance(value, str) and value.strip().lower() in ("same", "valid"):
        return value.strip().lower()
    if isinstance(value, str) and not (value.isascii() and value.strip().isdigit()):
        raise _refuse(value[:40], "a number of pixels, 'same' or 'valid'")
    return _axes(0, "0 or more pixels, 'same' or 'valid'")(value)


def _axes_schema(minimum: int) -> list[dict[str, Any]]:
    size = {"type": "integer", "minimum": minimum}
    return [size, {"type": "array", "items": size, "minItems": 1, "maxItems": 3}]


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

_SIDES = {"type": "array", "items": _pair_schema(0)[1], "minItems": 1, "maxItems": 3}
Axes = Annotated[
    tuple[int, ...],
    BeforeValidator(_axes(1, "a whole number, 1 or more")),
    WithJsonSchema({"anyOf": _axes_schema(1)}),
]
Edges = Annotated[
    tuple[int, ...] | tuple[tuple[int, int], ...] | str,
    BeforeValidator(_edges),
    WithJsonSchema({"anyOf": [*_axes_schema(0), _SIDES, {"enum": ["same", "valid"]}]}),
]


def for_axes(values: tuple[int, ...], count: int, words: str) -> tuple[int, ...]:
    """A size for each of so many axes; two that are alike stand for one number for all.

    Raises:
        LayerError: another number of sizes.
    """
    if len(values) == count:
        return values
    if len(set(values)) == 1:
        return values[:1] * count
    raise LayerError(f"{len(values)} sizes of the {words}; the input has {count} axes")


def edges_of(
    padding: tuple[int, ...] | tuple[tuple[int, int], ...] | str,
    sizes: tuple[int, ...],
    extents: tuple[int, ...],
    stride: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    """Pixels of padding before and after, for every axis.

    ``same`` gives ceil(n/s) outputs: max((ceil(n/s) - 1) s + e - n, 0) pixels for a window that
    extends over e, half of them before; what is left over stands after.

    Source: TensorFlow, tf.nn.convolution, notes on padding.
    """
    if padding == "valid":
        return ((0, 0),) * len(sizes)
    if padding == "same":
        needed = (
            max((-(-n // s) - 1) * s + e - n, 0)
            for n, e, s in zip(sizes, extents, stride, strict=True)
        )
        return tuple((pixels // 2, pixels - pixels // 2) for pixels in needed)
    assert not isinstance(padding, str)
    sides = tuple(p for p in padding if isinstance(p, tuple))
    if not sides:
        both = for_axes(tuple(p for p in padding if isinstance(p, int)), len(sizes), "padding")
        return tuple((p, p) for p in both)
    if len(sides) != len(sizes):
        raise LayerError(f"padding for {len(sides)} axes; the input has {len(sizes)}")
    return sides


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
