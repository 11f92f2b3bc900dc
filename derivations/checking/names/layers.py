"""Definitions for layer l, said of other layers: ``z^(l) = W^(l) a^(l-1)`` says what z^(l+1) is, too.

So do definitions for time t, ``h_t = f(W x_t + U h_{t-1})``, of time t+1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from derivations.checking.names.quantities import indices, is_update
from derivations.formula.looks import Look, look
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, names, rewrite, walk
from derivations.reading.latex import ReadChain, Symbols
from derivations.reading.latex.symbols import spelled

T = Name("t")
ITERATIONS = (Name("k"), Name("n"))  # letters that may count steps, as t does
TIME = re.compile(r"(t)([+-]\d)?")
LABEL = re.compile(r"([A-Za-z]*)([+-]?\d+)?")
MOST = 30  # definitions that are added
Layer = tuple[str, int]  # a letter, or nothing; what is added to it


def of_other_layers(
    definitions: Mapping[str, Formula], mentioned: Iterable[str]
) -> Mapping[str, Formula]:
    """Definitions of names that are mentioned and that others say for a lower layer.

    Args:
        definitions: what a text defines.
        mentioned: names that it speaks of and does not define.
    """
    found: dict[str, Formula] = {}
    general = {n: f for n, f in definitions.items() if (layer := layer_of(n)) and layer[0]}
    todo = sorted(set(mentioned) - definitions.keys()) if general else []
    while todo and len(found) < MOST:
        name = todo.pop()
        for other, formula in general.items():
            moved = _moved(other, formula, name)
            if moved is not None:
                found[name] = moved
                todo += sorted(names(moved) - definitions.keys() - found.keys())
                break
    return found


def shapes_of_other_layers(
    definitions: Mapping[str, Formula], shapes: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """The shapes of arrays in definitions of another layer: those of the layer that is known."""
    known = {family(array): shape for array, shape in shapes.items() if family(array) != array}
    used = {*definitions, *(name for formula in definitions.values() for name in names(formula))}
    return {n: known[family(n)] for n in used if n not in shapes and family(n) in known}


def _moved(general: str, formula: Formula, name: str) -> Formula | None:
    """The formula of a name that is the general one for a higher layer; None where it is not."""
    here, there = layer_of(general), layer_of(name)
    if here is None or there is None or family(general) != family(name):
        return None
    if here[0] != there[0] or there[1] <= here[1]:
        return None
    letters = {layer[0] for used in names(formula) if (layer := layer_of(used)) is not None}
    again = any(family(used) == family(general) for used in names(formula))
    if again or not letters <= {here[0]}:
        return None

    def rule(node: Formula) -> Formula | None:
        layer = layer_of(node.id) if isinstance(node, Name) else None
        if layer is None or not isinstance(node, Name):
            return None
        return Name(_at(node.id, here[0], there[1] + layer[1] - here[1]))

    return rewrite(formula, rule)


def layer_of(name: str) -> Layer | None:
    """The letter of a name's layer or time, and what is added to it: of ``z__l+1`` it is (l, 1)."""
    parts = look(name)
    match = LABEL.fullmatch(parts.superscript) or TIME.fullmatch(parts.subscript)
    if match is None or not match[0]:
        return None
    return match[1], int(match[2] or 0)


def family(name: str) -> str:
    """The name without its layer or time."""
    plain, sign, rest = name.partition("@")
    return f"{spelled(_labelled(look(plain), ''))}{sign}{rest}"


def _at(name: str, letter: str, more: int) -> str:
    plain, sign, rest = name.partition("@")
    label = f"{letter}{more:+d}" if more else letter
    return f"{spelled(_labelled(look(plain), label))}{sign}{rest}"


def _labelled(parts: Look, label: str) -> Look:
    if parts.superscript or not TIME.fullmatch(parts.subscript):
        return replace(parts, superscript=label)
    return replace(parts, subscript=label)


def at_times(chains: Iterable[ReadChain], known: Symbols) -> Callable[[Formula], Formula]:
    """``h_{t-1}`` as a name of its own, where h_t is spoken of, and t is no index of a sum or h_t follows from it.

    It may be an array then, and its product with a matrix another one.
    """
    lines = list(chains)
    every = list(formulas_of(lines))
    spoken = {name for formula in every for name in names(formula)}
    bound = {
        index
        for formula in every
        for node in walk(formula)
        if isinstance(node, Apply) and node.head in RANGES
        for index in indices(node)
    }
    times = {T} | {letter for letter in ITERATIONS if _counts(letter, spoken, every)}
    bound -= {t for t in times if _follows(t, lines)}
    times = {t for t in times - bound if any(name.endswith(f"_{t.id}") for name in spoken)}
    if not times:
        return lambda formula: formula

    def rule(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head == "product":
            args = [rewrite(arg, rule) for arg in node.args]
            both = all(_is_array(arg, known) for arg in args)
            return Apply("matmul" if both else "product", tuple(args), node.span)
        if not isinstance(node, Apply) or node.head != "entry" or len(node.args) != 2:
            return None
        array, place = node.args
        if not isinstance(array, Name) or not isinstance(place, Apply):
            return None
        more = _added(place)
        letter = place.args[0]
        if letter not in times or not isinstance(letter, Name):
            return None
        return Name(f"{array.id}_{letter.id}{more:+d}") if more else None

    return lambda formula: rewrite(formula, rule)


def _follows(letter: Name, chains: Iterable[ReadChain]) -> bool:
    """Whether something follows from its step before: ``h_t = f(h_{t-1})``."""
    for chain in chains:
        first = chain.first.formula
        base = first.id.removesuffix(f"_{letter.id}") if isinstance(first, Name) else ""
        for node in (n for f in formulas_of([chain]) for n in walk(f)):
            if not isinstance(node, Apply) or node.head != "entry" or node.args[0] != Name(base):
                continue
            place = node.args[-1]
            if isinstance(place, Apply) and place.args[0] == letter and _added(place) < 0:
                return True
    return False


def _counts(letter: Name, spoken: set[str], formulas: Iterable[Formula]) -> bool:
    """Whether a letter counts iterations: ``w_{k+1}`` stands beside ``w_k``, and k is no other index."""
    places = [
        (node.args[0], place)
        for formula in formulas
        for node in walk(formula)
        if isinstance(node, Apply) and node.head == "entry"
        for place in node.args[1:]
        if letter.id in names(place)
    ]
    alone = all(isinstance(a, Name) and f"{a.id}_{letter.id}" in spoken for a, _ in places)
    several = any(look(n).subscript.count(letter.id) and len(look(n).subscript) > 1 for n in spoken)
    return bool(places) and alone and not several


def _is_array(formula: Formula, known: Symbols) -> bool:
    if isinstance(formula, Apply) and formula.head == "transpose":
        formula = formula.args[0]
    return isinstance(formula, Name) and known.is_array(formula.id)


def _added(place: Apply) -> int:
    """Of ``t - 1`` the -1; 0 of anything that is no sum with a whole number."""
    if place.head != "sum" or len(place.args) != 2:
        return 0
    more, sign = place.args[1], 1
    if isinstance(more, Apply) and more.head == "neg":
        more, sign = more.args[0], -1
    return sign * int(more.text) if isinstance(more, Number) and more.text.isdigit() else 0


def definitions_of(chains: Iterable[ReadChain]) -> dict[str, Formula]:
    """Names with what they are said to stand for, where they begin a line for the first time."""
    found: dict[str, Formula] = {}
    for chain in chains:
        left = chain.first.formula
        right = chain.links[0].term.formula if chain.links else None
        if not isinstance(left, Name) or right is None or chain.links[0].sign not in ("=", ":="):
            continue
        if not isinstance(right, Number) and not is_update(left, "=", right):
            found.setdefault(left.id, right)
    return found


def undefined_in(chains: Iterable[ReadChain]) -> frozenset[str]:
    """Names that lines speak of and do not begin with."""
    chains = list(chains)
    firsts = {n for chain in chains if chain.first.formula for n in names(chain.first.formula)}
    return frozenset(name for formula in formulas_of(chains) for name in names(formula)) - firsts


def formulas_of(chains: Iterable[ReadChain]) -> Iterator[Formula]:
    """All that lines say."""
    for chain in chains:
        for term in (chain.label, chain.first, *(link.term for link in chain.links)):
            if term is not None and term.formula is not None:
                yield term.formula
