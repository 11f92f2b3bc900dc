"""The marks of an attempt: what each answer earns, and why, line by line.

An answer's marks are spread evenly over the relations that were written for it. A wrong one costs
its part, or what the problem says a slip costs; what is right given an earlier slip costs nothing,
nor does what could not be decided or read. Sums are exact; only the total is rounded, to half
marks, and a slip always shows in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from derivations.checking.equality.steps import FOLLOWS, GIVEN, UNDECIDED, UNREAD, WRONG, Step
from derivations.checking.equality.witnesses import digits
from derivations.checking.marks.lines import LineOfWork, lines_of_work
from derivations.checking.marks.matching import Finding, is_far, items_of_lines
from derivations.checking.marks.scheme import WHOLE, Item, Scheme
from derivations.checking.reports import CheckedDocument
from derivations.checking.wording import number
from derivations.formula.printing import text

HALF = Fraction(1, 2)
MISSING = "nothing was found for it; it may stand there under another name"
NO_FORMULA = "no formula was found in the file; please read it yourself"


@dataclass(frozen=True, slots=True)
class Mark:
    """What one answer earns.

    Attributes:
        item: what earns it.
        earned, worth: in marks.
        why: how the marks came about.
        places: lines of the document that were counted.
        look: why a person should look at it; nothing where all is clear.
    """

    item: Item
    earned: Fraction
    worth: Fraction
    why: str
    places: tuple[int, ...] = ()
    look: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Marks of answers of which the same is said; ``earned`` and ``worth`` are those of each."""

    items: tuple[Item, ...]
    earned: Fraction
    worth: Fraction
    why: str
    look: str

    @property
    def shown(self) -> str:
        """As ``2.50 of 3 each``."""
        each = " each" if len(self.items) > 1 else ""
        return f"{shown(self.earned)} of {shown(self.worth)}{each}"


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a document: the total in half marks, and each answer's."""

    total: Fraction
    of: Fraction
    marks: tuple[Mark, ...]

    @property
    def exact(self) -> Fraction:
        """The sum before it was rounded."""
        return sum((mark.earned for mark in self.marks), Fraction(0))

    @property
    def look(self) -> tuple[str, ...]:
        """What a person should look at."""
        return tuple(
            f"{', '.join(one.words for one in share.items)}: {share.look}"
            for share in self.shares
            if share.look
        )

    @property
    def shares(self) -> tuple[Share, ...]:
        """The marks, those together that came about in the same way."""
        found: dict[tuple[Fraction, Fraction, str, str], list[Item]] = {}
        for mark in self.marks:
            said = (mark.earned, mark.worth, mark.why, mark.look)
            found.setdefault(said, []).append(mark.item)
        return tuple(Share(tuple(items), *said) for said, items in found.items())


def marks_of(document: CheckedDocument, scheme: Scheme) -> Marks:
    """The marks of a document by the scheme of its problem."""
    lines = lines_of_work(document)
    if len(scheme.items) == 1 and scheme.items[0].name == WHOLE:
        steps = tuple(pair for line in lines for pair in line.placed)
        marks = [_whole(scheme.items[0], steps, scheme.slip)]
    else:
        marks = _by_item(lines, scheme)
    exact = sum((mark.earned for mark in marks), Fraction(0))
    return Marks(rounded(exact, scheme.total), scheme.total, tuple(marks))


def rounded(exact: Fraction, total: Fraction) -> Fraction:
    """To half marks, half up; what is not the whole never becomes the whole, nor a part nothing."""
    if exact >= total:
        return total
    halves = (exact * 2 + HALF).__floor__()
    return min(Fraction(halves, 2), max(total - HALF, Fraction(0)))


def shown(marks: Fraction) -> str:
    """A number of marks: ``7``, ``6.5``, or two decimals."""
    if marks.denominator <= 2:
        return str(marks.numerator) if marks.denominator == 1 else f"{float(marks):.1f}"
    hundredths = (marks * 100 + HALF).__floor__()
    return f"{hundredths // 100}.{hundredths % 100:02d}"


# ---------------------------------------------------------------- answers


def _by_item(lines: list[LineOfWork], scheme: Scheme) -> list[Mark]:
    found = items_of_lines(lines, scheme.items, scheme.arrays)
    marks = [_mark(item, found, scheme) for item in scheme.items]
    lost = [number for line in lines for number, step in line.placed if step.verdict == UNREAD]
    if not lines:
        return [_with_look(replace(mark, look=""), NO_FORMULA) for mark in marks]
    if not lost:
        return marks
    words = f"it may stand on {_lines(lost)}, which could not be read"
    return [_with_look(mark, words) if mark.look == MISSING else mark for mark in marks]


def _mark(item: Item, found: Mapping[str, Finding], scheme: Scheme) -> Mark:
    finding = found.get(item.name)
    if finding is None:
        return _missing(item, found, scheme)
    mark = _of_steps(item, finding.placed, scheme.slip)
    if other := _ends_elsewhere(item, finding):
        mark = _with_look(mark, other)
    if finding.by_value:
        words = "found by its value, under another name; please look whether it is meant"
        mark = _with_look(mark, words)
    if item.values and not finding.has_number and not _goes_on(item, found, scheme.items):
        earned = max(mark.earned - item.worth / 2, Fraction(0))
        why = f"{mark.why}; stops before a number: half the marks"
        return Mark(item, earned, item.worth, why, mark.places, mark.look)
    return mark


def _ends_elsewhere(item: Item, finding: Finding) -> str:
    """That an answer is another number than the solution's, although nothing on the way is wrong."""
    verdicts = {step.verdict for _, step in finding.placed}
    if finding.ends is None or verdicts & {WRONG, FOLLOWS} or not is_far(finding.ends, item.values):
        return ""
    found, meant = text(finding.ends), number(digits(item.values[-1]))
    return f"it ends at {found}, the solution at {meant}, although no step was found wrong; was it rounded on the way?"


def _goes_on(item: Item, found: Mapping[str, Finding], items: Iterable[Item]) -> Item | None:
    """An answer that rests on this one and was worked out, if there is one."""
    for other in items:
        if item.key and item.key in other.parts and other.name in found:
            verdicts = {step.verdict for _, step in found[other.name].placed}
            if found[other.name].has_number and WRONG not in verdicts:
                return other
    return None


def _missing(item: Item, found: Mapping[str, Finding], scheme: Scheme) -> Mark:
    further = _goes_on(item, found, scheme.items)
    if further is not None:
        why = f"not written, but {further.words}, which rests on it, is right"
        return Mark(item, item.worth, item.worth, why)
    if not item.values:
        look = "no number, so that it was not looked for; please mark it by hand"
        return Mark(item, item.worth, item.worth, "not judged; costs nothing", (), look)
    return Mark(item, Fraction(0), item.worth, "missing", (), MISSING)


# ---------------------------------------------------------------- steps


def _whole(item: Item, placed: tuple[tuple[int, Step], ...], slip: Fraction | None) -> Mark:
    if not placed:
        return Mark(item, Fraction(0), item.worth, "no step was found", (), "nothing was found")
    mark = _of_steps(item, placed, slip)
    return _with_look(mark, "whether the derivation reaches what was to be shown")


def _of_steps(item: Item, placed: tuple[tuple[int, Step], ...], slip: Fraction | None) -> Mark:
    """An item's marks less what its wrong steps cost."""
    counted = [pair for pair in placed if pair[1].verdict != GIVEN]
    wrong = [line for line, step in counted if step.verdict == WRONG]
    each = item.worth / len(counted) if slip is None and counted else slip or Fraction(0)
    cost = min(item.worth, each * len(wrong))
    places = tuple(dict.fromkeys(line for line, _ in placed))
    return Mark(
        item, item.worth - cost, item.worth, _why(counted, wrong, cost), places,
        "; ".join(_looks(counted)),
    )  # fmt: skip


def _why(counted: list[tuple[int, Step]], wrong: list[int], cost: Fraction) -> str:
    follows = any(step.verdict == FOLLOWS for _, step in counted)
    if not wrong:
        return "right, given the earlier value" if follows else "right"
    steps = f"{len(wrong)} of {len(counted)} steps wrong" if len(counted) > 1 else "wrong"
    return f"{steps} ({_lines(wrong)}): costs {shown(cost)}"


def _lines(places: list[int]) -> str:
    different = list(dict.fromkeys(places))
    word = "line" if len(different) == 1 else "lines"
    return f"{word} {', '.join(map(str, different))}"


def _looks(counted: list[tuple[int, Step]]) -> Iterator[str]:
    """Why a person should look at an item."""
    for verdict, words in ((UNDECIDED, "could not be decided"), (UNREAD, "could not be read")):
        open_ones = [line for line, step in counted if step.verdict == verdict]
        if open_ones:
            yield f"{_lines(open_ones)} {words}; counted as right"
    again = [line for line, step in counted if step.repaired]
    if again:
        yield f"{_lines(again)}: right again after a wrong step"
    other = [line for line, step in counted if step.otherwise]
    if other:
        yield f"{_lines(other)}: right by another reading"
    empty = [line for line, step in counted if step.emptied]
    if empty:
        yield f"{_lines(empty)}: zero because of the earlier slip, so that little is left to do"


def _with_look(mark: Mark, words: str) -> Mark:
    look = f"{mark.look}; {words}" if mark.look else words
    return Mark(mark.item, mark.earned, mark.worth, mark.why, mark.places, look)
