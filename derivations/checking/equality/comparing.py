"""Whether two sides of a relation are equal or in order, by all that is known where they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from derivations.checking.equality.besides import otherwise
from derivations.checking.equality.carrying import Carrying
from derivations.checking.equality.expanded import is_expanded
from derivations.checking.equality.last_digits import beyond, wrong_factor
from derivations.checking.equality.laying import laid_otherwise
from derivations.checking.equality.meant import meant
from derivations.checking.equality.misfits import misfit_of
from derivations.checking.equality.nearly import approximated, holds_a_trifle, is_near
from derivations.checking.equality.normal import normal
from derivations.checking.equality.replacing import by_rows, in_matrices, in_rows, put, spread
from derivations.checking.equality.rounding import is_finer, meets, numerals
from derivations.checking.equality.rounds import Rounds
from derivations.checking.equality.slips import (
    carried,
    of_gradients,
    redefined,
    slips_of,
    speaks_of_slip,
)
from derivations.checking.equality.steps import (
    HOLDS,
    OF_STEP,
    OF_VALUE,
    PROVED,
    ROUNDED,
    TOO_LONG,
    UNDECIDED,
    WRONG,
    Ruling,
)
from derivations.checking.equality.unnamed import unnamed
from derivations.checking.equality.versions import ALL, PRINTED, RIGHT, Versions
from derivations.checking.equality.witnesses import (
    as_given,
    both,
    digits,
    is_constant,
    is_switch,
    narrowed,
    telling,
    value_in,
    witness_at,
)
from derivations.checking.names.bounds import is_too_long
from derivations.checking.names.derivatives import has_derivatives, is_upside_down
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import derivatives_in, free, is_plain, quantities
from derivations.checking.names.unsaid import (
    only_for_numbers,
    speaks_of_undeclared,
    undefined_beside,
)
from derivations.formula.arrays import TWO_ARRAYS, as_column
from derivations.formula.evaluation import (
    EvaluationError,
    Misfit,
    evaluate,
    precision,
    shape,
)
from derivations.formula.numerals import Ambiguous
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name
from derivations.truth.judge import BITS, REFUTED, World, judge
from derivations.truth.judge import PROVED as SURE

OUTSIDE = re.compile(r"\b(?:logarithm|root) of a negative")  # of the domain
LEAST_POINTS, EXACT = 2, frozenset({PROVED, HOLDS})  # points at which sides have to be equal


class Comparing:
    """Compares two sides with values where there are any, else in random worlds."""

    def __init__(self, knowledge: Knowledge, rounds: Rounds) -> None:
        self.known = knowledge
        self.rounds = rounds
        self.versions = Versions(knowledge, rounds)

    def equal(self, left: Formula, sign: str, right: Formula) -> Ruling:
        """Whether ``left = right``, or ``left ≈ right``."""
        left, right = self.normal(left), self.normal(right)
        ruling = self._equal(left, sign, right)
        if ruling.verdict == WRONG:
            other = meant(self.known, self._equal, left, sign, right)
            if other is not None:
                return other
        if not ruling.right and self._follows_from_slips(left, right):
            return OF_STEP
        if ruling.verdict == ROUNDED and not self.known.tainted and not self.rounds.updated:
            off = beyond(self.versions.sources(left), right)
            return off or wrong_factor(self.equal, left, right) or ruling
        return ruling

    def _equal(self, left: Formula, sign: str, right: Formula) -> Ruling:
        if left == right:
            return Ruling(PROVED, "the same formula")
        if isinstance(left, Name) and right in self.rounds.definitions_of(left.id):
            return Ruling(PROVED, "its definition")
        if self.is_too_long(left, right):
            return TOO_LONG
        if not quantities(right) or not quantities(left):
            ruling = self._valued(left, sign, right)
            if ruling is not None and not ruling.right:
                ruling = self._approximated(left, sign, right) or ruling
            if ruling is not None and not ruling.right and (rows := by_rows(left)) != left:
                other = self._valued(rows, sign, right)
                ruling = other if other is not None and other.right else ruling
            if ruling is not None:
                return ruling
        ruling = self.in_names(left, right)
        if ruling.verdict == UNDECIDED and ruling.why == TWO_ARRAYS:
            other = self.in_names(in_matrices(left), in_matrices(right))
            ruling = other if other.right or self.known.indices.elements else ruling
        if ruling.right and only_for_numbers(self.known, left, right):
            return Ruling(WRONG, "the two sides differ where the letters are matrices and columns")  # fmt: skip
        if ruling.right and self.known.clash and speaks_of_undeclared(self.known, left, right):
            return Ruling(UNDECIDED, "the arrays have no shapes that fit everywhere in this text")
        if ruling.verdict == WRONG:
            ruling = otherwise(self, left, right) or self._followed(left, sign, right) or ruling
        if ruling.verdict == WRONG and sign == "≈":
            return Ruling(UNDECIDED, "how good an approximation in names is to be is not said")
        return ruling

    def _approximated(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """With the usual approximation of a function in its place, where that makes it right."""
        for other in approximated(left):
            ruling = self._valued(other, sign, right)
            if ruling is not None and ruling.right:
                return ruling
        if sign == "≈" and is_expanded(left, right, self.known.own_world()):
            return Ruling(ROUNDED, "its Taylor polynomial")
        return None

    def is_too_long(self, left: Formula, right: Formula) -> bool:
        """Whether a side takes more work than is allowed."""
        values = self.known.values
        return is_too_long(left, values) or is_too_long(right, values)

    # ------------------------------------------------------------ in numbers

    def _valued(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """A side in numbers against the value of the other."""
        rulings: list[Ruling] = []
        for replaced, name in self.versions.of(left):
            if rulings and is_finer(right, replaced):
                continue  # what was rounded cannot have given so many digits
            if self._undefined(replaced) is not None:
                continue
            for world in self.versions.worlds(left):
                ruling = self.in_world(replaced, sign, self.versions.put_in(right, name), world)
                if ruling is None:
                    continue
                if ruling.right and name == ALL:
                    ruling = OF_VALUE
                elif ruling.verdict in EXACT and name == PRINTED and left in self.known.printed:
                    ruling = Ruling(ROUNDED)  # as the solution shows it
                rulings.append(ruling)
                if ruling.verdict in EXACT:
                    return ruling
        accepted = next((ruling for ruling in rulings if ruling.right), None)
        if accepted is None and rulings:
            accepted = self._carried(left, sign, right)
        return accepted or (telling(rulings) if rulings else None)

    def _carried(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """By what follows through the definitions from what the text goes on with."""
        for claims in (self.versions.good(), self.known.claimed):
            stale = [q for q in claims if self.rounds.is_stale(q) or q in (left, right)]
            fresh = {q: f for q, f in claims.items() if q not in stale}
            carrying = Carrying(self.known, fresh)
            if not any(map(carrying.touches, (left, right))):
                continue
            a, b = (put(carrying.carried(side), carrying.claims) for side in (left, right))
            ruling = self.in_world(a, sign, b, carrying.world())
            if any(derivatives_in(a, b)) and not (ruling is not None and ruling.right):
                moving = carrying.moving(of_gradients(self.known, fresh, (a, b)))
                ruling = self.in_world(a, sign, b, moving)
            if ruling is not None and ruling.right:
                slip = claims is self.known.claimed
                return OF_VALUE if slip else ruling
        return None

    def _followed(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """``-0.5 · 0.2 · h`` with the h that the text goes on with; formulas in names alone follow from none."""
        mixed = any("." in text for text in numerals(right)) or speaks_of_slip(self.known, right)
        if not mixed or quantities(put(right, self.known.claimed)):
            return None
        return self._carried(left, sign, right)

    def in_world(self, left: Formula, sign: str, right: Formula, world: World) -> Ruling | None:
        """Two sides that have values in a world; None where they have none."""
        left, _, right = spread(left, sign, right)
        for bits in BITS:
            with precision(bits):
                try:
                    a = evaluate(left, world.values, world.functions)
                    b = evaluate(right, world.values, world.functions)
                except Ambiguous:
                    continue
                except Misfit as error:
                    return Ruling(WRONG, str(error))
                except (EvaluationError, KeyError):
                    return None
                if isinstance(a, (str, bool)) or isinstance(b, (str, bool)):
                    return Ruling(PROVED if a == b else WRONG)
                a, b = as_column(a), as_column(b)
                if shape(a) != shape(b):
                    for x, y in (narrowed(left, right, world), (in_rows(left), in_rows(right))):
                        ruling = (
                            self.in_world(x, sign, y, world) if (x, y) != (left, right) else None
                        )
                        if ruling is not None and (ruling.right or ruling.found):
                            return ruling
                    return Ruling(WRONG, f"shapes {shape(a)} and {shape(b)} do not fit")
                verdict = judge(left, "=", right, world)
                if verdict.accepted:
                    return Ruling(PROVED if verdict.kind == SURE else HOLDS, verdict.why)
                if meets(left, sign, right, world, self.known.rounded, self.known.stated):
                    style = "" if sign == "≈" else "rounded: the sign should be ≈"
                    return Ruling(ROUNDED, style)
                if is_near(a, b) and (holds_a_trifle(self.body(left), world) or sign == "≈") and not is_plain(right):  # fmt: skip
                    return Ruling(ROUNDED, "what is left out is too small to matter")
                if verdict.kind == REFUTED:
                    return Ruling(WRONG, "the two sides differ", digits(a), digits(b))
        return Ruling(UNDECIDED, "the two sides are too near to each other to tell")

    def body(self, formula: Formula) -> Formula:
        """What a name is defined as; any other formula as it is."""
        said = self.known.definitions
        return said.get(formula.id, formula) if isinstance(formula, Name) else formula

    def shown(self, quantity: Formula) -> str:
        """Its value, for a reader; nothing where it has none."""
        value = value_in(put(quantity, self.known.claimed), self.known.own_world())
        return "" if value is None else digits(value)

    # ------------------------------------------------------------ in names

    def in_names(self, left: Formula, right: Formula) -> Ruling:
        """In random worlds; then with what the text claims in the place of names."""
        ruling = self.tried(left, right)
        if ruling.right:
            return ruling
        rows = by_rows(left), by_rows(right)
        if rows != (left, right) and (other := self.tried(*rows)).right:
            return other
        if ruling.verdict == WRONG and (along := self._laid_otherwise(*rows)) is not None:
            return along
        for claimed, name in ((self.versions.good(), RIGHT), (self.known.claimed, ALL)):
            a, b = put(left, claimed), put(right, claimed)
            if (a, b) == (left, right):
                continue
            other = self.tried(a, b)
            if other.right:
                tainted = name == ALL and self.known.tainted
                return OF_STEP if tainted else other
            if ruling.verdict == UNDECIDED and not (other.verdict == WRONG and self._rounds(a, b)):
                ruling = other
        return ruling

    def _laid_otherwise(self, left: Formula, right: Formula) -> Ruling | None:
        """With samples or softmax along the other side of a matrix; from here on, if it is right."""
        return next(filter(None, (self.right_with(m, left, right, True) for m in laid_otherwise(self.known))), None)  # fmt: skip

    def _follows_from_slips(self, left: Formula, right: Formula) -> bool:
        """Whether sides are equal by what the text went on with, wrongly."""
        slips, sides = slips_of(self.known), (left, right)
        if not slips:
            return False
        others = redefined(self.known, slips, sides)
        if any(self.right_with(moved, left, right, stays=False) for moved in others):
            return True
        moved_sides = carried(self.known, slips, sides)
        return moved_sides != sides and self.tried(*moved_sides).right

    def right_with(
        self, others: Mapping[str, Formula], left: Formula, right: Formula, stays: bool
    ) -> Ruling | None:
        """The ruling with other definitions, which may stay, if it is right by them."""
        known = self.known
        used = known.support(left) | known.support(right)
        now = {n: f for n, f in others.items() if n in used and f != known.definitions[n]}
        if not now:
            return None
        before = {n: known.definitions[n] for n in now}
        known.redefine(now)
        ruling = self.tried(left, right)
        if not (ruling.right and stays):
            known.redefine(before)
        return ruling if ruling.right else None

    def _rounds(self, *sides: Formula) -> bool:
        """Whether sides hold numerals that were rounded, so that they need not meet."""
        return any(numerals(side) & self.known.rounded for side in sides)

    def _undefined(self, *sides: Formula) -> Apply | None:
        """A derivative that nothing says how to compute."""
        return next((n for n in derivatives_in(*sides) if not has_derivatives(self.known, n)), None)

    def tried(self, left: Formula, right: Formula) -> Ruling:
        for node in derivatives_in(left, right):
            if is_upside_down(self.known, node):
                return Ruling(WRONG, f"{text(node)} stands upside down")
        if (unsaid := self._undefined(left, right)) is not None:
            return self._whatever(left, right) or Ruling(UNDECIDED, f"{text(unsaid)} is not defined here")  # fmt: skip
        ruling = self._tried_anywhere(left, right)
        if ruling.verdict == UNDECIDED and not self._loose(left, right):
            here = judge(left, "=", right, self.known.own_world())
            if here.kind == REFUTED:
                return Ruling(WRONG, "the two sides differ", *both(here.witness))
        return ruling

    def _whatever(self, left: Formula, right: Formula) -> Ruling | None:
        """Whatever derivatives that nobody has defined may be; None where that does not decide."""
        found = unnamed(self.known, left, right)
        if found is None:
            return None
        ruling = self._tried_anywhere(found.left, found.right)
        decided = ruling.right or (ruling.verdict == WRONG and found.alike)
        return ruling if decided else None

    def _tried_anywhere(self, left: Formula, right: Formula) -> Ruling:
        worlds = self.known.random_worlds(left, right)
        if not worlds:
            return Ruling(UNDECIDED, "no values were found at which both sides could be compared")
        ruling = self.tried_in(left, right, worlds)
        if ruling.verdict == WRONG and self.known.has_values(self.known.support(left)):
            pinned = self.known.random_worlds(left, right, pinned=True)
            if pinned and self.tried_in(left, right, pinned).right:
                return Ruling(HOLDS, "with the given values")
        if ruling.verdict == WRONG and ruling.found:
            return as_given(left, right, self.known.own_world()) or ruling
        return ruling

    def _loose(self, *sides: Formula) -> set[str]:
        """Names in sides that have no value."""
        return set().union(*map(free, sides)) - set(self.known.own_world().values)

    def tried_in(self, left: Formula, right: Formula, worlds: list[World]) -> Ruling:
        sure = True
        without: Ruling | None = None  # where it has no value, as with an index beyond its array
        outside: list[str] = []  # points that are not in the domain
        for world in worlds:
            verdict = judge(*spread(left, "=", right), world)
            if verdict.kind == REFUTED and not verdict.witness:
                a, b = narrowed(left, right, world)
                verdict = judge(a, "=", b, world)
            if verdict.kind == REFUTED:
                doubt = self._doubt(left, right, worlds)
                if doubt:
                    return Ruling(UNDECIDED, doubt)
                told = (free(left) | free(right)) - self.known.unwritten.by.keys()
                told -= self.known.indices.zero  # counted from 1 in these worlds
                if isinstance(left, Name) and left.id in self.known.definitions:
                    told = told | free(self.known.definitions[left.id])
                witness = witness_at(world, told)
                return Ruling(WRONG, f"{verdict.why}{witness}", *both(verdict.witness))
            if not verdict.accepted and OUTSIDE.search(verdict.why):
                outside.append(verdict.why)
                continue
            if not verdict.accepted:
                misfit = misfit_of(left, right, world, self.known)
                if misfit is not None or not self.known.unwritten.by:
                    return misfit or Ruling(UNDECIDED, verdict.why)
                without = without or Ruling(UNDECIDED, verdict.why)
            sure = sure and verdict.kind == SURE
        if len(worlds) - len(outside) < LEAST_POINTS and outside:
            return Ruling(UNDECIDED, outside[0])
        return without or Ruling(PROVED if sure else HOLDS)

    def _doubt(self, left: Formula, right: Formula, worlds: list[World]) -> str:
        """Why two sides that differ in some world may still be meant to be equal.

        A side in names against a number is an equation, unless that side never changes. A name
        that only the right side has, and that is defined nowhere, may stand for anything.
        """
        if not quantities(right) or not quantities(left):
            moving, fixed = (left, right) if quantities(left) else (right, left)
            constant = is_constant(moving, worlds) or not is_constant(fixed, worlds)
            loose = self._loose(moving) - self.known.indices.letters
            taken = loose and is_switch(
                fixed, [self.known.own_world()]
            )  # 0 or 1, by what these are
            if constant or (is_switch(moving, worlds) and not taken):
                return ""
            return "names without values against numbers"
        return undefined_beside(self.known, left, right)

    # ------------------------------------------------------------ one form

    def normal(self, formula: Formula) -> Formula:
        """The formula in the form in which sides are compared."""
        return normal(formula, self.known)
