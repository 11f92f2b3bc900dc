"""A derivation from its LaTeX to the verdicts on its steps."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.checking.judging import Judge
from derivations.checking.knowledge import Knowledge
from derivations.checking.steps import UNREAD, Checked, Step
from derivations.errors import ReadError
from derivations.formula.tree import Name
from derivations.reading.latex import Symbols, declare, read_chains


def check(latex: str, givens: str = "", symbols: Mapping[str, str] | None = None) -> Checked:
    """Every step of a derivation, judged from what is given and what the text itself says.

    Args:
        latex: the derivation.
        givens: values and definitions that hold, in LaTeX.
        symbols: names with their kinds: ``function``, ``in (0,1)``, ``3x2``, ...

    Raises:
        ReadError: a declaration that cannot be read.
    """
    known = declare(dict(symbols or {}))
    knowledge = Knowledge(known)
    notes = _learn_givens(givens, known, knowledge)
    judge = Judge(knowledge)
    try:
        chains = read_chains(latex, known, strict=False)
    except ReadError as error:
        return Checked((Step(0, latex, UNREAD, error.message),), notes)
    for chain in chains:
        judge.chain(chain)
    return Checked(tuple(judge.steps), notes)


def _learn_givens(givens: str, known: Symbols, knowledge: Knowledge) -> tuple[str, ...]:
    if not givens.strip():
        return ()
    judge = Judge(knowledge)
    try:
        for chain in read_chains(givens, known, strict=False):
            judge.chain(chain)
            if isinstance(chain.first.formula, Name):
                knowledge.tainted.discard(chain.first.formula.id)
    except ReadError as error:
        return (f"the givens could not be read: {error.message}",)
    return ()
