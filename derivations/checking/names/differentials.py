"""Differentials: ``dL = (y - t) dy`` says how L moves with y, ``dy = σ'(z) dz`` how y moves with z.

In a line, those are free whose quantities rest on no other one that moves; all others move with them,
as their definitions say. ``dw = x dz``, where z is made of w, is no differential but a gradient by
another name, and stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derivations.checking.names.knowledge import HIDDEN, Knowledge
from derivations.checking.names.layers import formulas_of
from derivations.checking.names.quantities import free
from derivations.checking.text.parts import Part, rewritten
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    names,
    neg,
    product,
    rewrite,
    substitute,
    sum_of,
)
from derivations.reading.latex import ReadChain, Symbols

D = "d"
MOST = 60  # names on which differentials of a line rest
ALONG = Name(f"{HIDDEN}along")  # how far everything has moved
STEP = sum_of(ALONG, neg(apply("detach", ALONG)))  # 0, but it moves


def unmoved(chains: Sequence[ReadChain], known: Symbols) -> Sequence[ReadChain]:
    """The lines with z for dz: both have one shape."""
    if not known.moves:
        return chains
    mentioned = {name for formula in formulas_of(chains) for name in names(formula)}

    def rule(node: Formula) -> Formula | None:
        moved = isinstance(node, Name) and node.id[:1] == D and node.id[1:]
        return Name(moved, node.span) if moved and moved in mentioned else None

    return [rewritten(chain, lambda formula: rewrite(formula, rule)) for chain in chains]


def with_moves(known: Symbols, formulas: Iterable[Formula]) -> Symbols:
    """Also the differentials of arrays, which have their shapes."""
    if not known.moves:
        return known
    named = {name for formula in formulas for name in names(formula)}
    moved = {n: known.get(n[1:]) for n in named if n[:1] == D and known.is_array(n[1:])}
    arrays = {n: s for n, s in moved.items() if s is not None and known.get(n) is None}
    return known.more(arrays) if arrays else known


def moving(part: Part, known: Knowledge) -> dict[str, Formula]:
    """By the names of differentials of a line, what those are that move with others."""
    first = part.first.formula
    if isinstance(first, Apply) and first.head == "entry":
        first = first.args[0]
    if not isinstance(first, Name) or not _is_differential(first.id, known):
        return {}
    moved = [n[1:] for n in _mentioned(part) if n[:1] == D and n != D]
    about = first.id[1:]
    inside = {name: _inside(name, known) - {name} for name in moved}
    kept = {name for name in moved if not inside[name] & set(moved)}
    if about in kept or not kept & inside[about]:
        return {}
    if len(known.inside(*moved)) > MOST:
        return {}
    along: dict[str, Formula] = {
        name: sum_of(Name(name), product(STEP, Name(D + name))) for name in kept
    }
    found = dict[str, Formula]()
    for name in moved:
        if name not in kept and inside[name] & kept:
            body = _said(name, known)
            body = substitute(body, {used: _along(used, along, known) for used in free(body)})
            found[D + name] = Apply("partial", (Name(known.hidden(body)), ALONG))
    return found


def _mentioned(part: Part) -> list[str]:
    formulas = (term.formula for term in (part.first, *(link.term for link in part.links)))
    return list(dict.fromkeys(n for f in formulas if f is not None for n in names(f)))


def _is_differential(name: str, known: Knowledge) -> bool:
    """Whether a name is a d before something that is defined, and is nothing by itself."""
    quantity = name[1:]
    said = quantity in known.definitions or known.is_function_of_text(quantity)
    return name[:1] == D and said and not known.is_settled(name)


def _said(name: str, known: Knowledge) -> Formula:
    """What a quantity is, or a function at its own argument."""
    function = known.functions.get(name)
    if function is not None and name not in known.definitions:
        return Apply(name, tuple(map(Name, function.parameters)))
    return Name(name)


def _inside(name: str, known: Knowledge) -> set[str]:
    return known.support(_said(name, known))


def _along(name: str, moved: dict[str, Formula], known: Knowledge) -> Formula:
    """What a name is where others move: a name of our own for its definition over what moves.

    Args:
        moved: what is known so, to which it is added.
    """
    if name in moved:
        return moved[name]
    body = known.definitions.get(name)
    moved[name] = Name(name)  # of a circle
    if body is not None and known.support(body) & moved.keys():
        over = substitute(body, {used: _along(used, moved, known) for used in free(body)})
        moved[name] = moved[name] if over == body else Name(known.hidden(over))
    return moved[name]
