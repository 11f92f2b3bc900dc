"""Jinja2 environments for the shipped templates; text from outside is never a template."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from derivations.resources import folder


@cache
def latex_environment() -> Environment:
    """Templates in LaTeX, with delimiters that LaTeX does not use."""
    return Environment(
        loader=FileSystemLoader(folder("templates") / "latex"),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the writer has escaped all text, once
    )


@cache
def html_environment() -> Environment:
    """Templates in HTML; everything is escaped that is not marked as markup by the writer."""
    return Environment(
        loader=FileSystemLoader(folder("templates") / "html"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(environment: Environment, name: str, values: dict[str, Any]) -> str:
    """A template with plain values: dicts, lists and strings."""
    return environment.get_template(name).render(values)
