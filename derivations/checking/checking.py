"""A derivation from its LaTeX to the verdicts on its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derivations.checking.declaring import declarations
from derivations.checking.distributions import adding_to_one
from derivations.checking.documents import DISPLAYED, MEMBERSHIP, in_sentences
from derivations.checking.indexed import indices_of
from derivations.checking.inferring import elements, inferred
from derivations.checking.judging import Judge, judge_all
from derivations.checking.knowledge import Knowledge
from derivations.checking.layers import at_times, formulas_of, undefined_in
from derivations.checking.moments import with_moments
from derivations.checking.parts import parts_of, rewritten
from derivations.checking.problems import Background
from derivations.checking.rounds import Rounds
from derivations.checking.shapes import with_entries, with_shapes
from derivations.checking.steps import UNREAD, Checked, Step
from derivations.checking.unwritten import open_functions, unwritten
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
from derivations.reading.latex.tokens import has_decimal_comma
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
    segments = in_sentences(latex)
    if not segments:
        written = expanded(Traced.of(latex))[0].text
        return check_parts((written,), givens, symbols)[0]
    texts, manners = [s.latex for s in segments], [s.manner for s in segments]
    parts = check_parts(texts, givens, symbols, manners=manners, judges_members=True)
    steps = [
        replace(step, span=segment.traced.range(*step.span))
        for segment, part in zip(segments, parts, strict=True)
        for step in part.steps
    ]
    return Checked(tuple(replace(s, index=at) for at, s in enumerate(steps)), parts[0].notes)


def check_parts(
    parts: Sequence[str],
    givens: str = "",
    symbols: Mapping[str, str] | None = None,
    background: Background = NOTHING,
    manners: Sequence[str] = (),
    judges_members: bool = False,
) -> tuple[Checked, ...]:
    """The parts of a longer derivation, each judged from what was said before it, too.

    ``background``: what the problem says that the derivation answers. ``manners``: whether parts
    stand in sentences, where a relation may be a condition; see `documents.Segment`.
    ``judges_members``: a mere ∈ is a step, too.

    Raises:
        ReadError: a declaration that cannot be read.
    """
    mended = [undamaged(part) for part in parts]
    known = declare({**background.symbols, **(symbols or {})})
    known = replace(known, comma=background.comma)
    known = _shown(known, (givens, *(text for text, _ in mended)))
    known, texts = _understood(known, givens, [text for text, _ in mended], background)
    knowledge = _knowledge(known, background)
    knowledge.indices = indices_of(texts.formulas, known)
    indices = knowledge.indices

    def entries(formula: Formula) -> Formula:
        return with_moments(indices.entries(formula))

    said = manners or [DISPLAYED] * len(parts)
    if background.universe is None:
        knowledge.declared = declarations(
            (rewritten(chain, entries), manner)
            for (chains, _), manner in zip(texts.parts, said, strict=True)
            for chain in chains
        )
        chains = tuple(rewritten(chain, entries) for chain in texts.chains)
        formulas = list(formulas_of(chains))
        equations = (
            pair for chain in chains for part in parts_of(chain) for pair in part.equations()
        )
        knowledge.adding = adding_to_one(formulas, equations)
        knowledge.indices.elements = elements(known, chains, knowledge.indices.arrays)
        knowledge.undefined = undefined_in(chains)
        knowledge.unwritten = unwritten(formulas, {*knowledge.values, *knowledge.definitions})
        firsts = [chain.first.formula for chain in chains if chain.first.formula is not None]
        knowledge.any_functions |= open_functions(formulas, firsts) - knowledge.functions.keys()
    rounds = Rounds(knowledge)
    judge_all(Judge(knowledge, rounds), (rewritten(chain, entries) for chain in texts.givens))
    knowledge.tainted.clear()
    knowledge.fixed |= set(knowledge.values)
    remarks = (f"the givens could not be read: {texts.unread}",) if texts.unread else ()
    judge = Judge(knowledge, rounds)
    checked: list[Checked] = []
    for part, (_, damages), judge.manner, (chains, error) in zip(
        parts, mended, said, texts.parts, strict=True
    ):
        if judge.manner == MEMBERSHIP and not judges_members:
            checked.append(Checked(()))
            continue
        start = len(judge.steps)
        if error:
            judge.steps.append(Step(start, part, UNREAD, error))
        judge_all(judge, (rewritten(chain, entries) for chain in chains))
        steps = _with_left_out(judge.steps[start:], damages, part)
        checked.append(Checked(tuple(steps), remarks))
    return tuple(checked)


@dataclass(frozen=True, slots=True)
class _Texts:
    """What was read: the givens, or why they are unread; each part, with what stopped its reading."""

    givens: tuple[ReadChain, ...]
    unread: str
    parts: Sequence[tuple[tuple[ReadChain, ...], str]]

    def changed(self, rule: Callable[[Formula], Formula]) -> _Texts:
        """The same with other formulas."""
        parts = [(tuple(rewritten(c, rule) for c in chains), error) for chains, error in self.parts]
        return _Texts(tuple(rewritten(c, rule) for c in self.givens), self.unread, parts)

    @property
    def chains(self) -> tuple[ReadChain, ...]:
        return (*self.givens, *(chain for chains, _ in self.parts for chain in chains))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        return tuple(formulas_of(self.chains))


def _understood(
    known: Symbols, givens: str, parts: Sequence[str], background: Background
) -> tuple[Symbols, _Texts]:
    """The texts, read again as often as they show more of their arrays: products become what they are."""
    texts = _read_all(known, givens, parts)
    shown = with_shapes(known, texts.chains)
    if shown is not known:
        known, texts = shown, _read_all(shown, givens, parts)
    shown = with_entries(known, texts.formulas, indices_of(texts.formulas, known))
    if shown is not known:
        known, texts = shown, _read_all(shown, givens, parts)
    if background.universe is None and not background.definitions:
        texts = texts.changed(at_times(texts.chains, known))
        indices = indices_of(texts.formulas, known)
        numbers = frozenset(unwritten(texts.formulas, ()).by)
        chains = [rewritten(chain, indices.entries) for chain in texts.chains]
        found = inferred(known, chains, numbers, indices.shapes)
        if found.symbols:
            known = known.more(found.symbols)
            texts = _read_all(known, givens, parts)
            texts = texts.changed(at_times(texts.chains, known)).changed(found.spread)
    return known, texts


def _read_all(known: Symbols, givens: str, parts: Sequence[str]) -> _Texts:
    given, unread = _read(givens, known) if givens.strip() else ((), "")
    return _Texts(given, unread, [_read(part, known) for part in parts])


def _with_left_out(steps: Sequence[Step], damages: Sequence[Damage], part: str) -> Sequence[Step]:
    """The steps, and one for each row that was left out."""
    if not damages:
        return steps
    every = sorted((*steps, *_left_out(damages, part)), key=lambda step: step.span)
    first = steps[0].index if steps else 0
    return [replace(step, index=first + at) for at, step in enumerate(every)]


def _left_out(damages: Iterable[Damage], written: str) -> Iterator[Step]:
    """A step for each row that could not be read."""
    for damage in damages:
        source = FRAME.sub("", written[slice(*damage.span)]).strip()
        yield Step(0, source, UNREAD, damage.why, span=damage.span)


def _shown(known: Symbols, texts: Sequence[str]) -> Symbols:
    """The declared symbols, and words and functions that only all parts together show."""
    known = replace(known, comma=known.comma or any(map(has_decimal_comma, texts)))
    known = known.more({}, words_of(texts, known.words))
    return known.more(shown_in(texts, known))


def _knowledge(known: Symbols, background: Background) -> Knowledge:
    """What is known before the first line."""
    knowledge = Knowledge(known, background.universe)
    knowledge.by_rows, knowledge.other = background.by_rows, background.other
    knowledge.functions.update(background.functions)
    for name, value in background.values.items():
        knowledge.give(name, value)
    for name, formula in background.definitions.items():
        knowledge.define(name, formula)
        knowledge.by_rows |= any(getattr(n, "head", "") == BY_ROWS for n in walk(formula))
    knowledge.descents = dict(background.descents)
    knowledge.printed = {Name(name): shown for name, shown in background.printed.items()}
    return knowledge


def _read(latex: str, known: Symbols) -> tuple[tuple[ReadChain, ...], str]:
    """The chains of a text, or why there are none."""
    try:
        return read_chains(latex, known, strict=False), ""
    except ReadError as error:
        return (), error.message
