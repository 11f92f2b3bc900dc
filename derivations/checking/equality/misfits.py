"""Shapes that do not fit: wrong where the text says them, else not decided."""

from __future__ import annotations

from derivations.checking.equality.steps import UNDECIDED, WRONG, Ruling
from derivations.checking.equality.witnesses import is_tensor
from derivations.checking.names.designs import arrays_of
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import free
from derivations.formula.evaluation import EvaluationError, Misfit, evaluate
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, walk
from derivations.truth.judge import World

SPELLED = frozenset({"column_of", "row_of", "matrix_of"})


def misfit_of(left: Formula, right: Formula, world: World, known: Knowledge) -> Ruling | None:
    """Shapes that do not fit are wrong where every shape is declared."""
    written = [n for n in walk(right) if isinstance(n, Apply) and n.head in SPELLED]
    try:
        evaluate(left, world.values, world.functions)
    except (EvaluationError, Ambiguous, KeyError):
        if not written:
            return None
    try:
        evaluate(right, world.values, world.functions)
    except Misfit as error:
        if any(is_tensor(node, world) for node in walk(right)):
            return Ruling(UNDECIDED, "how derivatives of arrays by arrays multiply is not said")
        support = known.support(right) - arrays_of(known)
        if written:  # the text writes out how large its arrays are
            ends = {name for array in written for end in array.args[2:-1:3] for name in free(end)}
            support -= ends | set(known.indices.shapes)
        return Ruling(WRONG, str(error)) if known.are_declared(support) else None
    except (EvaluationError, Ambiguous, KeyError):
        pass
    return None
