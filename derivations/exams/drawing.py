"""One value from a domain, by a stream: numbers of a grid, choices, signs, orders, words."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from flint import fmpq

from derivations.errors import ProblemError
from derivations.exams.seeds import Stream
from derivations.formula.evaluation import EvaluationError, Value, evaluate
from derivations.formula.numerals import Ambiguous, exact, in_full, to_decimals
from derivations.kinds.base.fields import Domain
from derivations.kinds.base.variation import (
    Place,
    bounds,
    grid_places,
    grid_size,
    left_out,
    node_at,
)
from derivations.reading import yaml


def drawn(place: Place, root: yaml.Node, stream: Stream) -> yaml.Node:
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


def _grid(domain: Domain, stream: Stream) -> Callable[[yaml.Scalar], str]:
    """Numbers first + k step, without those that are left out or, where all differ, were drawn."""
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


def _chosen(place: Place, root: yaml.Node, stream: Stream) -> yaml.Node:
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


def _shuffled(node: yaml.Node, stream: Stream) -> yaml.Node:
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
