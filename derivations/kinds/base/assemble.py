"""From a draft and the fields that every problem has to a derivation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from derivations.errors import ReadError, nearest, unknown
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import exact
from derivations.formula.printing import Notation
from derivations.formula.shapes import Shape
from derivations.formula.tree import Formula, key, names
from derivations.kinds.base import library
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import words_in
from derivations.kinds.base.functions import FUNCTION_NAMES, Functions, by_table_key
from derivations.kinds.base.notation import check_names, notation_of
from derivations.kinds.base.problem import Problem
from derivations.reading.prose import read_line, read_prose, values_in
from derivations.steps.draft import Draft
from derivations.steps.laws import LAWS
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import (
    Answer,
    Block,
    Derivation,
    Display,
    Part,
    Prose,
    Step,
)

GOES_ON = "goes on"  # the style of a paragraph until it is joined with the one before it


def words(text: str) -> tuple[Piece, ...]:
    """A line of text with formulas and values, from our own code or a checked field."""
    return read_line(text)


def paragraph(text: str, style: str = "plain") -> tuple[Block, ...]:
    """Blocks of a text, from our own code or a checked field."""
    return read_prose(text, style)


def step(title: str, *blocks: Block, law: str = "") -> Step:
    """A step; its title is a line of text."""
    return Step(words(title), blocks, law)


def part(title: str, *steps: Step) -> Part:
    """A part; its title is a line of text, or nothing."""
    return Part(words(title), steps)


def display(*chains: Chain) -> Display:
    """Chains, aligned at their signs."""
    return Display(chains)


def value_of(name: Formula) -> Chain:
    """``name = its value``."""
    return Chain(Term(name), (Link("auto", Term(name, numbers=True), (key(name),)),))


def listed(listed_names: Iterable[Formula], lead: str) -> Prose:
    """``Given x₁ = 0.05, x₂ = 0.1.`` as a paragraph."""
    pieces: list[Piece] = [Text(lead + " ", "strong")] if lead else []
    for place, name in enumerate(listed_names):
        if place:
            pieces.append(Text(", "))
        pieces.append(value_of(name))
    return Prose((*pieces, Text(".")), "given")


def new_draft(problem: Problem, functions: Functions) -> Draft:
    """A draft with the problem's rounding and detail."""
    return Draft(functions.callable(), problem.rounding.policy(), problem.detail or "standard")


def written_by(problem: Problem, functions: Functions, shapes: Mapping[str, Shape]) -> Notation:
    """How the problem's sheet writes names and numbers; ``shapes`` are those of its quantities."""
    bold = {name for name, shape in shapes.items() if shape} if problem.notation.bold else set()
    of = problem.LETTERS
    if of.target.isupper() and of.target not in shapes:  # no prediction without its targets
        of = replace(of, target="", prediction="")
    return notation_of(problem.notation, of, problem.chosen_names(), bold, functions.looks)


def assemble(
    problem: Problem,
    draft: Draft,
    functions: Functions,
    parts: Sequence[Part],
    answers: Sequence[Answer],
    statement: Sequence[Block] = (),
    public: frozenset[str] = frozenset(),
) -> Derivation:
    """The derivation of a problem.

    Args:
        statement: what is printed below the author's text: givens, definitions, a figure.
        public: computed values that the statement shows, for notes that have no answer to hide.

    Raises:
        FieldError: a text asks for a value that there is not, or a fact takes a name twice.
    """
    kind = str(getattr(problem, "kind", ""))
    answers = [*answers, *_facts(problem, draft, functions, answers)]
    notation = written_by(problem, functions, draft.shapes())
    check_names(notation.spelling, (key for key in draft.quantities if "/" not in key))
    _check_values(problem, draft, public)
    _check_weights(problem, draft, answers)
    if draft.detail == "full":
        parts = _told(parts)
    last = (*paragraph(problem.closing, "closing"), *paragraph(problem.publication, "closing"))
    closing = [*_citations(problem), *last]
    if closing:
        parts = [*parts, Part((), (Step((), tuple(closing)),))]
    return Derivation(
        id=problem.id,
        kind=kind,
        title=problem.title,
        heading=words(problem.title),
        quantities=tuple(draft.quantities.values()),
        statement=_led(paragraph(problem.text), statement),
        parts=tuple(parts),
        answers=tuple(answers),
        source=problem.source,
        marks="" if problem.marks is None else str(problem.marks),
        hint=paragraph(problem.hint),
        functions=functions.callable(),
        notation=notation,
        rounding=draft.rounding,
        note=not parts,
        public=public,
        solution_heading=problem.solution_heading,
    )


def leading(text: str) -> Prose:
    """Sentences at the head of a statement, which go on in the paragraph of the author's text."""
    return Prose(words(text), GOES_ON)


def _led(text: Sequence[Block], statement: Sequence[Block]) -> tuple[Block, ...]:
    """The author's text, and the statement below it."""
    if not (statement and isinstance(statement[0], Prose) and statement[0].style == GOES_ON):
        return (*text, *statement)
    first, *others = statement
    assert isinstance(first, Prose)
    if text and isinstance(text[-1], Prose) and text[-1].style == "plain":
        joined = Prose((*text[-1].pieces, Text(" "), *first.pieces))
        return (*text[:-1], joined, *others)
    return (*text, Prose(first.pieces), *others)


def _citations(problem: Problem) -> list[Block]:
    """The theorems that a problem cites, with what each of them states.

    Raises:
        FieldError: a theorem that the library does not have.
    """
    blocks: list[Block] = []
    mistakes = Mistakes()
    for place, name in enumerate(problem.see):
        with mistakes.at(("see", place)):
            title = words(library.title(name))
            blocks.append(Prose((Text("See the derivation “"), *title, Text(f"” ({name})."))))
    mistakes.raise_all()
    return blocks


def _told(parts: Sequence[Part]) -> list[Part]:
    """The parts with a sentence on a law above the first line that goes by it."""
    known: set[str] = set()

    def with_sentence(block: Block) -> list[Block]:
        laws = [chain.law for chain in block.chains] if isinstance(block, Display) else []
        fresh = [
            law for law in dict.fromkeys(laws) if law not in known and LAWS[law or "given"].told
        ]
        known.update(fresh)
        return [*(Prose((Text(LAWS[law].sentence),)) for law in fresh), block]

    return [
        Part(
            each.title,
            tuple(
                Step(s.title, tuple(b for block in s.blocks for b in with_sentence(block)), s.law)
                for s in each.steps
            ),
        )
        for each in parts
    ]


def _facts(
    problem: Problem, draft: Draft, functions: Functions, before: Sequence[Answer]
) -> list[Answer]:
    """Further values over the names of the derivation; kinds made of prose have read theirs."""
    fields = (kind.model_fields["facts"] for kind in (type(problem), Problem))
    if len({str(field.annotation) for field in fields}) > 1:
        return []
    mistakes = Mistakes()
    answers: list[Answer] = []
    taken = {*draft.quantities, *(answer.name for answer in before)}
    for name, text in problem.facts.items():
        if name in taken:
            mistakes.add(("facts", name), f"'{name}' is a name of this problem already")
            continue
        known = [key for key in draft.quantities if key.isidentifier()]
        with mistakes.at(("facts", name), text):
            formula = by_table_key(read_expression(text, FUNCTION_NAMES, set(known)))
            for used in names(formula):
                if used not in draft.quantities:
                    raise ReadError(f"'{used}' is not a name of this problem{nearest(used, known)}")
            draft.define(name, formula, "fact")
            answers.append(Answer(name, name))
    mistakes.raise_all()
    return answers


QUESTION = frozenset({"title", "text", "hint"})  # what a student reads before the solution


def _check_values(problem: Problem, draft: Draft, public: frozenset[str]) -> None:
    """Every {name} in a text: of a value that is computed, or given where the question asks."""
    given = {q.key for q in draft.quantities.values() if q.role in ("given", "assembled")} | public
    mistakes = Mistakes()
    for path, text in words_in(problem):
        field = path[1] if path[0] == "variant" else path[0]
        known, verb = (given, "gives") if field in QUESTION else (set(draft.quantities), "computes")
        for value in values_in(text):
            if value not in known:
                hint = nearest(value, [name for name in known if not name.startswith("~")])
                mistakes.add(path, f"{{{value}}} is not a value that the problem {verb}{hint}")
    mistakes.raise_all()


def _check_weights(problem: Problem, draft: Draft, answers: Sequence[Answer]) -> None:
    """Weights are those of answers or quantities of this problem, and it is worth something."""
    mistakes = Mistakes()
    known = list(
        dict.fromkeys(
            [*(a.name for a in answers), *(key for key in draft.quantities if key.isidentifier())]
        )
    )
    weights = problem.marking.weights
    for name in weights:
        if name not in known:
            mistakes.add(
                ("marking", "weights", name),
                unknown(name, "an answer of this problem", known),
            )
    if weights and not any(exact(weight) for weight in weights.values()):
        mistakes.add(("marking", "weights"), "all weights are 0")
    if problem.marks is None and (weights or problem.marking.slip is not None):
        mistakes.add(("marking",), "'marks' is missing: how many marks the problem is worth")
    mistakes.raise_all()


def read_text(text: str, path: tuple[str | int, ...]) -> tuple[Block, ...]:
    """Blocks of a text in a field.

    Raises:
        FieldError: the text cannot be read.
    """
    try:
        return read_prose(text)
    except ReadError as error:
        raise FieldError(path, f"character {error.position + 1}: {error.message}") from None
