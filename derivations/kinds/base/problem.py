"""What every problem file has, whatever its kind: texts, marks, rounding, notation, variants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from derivations.kinds.base.fields import (
    Expression,
    Line,
    NotNegative,
    Numeral,
    OrAs,
    Plain,
    Positive,
    ProseText,
    Weight,
    found,
    plain,
    refuse,
)
from derivations.kinds.base.notation import Letters, NotationFields
from derivations.kinds.base.strict import Strict
from derivations.steps.rounding import DEFAULT, Digits, Rounding


class RoundingFields(Strict):
    """How many digits are shown, and what later steps go on with."""

    decimals: NotNegative | None = Field(None, description="digits after the point, at every step")
    significant: Positive | None = Field(None, description="significant digits, at every step")
    carry: Literal["rounded", "exact"] = Field("rounded", description="what later steps go on with")
    answer_decimals: NotNegative | None = Field(None, description="decimals of the boxed results")
    answer_significant: Positive | None = Field(
        None, description="significant digits of the boxed results"
    )
    guard: NotNegative = Field(2, description="digits more on what is computed inside a line")
    fractions: bool = Field(False, description="show rationals as fractions")

    def policy(self) -> Rounding:
        """The rounding that these fields ask for."""
        digits = DEFAULT.digits
        if self.decimals is not None or self.significant is not None:
            digits = Digits(self.decimals, self.significant if self.decimals is None else None)
        answers = None
        if self.answer_decimals is not None or self.answer_significant is not None:
            answers = Digits(self.answer_decimals, self.answer_significant)
        stated = digits is not DEFAULT.digits
        return Rounding(
            digits, self.carry, answers, self.guard, 0 if stated else DEFAULT.keep,
            self.fractions, stated,
        )  # fmt: skip


def _plain_word(value: Any) -> str:
    text = plain(value)
    if not text.strip() or len(text) > 200 or any(sign in text for sign in MARKUP):
        raise refuse(
            f"found {found(value)}, expected a word of a text, without any of {' '.join(MARKUP[:-1])}"
        )
    return text


MARKUP = ("$", "{", "}", "*", "_", "`", "\\", "|", "<", "&", "[", "]", "#", "\n")  # of texts
Word = Annotated[str, BeforeValidator(_plain_word)]
Bounds = Annotated[tuple[Numeral, ...], Field(min_length=2, max_length=2)]


class Domain(Strict):
    """What a given, an entry of it, or every entry of a vector or matrix is drawn from."""

    integers: Bounds | None = Field(None, description="[first, last], with a step of 1 or 'step'")
    decimals: Bounds | None = Field(None, description="[first, last], with 'step' or 'places'")
    step: Numeral | None = Field(None, description="the distance between neighbours")
    places: NotNegative | None = Field(None, description="decimals; the step is 10^-places")
    exclude: tuple[Numeral, ...] = Field((), description="numbers that are left out")
    choice: tuple[Any, ...] | None = Field(
        None, description="one of these: numbers, words such as activations, whole lists"
    )
    signs: bool = Field(False, description="the file's own numbers, each with either sign")
    shuffle: bool = Field(False, description="the file's own entries, in any order")
    different: bool = Field(False, description="no two entries are the same number")
    words: tuple[Word | dict[str, Word], ...] | None = Field(
        None, description="what {name} in texts stands for; mappings for words that go together"
    )
    equals: Expression | None = Field(None, description="an expression over other givens")

    @model_validator(mode="after")
    def _one_domain(self) -> Domain:
        chosen = [name for name in DOMAINS if getattr(self, name) not in (None, False)]
        if len(chosen) != 1:
            raise refuse(f"expected one of {', '.join(DOMAINS)}")
        if self.decimals is not None and (self.step is None) == (self.places is None):
            raise refuse("'decimals' are drawn with either 'step' or 'places'")
        if self.integers is not None and self.places is not None:
            raise refuse("integers have no 'places'")
        if chosen[0] not in ("integers", "decimals") and (self.step or self.places or self.exclude):
            raise refuse("'step', 'places' and 'exclude' go with integers and decimals")
        if self.choice == () or self.words == ():
            raise refuse("an empty list")
        return self


DOMAINS = ("integers", "decimals", "choice", "signs", "shuffle", "words", "equals")


def _domain(value: Any) -> Any:
    if isinstance(value, str):
        if not value.lstrip().startswith("="):
            raise refuse(
                f"found {found(value)}, expected a domain such as {{integers: [1, 9]}}, "
                "a list of choices, or an expression behind ="
            )
        return {"equals": value.lstrip()[1:].strip()}
    if isinstance(value, list):
        return {"choice": value}
    if not isinstance(value, (dict, Domain)):
        raise refuse(f"found {found(value)}, expected a domain such as {{integers: [1, 9]}}")
    return value


DomainField = Annotated[
    Domain,
    BeforeValidator(_domain),
    OrAs({"type": "string", "pattern": "^ *="}),
    OrAs({"type": "array"}),
]


class MarkingFields(Strict):
    """How the marks of a problem are spread over its answers when a derivation is checked."""

    weights: dict[str, Weight] = Field(
        default_factory=dict,
        description="answers by name with their weights; all alike where it is left out",
    )
    slip: Weight | None = Field(
        None,
        description="marks that a wrong step costs; an even part of its answer's if left out",
    )


class VariantFields(Strict):
    """Texts of variants, in the place of those of the file."""

    title: Line | None = Field(None, description="the heading")
    text: ProseText | None = Field(None, description="the problem in words")
    hint: ProseText | None = Field(None, description="a hint")
    closing: ProseText | None = Field(None, description="a last paragraph")


class Problem(Strict):
    """What every problem file has; each kind adds ``kind``, ``given`` and ``ask``.

    A kind whose names follow the conventions of notation says which do in ``LETTERS``, and one with
    further keys that are true of the file's own numbers alone says so in ``OF_THE_FILE``.
    """

    LETTERS: ClassVar[Letters] = Letters()
    OF_THE_FILE: ClassVar[frozenset[str]] = frozenset({"publication"})

    id: str = Field("", description="a short name; the file's name where it is left out")
    title: Line = Field(description="the heading")
    source: str = Field("", description="where the problem is from")
    text: ProseText = Field("", description="the problem in words, as Markdown with $formulas$")
    marks: NotNegative | None = Field(None, description="marks for this problem")
    marking: MarkingFields = Field(
        default_factory=MarkingFields, description="how the marks are spread, for `check`"
    )
    hint: ProseText = Field("", description="a hint, printed on worksheet and solution")
    closing: ProseText = Field("", description="a last paragraph; {z} stands for the value of z")
    publication: ProseText = Field(
        "", description="what the source prints where it is wrong; left out in variants"
    )
    rounding: RoundingFields = Field(default_factory=RoundingFields)
    notation: NotationFields = Field(default_factory=NotationFields)
    detail: Literal["brief", "standard", "full"] | None = Field(
        None, description="how many steps are shown"
    )
    facts: dict[str, Expression] = Field(
        default_factory=dict,
        description="further values over the problem's names; texts show them as {name}",
    )
    solution_heading: Plain = Field("Solution", description="the heading of the solution")
    see: tuple[str, ...] = Field(
        (), description="theorems of the library that the solution rests on"
    )
    vary: dict[str, DomainField] = Field(
        default_factory=dict,
        description="for random variants: a path such as x[0] or layers[0].weights, and its domain",
    )
    variant: VariantFields | None = Field(
        None, description="texts of variants, where those of the file are true of it alone"
    )
    require: tuple[Expression, ...] = Field(
        (), description="conditions that every variant fulfils, such as 0 < z < 1"
    )
    distinct: Literal["answers", "givens", "no"] = Field(
        "answers", description="what the variants of one exam differ in"
    )

    def chosen_names(self) -> Iterator[str]:
        """Names that the author chose among those of the kind; their numbers stay as they are."""
        yield from ()
