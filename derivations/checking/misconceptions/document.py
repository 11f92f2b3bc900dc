"""The library as a page of the documentation."""

from __future__ import annotations

from derivations.checking.misconceptions.entries import Misconception
from derivations.checking.misconceptions.explaining import PERHAPS, SURE
from derivations.checking.misconceptions.library import LIBRARY, TABLES

BEGINNING = f"""\
# Misconceptions

What the checker knows of slips: {{count}} entries. For a wrong step it applies every one of them to the
right formula and looks whose wrong value the student has. In names the comparison is exact, in several
worlds. In numbers a value that was tried meets s printed digits by accident with a chance of about
m · 10^-s, where m is how many values were tried before; close to the right value, where values stand
closer together, the chance is larger. A name is given below {SURE:.0%}, a "perhaps" below {PERHAPS:.0%}. Of several
entries with the same value the one that says most is taken; where two say as much, a general one or none.

An entry stands in a table of `derivations/checking/misconceptions/`. This page is made from the tables:
`pytest tests/checking/test_misconceptions.py --accept` writes it anew.
"""


def page() -> str:
    """The page: a section for each table, a row for each entry."""
    lines = [BEGINNING.format(count=len(LIBRARY))]
    for title, entries in TABLES.items():
        lines += [f"## {title}\n", "| key | what is said | a wrong step |", "| --- | --- | --- |"]
        lines += [_row(entry) for entry in entries]
        lines.append("")
    return "\n".join(lines)


def _row(entry: Misconception) -> str:
    source = f" ({entry.source})" if entry.source else ""
    example = f"{entry.example}, \\quad {entry.givens}" if entry.givens else entry.example
    example = example.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return f"| `{entry.key}` | {entry.sentence}{source} | ${example}$ |"
