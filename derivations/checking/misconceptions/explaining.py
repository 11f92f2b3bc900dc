"""The misconception that explains a wrong step: whose wrong value is it?

Every entry's operator is applied to the right formula, and what comes out is compared with what the
student has, by value. In names the comparison is exact and in several worlds. In numbers it is as
good as the digits that were printed: among m values that were tried one meets s digits by accident
with a chance of about m · 10^-s. A name is given below 5 %; no name is better than a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flint import arb, fmpq

from derivations.checking.misconceptions.entries import GENERIC, Misconception, Right
from derivations.checking.misconceptions.library import LIBRARY
from derivations.checking.misconceptions.numerals import Printed, loosely, printed
from derivations.checking.misconceptions.putting import ByHand, by_hand
from derivations.checking.misconceptions.slopes import NoRule, derived, has_derivatives
from derivations.checking.names.quantities import is_plain
from derivations.formula.evaluation import EvaluationError, Value, entries, evaluate, precision
from derivations.formula.numerals import Ambiguous, NumeralError
from derivations.formula.tree import Apply, Formula, Name, rewrite, walk
from derivations.truth.judge import World

SURE, PERHAPS = 0.05, 0.20  # chances of an accident
MAX_NODES = 400  # of the two sides together
MAX_MUTANTS = 260  # wrong formulas that are computed
MAX_WORK = 5_000  # nodes of them
BITS = 128  # as the judge's: worlds keep the derivatives that are computed in them
ORDERED = tuple(sorted(LIBRARY, key=lambda entry: (entry.likely, -entry.specific)))


@dataclass(frozen=True, slots=True)
class Explanation:
    """An entry, and whether it is more than a guess."""

    entry: Misconception
    sure: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry whose value the student has, and the chance that this is an accident.

    ``alike``: not only the value, the numbers and operations of the formula are the student's, too.
    """

    entry: Misconception
    chance: float
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a wrong relation rests on.

    Attributes:
        own: the values that are given or claimed.
        worlds: other values for all names, for relations in names.
        definitions: formulas of names.
        rounded: whether the right side is written as a rounded one.
        claims: for each reading of the line what stands for the names in it.
        earlier: what names stood for before the last update.
    """

    own: World
    worlds: Callable[[], Sequence[World]]
    definitions: Mapping[str, Formula]
    rounded: bool = False
    claims: Sequence[Mapping[Formula, Formula]] = ()
    earlier: Mapping[str, Formula] = field(default_factory=dict)


def explain(left: Formula, right: Formula, around: Surroundings) -> Explanation | None:
    """The entry that explains why somebody wrote ``left = right``; None where none is likely.

    Args:
        left: the right formula or value.
        right: what was made of it, which is wrong.
        around: what is known where they stand.
    """
    size = _size(left) + _size(right)
    if size > MAX_NODES or size * _weight(left, around.own) > MAX_WORK:
        return None
    with precision(BITS):
        hits = _in_numbers(left, right, around)
        if not hits and (hits is None or any(isinstance(node, Name) for node in walk(right))):
            hits = _in_names(left, right, around)
    for limit in (SURE, PERHAPS):
        entry = _chosen([hit for hit in hits if hit.chance < limit])
        if entry is not None:
            return Explanation(entry, limit == SURE)
    return None


def _chosen(hits: Sequence[Hit]) -> Misconception | None:
    """The entry that says most; of several that say as much, a general one or none.

    Where the formula of some is that of the student, the others do not count.
    """
    found = [hit.entry for hit in hits if hit.alike] or [hit.entry for hit in hits]
    best = max((entry.specific for entry in found), default=GENERIC)
    keys = {entry.key: entry for entry in found if entry.specific == best}
    if len(keys) == 1:
        return next(iter(keys.values()))
    return next((entry for entry in found if entry.specific == GENERIC), None)


def _size(formula: Formula) -> int:
    return sum(1 for _ in walk(formula))


def value_of(formula: Formula, world: World) -> Value | None:
    """The value in a world, where there is one."""
    try:
        value = evaluate(formula, world.values, world.functions)
    except (EvaluationError, Ambiguous, NumeralError, KeyError, ValueError, ArithmeticError):
        return None
    flat = entries(value)
    return value if flat and all(isinstance(x, (arb, fmpq)) for x in flat) else None


# ---------------------------------------------------------------- sources


def sources(left: Formula, definitions: Mapping[str, Formula]) -> Iterator[Formula]:
    """The forms of a right formula in which slips are made: as written, derived, by definition."""
    yield left
    if has_derivatives(left):
        try:
            yield derived(left, definitions)[0]
        except NoRule:
            return
    defined = definitions.get(left.id) if isinstance(left, Name) else None
    if defined is None:
        defined = rewrite(left, lambda node: _definition(node, definitions))
    if defined != left and _size(defined) <= MAX_NODES:
        yield defined


def _definition(node: Formula, definitions: Mapping[str, Formula]) -> Formula | None:
    if isinstance(node, Name):
        return definitions.get(node.id)
    closed = isinstance(node, Apply) and node.head in ("partial", "total", "derivative", "entry")
    return node if closed else None


def _mutants(
    rights: Sequence[Right], repair: bool = False
) -> Iterator[tuple[Misconception, Formula]]:
    """The wrong formulas of all entries, those of likely ones first, within the bounds."""
    done: set[tuple[str, Formula]] = set()
    count = work = 0
    for entry in ORDERED:
        operator = entry.repair if repair else entry.operator
        for right in rights if operator is not None else ():
            assert operator is not None
            for wrong in operator(right):
                work += _size(wrong) * right.weight
                if (entry.key, wrong) in done:
                    continue
                done.add((entry.key, wrong))
                count += 1
                if count > MAX_MUTANTS or work > MAX_WORK:
                    return
                yield entry, wrong


# ---------------------------------------------------------------- numbers


def _in_numbers(left: Formula, right: Formula, around: Surroundings) -> list[Hit] | None:
    """None where the sides have no values here."""
    rights: list[Right] = []
    found: Printed | None = None
    expected: Value | None = None
    for claims in ({}, *around.claims):
        replaced = _put(left, claims)
        value = value_of(replaced, around.own)
        student = printed(_put(right, claims), around.rounded, replaced, around.own)
        if student is None or replaced in [known.formula for known in rights]:
            continue
        found = found or student
        for source in sources(replaced, around.definitions):
            own = value_of(source, around.own) if source is not replaced else value
            if source is not replaced and (own is None or not _same(own, value or own)):
                continue  # no value, or not the right one
            if expected is None:
                expected = own
            rights.append(_right(source, own, student, around))
    if found is None or expected is None:
        return None
    by = by_hand(around.claims, around.definitions)
    return _Search(found, expected, around.own, right, by).hits(rights)


def _right(formula: Formula, value: Value | None, student: Printed, around: Surroundings) -> Right:
    known = tuple(n for n in around.own.values if not n.startswith("~") and "/d" not in n)
    made = Right(
        formula, value, student.places, around.definitions, known, student.percent, around.earlier
    )
    made.weight = _weight(formula, around.own)
    return made


def _weight(formula: Formula, world: World) -> int:
    """How much dearer the formula is than its size shows: sums and arrays."""
    weight = 1
    for node in walk(formula):
        if isinstance(node, Name) and isinstance(value := world.values.get(node.id), tuple):
            weight = max(weight, int(len(entries(value)) ** 1.5) // 4)
        elif isinstance(node, Apply) and node.head in ("bigsum", "bigproduct", "column_of"):
            first, last = (value_of(bound, world) for bound in node.args[1:3])
            if isinstance(first, fmpq) and isinstance(last, fmpq):
                weight *= max(1, int((last - first).floor()) + 1)
    return weight


def _put(formula: Formula, claims: Mapping[Formula, Formula]) -> Formula:
    return rewrite(formula, claims.get) if claims else formula


class _Search:
    """Values of wrong formulas against what was printed."""

    def __init__(
        self, found: Printed, expected: Value, world: World, right: Formula, by: ByHand
    ) -> None:
        self.found = found
        self.loose = loosely(right, by.copied, world)
        self.by = by
        self.expected = [arb(x) for x in entries(expected)]
        self.world = world
        self.plain = is_plain(right)
        self.leaves = _leaves(right, world)
        self.ranks: dict[tuple[str, ...], int] = {}  # values that were tried, in order
        self.near: list[float] = []  # how far they are from the right one

    def hits(self, rights: Sequence[Right]) -> list[Hit]:
        met: list[tuple[Misconception, Formula, int, Printed]] = []
        known: dict[Formula, Value | None] = {}
        for entry, wrong in _mutants(rights):
            if wrong not in known:
                known[wrong] = value_of(wrong, self.world)
            if (value := known[wrong]) is None:
                continue
            flat = [arb(x) for x in entries(value)]
            away = _distance(flat, self.expected)
            if away == 0.0:
                continue
            rank = self._rank(flat, float("inf") if entry.of_digits else away)
            if (student := self._met(wrong, flat)) is not None:
                met.append((entry, wrong, rank, student))
        return [self._hit(*one) for one in met]

    def _met(self, wrong: Formula, flat: list[arb]) -> Printed | None:
        """What the student printed, as far as a wrong formula, or its numbers by hand, have it."""
        if self.found.has(flat):
            return self.found
        if self.plain:
            return None
        forms = [value_of(form, self.world) for form in self.by.forms(wrong)]
        values = [flat, *([arb(x) for x in entries(value)] for value in forms if value is not None)]
        for student in (self.found, self.loose):
            if student is not None and any(map(student.has, values)):
                return student
        return None

    def _rank(self, flat: list[arb], away: float) -> int:
        key = tuple(f"{float(x.mid()):.12g}" for x in flat)
        if key not in self.ranks:
            self.ranks[key] = len(self.ranks) + 1
            self.near.append(away)
        return self.ranks[key]

    def _hit(self, entry: Misconception, wrong: Formula, rank: int, student: Printed) -> Hit:
        chance = self._chance(entry, rank, student)
        alike = bool(self.leaves) and _leaves(wrong, self.world) == self.leaves
        if alike:
            chance *= 10.0 ** -len(self.leaves)  # every number of it is the student's
        return Hit(entry, chance, alike)

    def _chance(self, entry: Misconception, rank: int, student: Printed) -> float:
        """That a value among those tried so far meets the digits by accident.

        Close to the right value values stand closer together: there it counts how many of them
        are as near as the student's.
        """
        off = student.distance(self.expected)
        chance = rank * 10.0 ** -student.digits_against(self.expected)
        if not entry.of_digits and student.unit > 0.0 and len(student.balls) == 1:
            near = sum(1 for away in self.near[:rank] if away <= 1.5 * off)
            chance = max(chance, near * student.unit / (2 * off) if off else 1.0)
        return float(chance)


def _leaves(formula: Formula, world: World) -> tuple[str, ...]:
    """The numbers of a formula and the operations between them, in order, with values for names.

    Signs and brackets do not count: -0.3 · 2 may be read as (-0.3) · 2. Empty of a single number.
    """
    found: list[str] = []
    numbers = 0
    for node in walk(formula):
        if isinstance(node, Apply):
            found += () if node.head in ("neg", "group") else (node.head,)
            continue
        value = value_of(node, world)
        numbers += 1
        found.append(str(abs(value)) if isinstance(value, fmpq) else "?")
    return tuple(found) if numbers > 1 else ()


def _distance(a: Sequence[arb], b: Sequence[arb]) -> float:
    """How far two values are apart; 0 where they cannot be told apart."""
    if len(a) != len(b):
        return float("inf")
    return max(
        0.0 if x.overlaps(y) else abs(float((x - y).mid())) for x, y in zip(a, b, strict=True)
    )


# ---------------------------------------------------------------- names


def _in_names(left: Formula, right: Formula, around: Surroundings) -> list[Hit]:
    hits: list[Hit] = []
    for claims in ({}, *around.claims):
        one, other = _put(left, claims), _put(right, claims)
        if claims and (one, other) == (left, right):
            continue
        hits += _exact(one, other, around)
        if hits:
            break
    return hits


def _exact(left: Formula, right: Formula, around: Surroundings) -> list[Hit]:
    worlds = around.worlds()
    if not worlds:
        return []
    forms = list(sources(left, around.definitions))
    values = [
        next((v for form in forms if (v := value_of(form, w)) is not None), None) for w in worlds
    ]
    student = [value_of(right, world) for world in worlds]
    weight = max((_weight(form, worlds[0]) for form in forms), default=1)
    rights = []
    for form in forms:
        mine = value_of(form, worlds[0])
        if form is left or (mine is not None and values[0] is not None and _same(mine, values[0])):
            rights.append(Right(form, None, None, around.definitions, (), False))
            rights[-1].weight = weight
    if all(value is not None and not any(entries(value)) for value in student):
        rights.clear()  # too many ways lead to 0
    hits = [
        Hit(entry, 0.0, wrong == right)
        for entry, wrong in _mutants(rights)
        if wrong == right
        or (_equal_in(worlds, wrong, student) and not _equal_in(worlds, wrong, values))
    ]
    again = Right(right, None, None, around.definitions, (), False)
    again.weight = weight
    hits += [
        Hit(entry, 0.0, repaired == left)
        for entry, repaired in _mutants([again], repair=True)
        if repaired == left or _equal_in(worlds, repaired, values)
    ]
    return hits


def _equal_in(worlds: Sequence[World], formula: Formula, values: Sequence[Value | None]) -> bool:
    """Whether a formula has these values, in every world where there are any (and in two at least)."""
    seen = 0
    for world, wanted in zip(worlds, values, strict=True):
        if wanted is None:
            continue
        mine = value_of(formula, world)
        if mine is None or not _same(mine, wanted):
            return False
        seen += 1
    return seen > 1


def _same(a: Value, b: Value) -> bool:
    x, y = entries(a), entries(b)
    if len(x) != len(y) or isinstance(a, tuple) != isinstance(b, tuple):
        return False
    return all(arb(p).overlaps(arb(q)) for p, q in zip(x, y, strict=True))
