"""Variants of a problem worked out and verified: the question, the worked key, the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derivations.exams.filling import Filling
from derivations.exams.structures import Key, Recent
from derivations.exams.tolerances import Tolerance, tolerances
from derivations.exams.varying import Variant
from derivations.formula.printing import Numeral
from derivations.steps.document import Item
from derivations.steps.solution import Derivation, Verified
from derivations.steps.substitution import ANSWER, Given
from derivations.writing import latex
from derivations.writing.json import numeral_text, plain
from derivations.writing.latex_blocks import Blocks

Solve = Callable[[Derivation, Mapping[str, Given], Mapping[str, Any]], Verified]
CUT = "%@ cut\n"
LINE = re.compile(re.escape(CUT))


@dataclass(frozen=True, slots=True)
class Worked:
    """A problem as one student gets it.

    Attributes:
        question: LaTeX of what the student reads; it is made from the givens alone.
        key: LaTeX of the question with its worked solution.
        answers: name, shown, value, and the bounds of honest rounding of each.
    """

    question: str
    key: str
    answers: tuple[Mapping[str, Any], ...]


class Working:
    """One problem, with a filling for each of its structures.

    What goes the slow road, and so the first variant of every structure, is confirmed by the second
    road of the kind itself, too.

    Args:
        solve: the verified solution of a derivation for some givens and the expected answers.
    """

    def __init__(self, solve: Solve) -> None:
        self.solve = solve
        self.fillings: Recent[Filling] = Recent(200)
        self.variants: dict[tuple[Any, ...], Variant] = {}  # those that are worked out now

    def work(self, variants: Sequence[Variant]) -> list[Worked]:
        """Each variant, in order; those of one structure are filled together."""
        worked: dict[int, Worked] = {}
        self.variants = {(one.key, *one.given.items()): one for one in variants}
        by_key: dict[Key, list[int]] = {}
        for place, variant in enumerate(variants):
            by_key.setdefault(variant.key, []).append(place)
        for key, places in by_key.items():
            mine = [variants[place] for place in places]
            filled = self._filling(key, mine[0]).fill_with_numerals([one.given for one in mine])
            for place, variant, (text, shown) in zip(places, mine, filled, strict=True):
                question, solution = LINE.split(text)
                worked[place] = Worked(question, solution, tuple(_answers(variant, shown)))
        return [worked[place] for place in range(len(variants))]

    def _filling(self, key: Key, variant: Variant) -> Filling:
        if key not in self.fillings:
            derivation = variant.derivation
            self.fillings[key] = Filling(
                derivation, lambda given: self._solved(key, given), _write, _keys(derivation)
            )
        return self.fillings[key]

    def _solved(self, key: Key, given: Mapping[str, Given]) -> Verified:
        variant = self.variants[key, *given.items()]
        loaded = variant.loaded
        return self.solve(variant.derivation, given, loaded.expected(loaded.problem))


def _write(item: Item, blocks: Callable[..., Blocks]) -> str:
    """The question, a cut, and the question with its solution."""
    question = latex.write_item(replace(item, verified=None), blocks)
    return question + CUT + latex.write_item(item, blocks)


def _keys(derivation: Derivation) -> list[str]:
    """The quantities whose numerals are answers."""
    known = {quantity.key for quantity in derivation.quantities}
    return [_shown_as(answer.key, known) for answer in derivation.answers if answer.key]


def _shown_as(key: str, known: set[str]) -> str:
    return f"{ANSWER}{key}" if f"{ANSWER}{key}" in known else key


def _answers(variant: Variant, shown: Mapping[str, Numeral]) -> Iterator[Mapping[str, Any]]:
    derivation = variant.derivation
    known = {quantity.key for quantity in derivation.quantities}
    reach = tolerances(derivation, variant.given)
    for answer in derivation.answers:
        if not answer.key:
            continue  # a word or a formula, the same for everybody: the key has it
        text = numeral_text(shown[_shown_as(answer.key, known)])
        yield {"name": answer.name, "shown": text, **_bounds(reach.get(answer.name))}


def _bounds(tolerance: Tolerance | None) -> dict[str, Any]:
    if tolerance is None:
        return {"value": "", "from": "", "to": ""}
    low, high = tolerance.bounds
    return {"value": plain(tolerance.true), "from": low, "to": high}
