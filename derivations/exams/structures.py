"""What a problem is apart from its numbers: one derivation for all variants of a structure.

A value that stands in the givens of the derivation just as it was written, and leaves the derivation
itself as it is, is a number that is put in later. Anything else that is drawn (an activation, a
size, a word) makes another structure. Which is which is found out, not declared: marks are put
into the file, and looked for in what the kind makes of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from derivations.errors import NameTaken, ProblemError
from derivations.exams.drawing import by_entry, choices, scalars
from derivations.exams.options import Slips, completed, slips_of, wants_slips
from derivations.kinds import mcq
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.files import Loaded, check
from derivations.kinds.base.variation import (
    Place,
    as_variant,
    numerals,
    put,
    spelled,
    with_words,
    word_sets,
)
from derivations.reading import yaml
from derivations.steps.solution import Derivation
from derivations.steps.substitution import Given

Draws = Mapping[str, yaml.Node]  # by the key of `vary`
Key = tuple[tuple[str, Any], ...]
Spot = tuple[str, int]  # the key, and which entry of it
Value = TypeVar("Value")


class Recent(dict[Key, Value]):
    """What was made for structures; the oldest makes room where there are more than ``most``."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self.most = most

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        if len(self) > self.most:
            del self[next(iter(self))]


def plain(value: Any) -> Any:
    """A value of a file that can stand in a set: tuples for lists and mappings."""
    if isinstance(value, list):
        return tuple(map(plain, value))
    if isinstance(value, dict):
        return tuple((name, plain(inner)) for name, inner in value.items())
    return value


def varied(loaded: Loaded, places: Sequence[Place], draws: Draws) -> Loaded:
    """The problem with drawn values in their places; it does not vary any more.

    Raises:
        ProblemError: it is no problem with these values.
    """
    root: yaml.Node = loaded.file.root
    words: dict[str, str] = {}
    sets = word_sets(root)
    for place in places:
        node = draws[place.key]
        if place.words:
            assert isinstance(node, yaml.Scalar)
            words |= sets[place.key][int(node.text)]
        else:
            root = put(root, place.path, node)
            words |= spelled(place.key, node)
    root = with_words(root, words)
    assert isinstance(root, yaml.Mapping)
    root = as_variant(root, loaded.problem.OF_THE_FILE)
    return check(yaml.File(loaded.file.name, root), loaded.problem.id)


def derivation_of(loaded: Loaded) -> Derivation:
    """The derivation of a problem, with its place.

    Raises:
        ProblemError: the problem cannot be solved as it is written.
    """
    try:
        derivation: Derivation = loaded.module.derive(loaded.problem)
    except FieldError as error:
        raise loaded.refuse(error) from None
    except NameTaken as error:
        raise loaded.refuse_name(str(error)) from None
    return replace(derivation, place=loaded.place)


def givens_of(loaded: Loaded) -> dict[str, Given]:
    """The numbers of a problem by the names of its derivation."""
    try:
        return dict(loaded.module.givens(loaded.problem))
    except FieldError as error:
        raise loaded.refuse(error) from None


@dataclass(frozen=True)
class Structure:
    """A derivation, and where the drawn numbers stand in its givens.

    Attributes:
        key: what was chosen that changes the derivation.
        loaded: a problem of this structure.
        derivation: of every variant that has it.
        pattern: the givens, with spots where numbers are drawn; None where the kind has to make
            the givens of every variant anew.
        slips: of which the options are made, if they are.
    """

    key: Key
    loaded: Loaded
    derivation: Derivation
    pattern: Mapping[str, Any] | None
    slips: Slips | None = None

    def givens(self, draws: Draws) -> dict[str, Given] | None:
        """The givens with drawn numbers in their spots."""
        if self.pattern is None:
            return None
        return _put_in(self.pattern, draws)


def _put_in(pattern: Mapping[str, Any], draws: Draws) -> dict[str, Given]:
    texts = {
        (key, n): scalar.text
        for key, node in draws.items()
        for n, scalar in enumerate(scalars(node))
    }
    return {name: _filled(value, texts) for name, value in pattern.items()}


@dataclass(frozen=True, slots=True)
class _Open:
    """A spot in a pattern."""

    spot: Spot


def _filled(value: Any, texts: Mapping[Spot, str]) -> Given:
    if isinstance(value, tuple):
        return tuple([_filled(part, texts) for part in value])
    return texts[value.spot] if isinstance(value, _Open) else value


class Structures:
    """The structures of a problem, each derived once.

    Args:
        loaded: the problem.
        places: what it draws.
        example: the file's own values.
        samples: some draws, with which it is tried out what the derivation depends on.
    """

    def __init__(
        self,
        loaded: Loaded,
        places: Sequence[Place],
        example: Draws,
        samples: Sequence[Draws],
    ) -> None:
        self.loaded, self.places, self.example = loaded, places, example
        self.numbers: frozenset[str] = frozenset()
        self.numbers = frozenset(self._numbers(example, samples))
        self.known: Recent[Structure] = Recent()

    def of(self, draws: Draws) -> Structure:
        """The structure of these draws.

        Raises:
            ProblemError: the kind refuses them.
        """
        key = tuple(
            (place.key, plain(yaml.plain(draws[place.key])))
            for place in self.places
            if place.key not in self.numbers
        )
        if key not in self.known:
            slips = self._slips(draws)
            loaded = completed(varied(self.loaded, self.places, draws), slips)
            pattern = self._pattern(draws, loaded)
            self.known[key] = Structure(key, loaded, derivation_of(loaded), pattern, slips)
        return self.known[key]

    def _numbers(self, example: Draws, samples: Sequence[Draws]) -> list[str]:
        """The keys that draw numbers which the derivation does not see.

        They come out in the givens as they were written, and no sample of them changes the
        derivation. Where samples change it only together, every key counts as structure.
        """
        root = self.loaded.file.root
        found = [p.key for p in self.places if _of_numbers(p, root) and self._given(example, p.key)]
        own = self._derived(example)
        for draws in samples if found else ():
            changed = [key for key in found if draws[key] != example[key]]
            if not changed or self._derived(_mixed(example, draws, changed)) in (own, None):
                continue
            guilty = {
                key
                for key in changed
                if self._derived(_mixed(example, draws, [key])) not in (own, None)
            }
            found = [key for key in found if key not in guilty] if guilty else []
        return found

    def _slips(self, draws: Draws) -> Slips | None:
        """The slips that options are made of, by the file's own numbers: the same for all variants."""
        if not wants_slips(self.loaded):
            return None
        own = _mixed(draws, self.example, sorted(self.numbers))
        loaded = varied(self.loaded, self.places, own)
        assert isinstance(loaded.problem, mcq.Fields)
        try:
            return slips_of(loaded.problem)
        except FieldError as error:
            raise loaded.refuse(error) from None

    def _derived(self, draws: Draws) -> Derivation | None:
        try:
            own = self._slips(self.example)
            return derivation_of(completed(varied(self.loaded, self.places, draws), own))
        except ProblemError:
            return None

    def _given(self, example: Draws, key: str) -> bool:
        """Whether marks for a key come out in the givens."""
        try:
            marked = givens_of(self._marked(example, [key]))
            return _pattern(marked, self._marks(example, [key])) is not None
        except ProblemError:
            return False

    def _pattern(self, draws: Draws, loaded: Loaded) -> dict[str, Any] | None:
        """Where the drawn numbers stand in the givens; None where they do not come out as drawn."""
        keys = [place.key for place in self.places if place.key in self.numbers]
        try:
            marked = givens_of(self._marked(draws, keys))
            pattern = _pattern(marked, self._marks(draws, keys))
        except ProblemError:
            return None
        if pattern is None or _put_in(pattern, draws) != givens_of(loaded):
            return None
        return pattern

    def _marked(self, draws: Draws, keys: Sequence[str]) -> Loaded:
        marks = {spot: text for text, spot in self._marks(draws, keys).items()}
        marked = {key: _with_marks(draws[key], key, marks) for key in keys}
        return varied(self.loaded, self.places, {**draws, **marked})

    def _marks(self, draws: Draws, keys: Sequence[str]) -> dict[str, Spot]:
        """A number for each entry that no file would write, all of them between 0 and 1."""
        spots = [(key, n) for key in keys for n, _ in enumerate(scalars(draws[key]))]
        return {f"0.1{count:05}73": spot for count, spot in enumerate(spots)}


def _mixed(example: Draws, draws: Draws, keys: Sequence[str]) -> Draws:
    return {**example, **{key: draws[key] for key in keys}}


def _of_numbers(place: Place, root: yaml.Node) -> bool:
    """Whether all that a place draws are numbers, always as many."""
    if place.words or not numerals(place.node):
        return False
    if place.domain.choice is None or by_entry(place, root):
        return place.domain.choice is None or all(map(numerals, choices(place, root)))
    return all(numerals(c) and _shape(c) == _shape(place.node) for c in choices(place, root))


def _shape(node: yaml.Node) -> tuple[Any, ...]:
    return tuple(map(_shape, node.items)) if isinstance(node, yaml.Sequence) else ()


def _with_marks(node: yaml.Node, key: str, marks: Mapping[Spot, str]) -> yaml.Node:
    count = iter(range(len(marks)))

    def inside(part: yaml.Node) -> yaml.Node:
        if isinstance(part, yaml.Sequence):
            return replace(part, items=tuple([inside(item) for item in part.items]))
        return yaml.Scalar(marks[key, next(count)], True, part.line, part.column)

    return inside(node)


def _pattern(givens: Mapping[str, Given], marks: Mapping[str, Spot]) -> dict[str, Any] | None:
    """The givens with spots for marks; None where a mark is not among them as it was written."""
    seen: set[Spot] = set()

    def inside(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple([inside(part) for part in value])
        if value in marks:
            seen.add(marks[value])
            return _Open(marks[value])
        return value

    pattern = {name: inside(value) for name, value in givens.items()}
    return pattern if seen == set(marks.values()) else None
