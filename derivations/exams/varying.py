"""Variants of a problem: numbers, words and structures by a student's own stream, and by nothing else.

A draw that the problem itself or one of its conditions refuses is drawn again, from the same
stream; how often is bounded, and what refused most is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeAlias

from flint import ctx

from derivations.errors import ProblemError, ReadError
from derivations.exams.blocks import Block
from derivations.exams.conditions import Condition, Values, holds, read_condition
from derivations.exams.drawing import Source, special
from derivations.exams.measures import MEASURES, Measured, measures
from derivations.exams.options import apart, completed
from derivations.exams.places import Places
from derivations.exams.seeds import Stream
from derivations.exams.structures import (
    Draws,
    Key,
    Recent,
    Structure,
    Structures,
    givens_of,
    varied,
)
from derivations.formula.columns import Unsupported
from derivations.formula.evaluation import EvaluationError, precision
from derivations.formula.numerals import Ambiguous, NumeralError
from derivations.kinds import mcq
from derivations.kinds.base.files import Loaded
from derivations.steps.solution import Derivation
from derivations.steps.substitution import Given, read_given, show

MOST_DRAWS = 2000  # for one variant
TRIALS = 4  # draws on which it is tried what the derivation depends on
FEW = 6  # draws of one structure that are judged one by one
BITS = (128, 1024, 4096)
ITSELF = "the problem itself"  # what refuses a draw that is no problem, or has no solution
TAKEN = "distinct"


@dataclass(frozen=True)
class Variant:
    """A problem as one student gets it.

    Attributes:
        structure: its derivation, shared with all variants in which the same was chosen.
        given: the numbers, for filling.
        draws: what was drawn, as it stands in the tree, by the key of `vary`.
        tried: how many draws it took.
        failed: how often each condition refused a draw before.
        signature: what variants of one exam must not have in common.
    """

    varying: Varying
    structure: Structure
    given: Mapping[str, Given]
    draws: Draws
    tried: int
    failed: Mapping[str, int]
    signature: tuple[Any, ...]

    @property
    def key(self) -> Key:
        """What was chosen that changes the derivation."""
        return self.structure.key

    @property
    def derivation(self) -> Derivation:
        """Everything but the numbers."""
        return self.structure.derivation

    @cached_property
    def loaded(self) -> Loaded:
        """The variant as a problem of its own, which does not vary any more."""
        if not self.varying.structures.numbers:
            return self.structure.loaded  # which has all that was drawn
        made = varied(self.varying.loaded, self.varying.places.all, self.draws)
        return completed(made, self.structure.slips)

    @cached_property
    def measures(self) -> Mapping[str, int]:
        """The row of the fairness table."""
        with precision(BITS[-1]):
            return measures(Measured(self.varying.values(self.structure, self.given), self.given))


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw that is a problem; whether it fulfils the conditions is not known yet."""

    structure: Structure
    given: Mapping[str, Given]
    draws: Draws


_Judged: TypeAlias = "tuple[list[str], tuple[Any, ...]]"  # what refuses a draw, and its signature


def variant(loaded: Loaded, stream: Stream, taken: Collection[Any] = ()) -> Variant:
    """One variant; whoever needs many makes a `Varying` once.

    Raises:
        ProblemError: as `Varying.variant`.
    """
    return Varying(loaded).variant(stream, taken)


class Varying:
    """A problem that varies: what is drawn, and the structures that came out so far.

    Raises:
        ProblemError: conditions that cannot be read, or a problem without a solution.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.places = Places(loaded)
        every, example = self.places.all, self.places.example
        trial = Stream(b"trial", "", loaded.problem.id, "")
        samples = [self.places.draw(trial) for _ in range(TRIALS)] if every else []
        for place in every:
            samples += [{**example, place.key: node} for node in special(place, self.places.root)]
        self.structures = Structures(loaded, every, example, samples)
        self.conditions: Recent[list[Condition]] = Recent()
        self.judgements: Recent[_Judged] = Recent(
            20_000
        )  # where no number is drawn beside the structure
        self._read(self.structures.of(example))

    # ------------------------------------------------------------ drawing

    def variant(self, stream: Stream, taken: Collection[Any] = ()) -> Variant:
        """The first draw that everything accepts.

        Args:
            stream: of the student.
            taken: signatures that are used up; without any the variant depends on the stream alone.

        Raises:
            ProblemError: the conditions are impossible, or too narrow.
        """
        return self.variants([stream], taken)[0]

    def variants(
        self, streams: Sequence[Stream], taken: Collection[Any] = (), apart: bool = False
    ) -> list[Variant]:
        """A variant for every stream, in order; many at once are much faster than one by one.

        Args:
            streams: of the students.
            taken: signatures that are used up.
            apart: no two of them have the same signature; the later one draws again then, so
                its numbers depend on those of the students before it.

        Raises:
            ProblemError: as `variant`.
        """
        used = set(taken)
        found: dict[int, Variant] = {}
        failed: list[Counter[str]] = [Counter() for _ in streams]
        for tried in range(1, MOST_DRAWS + 1):
            pending = [n for n in range(len(streams)) if n not in found]
            for n, one in self._round(streams, pending, tried, failed):
                if self.loaded.problem.distinct != "no" and one.signature in used:
                    failed[n][TAKEN] += 1
                    continue
                found[n] = one
                if apart:
                    used.add(one.signature)
            if len(found) == len(streams):
                return [found[n] for n in range(len(streams))]
        short = next(n for n in range(len(streams)) if n not in found)
        raise self.too_narrow(failed[short])

    def _round(
        self,
        streams: Sequence[Stream],
        pending: Sequence[int],
        tried: int,
        failed: list[Counter[str]],
    ) -> list[tuple[int, Variant]]:
        """One draw for everybody who has none; those that are accepted, in order."""
        drawn = [(n, self.candidate(streams[n], failed[n])) for n in pending]
        return self.accepted(drawn, tried, failed)

    def accepted(
        self,
        drawn: Sequence[tuple[int, Draw | None]],
        tried: int,
        failed: Sequence[Counter[str]],
    ) -> list[tuple[int, Variant]]:
        """The draws that everything accepts, in order; what refuses the others is counted."""
        groups: dict[Key, list[tuple[int, Draw]]] = {}
        for n, candidate in drawn:
            if candidate is not None:
                groups.setdefault(candidate.structure.key, []).append((n, candidate))
        accepted: list[tuple[int, Variant]] = []
        for group in groups.values():
            judged = self._judged([candidate for _, candidate in group])
            for (n, one), (refused, signature) in zip(group, judged, strict=True):
                failed[n].update(refused)
                if not refused:
                    made = Variant(
                        self, one.structure, one.given, one.draws, tried, dict(failed[n]), signature
                    )
                    accepted.append((n, made))
        return sorted(accepted, key=lambda pair: pair[0])

    def candidate(self, stream: Source, failed: Counter[str]) -> Draw | None:
        """One draw, if it is a problem; else why not is counted."""
        draws = self.places.draw(stream)
        try:
            structure = self.structures.of(draws)
            given = structure.givens(draws)
            if given is None:
                given = givens_of(varied(self.loaded, self.places.all, draws))
        except ProblemError as error:
            failed[f"{ITSELF}: {error.messages}"] += 1
            return None
        return Draw(structure, given, draws)

    def _judged(self, group: Sequence[Draw]) -> list[_Judged]:
        """What refuses each draw of one structure, and the signatures of the others."""
        if len(group) < FEW or not self.structures.numbers:
            return list(map(self._judge, group))
        structure = group[0].structure
        conditions = self._read(structure)
        try:
            block = Block(structure, [one.given for one in group])
            marks, doubt = block.truths(conditions)
            refused = [
                [c.text for c, mark in zip(conditions, marks, strict=True) if not mark[n]]
                for n in range(len(group))
            ]
            if self.loaded.problem.distinct == "givens":
                signatures = [(structure.key, *one.given.items()) for one in group]
            else:
                signatures, doubt = block.signatures()
        except Unsupported:
            return list(map(self._judge, group))
        return [
            self._judge(one) if doubt[n] else (refused[n], signatures[n])
            for n, one in enumerate(group)
        ]

    def _judge(self, one: Draw) -> _Judged:
        """What refuses a draw, and its signature; once a structure where no number is drawn."""
        if self.structures.numbers:
            return self._judge_anew(one)
        if one.structure.key not in self.judgements:
            self.judgements[one.structure.key] = self._judge_anew(one)
        return self.judgements[one.structure.key]

    def _judge_anew(self, one: Draw) -> _Judged:
        refused = self._refused(one.structure, one.given, self._read(one.structure), one.draws)
        if refused:
            return refused, ()
        try:
            return [], self._signature(one.structure, one.given)
        except (EvaluationError, NumeralError) as error:
            return [f"{ITSELF}: {error}"], ()

    # ------------------------------------------------------------ conditions

    def _read(self, structure: Structure) -> list[Condition]:
        if structure.key not in self.conditions:
            read = []
            for place, text in enumerate(self.loaded.problem.require):
                try:
                    read.append(read_condition(text, structure.derivation, self.places.scope))
                except ReadError as error:
                    message = f"column {error.position + 1} of '{text}': {error.message}"
                    raise self._refuse(("require", place), message) from None
            if structure.slips is not None:
                assert isinstance(self.loaded.problem, mcq.Fields)
                slips = structure.slips
                read.append(apart(slips.of, len(slips.options), self.loaded.problem))
            self.conditions[structure.key] = read
        return self.conditions[structure.key]

    def values(self, structure: Structure, given: Mapping[str, Given]) -> Values:
        """The values of a variant, at the precision of now."""
        exactly = {name: read_given(value) for name, value in given.items()}
        return Values(structure.derivation, exactly)

    def _refused(
        self,
        structure: Structure,
        given: Mapping[str, Given],
        conditions: list[Condition],
        draws: Draws,
    ) -> list[str]:
        """The conditions that a draw does not fulfil."""

        @cache
        def at(_bits: int) -> Values:
            made = self.values(structure, given)
            for condition in conditions:
                for name in condition.uses - made.quantities.keys():
                    if name in self.places.scope:
                        made.values.setdefault(name, self.places.value(name, draws))
            return made

        def values() -> Values:
            return at(ctx.prec)

        @cache
        def counted(name: str, _bits: int) -> int:
            return MEASURES[name].count(Measured(values(), given))

        def measured(name: str) -> int:
            return counted(name, ctx.prec)

        refused = []
        for condition in conditions:
            try:
                if not holds(condition, values, measured):
                    refused.append(condition.text)
            except EvaluationError:
                refused.append(condition.text)
        return refused

    def _signature(self, structure: Structure, given: Mapping[str, Given]) -> tuple[Any, ...]:
        """The answers as they are shown, or the givens, with what was chosen in words.

        Raises:
            EvaluationError: an answer has no value.
        """
        if self.loaded.problem.distinct == "givens":
            return (structure.key, *given.items())
        derivation = structure.derivation
        for bits in BITS:
            with precision(bits):
                values = self.values(structure, given)
                try:
                    return tuple(
                        (answer.name, _shown(values, answer.key, derivation))
                        for answer in derivation.answers
                        if answer.key
                    )
                except Ambiguous:
                    continue
        raise EvaluationError("its digits cannot be decided")

    def own_refusals(self) -> list[str]:
        """Why the file's own values could not have been drawn: places outside of their domains, conditions."""
        example = self.places.example
        structure = self.structures.of(example)
        given = givens_of(structure.loaded)
        return self.places.outside() + self._judge(Draw(structure, given, example))[0]

    # ------------------------------------------------------------ errors

    def too_narrow(self, failed: Mapping[str, int], passed: int = 0) -> ProblemError:
        """How many draws passed, and what refused most, with its place in the file."""
        most, count = max(failed.items(), key=lambda pair: (pair[1], pair[0]))
        require = list(self.loaded.problem.require)
        path = ("require", require.index(most)) if most in require else ("vary",)
        words = "of the answers that are left" if most == TAKEN else f"'{most}'"
        return self._refuse(
            path,
            f"{passed} of {passed + MOST_DRAWS} draws passed; {words} refused most of them, {count}; "
            "widen a domain or the condition",
        )

    def _refuse(self, path: tuple[str | int, ...], message: str) -> ProblemError:
        return ProblemError(self.loaded.file.mistake(path, message))


def _shown(values: Values, name: str, derivation: Derivation) -> Any:
    value = values[name]
    quantity = values.quantities[name]
    if isinstance(value, (bool, str)) or quantity.labels is not None:
        return str(value)
    return show(value, quantity.digits or derivation.rounding, quantity.role, value)[0]
