"""The types of fields in problem files, with their error messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from derivations.errors import ReadError
from derivations.formula.escape import unprintable
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import NUMERAL, NumeralError, exact
from derivations.formula.tokens import NAME, name_like
from derivations.kinds.base.notation import NotationFields as NotationFields  # noqa: PLC0414  # kinds import it from here
from derivations.kinds.base.strict import Strict as Strict  # noqa: PLC0414
from derivations.reading.prose import read_line, read_prose

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


def plain(value: Any) -> str:
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
Plain = Annotated[str, BeforeValidator(plain)]
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
