"""What stands in the open slots of a page for many variants at once, and how wide it is.

A page is laid out for a column of variants by the code that lays it out for one: a width is then
a `Widths`. Where a comparison comes out one way for some variants and another for the rest,
`Split` parts them, and each part is laid out anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from derivations.formula.operators import ADDED, NEGATED, SIZE, is_zero
from derivations.formula.printing import CLOSE, OPEN, Notation, Numeral, Word, numeral, word_latex
from derivations.formula.printing import PLAIN as BARE
from derivations.writing.chains import SIGNS_LATEX
from derivations.writing.width import Ruler, width, width_of_token

Doubles: TypeAlias = NDArray[np.float64]
Marks: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.object_]
Part: TypeAlias = "str | list[str]"  # the same for all variants, or one text for each
Result = TypeVar("Result")

MARK = re.compile(f"{OPEN}([0-9]+[a-z]){CLOSE}")
SIGN = "r"  # the context of a relation sign: = or ≈
DIGITS = str.maketrans("023456789", "1" * 9)  # all digits are of one width; 10^{-1}, not 10^{0}
SAME = 1e-6  # widths that differ by less are the same, summed in another order


class Split(Exception):
    """Variants differ here: those with a mark go one way, the others another."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks


def decided(marks: Marks) -> bool:
    """Whether something is so for all variants, or for none."""
    if marks.all():
        return True
    if marks.any():
        raise Split(marks)
    return False


class Widths:
    """A width for each variant; it adds up as a number does, and compares for all or splits."""

    __slots__ = ("each",)

    def __init__(self, each: Doubles) -> None:
        self.each = each

    def __add__(self, other: object) -> Widths:
        return Widths(self.each + _each(other))

    def __sub__(self, other: object) -> Widths:
        return Widths(self.each - _each(other))

    def __rsub__(self, other: object) -> Widths:
        return Widths(_each(other) - self.each)

    def __mul__(self, other: float) -> Widths:
        return Widths(self.each * other)

    __radd__, __rmul__ = __add__, __mul__

    def __lt__(self, other: object) -> bool:
        return decided(self.each < _each(other))

    def __le__(self, other: object) -> bool:
        return decided(self.each <= _each(other))

    def __gt__(self, other: object) -> bool:
        return decided(self.each > _each(other))

    def __ge__(self, other: object) -> bool:
        return decided(self.each >= _each(other))

    def __format__(self, spec: str) -> str:
        decided(self.each == self.each[0])
        return format(float(self.each[0]), spec)


def _each(width: Any) -> Any:
    return width.each if isinstance(width, Widths) else width


def _wider(a: float, b: float) -> float:
    if isinstance(a, Widths) or isinstance(b, Widths):
        return cast(float, Widths(np.maximum(_each(a), _each(b))))
    return max(a, b)


class OpenText(str):
    """LaTeX with open slots, which is the same as another where both are filled alike."""

    variants: Variants

    def __eq__(self, other: object) -> bool:
        if str.__eq__(self, other) is True:
            return True
        return isinstance(other, str) and decided(self.variants.alike(self, other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


class _Shape(NamedTuple):
    """LaTeX cut at its slots. ``fixed`` is the width of what stands between them, if it adds up."""

    between: list[str]
    slots: list[str]
    fixed: float | None


@lru_cache(maxsize=4096)
def _shape(latex: str) -> _Shape:
    """Widths add up unless a slot stands inside a fraction, an exponent or a matrix."""
    parts = MARK.split(latex)
    between, slots = parts[::2], parts[1::2]
    if slots and ("\\begin" in latex or any(t.count("{") != t.count("}") for t in between)):
        return _Shape(between, slots, None)
    first, *others = between
    after = sum(width("0" + text) - width("0") for text in others)  # an operation, not a sign
    return _Shape(between, slots, width(first) + after)


class Look(NamedTuple):
    """How the numerals of one pattern stand in a context: what is put around them, their width."""

    show: Callable[[str], str] | None  # None: as they are
    width: float


class Looks:
    """The looks of numerals, by context and pattern: ``0.31`` and ``0.42`` look alike."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.known: dict[tuple[str, str | Word], Look] = {}

    def __call__(self, context: str, pattern: str | Word) -> Look:
        """The look of a pattern, a numeral with every digit 1, or of a word."""
        look = self.known.get((context, pattern))
        if look is None:
            look = self.known[context, pattern] = self._look(context, pattern)
        return look

    def _look(self, context: str, pattern: str | Word) -> Look:
        if isinstance(pattern, Word):
            text = word_latex(pattern)
            return Look(lambda _: text, width(text))
        if context == ADDED:
            sign = "-" if pattern.startswith("-") else "+"
            return Look(lambda _: sign, width_of_token(sign))
        bare = pattern.removeprefix("-")
        grouped = self.notation.thousands and len(bare.partition(".")[0]) > 3
        if "e" in pattern or grouped or (self.notation.decimal == "comma" and "." in pattern):
            return Look(lambda text: self._shown(context, text), self._size(context, pattern))
        if self._shown(context, pattern) == pattern:
            return Look(None, self._size(context, pattern))
        before, after = self._shown(context, pattern).split(bare)
        cut = len(pattern) - len(bare)
        return Look(lambda text: before + text[cut:] + after, self._size(context, pattern))

    def _shown(self, context: str, text: str) -> str:
        if context == SIZE:
            context, text = BARE, text.removeprefix("-")
        return numeral(text, context, True, self.notation)

    def _size(self, context: str, pattern: str) -> float:
        return width(self._shown(context, pattern).translate(DIGITS))


class Columns:
    """The texts and widths of a page's slots for all variants.

    Args:
        shown: the numerals of a slot's quantity, by the number in its mark.
        equal: the same for relation signs: where they are = and not ≈.
    """

    def __init__(
        self,
        count: int,
        shown: Callable[[int], Sequence[Numeral]],
        equal: Callable[[int], Marks],
        looks: Looks,
    ) -> None:
        self.count, self.shown, self.equal, self.looks = count, shown, equal, looks
        self.columns: dict[str, tuple[Texts, Doubles]] = {}
        self.patterns: dict[int, tuple[list[Any], list[Any]]] = {}

    def column(self, slot: str) -> tuple[Texts, Doubles]:
        """What stands in a slot, and its width."""
        found = self.columns.get(slot)
        if found is None:
            index, context = int(slot[:-1]), slot[-1]
            made = self._signs(index) if context == SIGN else self._numerals(index, context)
            found = self.columns[slot] = made
        return found

    def _signs(self, index: int) -> tuple[Texts, Doubles]:
        equal, about = SIGNS_LATEX["="], SIGNS_LATEX["≈"]
        marks = self.equal(index)
        texts = np.where(marks, np.array(equal, object), np.array(about, object))
        return texts, np.where(marks, width(equal), width(about))

    def _numerals(self, index: int, context: str) -> tuple[Texts, Doubles]:
        if index not in self.patterns:
            texts: list[Any] = list(self.shown(index))
            if isinstance(texts[0], Word):
                self.patterns[index] = texts, texts
            else:
                self.patterns[index] = texts, [text.translate(DIGITS) for text in texts]
        texts, patterns = self.patterns[index]
        if context == NEGATED:  # 0 has no minus
            patterns = [t if is_zero(t) else p for t, p in zip(texts, patterns, strict=True)]
        looks = {pattern: self.looks(context, pattern) for pattern in set(patterns)}
        if any(look.show for look in looks.values()):
            shows = {pattern: look.show or str for pattern, look in looks.items()}
            texts = [shows[pattern](text) for pattern, text in zip(patterns, texts, strict=True)]
        sizes = {pattern: look.width for pattern, look in looks.items()}
        column = np.empty(self.count, object)
        column[:] = texts
        return column, np.array([sizes[pattern] for pattern in patterns])


class Variants:
    """Some of the variants of a page: ``rows`` of its columns, or all."""

    def __init__(self, columns: Columns, rows: NDArray[np.intp] | None = None) -> None:
        self.columns, self.rows = columns, rows
        self.count = columns.count if rows is None else len(rows)
        self.ruler = Ruler(self._token, _wider)

    def only(self, marks: Marks) -> Variants:
        """Those of them that have a mark."""
        rows = np.flatnonzero(marks)
        return Variants(self.columns, rows if self.rows is None else self.rows[rows])

    def parted(self, work: Callable[[Variants], Result]) -> list[tuple[Variants, Result]]:
        """What ``work`` gives; where it differs, for each part of the variants."""
        try:
            return [(self, work(self))]
        except Split as split:
            return [
                *self.only(split.marks).parted(work),
                *self.only(~split.marks).parted(work),
            ]

    def text(self, latex: str) -> str:
        """LaTeX with slots, to be compared as it is filled."""
        if OPEN not in latex:
            return latex
        text = OpenText(latex)
        text.variants = self
        return text

    # ------------------------------------------------------------ widths

    def measure(self, latex: str) -> float:
        """The width in em, of all variants at once where it depends on them."""
        if OPEN not in latex:
            return width(latex)
        shape = _shape(latex)
        if shape.fixed is None:
            return self.ruler.measure(latex)
        return cast(float, Widths(sum(map(self._sizes, shape.slots), np.array(shape.fixed))))

    def _sizes(self, slot: str) -> Doubles:
        sizes = self.columns.column(slot)[1]
        return sizes if self.rows is None else sizes[self.rows]

    def _token(self, token: str) -> float:
        if token[0] != OPEN:
            return width_of_token(token)
        return cast(float, Widths(self._sizes(token[1:-1])))

    def alike(self, left: str, right: str) -> Marks:
        """Where two texts are filled alike; texts of different widths are not."""
        sizes = _each(self.measure(left)) - _each(self.measure(right))
        marks: Marks = np.broadcast_to(abs(sizes) < SAME, self.count).copy()
        some = np.flatnonzero(marks)
        if len(some):
            group = self.only(marks)
            marks[some] = [a == b for a, b in zip(group.all(left), group.all(right), strict=True)]
        return marks

    # ------------------------------------------------------------ texts

    def parts(self, latex: str) -> list[Part]:
        """The text cut at its slots, which are filled."""
        shape = _shape(latex)
        parts: list[Part] = [shape.between[0]]
        for slot, after in zip(shape.slots, shape.between[1:], strict=True):
            texts = self.columns.column(slot)[0]
            parts += [(texts if self.rows is None else texts[self.rows]).tolist(), after]
        return parts

    def all(self, latex: str) -> list[str]:
        """The text of each variant."""
        return joined(self.parts(latex), self.count)

    def merged(self, found: Sequence[tuple[Variants, str]]) -> list[Part]:
        """One column of what was found for each part of the variants."""
        if len(found) == 1:
            return self.parts(found[0][1])
        column = np.empty(self.count, object)
        for group, latex in found:
            column[group.rows] = group.all(latex)
        return [column.tolist()]

    def marked(self, found: Sequence[tuple[Variants, bool]]) -> Marks:
        """What was found for each part of the variants, as marks."""
        marks: Marks = np.full(self.count, found[0][1])
        for group, mark in found[1:]:
            marks[group.rows] = mark
        return marks

    def either(self, marks: Marks, this: str, other: str) -> Part:
        """This text where there is a mark, else the other."""
        if marks.all() or not marks.any():
            return this if marks[0] else other
        return [this if mark else other for mark in marks.tolist()]

    def printed(self, work: Callable[[Variants], str]) -> list[Part]:
        """The text that ``work`` prints for all variants or for parts of them."""
        return self.merged(self.parted(work))


def joined(parts: Sequence[Part], count: int) -> list[str]:
    """A text for each of ``count`` variants."""
    return ["".join(row) for row in _rows(parts, count)]


def _rows(parts: Sequence[Part], count: int) -> Iterator[tuple[str, ...]]:
    columns = [[part] * count if isinstance(part, str) else part for part in parts]
    return zip(*columns, strict=True)
