"""Layers. This folder is the registry: each module in it is the layer of its name.

A layer's module has

- ``TOKENS``: the words for it in the notation of courses, ``CONV-5-16``;
- ``parse(token, numbers)``: the fields that such an entry stands for;
- ``Fields``: what the layer needs to be known, as a pydantic model;
- ``trace(fields, shape)``: what it makes of an input of this shape.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def layers() -> dict[str, ModuleType]:
    """The modules of all layers by name."""
    return {
        module.name: importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
        if not module.ispkg
    }


@cache
def tokens() -> dict[str, str]:
    """The layer's name for each word of the notation: ``CONV`` is ``conv``."""
    return {token: name for name, module in layers().items() for token in module.TOKENS}
