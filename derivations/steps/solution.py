"""A worked solution as plain data: parts, steps, displays, tables and figures.

A `Derivation` is worked out once for a problem; it holds no numbers but those that its
structure needs. A `Solution` is a derivation with the values of one variant. Mathematics makes
them, the judge reads them, writers print them; none of the three knows another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from derivations.formula.evaluation import Function, Value
from derivations.formula.printing import Notation, Numeral
from derivations.formula.recursions import Recursion
from derivations.formula.tree import Formula
from derivations.steps.figures import Figure
from derivations.steps.relations import Chain, Piece
from derivations.steps.rounding import Rounding

# ---------------------------------------------------------------- blocks of a page


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph: words, formulas and values in a line.

    ``style``: plain, heading, given, note, closing, display (a formula of its own) or equation (a formula
    with a number, where equations are numbered).
    """

    pieces: tuple[Piece, ...]
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Items:
    """A list, with bullets or numbers; each item is a sequence of blocks."""

    items: tuple[tuple[Block, ...], ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Display:
    """Chains in a display, aligned at their relation signs.

    ``number``: an equation number; ``abreast``: side by side, where there is room.
    """

    chains: tuple[Chain, ...]
    number: bool = False
    abreast: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rules. Cells hold pieces; ``align`` has a letter l, c or r a column."""

    head: tuple[tuple[Piece, ...], ...]
    rows: tuple[tuple[tuple[Piece, ...], ...], ...]
    align: str
    foot: tuple[tuple[tuple[Piece, ...], ...], ...] = ()
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A program or its output, letter by letter. ``title`` stands above it."""

    text: str
    title: str = ""
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a multiple-choice question; ``right`` holds the keys of truth values.

    ``reasons``: in a solution, a sentence for each option (or nothing).
    """

    options: tuple[tuple[Piece, ...], ...]
    right: tuple[str, ...] = ()
    reasons: tuple[tuple[Piece, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """The curve of a function, and a path over it whose points are quantities; drawn when known."""

    function: str
    variable: str
    path: tuple[str, ...]
    label: tuple[Piece, ...]
    caption: str
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Blocks that depend on a value: the first whose condition holds is printed."""

    conditions: tuple[Formula, ...]
    alternatives: tuple[tuple[Block, ...], ...]


Block: TypeAlias = Prose | Items | Display | Table | Listing | Figure | Options | Choice | Plot


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a solution: a title (or none), its blocks, and the law that they go by."""

    title: tuple[Piece, ...]
    blocks: tuple[Block, ...]
    law: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a solution: (a), (b), or forward and backward pass."""

    title: tuple[Piece, ...]
    steps: tuple[Step, ...]


# ---------------------------------------------------------------- quantities


@dataclass(frozen=True, slots=True)
class Reached:
    """A value of the state of a recursion after so many updates."""

    recursion: Recursion
    update: int
    name: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value of the problem, by its key, over values that come before it.

    Attributes:
        key: the name, or ``dL/dw`` for a derivative, or ``~3`` for a value inside a line.
        formula: how it is computed; None for a given value.
        shape: () of a scalar, (n,) of a vector, (rows, columns) of a matrix.
        role: ``given``; ``assembled`` (a vector of givens); ``defined``; ``update`` (the new
            value of a parameter); ``derived`` (a claim that the judge has to accept); ``inside``
            a line; ``reached`` (a state to which a recursion has led: lines take it as given, and
            the second road of the kind has to confirm it); ``fact`` (a further value that only texts show); ``answer`` (the boxed, rounded form of another quantity); ``claim`` (a
            condition that the author says is true).
        labels: words for the values of a choice, by the value's text.
        digits: a rounding of its own.
        reached: the recursion that leads to it.
    """

    key: str
    formula: Formula | None
    shape: tuple[int, ...] = ()
    role: str = "defined"
    labels: Mapping[str, str] | None = None
    digits: Rounding | None = None
    reached: Reached | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A result that is reported: its name for programs, and the key of its value.

    A result that is itself a formula (a gradient in symbols) has the ``formula`` and no key, one
    that is a word or a truth value is the ``literal``.
    """

    name: str
    key: str = ""
    formula: Formula | None = None
    literal: str | bool | None = None


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that stands for any value of its kind.

    ``shape``: its sizes, each a number or the name of a size. ``domain``: a `DOMAINS` key with its
    numbers, as ("real",), ("in", "0", "1") or ("whole", "1", "4"); ("function",) is any smooth
    function of one number, ("function", "Y", ...) any differentiable function of what is named.
    """

    name: str
    shape: tuple[str, ...] = ()
    domain: tuple[str, ...] = ("real",)


@dataclass(frozen=True, slots=True)
class Universe:
    """What a statement is about: symbols of any value, and definitions over them in order.

    ``conditions``: hypotheses in formulas, which every world fulfils.
    """

    symbols: tuple[Symbol, ...]
    definitions: Mapping[str, Formula] = field(default_factory=dict)
    conditions: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """Everything about a problem that does not depend on its numbers."""

    id: str
    kind: str
    title: str
    heading: tuple[Piece, ...]
    quantities: tuple[Quantity, ...]
    statement: tuple[Block, ...]
    parts: tuple[Part, ...]
    answers: tuple[Answer, ...]
    source: str = ""
    marks: str = ""
    hint: tuple[Block, ...] = ()
    functions: Mapping[str, Function] = field(default_factory=dict)
    notation: Notation = Notation()
    rounding: Rounding = Rounding()
    place: str = ""  # file and line, for messages
    solution_heading: str = "Solution"
    note: bool = False  # there is nothing to solve: a definition, words, a procedure
    public: frozenset[str] = frozenset()  # computed values that the statement itself shows
    universe: Universe | None = None  # of a statement in symbols


@dataclass(frozen=True, slots=True)
class Known:
    """The value of a quantity in one variant.

    Attributes:
        true: with nothing rounded on the way.
        computed: from what was carried, before it was rounded itself.
        carried: with which later steps go on.
        shown: the numeral (or numerals) that stand on the sheet.
        exact: whether ``shown`` is exactly the value computed from what was carried.
        evident: whether the numerals that it is computed from on the sheet give it exactly, too;
            where values are carried unrounded, they need not.
    """

    true: Value
    computed: Value
    carried: Value
    shown: Numeral
    exact: bool
    evident: bool = True

    @property
    def equal(self) -> bool:
        """Whether the sign before it is =, and not ≈."""
        return self.exact and self.evident


@dataclass(frozen=True, slots=True)
class Solution:
    """A derivation with the values of one variant, its choices made."""

    derivation: Derivation
    known: Mapping[str, Known]
    statement: tuple[Block, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A chain as it was judged: where it stands, the verdict, and a remark to print beside it.

    ``place``: part, step and number of the chain in the step; a single number in the statement.
    """

    place: tuple[int, ...]
    part: tuple[Piece, ...]
    step: tuple[Piece, ...]
    chain: Chain
    law: str
    verdict: str
    remark: str = ""
    verdicts: tuple[str, ...] = ()  # of each relation of the chain; ``verdict`` is the weakest


@dataclass(frozen=True, slots=True)
class Verified:
    """A solution of which the judge has accepted every line; ``notes`` on rounding close it."""

    solution: Solution
    lines: tuple[Line, ...]
    notes: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a student is given: the statement of a problem and its given values, nothing else."""

    id: str
    kind: str
    title: str
    heading: tuple[Piece, ...]
    source: str
    marks: str
    statement: tuple[Block, ...]
    hint: tuple[Block, ...]
    given: Mapping[str, Known]
    notation: Notation
    place: str = ""
    note: bool = False  # there is nothing to solve: a definition, words, a procedure


def question_of(solution: Solution) -> Question:
    """The question that a solution answers, without anything that was computed."""
    derivation = solution.derivation
    names = [
        q.key
        for q in derivation.quantities
        if q.role in ("given", "assembled") or q.key in derivation.public
    ]
    return Question(
        derivation.id, derivation.kind, derivation.title, derivation.heading, derivation.source,
        derivation.marks, solution.statement, derivation.hint, {name: solution.known[name] for name in names},
        derivation.notation, derivation.place, derivation.note,
    )  # fmt: skip
