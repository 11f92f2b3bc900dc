"""A derivation from its LaTeX to the verdicts on its steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from derivations.checking.declaring import declarations
from derivations.checking.documents import DISPLAYED, MEMBERSHIP
from derivations.checking.indexed import Indices, indices_of
from derivations.checking.judging import Judge, judge_all
from derivations.checking.knowledge import Knowledge
from derivations.checking.parts import rewritten
from derivations.checking.problems import Background
from derivations.checking.shapes import with_shapes
from derivations.checking.steps import UNREAD, Checked, Step
from derivations.errors import ReadError
from derivations.formula.printing import Notation
from derivations.formula.tree import Formula, Name, walk
from derivations.models import activations
from derivations.reading.latex import (
    ReadChain,
    Symbols,
    declare,
    read_chains,
    shown_in,
    words_of,
)
from derivations.reading.latex.damaged import FRAME, Damage, undamaged
from derivations.reading.latex.macros import expanded
from derivations.reading.latex.traced import Traced

BY_ROWS = "softmax_rows"
NOTHING = Background()
NOTATION = Notation(functions=activations.function_looks())


def check(latex: str, givens: str = "", symbols: Mapping[str, str] | None = None) -> Checked:
    """Every step of a derivation, judged from what is given and what the text itself says.

    Args:
        latex: the derivation.
        givens: values and definitions that hold, in LaTeX.
        symbols: names with their kinds: ``function``, ``in (0,1)``, ``3x2``, ...

    Raises:
        ReadError: a declaration that cannot be read.
    """
    written = expanded(Traced.of(latex))[0].text
    return check_parts((written,), givens, symbols)[0]


def check_parts(
    parts: Sequence[str],
    givens: str = "",
    symbols: Mapping[str, str] | None = None,
    background: Background = NOTHING,
    manners: Sequence[str] = (),
) -> tuple[Checked, ...]:
    """The parts of a longer derivation, each judged from what was said before it, too.

    ``background``: what the problem says that the derivation answers. ``manners``: whether parts
    stand in sentences, where a relation may be a condition; see `documents.Segment`.

    Raises:
        ReadError: a declaration that cannot be read.
    """
    written, mended = parts, [undamaged(part) for part in parts]
    parts = [text for text, _ in mended]
    known = declare({**background.symbols, **(symbols or {})})
    known = _shown(known, (givens, *parts))
    knowledge = _knowledge(known, background)
    given, notes = _read(givens, known) if givens.strip() else ((), "")
    read = [_read(part, known) for part in parts]
    shown = with_shapes(known, (*given, *(chain for chains, _ in read for chain in chains)))
    if shown is not known:  # now that arrays are known, products are read as what they are
        knowledge.symbols = known = shown
        given = _read(givens, known)[0]
        read = [_read(part, known) for part in parts]
    knowledge.indices = indices_of(
        (*_formulas(given), *(f for chains, _ in read for f in _formulas(chains))), known
    )
    said = manners or [DISPLAYED] * len(parts)
    if background.universe is None:
        knowledge.declared = declarations(
            (_with_entries(chain, knowledge.indices), manner)
            for (chains, _), manner in zip(read, said, strict=True)
            for chain in chains
        )
    learning = Judge(knowledge)
    judge_all(learning, (_with_entries(chain, knowledge.indices) for chain in given))
    knowledge.tainted.clear()
    knowledge.fixed |= set(knowledge.values)
    judge = Judge(knowledge)
    checked: list[Checked] = []
    every = zip(parts, written, mended, said, read, strict=True)
    for part, source, (_, damages), judge.manner, (chains, error) in every:
        start = len(judge.steps)
        if judge.manner == MEMBERSHIP:
            checked.append(Checked(()))
            continue
        if error:
            judge.steps.append(Step(start, part, UNREAD, error))
        judge_all(judge, (_with_entries(chain, knowledge.indices) for chain in chains))
        remarks = (f"the givens could not be read: {notes}",) if notes else ()
        steps = judge.steps[start:]
        if damages:
            steps = sorted((*steps, *_left_out(damages, source)), key=lambda step: step.span)
            steps = [replace(step, index=start + at) for at, step in enumerate(steps)]
        checked.append(Checked(tuple(steps), remarks))
    return tuple(checked)


def _left_out(damages: Iterable[Damage], written: str) -> Iterator[Step]:
    """A step for each row that could not be read."""
    for damage in damages:
        source = FRAME.sub("", written[slice(*damage.span)]).strip()
        yield Step(0, source, UNREAD, damage.why, span=damage.span)


def _shown(known: Symbols, texts: Sequence[str]) -> Symbols:
    """The declared symbols, and words and functions that only all parts together show."""
    known = known.more({}, words_of(texts, known.words))
    return known.more(shown_in(texts, known))


def _knowledge(known: Symbols, background: Background) -> Knowledge:
    """What is known before the first line."""
    knowledge = Knowledge(known, background.universe)
    knowledge.by_rows = background.by_rows
    knowledge.functions.update(background.functions)
    for name, value in background.values.items():
        knowledge.give(name, value)
    for name, formula in background.definitions.items():
        knowledge.define(name, formula)
        knowledge.by_rows |= any(getattr(n, "head", "") == BY_ROWS for n in walk(formula))
    knowledge.printed = {Name(name): shown for name, shown in background.printed.items()}
    return knowledge


def _read(latex: str, known: Symbols) -> tuple[tuple[ReadChain, ...], str]:
    """The chains of a text, or why there are none."""
    try:
        return read_chains(latex, known, strict=False), ""
    except ReadError as error:
        return (), error.message


def _formulas(chains: Iterable[ReadChain]) -> Iterator[Formula]:
    for chain in chains:
        for term in (chain.label, chain.first, *(link.term for link in chain.links)):
            if term is not None and term.formula is not None:
                yield term.formula


def _with_entries(chain: ReadChain, indices: Indices) -> ReadChain:
    """The chain with names that have indices as entries of arrays; sources show what was read."""
    return rewritten(chain, indices.entries)
