"""What is known before the first line is judged: by the problem, and by the text as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derivations.checking.names.declaring import declarations
from derivations.checking.names.designs import stacked
from derivations.checking.names.distributions import adding_to_one
from derivations.checking.names.inferring import elements
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.layers import formulas_of, undefined_in
from derivations.checking.names.problems import Background
from derivations.checking.names.taken import taken
from derivations.checking.names.times import steps_in
from derivations.checking.names.unwritten import open_functions, unwritten
from derivations.checking.text.parts import parts_of
from derivations.formula.tree import Name, names, walk
from derivations.reading.latex import ReadChain, Symbols

BY_ROWS = "softmax_rows"


def of_problem(known: Symbols, background: Background) -> Knowledge:
    """What the problem says."""
    knowledge = Knowledge(known, background.universe)
    knowledge.by_rows, knowledge.other = background.by_rows, background.other
    knowledge.functions.update(background.functions)
    for name, value in background.values.items():
        knowledge.give(name, value)
    for name, formula in background.definitions.items():
        knowledge.define(name, formula)
        knowledge.by_rows |= any(getattr(n, "head", "") == BY_ROWS for n in walk(formula))
    knowledge.model = frozenset(background.definitions) - background.other.keys()
    knowledge.descents = dict(background.descents)
    knowledge.printed = dict(background.printed)
    return knowledge


def learn_whole(
    knowledge: Knowledge, chains: Sequence[ReadChain], said: Sequence[tuple[ReadChain, str]]
) -> None:
    """What all lines together show: domains, what adds to 1, layers, losses that nobody wrote.

    Args:
        knowledge: that learns it.
        chains: the lines, those of the givens too.
        said: those of the text, each with the manner in which it is said.
    """
    formulas = list(formulas_of(chains))
    parts = [part for chain in chains for part in parts_of(chain)]
    equations = (pair for part in parts for pair in part.equations())
    relations = (pair for part in parts for pair in part.pairs())
    knowledge.declared = replace(declarations(said), taken=taken(formulas, relations))
    knowledge.adding = adding_to_one(formulas, equations)
    knowledge.indices.elements = elements(knowledge.symbols, chains, knowledge.indices.arrays)
    knowledge.undefined = undefined_in(chains)
    heads = {getattr(node, "head", "") for formula in formulas for node in walk(formula)}
    knowledge.correlates = bool(heads & {"star", "star_full"})
    knowledge.spoken = frozenset(name for formula in formulas for name in names(formula))
    stated = {*knowledge.values, *knowledge.definitions, *steps_in(chains)}
    knowledge.unwritten = unwritten(formulas, stated)
    firsts = [chain.first.formula for chain in chains if chain.first.formula is not None]
    knowledge.any_functions |= open_functions(formulas, firsts) - knowledge.functions.keys()
    stacked(knowledge, formulas, {first.id for first in firsts if isinstance(first, Name)})
