"""Programs in LaTeX: typewriter letters, line by line, in which nothing reaches TeX unescaped."""

from __future__ import annotations

import re

from derivations.formula.escape import GREEK, SPECIAL, escape_latex
from derivations.steps.solution import Listing

SIZES = ((88, "footnotesize"), (102, "scriptsize"))  # for lines of at most so many letters
RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]")


def listing(block: Listing) -> str:
    """A program in typewriter letters, line by line; nothing in it reaches TeX unescaped.

    Longer lines make smaller letters; what is too long for all of them goes on in the next line.
    """
    count = len(str(block.text.count("\n") + 1))
    label = count + 2 if block.numbered else 0
    longest = max(map(len, block.text.split("\n"))) + label
    size = next((name for most, name in SIZES if longest <= most), SIZES[-1][1])
    space = "\\vspace{-0.2\\baselineskip}" if block.title else ""
    printed = []
    for number, line in enumerate(block.text.split("\n"), 1):
        for place, piece in enumerate(_pieces(line, SIZES[-1][0] - label)):
            shown = f"{number:>{count}}" if not place else " " * count
            mark = rf"\textcolor{{muted}}{{{_typewriter(shown)}}}\ \ " if block.numbered else ""
            printed.append(rf"\mbox{{{mark}{_typewriter(piece)}\strut}}")
    title = ""
    if block.title:  # which stays on the page of the first lines
        lines = min(len(printed), 3) + 2
        title = rf"\keep{{{lines}}}{{\small\color{{muted}}{escape_latex(block.title)}}}"
    body = "\\\\\n".join(printed)
    return (
        f"{title}{space}{{\\ttfamily\\{size}\\setlength{{\\parskip}}{{0pt}}\\begin{{flushleft}}\n"
        f"{body}\n\\end{{flushleft}}}}"
    )


def _pieces(line: str, most: int) -> list[str]:
    """The line, cut where even small letters would run into the margin."""
    return [line[at : at + most] for at in range(0, len(line), most)] or [""]


def _typewriter(text: str) -> str:
    """Every letter takes the same width, every blank keeps it, and two hyphens stay two."""
    return "".join(
        (
            rf"\letter{{{escape_latex(run)}}}"
            if run in SPECIAL or run in GREEK
            else escape_latex(run)
        )
        if not run.isascii()
        else escape_latex(run).replace("--", "-{}-").replace(" ", r"\ ")
        for run in RUNS.findall(text)
    )
