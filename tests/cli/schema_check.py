"""As much of JSON Schema as our schemas use: enough to say whether a file conforms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from derivations.reading import yaml

KNOWN = frozenset({
    "$defs", "$ref", "additionalProperties", "anyOf", "const", "default", "description", "discriminator", "enum",
    "exclusiveMinimum", "items", "maxItems", "maximum", "minItems", "minLength", "minProperties", "minimum", "oneOf",
    "pattern", "prefixItems", "properties", "propertyNames", "required", "title", "type",
})  # fmt: skip
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
}
NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")


def strange_words(schema: Any, inside: str = "") -> Iterator[str]:
    """Words of a schema that the check below does not know."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if inside not in ("properties", "$defs") and key not in KNOWN:
                yield key
            if key not in ("default", "enum", "const", "discriminator"):
                yield from strange_words(value, "" if inside in ("properties", "$defs") else key)
    elif isinstance(schema, list):
        for item in schema:
            yield from strange_words(item)


def mistakes(value: Any, schema: Any, root: Any, at: str = "") -> Iterator[str]:
    """Where and why a value does not conform to a schema."""
    if schema is True:
        return
    if "$ref" in schema:
        yield from mistakes(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, at)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            found = [list(mistakes(value, option, root, at)) for option in schema[word]]
            right = sum(not each for each in found)
            if right == 0 or (word == "oneOf" and right != 1):
                yield f"{at}: {right} of the alternatives fit: {min(found, key=len)[:2]}"
    if "type" in schema and not TYPES[schema["type"]](value):
        yield f"{at}: {value!r} is not of type {schema['type']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{at}: {value!r} does not match {schema['pattern']}"
        if len(value) < schema.get("minLength", 0):
            yield f"{at}: {value!r} is too short"
    elif isinstance(value, dict):
        yield from _of_mapping(value, schema, root, at)
    elif isinstance(value, list):
        yield from _of_list(value, schema, root, at)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = schema.get("minimum", value), schema.get("maximum", value)
        if not low <= value <= high or value <= schema.get("exclusiveMinimum", value - 1):
            yield f"{at}: {value} is out of bounds"


def _of_mapping(value: dict[str, Any], schema: Any, root: Any, at: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}: {name} is missing"
    if len(value) < schema.get("minProperties", 0):
        yield f"{at}: too few keys"
    for name, inner in value.items():
        if name in properties:
            yield from mistakes(inner, properties[name], root, f"{at}.{name}")
        elif schema.get("additionalProperties", True) is False:
            yield f"{at}: {name} is not a key here"
        else:
            yield from mistakes(
                inner, schema.get("additionalProperties", True), root, f"{at}.{name}"
            )


def _of_list(value: list[Any], schema: Any, root: Any, at: str) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{at}: {len(value)} items"
    first = schema.get("prefixItems", [])
    for place, item in enumerate(value):
        of = first[place] if place < len(first) else schema.get("items", True)
        yield from mistakes(item, of, root, f"{at}[{place}]")


def as_editors_see(node: yaml.Node) -> Any:
    """The values of a YAML file with numbers as numbers, as an editor checks them."""
    if isinstance(node, yaml.Mapping):
        return {key.text: as_editors_see(value) for key, value in node.items}
    if isinstance(node, yaml.Sequence):
        return [as_editors_see(item) for item in node.items]
    value = yaml.plain(node)
    if node.plain and isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value) if set(value) & set(".eE") else int(value)
    return value
