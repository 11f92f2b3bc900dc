"""What a text says of its names once for all: ``c > 0``, ``θ ∈ (0, 1)``, ``p ∈ ℝ^n``, ``0 < a < b``.

A name has a domain from which it is drawn; what is no domain of one name is a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from derivations.checking.text.documents import ASSUMED, IF_IN_WORDS, LETTING, MEMBERSHIP
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex import ReadChain
from derivations.reading.latex.words import COMPARISONS

Domain = tuple[str, ...]
MOST_AXES = 2  # of arrays that are drawn
ZERO = Number("0")
SIDES = {(">", False): "positive", ("<", True): "positive", ("<", False): "negative",
         (">", True): "negative"}  # fmt: skip
SETS: dict[frozenset[Formula], Domain] = {
    frozenset({ZERO, Number("1")}): ("binary",),
    frozenset({Apply("neg", (Number("1"),)), Number("1")}): ("sign",),
}
SYMMETRIC: Domain = ("symmetric",)
WORDS = {"positive": ("positive",), "symmetric": SYMMETRIC}  # behind ∈
NARROWER = frozenset(
    {"one-hot", "orthogonal", "orthonormal", "diagonal", "stochastic", "positive definite",
     "positive semidefinite", "positive semi-definite"}
)  # fmt: skip
ADDING = ("adding to", "adding up to", "summing to", "summing up to")


@dataclass(frozen=True, slots=True)
class Declarations:
    """Domains by name, and conditions that hold besides.

    ``beyond``: names that are said to be what cannot be drawn; ``taken``: domains that the text
    takes for granted, see `taken`.
    """

    domains: dict[str, Domain] = field(default_factory=dict)
    conditions: tuple[Formula, ...] = ()
    beyond: frozenset[str] = frozenset()
    taken: dict[str, Domain] = field(default_factory=dict)


def declarations(said: Iterable[tuple[ReadChain, str]]) -> Declarations:
    """What lines say of their names; each with the manner in which it is said, see `documents`."""
    said = list(said)
    domains = dict.fromkeys(_symmetric(said), SYMMETRIC)
    conditions: list[Formula] = []
    beyond: set[str] = set()
    for chain, manner in said:
        if manner not in (LETTING, MEMBERSHIP):
            continue
        for left, sign, right in _pairs(chain):
            if sign == "∈":
                domain = _domain_of_set(right, chain.notes)
                special = not NARROWER.isdisjoint(chain.notes)
                if isinstance(left, Name) and domain:
                    domains.setdefault(left.id, domain)
                elif isinstance(left, Name) and (special or not _is_space(right)):
                    beyond.add(look(left.id).base)
            elif (found := _one_sided(left, sign, right)) is not None:
                domains.setdefault(found[0], (found[1],))
            elif sign in COMPARISONS and sign != "=":
                conditions.append(condition(left, sign, right))
    return Declarations(domains, tuple(conditions), frozenset(beyond))


def _symmetric(said: Iterable[tuple[ReadChain, str]]) -> set[str]:
    """Matrices of which is said once for all that they are symmetric, and not what they are."""
    symmetric_ones, stated = set[str](), set[str]()
    for chain, manner in said:
        for left, sign, right in _pairs(chain):
            if sign != "=":
                continue
            if (name := symmetric(left, right)) and manner not in (ASSUMED, IF_IN_WORDS):
                symmetric_ones.add(name)
            elif isinstance(left, Name) and not name:
                stated.add(left.id)
    return symmetric_ones - stated


def symmetric(left: Formula, right: Formula) -> str:
    """The matrix that ``A = A^T`` calls symmetric; nothing where two sides say something else."""
    turned = Apply("transpose", (left,)) == right or Apply("transpose", (right,)) == left
    name = left if isinstance(left, Name) else right
    return name.id if turned and isinstance(name, Name) else ""


def _is_space(right: Formula) -> bool:
    """Vectors or matrices of a size, whose entries are any numbers."""
    return isinstance(right, Apply) and right.head == "reals" and len(right.args) <= MOST_AXES


def condition(left: Formula, sign: str, right: Formula) -> Formula:
    """A relation as something that is true or false."""
    return Apply(COMPARISONS[sign], (left, right))


def _pairs(chain: ReadChain) -> Iterator[tuple[Formula, str, Formula]]:
    left = chain.first.formula
    for link in chain.links:
        right = link.term.formula
        if left is not None and right is not None:
            yield left, link.sign, right
        left = right


def _one_sided(left: Formula, sign: str, right: Formula) -> tuple[str, str] | None:
    """``c > 0`` and ``0 < c``: the name and its domain."""
    for name, other, turned in ((left, right, False), (right, left, True)):
        if isinstance(name, Name) and other == ZERO and (sign, turned) in SIDES:
            return name.id, SIDES[sign, turned]
    return None


def _domain_of_set(right: Formula, notes: Iterable[str]) -> Domain:
    """The domain of what is an element of a set; nothing where it is any number."""
    for note in notes:
        if note in WORDS:
            return WORDS[note]
        if any(words in note for words in ADDING):
            return ("simplex",)
    if not isinstance(right, Apply):
        return ()
    if right.head == "positive_reals":
        return ("positive",)
    if right.head == "members":
        right = right.args[0] if isinstance(right.args[0], Apply) else right
    if right.head == "braces":
        return SETS.get(frozenset(right.args), ())
    ends = [each.text for each in right.args if isinstance(each, Number)]
    if right.head in ("tuple", "vector", "closed") and len(ends) == len(right.args) == 2:
        return ("in", *ends)
    return ()
