"""The library: every theorem is proved line by line, and every wrong version of a line is refused."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest

from derivations.formula.tree import Formula
from derivations.kinds.base import library
from derivations.kinds.base.files import load
from derivations.pipeline import solve
from derivations.steps.chains import chains_in
from derivations.steps.laws import LAWS
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Verified
from derivations.truth.judge import World, holds, judge
from derivations.truth.verification import Court
from tests.theorems.mutants import mutants

LEAST, MOST = 20, 36
NAMES = tuple(library.entries())


@cache
def proved(name: str) -> Verified:
    """A theorem with its lines judged."""
    return solve(load(library.entry(name)))


def test_there_are_enough() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_accepted_and_has_its_law(name: str) -> None:
    verified = proved(name)
    derivation = verified.solution.derivation
    assert derivation.source
    assert derivation.universe is not None
    relations = [link for line in verified.lines for link in line.chain.links]
    assert len(relations) >= 3
    assert all(
        verdict in ("proved", "holds", "given", "rounded")
        for line in verified.lines
        for verdict in line.verdicts
    )
    worked = [link for line in verified.lines if len(line.place) > 1 for link in line.chain.links]
    assert all(key in LAWS for link in worked for key in link.law.split("+") if key)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_line_is_refused(name: str) -> None:
    """One sign, factor, exponent, bound, index or transpose changed: none is accepted."""
    verified = proved(name)
    court = Court(verified.solution)
    universe = verified.solution.derivation.universe
    assert universe is not None
    indices = tuple(s.name for s in universe.symbols if s.domain[0] == "whole")
    tried = [
        (chain, left, link, change, wrong)
        for chain, left, link in equations(verified)
        for change, wrong in mutants(link.term.formula, indices)
    ]
    random.Random(name).shuffle(tried)
    refused = harmless = 0
    for chain, left, link, change, wrong in tried:
        if refused == MOST:
            break
        planted = replace(link, term=Term(wrong))
        if not court.link(left, planted, chain.when).accepted:
            refused += 1
            continue
        shown = f"{change}: {court.text(Chain(left, (planted,)))}"
        assert same_in(elsewhere(name), link, wrong, chain.when), shown
        harmless += 1
    assert refused >= LEAST
    assert harmless <= refused


def equations(verified: Verified) -> list[tuple[Chain, Term, Link]]:
    """Every equation of a theorem's statement and derivation, in symbols."""
    solution = verified.solution
    blocks = [
        *solution.statement,
        *(block for part in solution.parts for step in part.steps for block in step.blocks),
    ]
    found = []
    for block in blocks:
        for chain in chains_in(block):
            for left, link in zip(chain.terms(), chain.links, strict=False):
                if link.relation == "=" and not left.numbers and not link.term.numbers:
                    found.append((chain, left, link))
    return found


@cache
def elsewhere(name: str) -> tuple[World, ...]:
    """Worlds that the judge of this theorem has not seen."""
    solution = proved(name).solution
    derivation = replace(solution.derivation, id=f"{name}, drawn again")
    return tuple(Court(replace(solution, derivation=derivation)).worlds)


def same_in(worlds: tuple[World, ...], link: Link, wrong: Formula, when: Formula | None) -> bool:
    """Whether a change changes nothing: 0 doubled, or an index that is the same one."""
    kept = [world for world in worlds if when is None or holds(when, world)]
    return all(judge(link.term.formula, "=", wrong, world).accepted for world in kept)
