"""Relations between moments: tried with random variables of a few values, each with its probability.

What holds for every joint distribution holds; what needs independence, or means of zero besides, is
an assumption; what fails even then is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combinations
from math import prod

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import GIVEN, HOLDS, WRONG, Ruling
from derivations.checking.names.knowledge import Knowledge
from derivations.formula.looks import look
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    names,
    neg,
    product,
    substitute,
    sum_of,
)

CHANCES = (("1", "10"), ("2", "10"), ("3", "10"), ("4", "10"))  # of joint outcomes
APART = (("1", "3"), ("2", "3"))  # of the two values of each, where they are independent
MOST = 4  # random variables
MOST_DEEP = 20  # definitions that are put in
MEANS = frozenset({"mu", "m", "nu"})
TWO = Number("2")
ASSUMED = Ruling(GIVEN, "right where the random variables are independent")
CENTRED = Ruling(GIVEN, "right where the random variables are independent and have mean 0")
OF_ONE = Ruling(GIVEN, "right where the random variable has mean 0")
DIFFER = "the two sides differ for every distribution that was tried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of a few: its probability, and the values of the random variables."""

    chance: Formula
    values: Mapping[str, Formula]


def of_moments(comparing: Comparing, left: Formula, right: Formula) -> Ruling | None:
    """A ruling on two sides of the same random variables; None where they are not."""
    known = comparing.known
    if not _moments(left, known.moments) or not _moments(right, known.moments):
        return None
    apart = _outside(left, known.moments) | _outside(right, known.moments)
    variables = [_variables(side, comparing, apart) for side in (left, right)]
    if variables[0] != variables[1] or not 0 < len(variables[0]) <= MOST:
        return None
    if comparing.equal(left, "=", right).right:
        return None
    found = sorted(variables[0])
    tried = [(_joint(found), Ruling(HOLDS))]
    if len(found) > 1 and not any(said.head == "covariance" for said in _said(right, known)):
        tried.append((_independent(found, centred=False), ASSUMED))
    means = any(known.moments.get(f"E_{name}") for name in found)
    if not means and not any(_vanishes(said, found) for said in _said(right, known)):
        tried.append((_independent(found, centred=True), CENTRED if len(found) > 1 else OF_ONE))
    open_ = False
    for outcomes, ruling in tried:
        whole = Moments(comparing, tuple(outcomes))
        verdicts = [comparing.tried(a, b) for a, b in whole.pairs(left, right)]
        if any(verdict.right for verdict in verdicts):
            return ruling
        open_ = open_ or any(verdict.verdict != WRONG for verdict in verdicts)
    constants = [_rests(_every(side, known.moments), known) - set(found) for side in (left, right)]
    if open_ or constants[0] != constants[1]:
        return None
    return Ruling(WRONG, DIFFER)


def _said(side: Formula, known: Knowledge) -> list[Apply]:
    """The moments of which a side speaks."""
    return [known.moments[name] for name in _moments(side, known.moments)]


def _vanishes(moment: Apply, variables: Sequence[str]) -> bool:
    """Whether a moment is 0 where independent variables have mean 0."""
    if moment.head != "expectation":
        return moment.head == "covariance"
    inside = moment.args[0]
    factors = inside.args if isinstance(inside, Apply) and inside.head == "product" else (inside,)
    plain = {each.id for each in factors if isinstance(each, Name) and each.id in variables}
    return len(plain) == len(factors)


class Moments:
    """Moments over a few outcomes."""

    def __init__(self, comparing: Comparing, outcomes: Sequence[Outcome]) -> None:
        self.known = comparing.known
        self.outcomes = outcomes

    def pairs(self, left: Formula, right: Formula) -> Iterator[tuple[Formula, Formula]]:
        """The two sides; then with a μ that nobody has said as the mean of the only variable."""
        yield self.whole(left), self.whole(right)
        variables = list(self.outcomes[0].values)
        open_ = {
            n
            for side in (left, right)
            for n in _every(side, self.known.moments)
            if look(n).base in MEANS
        }
        unknown = {n for n in open_ if not self.known.is_settled(n)}
        if len(variables) == 1 and unknown:
            mean = self._mean(Name(variables[0]))
            put = dict.fromkeys(unknown, mean)
            yield tuple(substitute(self.whole(side), put) for side in (left, right))  # type: ignore[misc]

    def whole(self, formula: Formula, deep: int = 0) -> Formula:
        """The formula with every moment as a sum over the outcomes."""
        formula = self._defined(formula) if deep == 0 else formula
        found = {
            name: self._moment(self.known.moments[name], deep + 1)
            for name in _moments(formula, self.known.moments)
            if deep < MOST_DEEP
        }
        return substitute(formula, found)

    def _moment(self, moment: Apply, deep: int) -> Formula:
        inside = [self.whole(self._defined(arg), deep) for arg in moment.args]
        if moment.head == "expectation":
            return self._mean(inside[0])
        a, b = inside[0], inside[-1]
        return sum_of(self._mean(product(a, b)), neg(product(self._mean(a), self._mean(b))))

    def _defined(self, formula: Formula) -> Formula:
        """With definitions in the place of names that are no random variables themselves."""
        variables, definitions = self.outcomes[0].values, self.known.definitions
        for _ in range(MOST_DEEP):
            used = set(names(formula)) - variables.keys()
            said = {name: definitions[name] for name in used & definitions.keys()}
            if not said:
                break
            formula = substitute(formula, said)
        return formula

    def _mean(self, formula: Formula) -> Formula:
        terms = [product(each.chance, substitute(formula, each.values)) for each in self.outcomes]
        return sum_of(*terms)


def _moments(formula: Formula, said: Mapping[str, Apply]) -> set[str]:
    return said.keys() & set(names(formula))


def _every(side: Formula, said: Mapping[str, Apply]) -> set[str]:
    """The names of a side, also those in moments, and in moments in these."""
    todo, found, moments = set(names(side)), set[str](), set[str]()
    while todo:
        name = todo.pop()
        if name not in said:
            found.add(name)
        elif name not in moments:
            moments.add(name)
            todo |= {n for arg in said[name].args for n in names(arg)}
    return found


def _variables(side: Formula, comparing: Comparing, apart: set[str]) -> set[str]:
    """The random variables of a side: what stands in moments, and no constant, as those apart from them."""
    said, known = comparing.known.moments, comparing.known
    inside = _every(side, said) - _outside(side, said)
    rests = _rests(inside, known) - known.values.keys() - apart
    return {name for name in rests if _looks_random(name)} or rests


def _rests(names_: set[str], known: Knowledge) -> set[str]:
    """The names on which some rest through definitions, also those in moments."""
    found = set().union(*(known.inside(n) if n in known.definitions else {n} for n in names_))
    found = set().union(*(_every(Name(n), known.moments) for n in found))
    return found - known.definitions.keys()


def _outside(side: Formula, said: Mapping[str, Apply]) -> set[str]:
    """The names that stand in no moment."""
    return set(names(side)) - said.keys()


def _looks_random(name: str) -> bool:
    parts = look(name)
    return (
        parts.base[:1].isupper()
        or bool(parts.decorations)
        or parts.base in ("epsilon", "varepsilon", "xi")
    )


def _joint(variables: Sequence[str]) -> Iterator[Outcome]:
    for at, (part, whole) in enumerate(CHANCES):
        yield Outcome(_fraction(part, whole), {n: Name(f"{n}~{at}") for n in variables})


def _independent(variables: Sequence[str], centred: bool) -> Iterator[Outcome]:
    for places in combinations(range(len(APART)), repeat=len(variables)):
        top, below = (prod(int(APART[at][i]) for at in places) for i in (0, 1))
        values = {n: _of_two(n, at, centred) for n, at in zip(variables, places, strict=True)}
        yield Outcome(_fraction(str(top), str(below)), values)


def _of_two(name: str, at: int, centred: bool) -> Formula:
    """One of two values; with a mean of zero they are 2u and -u."""
    if not centred:
        return Name(f"{name}~{at}")
    return neg(Name(f"{name}~0")) if at else product(TWO, Name(f"{name}~0"))


def _fraction(top: str, below: str) -> Formula:
    return Apply("quotient", (Number(top), Number(below)))
