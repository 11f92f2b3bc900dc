"""Numbers that were printed elsewhere, beside the count: the same to their last digit, or why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field

from derivations.formula.tree import Name
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Plain, Strict
from derivations.steps.relations import Piece, Term, Text

PRINTED = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s*(|k|K|M|G|thousand|million|billion)")
UNITS = {"": 0, "k": 3, "K": 3, "thousand": 3, "M": 6, "million": 6, "G": 9, "billion": 9}


class Published(Strict):
    """A number of a publication, as it stands there."""

    what: Literal["parameters", "with statistics", "macs", "flops", "memory", "receptive field"] = (
        "parameters"
    )
    printed: Plain = Field(description="the number, as 61,100,840 or 60 M or 4.09 G")
    by: Plain = Field(description="who prints it, and where")
    because: Plain = Field("", description="why the count is another one; has to be said if it is")


def read_printed(text: str) -> tuple[Decimal, Decimal]:
    """The number, and half a unit of its last digit.

    Raises:
        ValueError: it is no number.
    """
    match = PRINTED.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"found {text}, expected a number as 61,100,840 or 60 M or 4.09 G")
    digits = Decimal(match[1].replace(",", ""))
    unit = UNITS[match[2]]
    exponent = digits.as_tuple().exponent
    assert isinstance(exponent, int)
    whole = match[1].rstrip("0") if not match[2] and "," not in match[1] else match[1]
    trailing = len(match[1]) - len(whole) if exponent == 0 and len(match[1]) > 3 else 0
    return digits.scaleb(unit), Decimal(5).scaleb(exponent + unit + trailing - 1)


def agrees(printed: str, count: int) -> bool:
    """Whether the count, rounded, is what is printed."""
    number, half = read_printed(printed)
    return abs(count - number) <= half


def sentence(
    entry: Published, place: int, names: Mapping[str, str], counts: Mapping[str, int]
) -> tuple[Piece, ...]:
    """``PyTorch prints 61,100,840 parameters: the same number.``

    Raises:
        FieldError: a number that is not the count, without a reason.
    """
    path = ("published", place)
    if entry.what not in names:
        raise FieldError((*path, "what"), f"{entry.what} are not asked for in this problem")
    try:
        same = agrees(entry.printed, counts[entry.what])
    except ValueError as error:
        raise FieldError((*path, "printed"), str(error)) from None
    if not same and not entry.because:
        raise FieldError(
            (*path, "printed"),
            f"the count is {counts[entry.what]:,}, not {entry.printed}; say why in 'because'",
        )
    said = f"{entry.by} prints {entry.printed} {WORDS[entry.what]}"
    shown = Term(Name(names[entry.what]), numbers=True)
    exact = same and read_printed(entry.printed)[0] == counts[entry.what]
    if exact:
        return (Text(f"{said}, the same number.{_why(entry)}"),)
    if same:
        return (Text(f"{said}, which is "), shown, Text(f" rounded.{_why(entry)}"))
    return (Text(f"{said}; it is "), shown, Text(f".{_why(entry)}"))


WORDS = {
    "parameters": "parameters",
    "with statistics": "parameters with those that are not learned",
    "macs": "multiply-accumulates",
    "flops": "FLOPs",
    "memory": "numbers put out",
    "receptive field": "as the receptive field",
}


def _why(entry: Published) -> str:
    return f" {entry.because}" if entry.because else ""
