"""What a problem gives as an architecture: entries, a table, or a model file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic.config import JsonDict

from derivations.errors import nearest
from derivations.kinds.base.architectures.entries import WORD, Block, Builder, with_names
from derivations.kinds.base.architectures.model_files import read_model
from derivations.kinds.base.architectures.open_sizes import Stated
from derivations.kinds.base.architectures.shipped import BLOCKS
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Positive, Strict, found
from derivations.models.architecture import Architecture, NodeError, Traced, traced
from derivations.models.traces import Shape

ENTRIES: JsonDict = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "object"}]}}


class Given(Strict):
    """The shape of the input, and the layers from it on."""

    input: tuple[Positive, ...] = Field(
        (),
        max_length=4,
        description="[height, width, channels], [steps, width], [steps] or [units]",
    )
    inputs: dict[str, tuple[Positive, ...]] = Field(
        default_factory=dict, description="shapes of several inputs by their names"
    )
    layout: Literal["channels-last", "channels-first"] = Field(
        "channels-last", description="where the channels stand in shapes"
    )
    bias: bool = Field(True, description="whether layers have biases, where they do not say so")
    numbers: dict[str, Positive] = Field(
        default_factory=dict, description="numbers by names, for layers and blocks: {width: 64}"
    )
    blocks: dict[str, Any] = Field(
        default_factory=dict, description="named blocks: `with` their parameters, and `layers`"
    )
    layers: Any = Field(
        None, description="layers, paths, repeats and blocks", json_schema_extra=ENTRIES
    )
    model: Any = Field(
        None, description="a file of the problem's folder: .onnx, .keras, Keras' .json, .safetensors",
        json_schema_extra={"type": "string"},
    )  # fmt: skip
    table: Any = Field(None, description="rows of layers under a first row of keys")

    @field_validator("model", mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        """The file, read as soon as the field is."""
        context = info.context or {}
        if value is None:
            return None
        known = info.data
        stated = Stated(tuple(known.get("input") or ()), known.get("inputs") or {})
        return read_model(value, context.get("folder"), stated)


def architecture_of(given: Given, path: tuple[str | int, ...] = ("given",)) -> Architecture:
    """The nodes that the entries stand for.

    Raises:
        FieldError: every mistake in them.
    """
    if isinstance(given.model, Architecture):
        check_alone(given, ("numbers", "layers", "table"), path)
        return given.model
    inputs = _inputs(given, path)
    _check_numbers(given, path)
    builder = Builder({**BLOCKS, **_blocks(given, path)}, given.bias, given.numbers)
    builder.top.names.update({name: name for name in inputs})
    first = (next(iter(inputs)),)
    if (given.layers is None) == (given.table is None):
        raise FieldError(path, "expected 'layers', 'table' or 'model'")
    if given.table is not None:
        builder.chain(_rows(given.table, (*path, "table")), (*path, "table"), first, builder.top)
    else:
        builder.chain(given.layers, (*path, "layers"), first, builder.top)
    builder.mistakes.raise_all()
    if not builder.nodes:
        raise FieldError((*path, "layers"), "found 0, expected at least 1")
    nodes = with_names(builder.nodes, builder.top.names)
    built = Architecture(tuple(inputs.items()), nodes, given.layout == "channels-first")
    return _checked(built, builder.expected)


OWN = ("input", "inputs", "numbers", "layers", "table")


def check_alone(
    given: Given, keys: Sequence[str] = OWN, path: tuple[str | int, ...] = ("given",)
) -> None:
    """A model file has its layers; sizes of inputs that it leaves open are compared where it is read.

    Raises:
        FieldError: they stand in the problem as well.
    """
    for key in keys:
        if getattr(given, key):
            raise FieldError((*path, key), f"'{key}' stands beside 'model', which has it")


def _checked(built: Architecture, expected: dict[str, int]) -> Architecture:
    """Channels that calls of a listing name are those that come in."""
    if expected:
        for one in trace(built):
            wanted = expected.get(one.node.name)
            shape = one.shapes[0]
            channels = shape[0] if built.channels_first and len(shape) > 2 else shape[-1]
            if wanted is not None and wanted != channels:
                raise FieldError(
                    one.node.path,
                    f"expects {wanted} channels or features; the input has {channels}",
                )
    return built


def trace(architecture: Architecture) -> list[Traced]:
    """Every node, traced.

    Raises:
        FieldError: a node that does not fit, with its place.
    """
    try:
        return traced(architecture)
    except NodeError as error:
        raise FieldError(error.path, str(error)) from None


def _inputs(given: Given, path: tuple[str | int, ...]) -> dict[str, Shape]:
    if bool(given.input) == bool(given.inputs):
        raise FieldError(path, "expected either 'input' or 'inputs'")
    return dict(given.inputs) if given.inputs else {"input": given.input}


def _check_numbers(given: Given, path: tuple[str | int, ...]) -> None:
    """Every number has a name that layers can write, and that some layer does.

    Raises:
        FieldError: those that have not.
    """
    mistakes = Mistakes()
    used = set(WORD.findall(f"{given.layers} {given.table} {given.blocks}"))
    for name in given.numbers:
        if not WORD.fullmatch(name):
            mistakes.add((*path, "numbers", name), f"found {found(name)}, expected a name")
        elif name not in used:
            hint = nearest(name, used)
            mistakes.add((*path, "numbers", name), f"no layer names '{name}'{hint}")
    mistakes.raise_all()


def _blocks(given: Given, path: tuple[str | int, ...]) -> dict[str, Block]:
    """The file's own blocks."""
    blocks = {}
    for name, body in given.blocks.items():
        at = (*path, "blocks", name)
        if not isinstance(body, dict) or not isinstance(body.get("layers"), list):
            raise FieldError(
                at, f"found {found(body)}, expected 'layers', and 'with' for parameters"
            )
        for key in body:
            if key not in ("with", "layers"):
                raise FieldError(
                    (*at, key), f"'{key}' is not a key here{nearest(key, ('with', 'layers'))}"
                )
        parameters = body.get("with", [])
        if not isinstance(parameters, list) or not all(
            isinstance(p, str) and p.isidentifier() for p in parameters
        ):
            raise FieldError((*at, "with"), "expected a list of names")
        blocks[name] = Block(tuple(parameters), body["layers"], (*at, "layers"))
    return blocks


def _rows(table: Any, path: tuple[str | int, ...]) -> list[Any]:
    """Rows under a head as mappings; empty cells and dashes are left out."""
    if not isinstance(table, list) or len(table) < 2 or not all(isinstance(r, list) for r in table):
        raise FieldError(
            path, "expected a first row of keys, [layer, kernel, filters], and rows below it"
        )
    head = [str(key) for key in table[0]]
    if "layer" not in head:
        raise FieldError((*path, 0), "'layer' is missing among the keys")
    entries: list[Any] = [{"repeat": 1, "layers": []}]  # the head, so that places agree
    for place, row in enumerate(table[1:], 1):
        if len(row) > len(head):
            raise FieldError((*path, place), f"{len(row)} cells under {len(head)} keys")
        cells = zip(head, row, strict=False)
        entries.append({key: cell for key, cell in cells if cell not in (None, "", "-", "–")})
    return entries
