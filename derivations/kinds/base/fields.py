"""The fields of problem files: types with their error messages, and what every kind shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from derivations.errors import ReadError
from derivations.formula.escape import unprintable
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import NUMERAL, NumeralError, exact
from derivations.formula.tokens import NAME, name_like
from derivations.kinds.base.notation import Letters
from derivations.kinds.base.notation import NotationFields as NotationFields  # noqa: PLC0414  # kinds import it from here
from derivations.kinds.base.strict import Strict as Strict  # noqa: PLC0414
from derivations.reading.prose import read_line, read_prose
from derivations.steps.rounding import DEFAULT, Digits, Rounding

LARGEST = 10**300  # beyond it doubles, the second road, have no numbers


def refuse(message: str) -> PydanticCustomError:
    """An error with our own words; braces in them stand for themselves."""
    return PydanticCustomError("derivations", "{message}", {"message": message})


def found(value: Any) -> str:
    """A value as a message shows it, cut to a readable length."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a mapping"
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _numeral(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = repr(value)
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected a number")
    text = value.strip().removeprefix("+").replace("−", "-")
    if text.count(",") == 1 and NUMERAL.fullmatch(text.replace(",", ".")):
        raise refuse(
            f"found {text}, expected a number with a decimal point; did you mean {text.replace(',', '.')}?"
        )
    if text.startswith(".") or text.startswith("-."):
        if NUMERAL.fullmatch(text.replace(".", "0.", 1)):
            raise refuse(
                f"found {text}, expected a digit before the point; did you mean {text.replace('.', '0.', 1)}?"
            )
    if text.endswith(".") and NUMERAL.fullmatch(text[:-1]):
        text = text[:-1]
    try:
        number = exact(text.replace(" ", ""))
    except NumeralError as error:
        raise refuse(f"found {found(value)}, expected {error}") from None
    if abs(number) > LARGEST:
        raise refuse(f"found {found(value)}, expected a number of at most 1e300")
    return text.replace(" ", "")


def _not_negative(text: str) -> str:
    if exact(text) < 0:
        raise refuse(f"found {text}, expected a number that is not negative")
    return text


def whole(minimum: int, what: str, maximum: int = 10**12) -> Callable[[Any], int]:
    """A check for a whole number in some bounds, with words for a message."""

    def check(value: Any) -> int:
        text = str(value).strip() if not isinstance(value, bool) else ""
        if not text.removeprefix("-").isdigit() or len(text) > 12:
            raise refuse(f"found {found(value)}, expected a whole number, {what}")
        if not minimum <= int(text) <= maximum:
            raise refuse(f"found {text}, expected {what}")
        return int(text)

    return check


def _line(value: Any) -> str:
    text = _text(value)
    try:
        read_line(text)
    except ReadError as error:
        raise refuse(f"character {error.position + 1}: {error.message}") from None
    return text


def _prose(value: Any) -> str:
    text = _text(value)
    try:
        read_prose(text)
    except ReadError as error:
        raise refuse(f"character {error.position + 1}: {error.message}") from None
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected a text")
    return value


def _plain(value: Any) -> str:
    text = _text(value)
    if (strange := unprintable(text)) is not None:
        raise refuse(f"the sheet's fonts have no '{strange}' (U+{ord(strange):04X})")
    return text


def _identifier(value: Any) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise refuse(
            f"found {found(value)}, expected a name of letters, digits and _, as w_1 or y_hat"
            f"{name_like(str(value))}"
        )
    return value


def _expression(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = repr(value)
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected an expression")
    try:
        read_expression(value, None)
    except ReadError as error:
        raise refuse(f"column {error.position + 1} of '{found(value)}': {error.message}") from None
    return value


def _vector(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse(f"found {found(value)}, expected a list of numbers, [1, 0.5]")
    return tuple(value)


def _matrix(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse(f"found {found(value)}, expected a list of rows, [[1, 2], [3, 4]]")
    widths = [len(row) if isinstance(row, (list, tuple)) else -1 for row in value]
    for place, width in enumerate(widths):
        if width < 1:
            raise refuse(f"row {place} is {found(value[place])}, expected a list of numbers")
        if width != widths[0]:
            raise refuse(f"row {place} has {width} numbers; expected {widths[0]}, as row 0")
    return tuple(value)


class Words(str):
    """A text in which {z} stands for the value of z; labels and programs are plain strings."""

    __slots__ = ()


NUMBER_SCHEMA: JsonDict = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$|^-?\d+/\d+$"},
    ]
}
FORMULA_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "number"}]}
Numeral = Annotated[str, BeforeValidator(_numeral), WithJsonSchema(NUMBER_SCHEMA)]
Weight = Annotated[Numeral, AfterValidator(_not_negative)]
Vector = Annotated[tuple[Numeral, ...], BeforeValidator(_vector)]
Matrix = Annotated[tuple[Vector, ...], BeforeValidator(_matrix)]
Positive = Annotated[int, BeforeValidator(whole(1, "1 or more"))]
Few = Annotated[int, BeforeValidator(whole(1, "1 to 1000", 1000))]  # what a page can show
Many = Annotated[int, BeforeValidator(whole(1, "1 to 10000", 10_000))]  # updates of a long run
NotNegative = Annotated[int, BeforeValidator(whole(0, "0 or more"))]
Line = Annotated[str, BeforeValidator(_line), AfterValidator(Words)]
Plain = Annotated[str, BeforeValidator(_plain)]
Identifier = Annotated[str, BeforeValidator(_identifier)]
ProseText = Annotated[str, BeforeValidator(_prose), AfterValidator(Words)]
Expression = Annotated[
    str,
    BeforeValidator(_expression),
    WithJsonSchema(FORMULA_SCHEMA),
]


@dataclass(frozen=True, slots=True)
class OrAs:
    """Another form in which a value may be written, for the schema: what a validator turns round."""

    form: dict[str, Any]

    def __get_pydantic_json_schema__(
        self, core: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [self.form, handler(core)]}


TEXT_SCHEMA = {"type": "string"}


def words_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str]]:
    """Every text of a problem or sheet that may show values, with its path."""
    if isinstance(value, Words):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from words_in(getattr(value, name), (*path, name))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from words_in(inner, (*path, name))
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from words_in(inner, (*path, place))


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
    text = _plain(value)
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
