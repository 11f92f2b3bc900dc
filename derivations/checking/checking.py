"""A derivation from its LaTeX to the verdicts on its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from derivations.checking.equality.rounds import Rounds
from derivations.checking.equality.steps import UNREAD, Checked, Step
from derivations.checking.lines.judging import MOST_STEPS, Judge
from derivations.checking.names.beforehand import learn_whole, of_problem
from derivations.checking.names.behind import in_order
from derivations.checking.names.declaring import declarations
from derivations.checking.names.indexed import indices_of
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.moments import with_moments
from derivations.checking.names.problems import Background
from derivations.checking.names.understanding import understood
from derivations.checking.text.documents import (
    DISPLAYED,
    EXPLAINING,
    IF_IN_WORDS,
    MEMBERSHIP,
    UNSEEN,
    in_sentences,
)
from derivations.formula.printing import Notation
from derivations.formula.tree import Formula
from derivations.formula.work import METER, at_most
from derivations.models import activations
from derivations.reading.latex import ReadChain, declare
from derivations.reading.latex.damaged import FRAME, Damage, undamaged
from derivations.reading.latex.macros import expanded
from derivations.reading.latex.traced import Traced

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
    known = replace(declare({**background.symbols, **(symbols or {})}), comma=background.comma)
    known, texts = understood(known, givens, [text for text, _ in mended], background)
    knowledge = of_problem(known, background)
    knowledge.indices = indices_of(texts.formulas, known, texts.lines, background.symbols)
    indices = knowledge.indices
    texts = texts.changed(_entries(knowledge), inwardly=bool(indices.zero or indices.moved))
    knowledge.clash = texts.clash
    said = manners or [DISPLAYED] * len(parts)
    if background.universe is None:
        learn_whole(knowledge, texts.chains, list(texts.with_manners(said)))
    judge = _judge(knowledge, texts.givens)
    remarks = (f"the givens could not be read: {texts.unread}",) if texts.unread else ()
    checked: dict[int, Checked] = {}
    order = in_order([chains for chains, _ in texts.parts], [m == EXPLAINING for m in said])
    for place, below in zip(order, [*order[1:], None], strict=False):
        part, (_, damages), (chains, error) = parts[place], mended[place], texts.parts[place]
        judge.manner = said[place]
        if judge.manner == IF_IN_WORDS:
            knowledge.declared.domains.update(
                declarations([(c, DISPLAYED) for c in chains]).domains
            )
        if judge.manner in UNSEEN or (judge.manner == MEMBERSHIP and not judges_members):
            checked[place] = Checked(())
            continue
        start = len(judge.steps)
        knowledge.displays += judge.manner == DISPLAYED
        if error:
            judge.steps.append(Step(start, part, UNREAD, error))
        following = texts.parts[below][0] if below is not None else ()
        _judge_lines(judge, chains, next(iter(following), None))
        checked[place] = Checked(_with_left_out(judge.steps[start:], damages, part), remarks)
    return tuple(checked[place] for place in range(len(parts)))


def _judge_lines(judge: Judge, chains: Sequence[ReadChain], below: ReadChain | None) -> None:
    """Judge the lines of a part, above that of the next one; their steps stand in reading order."""
    order = in_order([(chain,) for chain in chains], [chain.behind for chain in chains])
    start = len(judge.steps)
    _judge_all(judge, [chains[at] for at in order], below)
    if order != sorted(order):
        steps = sorted(judge.steps[start:], key=lambda step: step.span)
        judge.steps[start:] = [replace(s, index=start + at) for at, s in enumerate(steps)]


def _judge_all(
    judge: Judge, chains: Iterable[ReadChain], behind: ReadChain | None = None
) -> Sequence[Step]:
    """The steps of some chains, each judged with the one below it in view.

    ``behind``: the line that follows them in the next piece of the text.
    """
    lines = list(chains)
    below = [*lines[1:], behind]
    start = len(judge.steps)
    judge.limit = start + MOST_STEPS
    with at_most(judge.work):
        for chain, following in zip(lines, below, strict=False):
            judge.apart = following is behind
            judge.chain(chain, following)
        judge.work = max(METER.left, 0)
    return judge.steps[start:]


def _entries(knowledge: Knowledge) -> Callable[[Formula], Formula]:
    """Names with indices as entries, and expectations as moments."""
    indices, said = knowledge.indices, knowledge.moments
    return lambda formula: with_moments(indices.entries(formula), said)


def _judge(knowledge: Knowledge, givens: Sequence[ReadChain]) -> Judge:
    """A judge who has been told the givens."""
    rounds = Rounds(knowledge)
    _judge_all(Judge(knowledge, rounds), givens)
    knowledge.tainted.clear()
    knowledge.fixed |= set(knowledge.values)
    return Judge(knowledge, rounds)


def _with_left_out(steps: Sequence[Step], damages: Sequence[Damage], part: str) -> tuple[Step, ...]:
    """The steps, and one for each row that was left out."""
    if not damages:
        return tuple(steps)
    every = sorted((*steps, *_left_out(damages, part)), key=lambda step: step.span)
    first = steps[0].index if steps else 0
    return tuple(replace(step, index=first + at) for at, step in enumerate(every))


def _left_out(damages: Iterable[Damage], written: str) -> Iterator[Step]:
    """A step for each row that could not be read."""
    for damage in damages:
        source = FRAME.sub("", written[slice(*damage.span)]).strip()
        yield Step(0, source, UNREAD, damage.why, span=damage.span)
