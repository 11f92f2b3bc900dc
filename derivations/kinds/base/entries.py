"""One entry of a text: words, formulas, lines of a derivation, facts, pictures.

Exactly one of the keys in `CONTENT` stands in an entry; `exposition` turns each into blocks.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from derivations.errors import ReadError, nearest
from derivations.kinds.base.fields import (
    FORMULA_SCHEMA,
    TEXT_SCHEMA,
    Expression,
    Few,
    Identifier,
    Line,
    Plain,
    ProseText,
    Strict,
    found,
    refuse,
)
from derivations.reading.typeset import typeset
from derivations.steps.laws import LAWS

CONTENT = (
    "text", "heading", "latex", "equation", "lines", "work", "procedure", "neuron", "block", "stack",
    "descent",
)  # fmt: skip
DIFFERENTIATE = "differentiate"


class Symbol(Strict):
    """A symbol of a formula and its meaning."""

    symbol: str
    meaning: Line


MEANINGS = WithJsonSchema({"type": "object", "additionalProperties": TEXT_SCHEMA})


def _symbols(value: Any) -> Any:
    if not isinstance(value, dict):
        raise refuse(
            f"found {found(value)}, expected symbols with their meanings, {{K: kernel size}}"
        )
    return tuple({"symbol": key, "meaning": words} for key, words in value.items())


def _latex(value: Any) -> Any:
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected a formula in LaTeX")
    try:
        typeset(value)
    except ReadError as error:
        raise refuse(f"character {error.position + 1}: {error.message}") from None
    return value


class NeuronPicture(Strict):
    """A neuron with named inputs and weights."""

    inputs: tuple[Identifier, ...]
    weights: tuple[Identifier, ...]
    sum: Identifier = "z"
    activation: Identifier = "phi"
    output: Identifier = "y"


class BlockPicture(Strict):
    """A layer as a block, with what goes forward and what comes back."""

    layer: Plain
    input: Identifier = "X"
    output: Identifier = "Y"
    error: Identifier = "E"
    caption: Plain = ""


class StackPicture(Strict):
    """Layers one behind the other."""

    layers: tuple[Line, ...] = Field(min_length=1)
    names: tuple[Identifier, ...] = Field(description="from the input to the output")


class DescentPicture(Strict):
    """A loss curve with the path of gradient descent, computed from the rate."""

    loss: Expression
    variable: Identifier = "w"
    start: Expression
    rate: Expression
    steps: Few = 5
    caption: Plain = ""


def _lines(value: Any) -> Any:
    """``- chain-rule: "a = b"`` is a line with its law, a bare text one without."""
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse(f"found {found(value)}, expected a list of lines, [definition: a = b, ...]")
    lines = []
    for each in value:
        if isinstance(each, dict) and len(each) == 1:
            ((law, text),) = each.items()
            lines.append({"law": law, "line": text})
        else:
            lines.append({"law": "", "line": each})
    return tuple(lines)


class LineField(Strict):
    """A line of a derivation, and the key of the law by which it follows."""

    law: str
    line: str

    @model_validator(mode="after")
    def _known(self) -> LineField:
        if self.law and self.law != DIFFERENTIATE and self.law not in LAWS:
            raise refuse(f"'{self.law}' is not a law{nearest(self.law, LAWS)}")
        return self


LINES = WithJsonSchema(
    {
        "type": "array",
        "items": {
            "anyOf": [FORMULA_SCHEMA, {"type": "object", "additionalProperties": FORMULA_SCHEMA}]
        },
    }
)


class Entry(Strict):
    """One entry of the content: exactly one of its keys, and ``where`` beside a formula."""

    text: ProseText | None = None
    heading: Line | None = Field(None, description="the title of the part that begins here")
    latex: Annotated[str, BeforeValidator(_latex)] | None = Field(
        None, description="a formula that is only typeset"
    )
    equation: Expression | None = Field(None, description="an equation that has to be true")
    lines: Annotated[tuple[LineField, ...], BeforeValidator(_lines), LINES] | None = Field(
        None, description="a derivation, line by line, each under its law"
    )
    shapes: bool = Field(False, description="write the shape under every matrix of these lines")
    when: Expression | None = Field(None, description="the condition under which the lines hold")
    work: tuple[str, ...] | None = Field(None, description="facts that are worked out here")
    procedure: tuple[Plain, ...] | None = Field(None, description="pseudocode, line by line")
    neuron: NeuronPicture | None = None
    block: BlockPicture | None = None
    stack: StackPicture | None = None
    descent: DescentPicture | None = None
    number: bool = Field(False, description="number this formula, on a sheet that numbers them")
    where: Annotated[tuple[Symbol, ...], BeforeValidator(_symbols), MEANINGS] = ()

    @model_validator(mode="after")
    def _one_key(self) -> Entry:
        keys = [name for name in CONTENT if getattr(self, name) is not None]
        if len(keys) != 1:
            raise refuse(f"expected one of {', '.join(CONTENT)}; found {', '.join(keys) or 'none'}")
        return self
