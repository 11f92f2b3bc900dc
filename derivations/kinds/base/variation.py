"""`vary` in a problem file: which places of its tree change, and what they may become.

A variant is the file's own tree with other scalars in some places, read and checked like any file;
words of a scenario take the place of ``{name}`` in texts before these are read, and hold no markup.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flint import fmpq

from derivations.errors import ReadError, nearest
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import FRACTION, NUMERAL, decimal_places, exact
from derivations.formula.tokens import NAME
from derivations.formula.tree import Apply, Formula, Name, Number, children, names, position
from derivations.kinds.base.errors import Mistakes, Path
from derivations.kinds.base.functions import FUNCTION_NAMES, by_table_key
from derivations.kinds.base.problem import Domain, Problem
from derivations.reading import yaml

CLOSED = frozenset(
    {"kind", "id", "title", "text", "vary", "variant", "require", "distinct", "rounding", "see"}
)
STEP = re.compile(r"\.?([A-Za-z][A-Za-z0-9_-]*)|\[([0-9]{1,6})\]")
MOST = 10**12  # values of one domain


@dataclass(frozen=True, slots=True)
class Place:
    """What one key of `vary` draws.

    Attributes:
        key: as it stands in the file.
        path: into the tree; of words the key alone.
        domain: what is drawn.
        node: what stands there now.
        formula: of a value that depends on others.
    """

    key: str
    path: Path
    domain: Domain
    node: yaml.Node
    formula: Formula | None = None

    @property
    def words(self) -> bool:
        """Whether words of texts are drawn."""
        return self.domain.words is not None


# ---------------------------------------------------------------- trees


def path_of(key: str) -> Path | None:
    """``layers[0].weights`` as a path; None where it is none."""
    path: list[str | int] = []
    at = 0
    while at < len(key):
        match = STEP.match(key, at)
        if not match or (at == 0) == key.startswith((".", "["), at):
            return None
        path.append(match[1] or int(match[2]))
        at = match.end()
    return tuple(path) or None


def node_at(root: yaml.Node, path: Path) -> yaml.Node | None:
    """What stands at a path."""
    node: yaml.Node | None = root
    for part in path:
        found = yaml.step(node, part) if node is not None else None
        node = found[1] if found else None
    return node


def located(root: yaml.Node, key: str) -> Path | None:
    """The path that a key of `vary` stands for: inside ``given``, else from the top."""
    path = path_of(key)
    if path is None:
        return None
    if node_at(root, ("given", *path)) is not None:
        return ("given", *path)
    return path if path[0] not in CLOSED and node_at(root, path) is not None else None


def put(node: yaml.Node, path: Path, new: yaml.Node) -> yaml.Node:
    """The tree with another node at a path; the last key of it may be new."""
    if not path:
        return new
    if isinstance(node, yaml.Mapping):
        if yaml.step(node, path[0]) is None:
            key = yaml.Scalar(str(path[0]), True, node.line, node.column)
            return replace(node, items=(*node.items, (key, new)))
        pairs = ((k, put(v, path[1:], new) if k.text == path[0] else v) for k, v in node.items)
        return replace(node, items=tuple(pairs))
    assert isinstance(node, yaml.Sequence)
    items = (put(v, path[1:], new) if k == path[0] else v for k, v in enumerate(node.items))
    return replace(node, items=tuple(items))


def without(root: yaml.Mapping, *keys: str) -> yaml.Mapping:
    """The tree without some keys at the top."""
    return replace(root, items=tuple(pair for pair in root.items if pair[0].text not in keys))


def as_variant(root: yaml.Mapping, left_out: Collection[str]) -> yaml.Mapping:
    """The tree with the texts of `variant` in their places, and without what is not for variants."""
    own = node_at(root, ("variant",))
    tree: yaml.Node = root
    for key, text in own.items if isinstance(own, yaml.Mapping) else ():
        tree = put(tree, (key.text,), text)
    assert isinstance(tree, yaml.Mapping)
    return without(tree, "vary", "variant", "require", "distinct", *left_out)


def numerals(node: yaml.Node) -> bool:
    """Whether a number, or lists of numbers, stand there."""
    if isinstance(node, yaml.Sequence):
        return bool(node.items) and all(map(numerals, node.items))
    return isinstance(node, yaml.Scalar) and bool(
        NUMERAL.fullmatch(node.text) or FRACTION.fullmatch(node.text)
    )


def scope(root: yaml.Node) -> dict[str, Path]:
    """The numbers of a problem that expressions may name: ``w``, ``layers_0_biases``, ``ask_rate``."""
    found: dict[str, Path] = {}

    def inside(node: yaml.Node, path: Path) -> None:
        name = "_".join(map(str, path[1:] if path[0] == "given" else path))
        if numerals(node) and NAME.fullmatch(name):
            found.setdefault(name, path)
        elif isinstance(node, yaml.Mapping):
            for key, inner in node.items:
                inside(inner, (*path, key.text))
        elif isinstance(node, yaml.Sequence):
            for place, inner in enumerate(node.items):
                inside(inner, (*path, place))

    for key, node in root.items if isinstance(root, yaml.Mapping) else ():
        if key.text in ("given", "samples", "ask"):
            inside(node, (key.text,))
    return found


# ---------------------------------------------------------------- words


def word_sets(root: yaml.Node) -> dict[str, list[dict[str, str]]]:
    """For each key of `vary` with words: the choices, each with what its placeholders become."""
    vary = node_at(root, ("vary",))
    sets: dict[str, list[dict[str, str]]] = {}
    for key, domain in vary.items if isinstance(vary, yaml.Mapping) else ():
        words = node_at(domain, ("words",))
        for item in words.items if isinstance(words, yaml.Sequence) else ():
            if isinstance(item, yaml.Scalar):
                sets.setdefault(key.text, []).append({key.text: item.text})
            elif isinstance(item, yaml.Mapping):
                pairs = {k.text: v.text for k, v in item.items if isinstance(v, yaml.Scalar)}
                sets.setdefault(key.text, []).append(pairs)
    return sets


def with_words(root: yaml.Node, words: Mapping[str, str]) -> yaml.Node:
    """The tree with words in the place of ``{name}`` in every text outside of `vary`."""
    if not words or not isinstance(root, yaml.Mapping):
        return root
    pattern = re.compile(r"\{(" + "|".join(map(re.escape, sorted(words))) + r")\}")

    def changed(node: yaml.Node) -> yaml.Node:
        if isinstance(node, yaml.Scalar):
            text = pattern.sub(lambda match: words[match[1]], node.text)
            return node if text == node.text else replace(node, text=text, plain=False)
        if isinstance(node, yaml.Sequence):
            return replace(node, items=tuple(map(changed, node.items)))
        return replace(node, items=tuple((key, changed(value)) for key, value in node.items))

    return replace(
        root,
        items=tuple((k, v if k.text in ("vary", "require") else changed(v)) for k, v in root.items),
    )


def spelled(key: str, node: yaml.Node | None) -> dict[str, str]:
    """What ``{layers[0].filters}`` in a text stands for: a key with a dot or bracket, and its value."""
    inside = isinstance(node, yaml.Scalar) and ("." in key or "[" in key)
    return {key: node.text} if inside and isinstance(node, yaml.Scalar) else {}


def settled(root: yaml.Node) -> yaml.Node:
    """The tree as it is solved by itself: of all words the first, of all numbers its own."""
    first: dict[str, str] = {}
    vary = node_at(root, ("vary",))
    for key, _ in vary.items if isinstance(vary, yaml.Mapping) else ():
        first |= spelled(key.text, node_at(root, located(root, key.text) or ("",)))
    for choices in word_sets(root).values():
        first |= choices[0]
    return with_words(root, first)


# ---------------------------------------------------------------- checks


def places_of(problem: Problem, root: yaml.Node) -> list[Place]:
    """Everything that `vary` draws, in the order of the file.

    Raises:
        FieldError: places that there are not, domains that do not fit them, empty domains, ...
    """
    mistakes = Mistakes()
    places: list[Place] = []
    if problem.variant is not None and not problem.vary:
        mistakes.add(("variant",), "nothing varies; 'vary' is missing")
    known = scope(root) if problem.vary else {}
    for key, domain in problem.vary.items():
        at: Path = ("vary", key)
        if domain.words is not None:
            _check_words(key, domain, root, known, mistakes)
            places.append(Place(key, (key,), domain, root))
            continue
        path = located(root, key)
        if path is None:
            spellings = [*_spellings(root, known.values()), *_keys(root)]
            hint = nearest(key.removeprefix("given."), spellings)
            mistakes.add(at, f"'{key}' is no value of this problem{hint}")
            continue
        node = node_at(root, path)
        assert node is not None
        _check_fit(at, domain, node, mistakes)
        formula = _expression(domain, at, known, mistakes)
        places.append(Place(key, path, domain, node, formula))
    _check_apart(places, mistakes)
    _check_order(places, known, mistakes)
    mistakes.raise_all()
    return places


def _spelled(path: Path) -> str:
    """``layers[0].weights``, as a key of `vary` says it."""
    inside = path[1:] if path[0] == "given" else path
    return "".join(f".{p}" if isinstance(p, str) else f"[{p}]" for p in inside).removeprefix(".")


def _spellings(root: yaml.Node, paths: Iterable[Path]) -> Iterator[str]:
    """Numbers, lists of them, and their first entries, as keys of `vary` say them."""
    for path in paths:
        yield _spelled(path)
        node = node_at(root, path)
        if isinstance(node, yaml.Sequence):
            yield from _spellings(root, ((*path, place) for place in range(len(node.items[:9]))))


def _keys(root: yaml.Node) -> list[str]:
    given = node_at(root, ("given",))
    return [key.text for key, _ in given.items] if isinstance(given, yaml.Mapping) else []


def _check_words(
    key: str, domain: Domain, root: yaml.Node, known: Mapping[str, Path], mistakes: Mistakes
) -> None:
    sets = [{key: w} if isinstance(w, str) else w for w in domain.words or ()]
    for place, words in enumerate(sets):
        if set(words) != set(sets[0]):
            mistakes.add(
                ("vary", key, "words", place),
                f"found words for {', '.join(words)}; expected {', '.join(sets[0])}, as the first",
            )
    for name in sets[0]:
        if not NAME.fullmatch(name) or name in known:
            mistakes.add(("vary", key), f"'{name}' cannot stand for words; choose another name")
        elif with_words(root, {name: ""}) == root:
            mistakes.add(("vary", key), f"{{{name}}} stands in no text of this problem")


def _check_fit(at: Path, domain: Domain, node: yaml.Node, mistakes: Mistakes) -> None:
    """A domain of numbers for numbers, one of lists for lists; bounds in order; something left."""
    if domain.choice is None and not numerals(node):
        mistakes.add(
            at, "numbers are drawn for a number, or for lists of them, and for nothing else"
        )
    if (domain.shuffle or domain.different) and not isinstance(node, yaml.Sequence):
        mistakes.add(at, "'shuffle' and 'different' are for vectors and matrices")
    if domain.integers or domain.decimals:
        problem = _grid_mistake(domain)
        if problem:
            mistakes.add((*at, "integers" if domain.integers else "decimals"), problem)


def _grid_mistake(domain: Domain) -> str:
    first, last, step = bounds(domain)
    if step <= 0:
        return "the step is larger than 0"
    if domain.integers and any(number.q != 1 for number in (first, last, step)):
        return "expected whole numbers"
    if first > last:
        return f"found {first} before {last}, expected the smaller one first"
    if (last - first) / step >= MOST:
        return f"more than {MOST} values"
    if grid_size(domain) < 1:
        return "nothing is left of it"
    return ""


def bounds(domain: Domain) -> tuple[fmpq, fmpq, fmpq]:
    """First, last and step of integers or decimals."""
    first, last = map(exact, domain.integers or domain.decimals or ("0", "0"))
    step = exact(domain.step or "1")
    return first, last, step if domain.places is None else fmpq(1, 10**domain.places)


def left_out(domain: Domain) -> list[int]:
    """The places on the grid that are excluded, in order."""
    first, last, step = bounds(domain)
    spots = {(exact(text) - first) / step for text in domain.exclude}
    return sorted(int(s.p) for s in spots if s.q == 1 and 0 <= s <= (last - first) / step)


def grid_size(domain: Domain) -> int:
    """How many numbers integers or decimals hold."""
    first, last, step = bounds(domain)
    return int(((last - first) / step).floor()) + 1 - len(left_out(domain))


def grid_places(domain: Domain) -> int:
    """The decimals with which the numbers of a grid are written."""
    texts = [*(domain.integers or domain.decimals or ()), domain.step or "0"]
    written = [decimal_places(text) for text in texts if NUMERAL.fullmatch(text)]
    return max([0, domain.places or 0, *written])


def _expression(
    domain: Domain, at: Path, known: Mapping[str, Path], mistakes: Mistakes
) -> Formula | None:
    if domain.equals is None:
        return None
    with mistakes.at(at, domain.equals):
        formula = by_table_key(read_expression(domain.equals, FUNCTION_NAMES, set(known)))
        for name in names(formula):
            if name not in known:
                raise ReadError(
                    f"'{name}' is no number of this problem{nearest(name, known)}",
                    position(formula, name),
                )
        return formula
    return None


def _check_apart(places: list[Place], mistakes: Mistakes) -> None:
    """No value is drawn twice."""
    for place, other in _pairs(places):
        if (
            other.path[: len(place.path)] == place.path
            or place.path[: len(other.path)] == other.path
        ):
            mistakes.add(("vary", other.key), f"it is drawn already, with '{place.key}'")


def _pairs(places: list[Place]) -> Iterator[tuple[Place, Place]]:
    drawn = [place for place in places if not place.words]
    return ((a, b) for n, a in enumerate(drawn) for b in drawn[n + 1 :])


def _used(formula: Formula, known: Mapping[str, Path]) -> Iterator[Path]:
    """What an expression reads; of ``w[2]`` the second entry alone."""
    if isinstance(formula, Apply) and formula.head == "entry":
        of, *indices = formula.args
        if isinstance(of, Name) and all(
            isinstance(i, Number) and i.text.isdigit() for i in indices
        ):
            places = (int(i.text) - 1 for i in indices if isinstance(i, Number))
            yield (*known[of.id], *places)
            return
    if isinstance(formula, Name):
        yield known[formula.id]
    for part in children(formula):
        yield from _used(part, known)


def _check_order(places: list[Place], known: Mapping[str, Path], mistakes: Mistakes) -> None:
    """What depends on a value stands below it."""
    later = {place.path: place.key for place in places if place.formula is not None}
    for place in places:
        if place.formula is None:
            continue
        for path in _used(place.formula, known):
            for other, key in later.items():
                if other[: len(path)] == path or path[: len(other)] == other:
                    mistakes.add(
                        ("vary", place.key), f"'{key}' is worked out below it, or by itself"
                    )
        later.pop(place.path)
