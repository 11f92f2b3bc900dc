"""Our own derivations, and wrong ones made of them, checked as a student's files are."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from benchmarks.mutants import DECIDED, OPERATORS, RELATIONS, Mutant, Sheet
from derivations.checking.checking import NOTHING, check
from derivations.checking.equality.steps import UNDECIDED, UNREAD, WRONG, Step
from derivations.checking.lines.judging import Judge
from derivations.checking.reports import CheckedDocument, check_document
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.reading.latex import ReadChain
from derivations.resources import folder

EACH = 6  # mutants of one sheet
SLOWEST = 3  # lines that are printed
SEED = 1
TIMED = (  # chains of six steps
    r"z = w x + b = 0.5 \cdot 1.2 - 0.3 = 0.6 - 0.3 = 0.3, \quad a = \sigma(z) = \sigma(0.3) \approx 0.5744",
    r"\frac{d}{dx} \ln(1 + e^x) = \frac{e^x}{1 + e^x} = \frac{1}{e^{-x} + 1} = \sigma(x) = 1 - \sigma(-x) "
    r"= \frac{1}{2} + \frac{1}{2} \tanh(x/2) = 1 - \frac{1}{1 + e^x}",
    r"\frac{227 + 2 \cdot 2 - 11}{4} + 1 = \frac{220}{4} + 1 = 55 + 1 = 56 = 7 \cdot 8 = 2^3 \cdot 7 = 8 \cdot 7",
    r"(a + b)^2 (a - b)^2 = ((a + b)(a - b))^2 = (a^2 - b^2)^2 = a^4 - 2 a^2 b^2 + b^4 "
    r"= a^4 + b^4 - 2 (a b)^2 = (a^2 + b^2)^2 - 4 a^2 b^2 = (a^2 + b^2 - 2 a b)(a^2 + b^2 + 2 a b)",
)


@dataclass
class Found:
    """How mutants were judged.

    Attributes:
        results: ``located``, ``elsewhere``, ``undecided`` or ``accepted``.
        names: whether explanations name the operator, another one that leads to the same, or
            neither.
        operators: those that made mutants.
        missed: what was not located, to be read.
        coverable: relations of the sheets that are decided, so that mutants of them count.
    """

    results: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    coverable: int = 0

    @property
    def count(self) -> int:
        return self.results.total()

    def share(self, *results: str) -> float:
        """Of all mutants, those that came out so."""
        return sum(self.results[each] for each in results) / max(self.count, 1)


def sheets(places: Sequence[Path] = ()) -> Iterator[Sheet]:
    """The sheets of all problems that ship, theorems included."""
    for path in places or sorted(folder("problems").glob("*/*.yaml")):
        if path.name != "sheet.yaml":
            yield Sheet(solve(load(path)))


class Clock:
    """Processor time of every line that is judged; no step of a line takes longer than the line."""

    def __init__(self) -> None:
        self.lines: list[tuple[float, str]] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """While it runs, every line that a judge goes through is timed."""
        judged = Judge.chain

        def chain(judge: Judge, line: ReadChain, following: ReadChain | None = None) -> None:
            start = time.process_time()
            judged(judge, line, following)
            self.lines.append((time.process_time() - start, line.first.source))

        with patch.object(Judge, "chain", chain):
            yield

    def slowest(self) -> Iterator[str]:
        """The lines that took longest."""
        for seconds, source in sorted(self.lines, reverse=True)[:SLOWEST]:
            yield f"  {1000 * seconds:6.0f} ms: {' '.join(source.split())[:60]}"


def steps_of(document: CheckedDocument) -> list[Step]:
    """All steps, in reading order."""
    return [step for section in document.sections for step in section.steps]


# ---------------------------------------------------------------- mutants


def try_sheet(sheet: Sheet, found: Found, source: random.Random, most: int = EACH) -> None:
    """Make mutants of a sheet, operators first that made the fewest yet, and check each."""
    before = steps_of(sheet.checked)
    places = sheet.places
    source.shuffle(places)
    made = 0
    for place in places[:RELATIONS]:
        mutants = sorted(sheet.mutants(place, source), key=lambda m: found.operators[m.key])
        for mutant in mutants[:2]:
            if made == most:
                return
            after = steps_of(check_document(mutant.text, sheet.background))
            at = _changed(before, after)
            if at is None or before[at].verdict not in DECIDED:
                break
            made += 1
            found.operators[mutant.key] += 1
            result = _result(after, at)
            found.results[result] += 1
            if result != "located":
                found.missed.append(f"{sheet.name}: {mutant.key}: {result}: {after[at].latex}")
            if name := after[at].misconception:
                found.names[_name(name, sheet, mutant)] += 1


def _changed(before: Sequence[Step], after: Sequence[Step]) -> int | None:
    """The first step that reads differently, if as many steps are there."""
    if len(before) != len(after):
        return None
    pairs = enumerate(zip(before, after, strict=True))
    return next((at for at, (a, b) in pairs if _plain(a.latex) != _plain(b.latex)), None)


def _plain(latex: str) -> str:
    for layout in ("\\\\*", "&\\quad", "&", "\\boxed"):
        latex = latex.replace(layout, "")
    return "".join(latex.split())


def _result(after: Sequence[Step], at: int) -> str:
    first = next((place for place, step in enumerate(after) if step.verdict == WRONG), None)
    if first == at:
        return "located"
    if first is not None:
        return "elsewhere"
    return "undecided" if after[at].verdict in (UNDECIDED, UNREAD) else "accepted"


def _name(name: str, sheet: Sheet, mutant: Mutant) -> str:
    if name == mutant.key:
        return "named"
    return "same" if sheet.leads_to(name, mutant) else "wrong"


# ---------------------------------------------------------------- the table


def lines() -> Iterator[str]:
    """Own sheets with and without their problems, mutants, and the time of six steps."""
    verdicts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    found, source, clock = Found(), random.Random(SEED), Clock()
    for sheet in sheets():
        with clock.running():
            told = steps_of(sheet.checked)
            alone = steps_of(check_document(sheet.text, NOTHING))
        verdicts[True].update(step.verdict for step in told)
        verdicts[False].update(step.verdict for step in alone)
        found.coverable += sum(step.verdict in DECIDED for step in told)
        try_sheet(sheet, found, source)
    yield f"{'own sheets':18} {'steps':>6} {'right':>6} {'wrong':>6} {'undecided':>10} {'unread':>7}"
    for told_too, counts in verdicts.items():
        name = "with the problem" if told_too else "the text alone"
        right = counts.total() - counts[WRONG] - counts[UNDECIDED] - counts[UNREAD]
        yield (
            f"{name:18} {counts.total():6} {right:6} {counts[WRONG]:6} {counts[UNDECIDED]:10} "
            f"{counts[UNREAD]:7}"
        )
    yield from of_mutants(found)
    yield f"{len(clock.lines)} lines of own sheets judged; those that took longest:"
    yield from clock.slowest()
    yield from of_time()


def of_mutants(found: Found) -> Iterator[str]:
    """What became of the mutants."""
    yield f"{found.count} mutants by {len(found.operators)} of {len(OPERATORS)} operators:"
    if found.coverable:
        yield f"  (of {found.coverable} relations that are decided in the right sheets)"
    for result in ("located", "undecided", "elsewhere", "accepted"):
        yield f"  {result:10} {found.results[result]:5} {100 * found.share(result):6.1f} %"
    given = max(found.names.total(), 1)
    yield f"{found.names.total()} explanations:"
    for name, words in (("named", "the operator itself"), ("same", "another one that leads to the same"),
                        ("wrong", "neither")):  # fmt: skip
        yield f"  {words:36} {found.names[name]:5} {100 * found.names[name] / given:6.1f} %"


def of_time() -> Iterator[str]:
    """Chains of six steps, each read and judged many times."""
    taken: list[float] = []
    for latex in TIMED:
        check(latex)
        for _ in range(25):
            start = time.process_time()
            check(latex)
            taken.append(1000 * (time.process_time() - start))
    taken.sort()
    yield (
        f"a chain of six steps: median {taken[len(taken) // 2]:.0f} ms, "
        f"99 of 100 within {taken[int(0.99 * len(taken))]:.0f} ms"
    )
