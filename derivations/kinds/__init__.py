"""Kinds of problem. This folder is the registry: each module in it is the kind of its name.

A kind's module has

- ``Fields``: the pydantic model of its problem file, with ``kind`` as a literal;
- ``derive(problem)``: the derivation, worked out once, without the numbers;
- ``givens(problem)``: the numbers, by the derivation's names;
- ``expected(problem)``: its answers once more, by a second road that shares no code with the first
  (left out where the definitions themselves are evaluated a second time);
- ``STARTER``: the commented file that ``derivations new`` writes.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def kind_names() -> tuple[str, ...]:
    """The names of all kinds, as they stand in problem files: ``neuron-forward``."""
    return tuple(
        sorted(m.name.replace("_", "-") for m in pkgutil.iter_modules(__path__) if not m.ispkg)
    )


def kind_module(kind: str) -> ModuleType:
    """The module of a kind."""
    return importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")
