"""What the fields of every layer have: which layer it is, and what the sheet calls it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, NonNegativeInt, PositiveInt
from pydantic_core import PydanticCustomError

LARGEST = 2**24  # of a number of units, rows or places; more could not be counted again


def _countable(value: Any) -> Any:
    """A number that is no truth value, and not larger than can be counted."""
    if isinstance(value, bool):
        value = str(value).lower()
        words = {"message": f"found {value}, expected a whole number"}
        raise PydanticCustomError("derivations", "{message}", words)
    text = str(value).strip()
    if text.isdecimal() and (len(text) > len(str(LARGEST)) or int(text) > LARGEST):
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        words = {"message": f"found {shown}, expected a size of at most {LARGEST}"}
        raise PydanticCustomError("derivations", "{message}", words)
    return value


def is_size(text: str) -> bool:
    """Whether the digits of a layer's word, as in ``FC-10``, write a size that can be counted."""
    return text.isdecimal() and len(text) <= len(str(LARGEST)) and 0 < int(text) <= LARGEST


Size = Annotated[PositiveInt, BeforeValidator(_countable)]
Place = Annotated[NonNegativeInt, BeforeValidator(_countable)]


def _one_or_two(value: Any) -> Any:
    """``1`` and ``2`` as whole numbers; anything else is left to the field."""
    return int(value) if str(value) in ("1", "2") else value


Vectors = Annotated[Literal[1, 2], BeforeValidator(_one_or_two)]


class LayerFields(BaseModel):
    """A layer as a mapping of the problem file; each layer adds its own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: str
    name: str = ""
