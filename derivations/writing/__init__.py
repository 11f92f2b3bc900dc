"""Writers: a document into each format. A module here with ``SUFFIX`` and ``write`` is a format."""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from types import ModuleType

MODULES = {
    "pdf": "latex", "tex": "latex", "html": "html", "md": "markdown", "ipynb": "notebook",
    "text": "text", "json": "json",
}  # fmt: skip
FORMATS = {name: module for name, module in MODULES.items() if find_spec(f"{__name__}.{module}")}


def writer(format_name: str) -> ModuleType:
    """The module that writes a format; a PDF is compiled from what the LaTeX writer gives."""
    return importlib.import_module(f"{__name__}.{FORMATS[format_name]}")
