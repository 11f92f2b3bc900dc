"""Values over time in tables, and the rules by which they go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derivations.formula.printing import Notation, latex, text
from derivations.formula.tree import Formula
from derivations.steps.relations import Piece, Term, Text, Typeset
from derivations.steps.solution import Prose, Table

LETTERS = 9  # of a value, about
WIDEST = 84  # letters of all columns of a table that fits on a page


def over_time(
    rows: Sequence[tuple[Formula, Mapping[int, Formula]]], times: Sequence[int], entries: int = 1
) -> list[Table]:
    """``i_t``, ``f_t``, ... with their values at the times; nothing where a row has none.

    ``entries``: of a value, which decides how many columns a page has room for.
    """
    columns = max(1, (WIDEST - LETTERS) // (LETTERS * entries))
    tables = []
    for at in range(0, len(times), columns):
        chosen = times[at : at + columns]
        head: list[tuple[Piece, ...]] = [(Text("time step"),)]
        head += [(Text(str(t)),) for t in chosen]
        body = []
        for name, values in rows:
            if not any(t in values for t in chosen):
                continue
            cells: list[tuple[Piece, ...]] = [(Term(name),)]
            for t in chosen:
                cells.append((Term(values[t], numbers=True),) if t in values else (Text(""),))
            body.append(tuple(cells))
        tables.append(Table(tuple(head), tuple(body), "l" + "r" * len(chosen)))
    return tables


def written_rules(rules: Sequence[tuple[Formula, Formula]], notation: Notation) -> Prose:
    """Equations with an index in the place of the time, below each other; they are only typeset."""
    lines = [rf"{latex(of, notation)} &= {latex(formula, notation)}" for of, formula in rules]
    words = [f"{text(of, notation)} = {text(formula, notation)}" for of, formula in rules]
    body = r" \\ ".join(lines)
    return Prose(
        (Typeset(rf"\begin{{aligned}} {body} \end{{aligned}}", ", ".join(words)),), "display"
    )
