"""Every printed line of many variants before the judge, and every value by the second road.

As in `verification`, numerals are read back from what is printed, and nothing that the batch has
computed is believed. What is not certain here is in doubt and goes before the judge of single
variants, and so does what is refused. Lines in names say the same for every variant: the first of
them has put those to the judge in many worlds, and here they are evaluated once more for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce

import numpy as np

from derivations.formula.column_reading import column_of, read_numerals
from derivations.formula.columns import COMPARISONS, Arithmetic, Column, Marks, Unsupported, Wholes
from derivations.formula.printing import AUXILIARY, Numeral, Word
from derivations.formula.tree import Formula, is_quantity, key
from derivations.steps.batch import Batch
from derivations.steps.chains import chains_in
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Block, Choice, Derivation, Items, Quantity
from derivations.truth.confirmation import ABSOLUTE, MODEL, RELATIVE
from derivations.truth.second_road import Road, RoadError
from derivations.truth.tape import Array
from derivations.truth.verification import free_names

EQUAL = frozenset({"=", "←", "auto"})
ORDER = {"<": "<", "≤": "<=", ">": ">", "≥": ">=", "≠": "!="}


def verify_batch(derivation: Derivation, batch: Batch) -> tuple[Marks, Marks]:
    """The variants with a line or a value that is refused, and those in doubt.

    Raises:
        Unsupported: a form that is only judged one variant at a time.
    """
    with np.errstate(all="ignore"):
        court = _Court(derivation, batch)
        court.values()
        court.notes()
        everywhere: Marks = np.ones(court.count, bool)
        blocks = [derivation.statement]
        blocks += [step.blocks for part in derivation.parts for step in part.steps]
        for chain, here in court.chains([b for some in blocks for b in some], everywhere):
            court.line(chain, here)
        return court.refused, court.arithmetic.doubt


class _Court:
    """The numerals of a batch as they are printed, and the model's values by the second road."""

    def __init__(self, derivation: Derivation, batch: Batch) -> None:
        self.derivation, self.batch = derivation, batch
        self.count = len(batch.doubt)
        self.arithmetic = Arithmetic(self.count, derivation.functions)
        self.refused: Marks = np.zeros(self.count, bool)
        self.read: dict[str, Column] = {}
        self.places: dict[str, Wholes] = {}
        for name, numerals in batch.shown.items():
            if isinstance(numerals[0], str):
                digits, self.places[name] = read_numerals(self._certain(numerals))
                self.read[name] = column_of(digits, self.places[name])
        self.model = {
            quantity.key: quantity.formula
            for quantity in derivation.quantities
            if quantity.formula is not None
            and quantity.role in MODEL
            and quantity.role != "assembled"
        }
        self.road = self._road()

    def _certain(self, numerals: Sequence[Numeral]) -> Sequence[str]:
        """The numerals; what stands for a variant in doubt means nothing."""
        texts = list(map(str, numerals))
        for row in np.flatnonzero(self.batch.doubt).tolist():
            texts[row] = "0"
        return texts

    def _road(self) -> Road:
        functions = {n: f for n, f in self.derivation.functions.items() if "'" not in n}
        givens = {
            quantity.key: self.read[quantity.key].value
            for quantity in self.derivation.quantities
            if quantity.formula is None
        }
        try:
            return Road(givens, self.model, functions)
        except RoadError as error:
            raise Unsupported(str(error)) from None

    def refuse(self, where: Marks) -> None:
        """These variants may not be printed."""
        self.refused |= where

    # ------------------------------------------------------------ values

    def values(self) -> None:
        """Each numeral is the rounding of what its formula gives for the numerals before it."""
        for quantity in self.derivation.quantities:
            name, formula = quantity.key, quantity.formula
            if quantity.role == "assembled":
                continue
            if formula is not None and (quantity.labels is not None or name not in self.read):
                self._word(quantity, formula)
                continue
            self.refuse(~_same(self.read[name], self.batch.carried[name]))
            if formula is not None:
                value = self.arithmetic.evaluate(formula, self.read)
                self.refuse(~self.meets(value, name, self.batch.exact[name]))
        for quantity in self.derivation.quantities:
            if quantity.key in self.model or quantity.role == "derived":
                second = self.second(quantity.key)
                self.refuse(~_close(np.asarray(self.batch.true[quantity.key], float), second))

    def _word(self, quantity: Quantity, formula: Formula) -> None:
        """The word that belongs to a value, a class or a truth."""
        words = [word.text for word in self.batch.shown[quantity.key] if isinstance(word, Word)]
        if quantity.labels is None:
            truth = self.arithmetic.holds(formula, self.read)
            self.read[quantity.key] = Column.of_truth(truth)
            right = [str(part).lower() for part in truth.tolist()]
        else:
            value = self.read[quantity.key] = self.arithmetic.evaluate(formula, self.read)
            self.arithmetic.doubt |= ~value.known
            right = [quantity.labels.get(str(digits), "") for digits in value.digits.tolist()]
        self.refuse(np.array(words, object) != np.array(right, object))

    def second(self, name: str) -> Array:
        """A value or a derivative by the second road."""
        if name in self.road.nodes:
            return self.road.nodes[name].value
        of, wrt = name[1:].split("/d")
        return self.road.derivative(of, wrt)

    def notes(self) -> None:
        """What would be shown with nothing rounded on the way."""
        found: dict[str, tuple[list[int], list[str]]] = {}
        for row, changed in enumerate(self.batch.changed):
            for name, text in changed:
                rows, texts = found.setdefault(name, ([], []))
                rows.append(row)
                texts.append(text)
        for name, (rows, texts) in found.items():
            digits, places = read_numerals(texts)
            unit = 10.0**-places
            off = abs(np.broadcast_to(self.second(name), self.count)[rows] - digits * unit)
            self.refused[rows] |= ~(off <= unit / 2 * (1 + RELATIVE) + ABSOLUTE)

    # ------------------------------------------------------------ lines

    def chains(self, blocks: Sequence[Block], here: Marks) -> Iterator[tuple[Chain, Marks]]:
        """Every chain, and the variants that print it."""
        for block in blocks:
            if isinstance(block, Choice):
                left = here.copy()
                for condition, alternative in zip(
                    block.conditions, block.alternatives, strict=True
                ):
                    taken = left & self.arithmetic.holds(condition, self.read)
                    yield from self.chains(alternative, taken)
                    left &= ~taken
            elif isinstance(block, Items):
                for item in block.items:
                    yield from self.chains(item, here)
            else:
                yield from ((chain, here) for chain in chains_in(block))

    def line(self, chain: Chain, here: Marks) -> None:
        """One chain before the judge."""
        for left, link in chain.relations():
            if link.term.numbers or left.numbers or chain.when is None:
                accepted = self.arithmetic.only(here, partial(self.link, left, link))
                self.refuse(here & ~accepted)

    def link(self, left: Term, link: Link) -> Marks:
        """Where one relation of a chain is accepted; as `Court.link` for one variant."""
        right = link.term.formula
        used = free_names(left.formula) | free_names(right)
        words = is_quantity(right) and isinstance(self.batch.shown.get(key(right), [""])[0], Word)
        if left.formula == right and link.relation in EQUAL and not left.numbers:
            return np.ones(self.count, bool)  # x = 0.3: `values` has seen to it
        if words or not (left.numbers or link.term.numbers):
            return self.named(left.formula, link.relation, right)
        inside = any(name.startswith(AUXILIARY) for name in used)
        if left.numbers != link.term.numbers and not inside and not is_quantity(right):
            return self.named(left.formula, link.relation, right)
        if not used <= self.read.keys():
            raise Unsupported(f"a line with numbers and {sorted(used - self.read.keys())}")
        return self.printed(left.formula, link)

    def printed(self, left: Formula, link: Link) -> Marks:
        """In numbers, read back as the exact numbers that they write."""
        right, sign = link.term.formula, link.relation
        value = self.arithmetic.evaluate(left, self.read)
        if sign in ORDER:
            other = self.arithmetic.evaluate(right, self.read)
            return COMPARISONS[ORDER[sign]](
                self.arithmetic.sign(self.arithmetic.subtract(value, other))
            )
        if sign not in EQUAL and (sign != "≈" or not is_quantity(right)):
            raise Unsupported(f"{sign} in numbers")
        if is_quantity(right):
            return self.meets(value, key(right), self._equal(link))
        loose = {name: self._loose(name) for name in link.new}
        off = self.arithmetic.subtract(
            value, self.arithmetic.evaluate(right, {**self.read, **loose})
        )
        return np.where(off.known, off.digits == 0, abs(off.value) <= off.error)

    def named(self, left: Formula, sign: str, right: Formula) -> Marks:
        """In names: once more, with the values of each variant."""
        accepted: Marks = np.ones(self.count, bool)
        if sign not in EQUAL or not all(map(self._in_model, free_names(left) | free_names(right))):
            return accepted
        try:
            same = _close(self.road.value(left), self.road.value(right))
        except RoadError:  # the first variant's judge has accepted it in many worlds
            return accepted
        return np.broadcast_to(same, self.count)

    def _in_model(self, name: str) -> bool:
        return all(part in self.road.nodes for part in name.removeprefix("d").split("/d")) or (
            name in self.road.nodes
        )

    def _equal(self, link: Link) -> Marks:
        exact = [self.batch.exact[name] for name in link.new] if link.relation == "auto" else []
        return reduce(np.logical_and, exact, np.full(self.count, link.relation != "≈"))

    def _loose(self, name: str) -> Column:
        """A numeral give or take half a unit of its last digit, unless it is exact."""
        read, exact = self.read[name], self.batch.exact[name]
        if exact.all():
            return read
        half = np.where(exact, read.error, 0.5 * 10.0 ** -self.places[name] + read.error)
        return Column(read.value, half, read.digits, read.places, exact)

    def meets(self, value: Column, name: str, exact: Marks) -> Marks:
        """Where a numeral is exactly the value, or its rounding: half a unit off at the most."""
        arithmetic = self.arithmetic
        off = arithmetic.absolute(arithmetic.subtract(value, self.read[name]))
        half = np.maximum(self.places[name] + 1, 0)
        most = Column.of_decimals(np.where(exact | (half == 0), 0, 5), half)
        result: Marks = arithmetic.sign(arithmetic.subtract(most, off)) >= 0
        return result


def _same(a: Column, b: Column) -> Marks:
    """Where two columns of shortest decimals are the same numbers."""
    marks: Marks = (a.digits == b.digits) & (a.places == b.places) & a.known & b.known
    return marks


def _close(a: Array, b: Array) -> Marks:
    """Equal to nine digits."""
    marks: Marks = abs(a - b) <= RELATIVE * np.maximum(abs(a), abs(b)) + ABSOLUTE
    return marks
