"""One value from a domain, by a stream: numbers of a grid, choices, signs, orders, words."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import factorial, perm, prod
from typing import Protocol, TypeVar

from flint import fmpq

from derivations.errors import ProblemError
from derivations.formula.evaluation import EvaluationError, Value, evaluate
from derivations.formula.numerals import Ambiguous, exact, in_full, to_decimals
from derivations.kinds.base.problem import Domain
from derivations.kinds.base.variation import (
    Place,
    bounds,
    grid_places,
    grid_size,
    left_out,
    node_at,
    numerals,
)
from derivations.reading import yaml

Item = TypeVar("Item")
SPECIAL = 12  # choices that are tried out
SMALL = 10_000  # numbers of a grid that are listed


class Source(Protocol):
    """What values are drawn with: a `Stream`."""

    def below(self, n: int) -> int: ...

    def choice(self, items: Sequence[Item]) -> Item: ...

    def permutation(self, n: int) -> list[int]: ...


def drawn(place: Place, root: yaml.Node, stream: Source) -> yaml.Node:
    """What takes the place of the file's own value; of words their number among the choices."""
    domain = place.domain
    if domain.words is not None:
        return _scalar(str(stream.below(len(domain.words))), place.node)
    if domain.integers or domain.decimals:
        return _each(place.node, _grid(domain, stream))
    if domain.choice is not None:
        return _chosen(place, root, stream)
    if domain.signs:
        return _each(place.node, lambda old: _signed(old, stream.below(2) == 1))
    return _shuffled(place.node, stream)


def _scalar(text: str, like: yaml.Node) -> yaml.Scalar:
    return yaml.Scalar(text, True, like.line, like.column)


def _each(node: yaml.Node, draw: Callable[[yaml.Scalar], str]) -> yaml.Node:
    """The entries one by one, row by row."""
    if isinstance(node, yaml.Sequence):
        return replace(node, items=tuple([_each(item, draw) for item in node.items]))
    assert isinstance(node, yaml.Scalar)
    return _scalar(draw(node), node)


def _grid(domain: Domain, stream: Source) -> Callable[[yaml.Scalar], str]:
    """Numbers first + k step, without those that are left out or, where all differ, were drawn."""
    listed = _listed(domain.integers, domain.decimals, domain.step, domain.places, domain.exclude)
    if listed is not None and not domain.different:
        return lambda _: listed[stream.below(len(listed))]
    first, _, step = bounds(domain)
    gone, size, places = left_out(domain), grid_size(domain), grid_places(domain)

    def draw(_: yaml.Scalar) -> str:
        nonlocal size
        if size < 1:
            raise ProblemError.at("more entries than different numbers")
        spot = stream.below(size)
        for taken in gone:
            spot += taken <= spot
        if domain.different:
            insort(gone, spot)
            size -= 1
        return to_decimals(first + spot * step, places)

    return draw


@cache
def _listed(
    integers: tuple[str, ...] | None,
    decimals: tuple[str, ...] | None,
    step: str | None,
    places: int | None,
    exclude: tuple[str, ...],
) -> tuple[str, ...] | None:
    """The numerals of a small grid, in order: they are written once and not at every draw."""
    domain = Domain(integers=integers, decimals=decimals, step=step, places=places, exclude=exclude)
    first, last, width = bounds(domain)
    if grid_size(domain) > SMALL:
        return None
    gone, written = set(left_out(domain)), grid_places(domain)
    spots = range(int(((last - first) / width).floor()) + 1)
    return tuple(to_decimals(first + k * width, written) for k in spots if k not in gone)


def _signed(old: yaml.Scalar, turned: bool) -> str:
    if not turned or exact(old.text) == 0:
        return old.text
    return old.text[1:] if old.text.startswith("-") else f"-{old.text}"


def choices(place: Place, root: yaml.Node) -> tuple[yaml.Node, ...]:
    """The choices, as they stand in the file."""
    at = node_at(root, ("vary", place.key))
    listed = at if isinstance(at, yaml.Sequence) else node_at(root, ("vary", place.key, "choice"))
    assert isinstance(listed, yaml.Sequence)
    return listed.items


def by_entry(place: Place, root: yaml.Node) -> bool:
    """Whether every entry of a list is chosen by itself: the choices are no lists themselves."""
    listed = isinstance(place.node, yaml.Sequence)
    return listed and not any(isinstance(c, yaml.Sequence) for c in choices(place, root))


def _chosen(place: Place, root: yaml.Node, stream: Source) -> yaml.Node:
    listed = choices(place, root)
    if not by_entry(place, root):
        return stream.choice(listed)
    if not place.domain.different:
        return _replaced(place.node, lambda: stream.choice(listed))
    order = iter(stream.permutation(len(listed)))

    def following() -> yaml.Node:
        try:
            return listed[next(order)]
        except StopIteration:
            raise ProblemError.at("more entries than different choices") from None

    return _replaced(place.node, following)


def _replaced(node: yaml.Node, draw: Callable[[], yaml.Node]) -> yaml.Node:
    if isinstance(node, yaml.Sequence):
        return replace(node, items=tuple([_replaced(item, draw) for item in node.items]))
    return draw()


def _shuffled(node: yaml.Node, stream: Source) -> yaml.Node:
    entries = list(scalars(node))
    order = iter(stream.permutation(len(entries)))
    return _replaced(node, lambda: entries[next(order)])


def scalars(node: yaml.Node) -> Iterator[yaml.Scalar]:
    """The entries of a number, vector or matrix, row by row."""
    if isinstance(node, yaml.Sequence):
        for item in node.items:
            yield from scalars(item)
    elif isinstance(node, yaml.Scalar):
        yield node


# ---------------------------------------------------------------- what depends on others


def value_of(node: yaml.Node) -> Value:
    """The exact number, or the tuple of them."""
    if isinstance(node, yaml.Sequence):
        return tuple(map(value_of, node.items))
    assert isinstance(node, yaml.Scalar)
    return exact(node.text)


def dependent(place: Place, values: Mapping[str, Value]) -> yaml.Node:
    """The value of an expression over others, as a decimal where it has an end, else a fraction.

    Raises:
        ProblemError: no value, not a rational one, or one of another shape.
    """
    assert place.formula is not None
    try:
        value = evaluate(place.formula, values)
    except (EvaluationError, Ambiguous) as error:
        raise ProblemError.at(f"'= {place.domain.equals}' has no value: {error}") from None
    return _written(value, place.node)


def _written(value: Value, node: yaml.Node) -> yaml.Node:
    if isinstance(value, tuple):
        if not isinstance(node, yaml.Sequence) or len(node.items) != len(value):
            raise ProblemError.at(
                "the expression has another shape than what it takes the place of"
            )
        parts = zip(value, node.items, strict=True)
        return replace(node, items=tuple([_written(part, item) for part, item in parts]))
    if not isinstance(value, fmpq) or isinstance(node, yaml.Sequence):
        raise ProblemError.at("the expression is no rational number; round it, or draw it")
    return _scalar(in_full(value) or f"{value.p}/{value.q}", node)


def special(place: Place, root: yaml.Node) -> list[yaml.Node]:
    """Values on which a derivation may depend: each choice; 0 and 1, everywhere and in one entry."""
    domain = place.domain
    if domain.choice is not None and not by_entry(place, root):
        return list(choices(place, root)[:SPECIAL])
    found: list[yaml.Node] = []
    if domain.integers or domain.decimals:
        for number in ("0", "1"):
            everywhere = _each(place.node, lambda _, number=number: number)  # type: ignore[misc]
            once = iter([number])
            first = _each(place.node, lambda old, once=once: next(once, old.text))  # type: ignore[misc]
            found += [n for n in (everywhere, first) if lies_in(replace(place, node=n), root)]
    return found


# ---------------------------------------------------------------- how many there are


def lies_in(place: Place, root: yaml.Node) -> bool:
    """Whether the file's own value could have been drawn."""
    domain, node = place.domain, place.node
    if domain.integers or domain.decimals:
        first, last, step = bounds(domain)
        numbers = [exact(scalar.text) for scalar in scalars(node)]
        gone = {exact(text) for text in domain.exclude}
        fits = all(first <= x <= last and ((x - first) / step).q == 1 for x in numbers)
        apart = not domain.different or len(set(numbers)) == len(numbers)
        return fits and apart and not gone & set(numbers)
    if domain.choice is not None:
        allowed = [_comparable(choice) for choice in choices(place, root)]
        parts = list(scalars(node)) if by_entry(place, root) else [node]
        return all(_comparable(part) in allowed for part in parts)
    return True


def _comparable(node: yaml.Node) -> object:
    """A value by which 0.50 is 1/2."""
    if isinstance(node, yaml.Sequence):
        return tuple(map(_comparable, node.items))
    if isinstance(node, yaml.Scalar) and numerals(node):
        return exact(node.text)
    return repr(yaml.plain(node))


def size(place: Place, root: yaml.Node) -> int:
    """How many values a place may get."""
    domain = place.domain
    entries = len(list(scalars(place.node))) if not place.words else 1
    if domain.words is not None:
        return len(domain.words)
    if domain.integers or domain.decimals:
        count = grid_size(domain)
        return perm(count, entries) if domain.different else prod([count] * entries)
    if domain.choice is not None:
        count = len(choices(place, root))
        if not by_entry(place, root):
            return count
        return perm(count, entries) if domain.different else prod([count] * entries)
    if domain.signs:
        return 1 << sum(1 for scalar in scalars(place.node) if exact(scalar.text) != 0)
    if domain.shuffle:
        alike = Counter(scalar.text for scalar in scalars(place.node)).values()
        return factorial(entries) // int(prod(map(factorial, alike)))
    return 1


class Every:
    """A stand-in for a stream that goes through every sequence of draws, one after the other."""

    def __init__(self) -> None:
        self.path: list[tuple[int, int]] = []  # what was drawn, and below what
        self.at = 0

    def below(self, n: int) -> int:
        """The number on the path, or 0 at its end."""
        if self.at == len(self.path):
            self.path.append((0, n))
        self.at += 1
        return self.path[self.at - 1][0]

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]

    def permutation(self, n: int) -> list[int]:
        """As `Stream.permutation`."""
        order = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def following(self) -> bool:
        """To the next sequence; False after the last."""
        self.at = 0
        while self.path:
            drawn, n = self.path.pop()
            if drawn + 1 < n:
                self.path.append((drawn + 1, n))
                return True
        return False
