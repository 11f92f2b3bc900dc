"""A stack of layers in a problem file: ``[CONV-5-16, POOL-2, FC-10]``, traced from the input on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, Union

from pydantic import BaseModel, BeforeValidator, Field

from derivations.errors import misspelt, unknown
from derivations.formula.escape import unprintable
from derivations.formula.evaluation import evaluate
from derivations.formula.tree import Formula, number, sum_of
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import TEXT_SCHEMA, OrAs, Plain, Positive, Strict, found, refuse
from derivations.models.layer_fields import LayerFields, is_size
from derivations.models.layers import layers, tokens
from derivations.models.traces import LayerError, Shape, Trace
from derivations.truth.architectures import count_layer
from derivations.truth.counting import entries

LINEAR = {  # of one input
    name: module
    for name, module in layers().items()
    if getattr(module, "INPUTS", (1, 1))[0] == 1 and name != "concat"
}
WORDS = {word: name for word, name in tokens().items() if name in LINEAR}

if TYPE_CHECKING:
    AnyLayer: TypeAlias = LayerFields
else:  # the union of what the folder holds, for the schema and for messages
    AnyLayer = Annotated[
        Union[tuple(module.Fields for module in LINEAR.values())],  # noqa: UP007
        Field(discriminator="layer"),
    ]


def _layer(value: Any) -> Any:
    """``CONV-5-16`` or ``FLATTEN``, or a mapping with ``layer: conv``."""
    if isinstance(value, dict):
        if "layer" not in value:
            hint = misspelt(value, ["layer"])
            known = hint or f"; one of {', '.join(LINEAR)}"
            raise refuse(f"'layer' is missing{known}")
        if not isinstance(value["layer"], str) or value["layer"] not in LINEAR:
            raise refuse(unknown(found(value["layer"]), "a layer", LINEAR))
        if (strange := unprintable(str(value.get("name", "")))) is not None:
            raise refuse(f"the sheet's fonts have no '{strange}' in the layer's name")
        return value
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected a layer such as CONV-5-16")
    word, *numbers = value.strip().upper().split("-")
    if word not in WORDS:
        raise refuse(unknown(word, "a layer", WORDS))
    if not all(map(is_size, numbers)):
        raise refuse(f"found {value[:40]}, expected whole numbers after {word}, 1 or more")
    try:
        parsed = layers()[WORDS[word]].parse(word, [int(part) for part in numbers])
    except LayerError as error:
        raise refuse(f"found {value}: {error}") from None
    return {**parsed, "name": value.strip()}


class Stack(Strict):
    """The input's shape and the layers, in the notation of courses or as mappings."""

    input: tuple[Positive, ...] = Field(
        min_length=1, max_length=3, description="[height, width, channels], or [units]"
    )
    layers: tuple[Annotated[AnyLayer, BeforeValidator(_layer), OrAs(TEXT_SCHEMA)], ...] = Field(
        min_length=1
    )
    bias: bool = Field(True, description="whether layers have biases, where they do not say so")
    name: Plain = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A layer of the stack with what it makes of its input.

    ``label`` is what the sheet prints; ``name`` is the same, but no two layers share it.
    """

    label: str
    name: str
    fields: Any
    input: Shape
    trace: Trace

    @property
    def kind(self) -> str:
        """The layer's name in the registry."""
        return str(self.fields.layer)


def rows(stack: Stack, path: tuple[str | int, ...] = ("given",)) -> list[Row]:
    """Every layer, traced.

    Raises:
        FieldError: a layer that does not fit what comes before it.
    """
    shape: Shape = stack.input if len(stack.input) != 2 else (*stack.input, 1)
    found_rows: list[Row] = []
    for place, fields in enumerate(stack.layers):
        if getattr(fields, "bias", True) is None:
            fields = fields.model_copy(update={"bias": stack.bias})
        module = layers()[fields.layer]
        try:
            trace = module.trace(fields, shape)
        except LayerError as error:
            raise FieldError((*path, "layers", place), str(error)) from None
        label = fields.name or _label(fields, place)
        found_rows.append(Row(label, _unique(label, found_rows), fields, shape, trace))
        shape = trace.output
    return found_rows


def _unique(label: str, before: Sequence[Row]) -> str:
    """``POOL-2``, and ``POOL-2 (2)`` for the second layer of this label."""
    taken = {row.name for row in before}
    numbered = (f"{label} ({k})" for k in range(2, len(taken) + 3))
    return next(name for name in (label, *numbered) if name not in taken)


UNNAMED = {"flatten": "FLATTEN", "batch_norm": "BN", "dropout": "DROPOUT"}


def _label(fields: BaseModel, place: int) -> str:
    kind = str(getattr(fields, "layer", ""))
    if kind == "activation":
        return str(getattr(fields, "function", kind)).upper()
    return UNNAMED.get(kind) or f"{kind.replace('_', ' ')} {place + 1}"


def value(formula: Formula | None) -> int:
    """The whole number that a formula of numerals gives; 0 where there is none."""
    return 0 if formula is None else int(evaluate(formula, {}).p)


def total(stack_rows: Sequence[Row]) -> Formula:
    """``400 + 16 + 4608 + ...``: every count of weights and of biases, in order."""
    counts = [
        number(value(formula))
        for row in stack_rows
        for formula in (row.trace.weights, row.trace.biases)
        if formula is not None
    ]
    return sum_of(*counts)


def second_counts(stack_rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Weights, biases and shape of every layer, by the road that counts entries."""
    found = []
    for row in stack_rows:
        one = count_layer(row.kind, row.fields.model_dump(), [row.input])
        weights, biases = (
            sum(entries(*sizes) for sizes in arrays) for arrays in (one.weights, one.biases)
        )
        found.append(
            {"weights": weights, "biases": biases, "frozen": one.frozen, "output": one.output}
        )
    return found
