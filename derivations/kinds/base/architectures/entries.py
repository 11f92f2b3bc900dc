"""Entries of a problem file as nodes: layers, residual and parallel paths, repeats, named blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flint import fmpq
from pydantic import ValidationError

from derivations.errors import ReadError, misspelt, nearest, those_known, unknown
from derivations.formula.escape import unprintable
from derivations.formula.evaluation import EvaluationError, evaluate
from derivations.formula.expressions import read_expression
from derivations.formula.tree import number, substitute
from derivations.kinds.base.architectures.calls import looks_like_call, read_call
from derivations.kinds.base.architectures.frameworks import EXPECTS, layers_of_call
from derivations.kinds.base.errors import FieldError, Mistakes, Path
from derivations.kinds.base.fields import found
from derivations.kinds.base.files import words_of
from derivations.models.architecture import Node
from derivations.models.layer_fields import is_size
from derivations.models.layers import layers, tokens
from derivations.models.traces import LayerError

Values: TypeAlias = Mapping[str, int | str]

MOST_NODES = 5000
DEEPEST = 20  # paths and blocks inside each other
WORD = re.compile(r"[A-Za-z_]\w*")
HERE = "."  # in `from`: what comes before the entry
FORMS = ("layer", "residual", "parallel", "repeat", "block")
KEYS = {
    "layer": frozenset({"name", "from", "shares"}),  # besides the layer's own fields
    "residual": frozenset({"residual", "shortcut", "name", "from", "repeat"}),
    "parallel": frozenset({"parallel", "join", "axis", "name", "from", "repeat"}),
    "repeat": frozenset({"repeat", "layers", "name", "from"}),
}
JOINS = ("concat", "add", "multiply")


@dataclass(frozen=True, slots=True)
class Block:
    """Layers with names in them that stand for numbers, or for other layers."""

    parameters: tuple[str, ...]
    layers: Sequence[Any]
    path: Path


@dataclass(slots=True)
class Scope:
    """Where entries stand: the values of a block's parameters, and the names of its layers."""

    values: Values = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    outer: Scope | None = None
    blocks: tuple[str, ...] = ()
    depth: int = 0

    def name(self, word: str) -> str:
        """The node that a name stands for; the word itself where none does yet."""
        scope: Scope | None = self
        while scope is not None:
            if word in scope.names:
                return scope.names[word]
            scope = scope.outer
        return word

    def inner(self, values: Values | None = None, block: str = "") -> Scope:
        """A scope inside this one."""
        blocks = (*self.blocks, block) if block else self.blocks
        return Scope(self.values if values is None else values, {}, self, blocks, self.depth + 1)


class Builder:
    """Collects nodes and mistakes.

    Args:
        blocks: by their names.
        bias: whether layers have biases that do not say so.
        numbers: of the whole network by their names; those of a block hide them.
    """

    def __init__(
        self, blocks: Mapping[str, Block], bias: bool, numbers: Mapping[str, int] | None = None
    ) -> None:
        self.blocks = blocks
        self.bias = bias
        self.nodes: list[Node] = []
        self.mistakes = Mistakes()
        self.taken: set[str] = set()
        self.expected: dict[str, int] = {}  # channels that a call in a listing names
        self.top = Scope(dict(numbers or {}))

    # ------------------------------------------------------------ entries

    def chain(
        self, entries: Any, path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """Entries one behind the other; what comes out at the end."""
        if not isinstance(entries, (list, tuple)):
            self.mistakes.add(path, f"found {found(entries)}, expected a list of layers")
            return source
        if scope.depth > DEEPEST:
            raise FieldError(path, f"paths and blocks more than {DEEPEST} deep")
        for place, entry in enumerate(entries):
            try:
                source = self.entry(entry, (*path, place), source, scope)
            except LayerError as error:
                self.mistakes.add((*path, place), str(error))
            except ReadError as error:
                words = f"column {error.position + 1} of '{found(entry)}': {error.message}"
                self.mistakes.add((*path, place), words)
        return source

    def entry(
        self, entry: Any, path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """One entry of any form."""
        if isinstance(entry, str):
            return self.written(entry, path, source, scope)
        if not isinstance(entry, dict):
            raise LayerError(f"found {found(entry)}, expected a layer such as CONV-5-16")
        forms = [form for form in FORMS if form in entry and form != "repeat"]
        form = forms[0] if forms else "repeat" if "repeat" in entry else ""
        if not form:
            hint = misspelt(entry, FORMS)
            raise LayerError(f"one of {', '.join(FORMS)} is missing in this entry{hint}")
        if form not in ("block", "layer"):
            self._known_keys(entry, form, path)
        source = self._from(entry, path, source, scope)
        times = self._number(entry.get("repeat", 1), (*path, "repeat"), scope)
        for _ in range(times):
            source = self._once(form, entry, path, source, scope)
        if form != "layer" and "name" in entry:
            self._remember(str(entry["name"]), source[-1], path, scope)
        return source

    def _once(
        self, form: str, entry: dict[str, Any], path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        if form == "layer":
            return self.layer(entry, path, source, scope)
        if form == "repeat":
            if "layers" not in entry:
                raise LayerError("'layers' is missing: what is repeated")
            return self.chain(entry["layers"], (*path, "layers"), source, scope.inner())
        if form == "block":
            return self.block(entry, path, source, scope)
        if form == "residual":
            ends = self.chain(entry["residual"], (*path, "residual"), source, scope.inner())
            ends += self.chain(
                entry.get("shortcut", []), (*path, "shortcut"), source, scope.inner()
            )
            return (self.node({"layer": "add"}, "", ends, path),)
        return self.parallel(entry, path, source, scope)

    def parallel(
        self, entry: dict[str, Any], path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """Paths side by side, joined again."""
        paths, join = entry["parallel"], entry.get("join", "concat")
        if not isinstance(paths, list) or len(paths) < 2:
            raise LayerError("'parallel' has two or more lists of layers; [] passes its input on")
        if join not in JOINS:
            raise LayerError(unknown(found(join), "a way to join", JOINS))
        ends: tuple[str, ...] = ()
        for place, inner in enumerate(paths):
            ends += self.chain(inner, (*path, "parallel", place), source, scope.inner())
        axis = {"axis": entry["axis"]} if "axis" in entry else {}
        return (self.node({"layer": join, **axis}, "", ends, path),)

    def block(
        self, entry: dict[str, Any], path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """A named block with values for its parameters."""
        name = str(entry["block"])
        if name not in self.blocks:
            raise LayerError(unknown(name, "a block", self.blocks))
        if name in scope.blocks:
            raise LayerError(f"the block '{name}' stands inside itself")
        block = self.blocks[name]
        values: dict[str, int | str] = dict(self.top.values)
        for parameter in block.parameters:
            if parameter not in entry:
                raise LayerError(f"the block '{name}' needs '{parameter}'")
            values[parameter] = self._value(entry[parameter], scope)
        for key in entry:
            if key not in (*block.parameters, "block", "repeat", "name", "from"):
                raise LayerError(
                    f"'{key}' is not a parameter of '{name}'{nearest(key, block.parameters)}"
                )
        before = len(self.mistakes.found)
        end = self.chain(block.layers, block.path, source, scope.inner(values, name))
        for place in range(before, len(self.mistakes.found)):
            at, words = self.mistakes.found[place]
            if at[: len(block.path)] == block.path and "used at" not in words:
                used = ".".join(map(str, path))
                self.mistakes.found[place] = (at, f"{words} (used at {used})")
        return end

    # ------------------------------------------------------------ single layers

    def written(
        self, text: str, path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """``CONV-5-16``, or a call as in a listing."""
        if looks_like_call(text):
            known = {n: int(v) if str(v).isdigit() else v for n, v in scope.values.items()}
            for entry in layers_of_call(read_call(text, known)):
                source = self.layer(
                    {k: v for k, v in entry.items() if v is not None}, path, source, scope
                )
            return source
        word, *numbers = text.strip().upper().split("-")
        if word not in tokens():
            raise LayerError(unknown(word, "a layer", tokens()))
        if not all(map(is_size, numbers)):
            raise LayerError(f"found {text[:40]}, expected whole numbers after {word}, 1 or more")
        try:
            parsed = layers()[tokens()[word]].parse(word, [int(part) for part in numbers])
        except LayerError as error:
            raise LayerError(f"found {text}: {error}") from None
        return self.layer(dict(parsed), path, source, scope)

    def layer(
        self, entry: dict[str, Any], path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """A layer as a mapping."""
        own = {
            k: v for k, v in entry.items() if k not in ("from", "shares", "name", "repeat", EXPECTS)
        }
        values = {
            key: value if key == "layer" else self._resolved(value, scope)
            for key, value in own.items()
        }
        label = str(entry.get("name", ""))
        if (strange := unprintable(label)) is not None:
            raise LayerError(f"the sheet's fonts have no '{strange}' in the layer's name")
        shares = scope.name(str(entry["shares"])) if "shares" in entry else ""
        name = self.node(values, label, source, path, shares)
        if isinstance(entry.get(EXPECTS), int):
            self.expected[name] = entry[EXPECTS]
        if label:
            self._remember(label, name, path, scope)
        return (name,)

    def node(
        self,
        values: dict[str, Any],
        label: str,
        source: tuple[str, ...],
        path: Path,
        shares: str = "",
    ) -> str:
        """One more node; its name.

        Raises:
            LayerError: fields that are wrong, or too many nodes.
        """
        if len(self.nodes) >= MOST_NODES:
            raise FieldError(path, f"more than {MOST_NODES} layers")
        kind = values.get("layer")
        if not isinstance(kind, str) or kind not in layers():
            raise LayerError(unknown(found(kind), "a layer", layers()))
        module = layers()[kind]
        name = self._unique(label or f"{kind} {len(self.nodes) + 1}")
        try:
            fields = module.Fields.model_validate(values)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                loc = tuple(part for part in detail["loc"] if isinstance(part, (str, int)))[:1]
                self.mistakes.add((*path, *loc), words_of(detail, loc, module.Fields))
            return name
        if getattr(fields, "bias", True) is None:
            fields = fields.model_copy(update={"bias": self.bias})
        self.nodes.append(Node(name, fields, source, label, shares, path))
        return name

    # ------------------------------------------------------------ names and values

    def _unique(self, name: str) -> str:
        numbered = (f"{name} ({k})" for k in range(2, len(self.taken) + 3))
        free = name if name not in self.taken else next(n for n in numbered if n not in self.taken)
        self.taken.add(free)
        return free

    def _remember(self, label: str, name: str, path: Path, scope: Scope) -> None:
        scope.names[label] = name
        self.top.names.setdefault(label, name)

    def _from(
        self, entry: dict[str, Any], path: Path, source: tuple[str, ...], scope: Scope
    ) -> tuple[str, ...]:
        """What the entry takes as its inputs: what stands before it, or what it names."""
        if "from" not in entry:
            return source
        named = entry["from"]
        words = named if isinstance(named, list) else [named]
        if not words or not all(isinstance(word, str) for word in words):
            raise LayerError("'from' is the name of a layer, or a list of names")
        taken: tuple[str, ...] = ()
        for word in words:
            target = str(scope.values.get(word, word))
            taken += source if target == HERE else (scope.name(target),)
        return taken

    def _resolved(self, value: Any, scope: Scope) -> Any:
        """A field with a block's parameters put in."""
        if isinstance(value, (list, tuple)):
            return [self._resolved(part, scope) for part in value]
        return self._value(value, scope) if isinstance(value, str) else value

    def _value(self, value: Any, scope: Scope) -> Any:
        """``4*width`` with the values of the parameters; any other text as it is."""
        text = str(value)
        if isinstance(value, bool) or not set(WORD.findall(text)) & set(scope.values):
            return value
        if text.strip() in scope.values:
            return scope.values[text.strip()]
        numbers = {
            n: number(v) for n, v in scope.values.items() if isinstance(v, int) or v.isdigit()
        }
        formula = substitute(read_expression(text, None, set(numbers)), numbers)
        try:
            result = evaluate(formula, {})
        except EvaluationError as error:
            raise LayerError(f"'{text}': {error}") from None
        if not isinstance(result, fmpq) or result.q != 1:
            raise LayerError(f"'{text}' is {result}; expected a whole number")
        return int(result.p)

    def _number(self, value: Any, path: Path, scope: Scope) -> int:
        text = str(self._value(value, scope))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_NODES:
            raise LayerError(f"'repeat' is {found(value)}, expected 1 to {MOST_NODES}")
        return int(text)

    def _known_keys(self, entry: dict[str, Any], form: str, path: Path) -> None:
        for key in entry:
            if key not in KEYS[form]:
                hint = nearest(key, KEYS[form])
                known = those_known(hint, sorted(KEYS[form]))
                raise LayerError(f"'{key}' is not a key beside '{form}'{hint}{known}")


def with_names(nodes: Sequence[Node], names: Mapping[str, str]) -> tuple[Node, ...]:
    """The nodes with every source by the name of its node, also where it stands further on."""
    own = {node.name for node in nodes}
    found_nodes = []
    for node in nodes:
        sources = tuple(s if s in own else names.get(s, s) for s in node.sources)
        shares = node.shares if node.shares in own else names.get(node.shares, node.shares)
        changed = sources != node.sources or shares != node.shares
        found_nodes.append(
            Node(node.name, node.fields, sources, node.label, shares, node.path)
            if changed
            else node
        )
    return tuple(found_nodes)
