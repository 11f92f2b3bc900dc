"""What the fields of every layer have: which layer it is, and what the sheet calls it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class LayerFields(BaseModel):
    """A layer as a mapping of the problem file; each layer adds its own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: str
    name: str = ""
