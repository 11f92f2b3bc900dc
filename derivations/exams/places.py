"""The places of a file that vary: drawn in their order, and what a name of the file stands for then."""

from __future__ import annotations

from derivations.errors import ProblemError
from derivations.exams.drawing import Source, dependent, drawn, lies_in, value_of
from derivations.exams.structures import Draws
from derivations.formula.evaluation import Value
from derivations.formula.tree import names
from derivations.kinds import mcq
from derivations.kinds.base.files import Loaded
from derivations.kinds.base.problem import Domain
from derivations.kinds.base.variation import Place, node_at, places_of, put, scope
from derivations.reading import yaml


class Places:
    """All places of one file that vary.

    Attributes:
        all: the places, in the order of the file.
        root: the tree of the file.
        scope: where a name of expressions stands in the tree.
        example: what the file itself has in each place.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.file = loaded.file
        self.root = loaded.file.root
        self.all = [*places_of(loaded.problem, self.root), *_order(loaded)]
        self.scope = scope(self.root)
        self.example = {place.key: _own(place) for place in self.all}

    def draw(self, stream: Source) -> dict[str, yaml.Node]:
        """Every place once, in the order of the file; then what depends on others."""
        draws: dict[str, yaml.Node] = {}
        for place in self.all:
            if place.formula is None:
                try:
                    draws[place.key] = drawn(place, self.root, stream)
                except ProblemError as error:
                    raise self._refuse(place, error) from None
        for place in self.all:
            if place.formula is not None:
                used = {name: self.value(name, draws) for name in names(place.formula)}
                try:
                    draws[place.key] = dependent(place, used)
                except ProblemError as error:
                    raise self._refuse(place, error) from None
        return draws

    def value(self, name: str, draws: Draws) -> Value:
        """A number of the file by its name in expressions, with the draws in their places."""
        path = self.scope[name]
        node = node_at(self.root, path)
        assert node is not None
        for place in self.all:
            if place.words or place.key not in draws:
                continue
            if path[: len(place.path)] == place.path:
                inside = node_at(draws[place.key], path[len(place.path) :])
                node = node if inside is None else inside
            elif place.path[: len(path)] == path:
                node = put(node, place.path[len(path) :], draws[place.key])
        return value_of(node)

    def outside(self) -> list[str]:
        """The places whose own values could not have been drawn."""
        found = [place.key for place in self.all if not lies_in(place, self.root)]
        for place in self.all:
            if place.formula is not None:
                used = {name: self.value(name, self.example) for name in names(place.formula)}
                if value_of(dependent(place, used)) != value_of(place.node):
                    found.append(place.key)
        return found

    def _refuse(self, place: Place, error: ProblemError) -> ProblemError:
        return ProblemError(self.file.mistake(("vary", place.key), error.messages))


def _order(loaded: Loaded) -> list[Place]:
    """The order of options that are made from slips: drawn for everybody."""
    problem = loaded.problem
    if not isinstance(problem, mcq.Fields) or not isinstance(problem.options, mcq.FromSlips):
        return []
    order = problem.options.order or range(1, problem.options.count + 1)
    node = yaml.Sequence(tuple(yaml.Scalar(str(n), True, 1, 1) for n in order), 1, 1)
    return [Place("options.order", ("options", "order"), Domain(shuffle=True), node)]


def _own(place: Place) -> yaml.Node:
    """What the file itself has in a place; of words the first."""
    if place.words:
        return yaml.Scalar("0", True, place.node.line, place.node.column)
    return place.node
