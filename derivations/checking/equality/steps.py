"""What is said of a derivation: one step for each relation sign."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.formula.tree import Formula
from derivations.reading.latex import ReadLink, ReadTerm

PROVED, HOLDS, ROUNDED, GIVEN, FOLLOWS, WRONG, UNDECIDED, UNREAD = (
    "proved", "holds", "rounded", "given", "follows", "wrong", "undecided", "unread",
)  # fmt: skip
RIGHT = frozenset({PROVED, HOLDS, ROUNDED, GIVEN, FOLLOWS})

SIGNS_LATEX = {"≈": r"\approx", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "⇒": r"\Rightarrow", "⇔": r"\iff",
               "←": r"\leftarrow", "∈": r"\in", "→": r"\to", "≡": r"\equiv"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One relation: where it stood, the verdict, and why.

    Attributes:
        index: from 0, in reading order.
        latex: the relation as it was understood or, where it could not be read, as it was written.
        span: first and last character of its right side in the text.
        expected, found: for a wrong step the values of its two sides, at the point of the witness.
        misconception: the key of the entry that explains a wrong step.
        repaired: the step is right although the one before it is wrong.
        left, link: the relation as it was read: the term before its sign, the sign, the term after it.
        head: what the line is about: its first term, or the name before a colon.
        emptied: the true value where the step gives zero because of an earlier slip.
        otherwise: another reading by which a wrong step is right, in words.
        opens: whether it is the first of its line.
        meant: what the name on the left of a wrong step was defined as.
    """

    index: int
    latex: str
    verdict: str
    why: str = ""
    misconception: str | None = None
    span: tuple[int, int] = (0, 0)
    expected: str = ""
    found: str = ""
    repaired: bool = False
    left: ReadTerm | None = None
    link: ReadLink | None = None
    head: Formula | None = None
    emptied: str = ""
    otherwise: str = ""
    opens: bool = True
    meant: Formula | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with its reason and, for a no, both values."""

    verdict: str
    why: str = ""
    expected: str = ""
    found: str = ""
    repaired: bool = False

    @property
    def right(self) -> bool:
        """Whether there is nothing to complain of."""
        return self.verdict in RIGHT


TOO_LONG = Ruling(UNDECIDED, "too much to compute: a sum with too many terms, or too large a power")
OF_SLIP = Ruling(FOLLOWS, "right, given the step before")
OF_STEP = Ruling(FOLLOWS, "right, given the earlier step")
OF_VALUE = Ruling(FOLLOWS, "right, given the earlier value")
AGAIN = "right again, though a step before it is wrong"


@dataclass(frozen=True, slots=True)
class Checked:
    """A derivation with the verdict on every step."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def first_wrong(self) -> int | None:
        """The index of the first wrong step, if there is one."""
        return next((step.index for step in self.steps if step.verdict == WRONG), None)


def sign_of(link: ReadLink) -> str:
    """The sign of a relation in LaTeX, as it was written."""
    sign = link.written or link.sign
    return SIGNS_LATEX.get(sign, sign)
