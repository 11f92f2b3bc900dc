"""Defects put into solutions of the bank, for the judge to find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from derivations.formula.printing import Word
from derivations.formula.tree import Number, neg, sum_of
from derivations.kinds.base.files import load
from derivations.resources import folder
from derivations.steps.relations import Chain, Link, Piece, Term
from derivations.steps.solution import (
    Block,
    Derivation,
    Display,
    Items,
    Known,
    Prose,
    Quantity,
    Solution,
    Table,
    Verified,
)
from derivations.steps.substitution import substitute_values
from derivations.truth.verification import verify

Change = Callable[[Chain], Chain | None]


def judged_again(name: str, solution: Solution) -> Verified:
    """A solution of the problem with this name before the judge, as the pipeline puts it there."""
    loaded = load(folder("problems") / f"{name}.yaml")
    return verify(solution, loaded.expected(loaded.problem))


def with_quantity(name: str, key: str, change: Callable[[Quantity], Quantity]) -> Solution:
    """The problem solved with another formula for one of its quantities."""
    loaded = load(folder("problems") / f"{name}.yaml")
    derivation: Derivation = loaded.module.derive(loaded.problem)
    quantities = tuple(change(q) if q.key == key else q for q in derivation.quantities)
    assert quantities != derivation.quantities
    given = loaded.module.givens(loaded.problem)
    return substitute_values(replace(derivation, quantities=quantities), given)


def with_known(solution: Solution, key: str, **changes: object) -> Solution:
    """The solution with another value of a quantity."""
    known = replace(solution.known[key], **changes)  # type: ignore[arg-type]
    assert known != solution.known[key]
    return replace(solution, known={**solution.known, key: known})


def with_chain(solution: Solution, change: Change, only: type[Block] | None = None) -> Solution:
    """The solution with the first chain changed to which the change applies.

    Args:
        change: the new chain, or None where it does not apply.
        only: the kind of block in which the chain has to stand.
    """
    done: list[Chain] = []

    def piece(old: Piece) -> Piece:
        if done or not isinstance(old, Chain):
            return old
        new = change(old)
        if new is None:
            return old
        done.append(new)
        return new

    def block(old: Block) -> Block:
        if isinstance(old, Items):
            return replace(old, items=tuple(tuple(map(block, item)) for item in old.items))
        if only is not None and not isinstance(old, only):
            return old
        if isinstance(old, Display):
            return replace(old, chains=tuple(map(piece, old.chains)))  # type: ignore[arg-type]
        if isinstance(old, Prose):
            return replace(old, pieces=tuple(map(piece, old.pieces)))
        if isinstance(old, Table):
            rows = tuple(tuple(tuple(map(piece, cell)) for cell in row) for row in old.rows)
            return replace(old, rows=rows)
        return old

    parts = tuple(
        replace(
            part,
            steps=tuple(
                replace(step, blocks=tuple(map(block, step.blocks))) for step in part.steps
            ),
        )
        for part in solution.parts
    )
    assert done, "there is no such chain"
    return replace(solution, parts=parts)


def chains(solution: Solution) -> Iterator[Chain]:
    """The chains of the solution's displays."""
    for part in solution.parts:
        for step in part.steps:
            for block in step.blocks:
                if isinstance(block, Display):
                    yield from block.chains


# ---------------------------------------------------------------- defects


def other_last_digit(text: str) -> str:
    """The numeral with its last digit one larger: 0.705 as 0.706, 4.8e-6 as 4.9e-6."""
    digits, e, exponent = text.partition("e")
    place = max(i for i, c in enumerate(digits) if c.isdigit())
    digit = digits[place]
    other = "8" if digit == "9" else str(int(digit) + 1)
    return digits[:place] + other + digits[place + 1 :] + e + exponent


def relation_to(sign: str, inexact: Mapping[str, Known]) -> Change:
    """The sign after which a rounded value stands is another one."""

    def change(chain: Chain) -> Chain | None:
        for place, link in enumerate(chain.links):
            rounded = any(not inexact[name].exact for name in link.new if name in inexact)
            if link.relation == "auto" and rounded:
                new = Link(sign, link.term, link.new)
                return replace(chain, links=(*chain.links[:place], new, *chain.links[place + 1 :]))
        return None

    return change


def one_more(chain: Chain) -> Chain | None:
    """The last formula in names is one larger."""
    return _other_side(chain, lambda formula: sum_of(formula, Number("1")))


def turned(chain: Chain) -> Chain | None:
    """The last formula in names has the other sign."""
    return _other_side(chain, neg)


def _other_side(chain: Chain, change: Callable) -> Chain | None:  # type: ignore[type-arg]
    for place in reversed(range(len(chain.links))):
        link = chain.links[place]
        if link.relation in ("=", "←") and not link.term.boxed:
            new = Link(link.relation, Term(change(link.term.formula), link.term.numbers), link.new)
            return replace(chain, links=(*chain.links[:place], new, *chain.links[place + 1 :]))
    return None


def numeral(known: Known) -> str | None:
    """The numeral that is shown, where it is a single one with digits."""
    shown = known.shown
    if isinstance(shown, Word) or not isinstance(shown, str):
        return None
    return shown if any(c.isdigit() for c in shown) and "/" not in shown else None
