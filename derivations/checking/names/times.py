"""What a definition for time t says of a step with a number: ``h_t = tanh(w x_t + u h_{t-1})`` of h_2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from derivations.checking.names.layers import T, definitions_of, formulas_of
from derivations.formula.looks import look
from derivations.formula.tree import RANGES, Apply, Formula, Name, Number, names, rewrite
from derivations.reading.latex import ReadChain
from derivations.reading.latex.symbols import spelled

TIME = T.id
BINDING = frozenset(RANGES) | {"bigsum_over", "bigproduct_over"}
MOST = 60  # definitions that are added
FIRST = 1  # the first step; what stands before it is where a recursion starts


def of_steps(definitions: Mapping[str, Formula], mentioned: Iterable[str]) -> Mapping[str, Formula]:
    """Definitions of names with a number for their time, as far as others say them for any t.

    Args:
        definitions: what a text defines.
        mentioned: names that it speaks of.
    """
    general = {family(n): (n, f) for n, f in definitions.items() if offset(n, TIME) is not None}
    found: dict[str, Formula] = {}
    steps = [f for n, f in definitions.items() if look(n).subscript.isdigit() and family(n) in general]  # fmt: skip
    used = {name for formula in steps for name in names(formula)}  # g_1 of v_1 = 0.9 v_0 + 0.1 g_1
    todo = sorted({*mentioned, *used} - definitions.keys()) if general else []
    while todo and len(found) < MOST:
        name = todo.pop()
        number = look(name).subscript
        said = general.get(family(name)) if number.isdigit() and "@" not in name else None
        if said is None or name in found or int(number) < FIRST:
            continue
        body = at_step(said[1], TIME, int(number) - (offset(said[0], TIME) or 0))
        if name in names(body):
            continue
        found[name] = body
        todo += sorted(names(body) - definitions.keys() - found.keys())
    return found


def steps_in(chains: Iterable[ReadChain]) -> Mapping[str, Formula]:
    """The definitions of all steps with a number that lines speak of."""
    lines = list(chains)
    spoken = {name for formula in formulas_of(lines) for name in names(formula)}
    return of_steps(definitions_of(lines), spoken)


def of_any_time(names_at: Iterable[str], mentioned: Iterable[str]) -> set[str]:
    """All mentioned names that are one of these at another time: ``s_t`` beside ``s_{t-1}``."""
    families = {family(name) for name in names_at if offset(name, TIME) is not None}
    timed = (n for n in mentioned if offset(n, TIME) is not None or look(n).subscript.isdigit())
    return {name for name in timed if family(name) in families}


def at_other_times(name: str, others: Iterable[str]) -> list[str]:
    """Those of other names that are a name for any t at some step; none where it is not for any t."""
    if offset(name, TIME) is None:
        return []
    return [other for other in others if family(other) == family(name)]


def later(name: str, definitions: Mapping[str, Formula]) -> Formula | None:
    """Of ``e_{t+1}`` what ``e_t = w_t - b`` says of it; nothing where that is a recursion."""
    more = offset(name, TIME)
    now = [n for n in definitions if offset(n, TIME) == 0 and family(n) == family(name)]
    if not more or not now:
        return None
    body = definitions[now[0]]
    timed = {n for n in names(body) if offset(n, TIME) is not None}
    if not timed or any(family(n) == family(name) for n in timed):
        return None
    return rewrite(body, lambda n: Name(_moved(n.id, more)) if isinstance(n, Name) and n.id in timed else None)  # fmt: skip


def _moved(name: str, more: int) -> str:
    parts = look(name)
    letter, whole = parts.subscript[0], (offset(name, TIME) or 0) + more
    below = f"{letter}{whole:+d}" if whole else letter
    return spelled(replace(parts, subscript=below))


def is_later(before: Formula, after: Formula) -> bool:
    """Whether a formula is another one with every number of a step raised by the same."""
    if len(names(before)) != len(names(after)):
        return False
    moved = dict(zip(names(before), names(after), strict=True))
    if rewrite(before, lambda n: Name(moved[n.id]) if isinstance(n, Name) else None) != after:
        return False
    steps = {
        _raised(name, other) for name, other in moved.items() if look(name).subscript.isdigit()
    }
    same = all(n == m for n, m in moved.items() if not look(n).subscript.isdigit())
    return same and len(steps) == 1 and min(steps) > 0


def _raised(name: str, other: str) -> int:
    """By how much the number of another name of the family is larger; 0 where it is none."""
    number = look(other).subscript
    if family(name) != family(other) or not number.isdigit():
        return 0
    return int(number) - int(look(name).subscript)


def at_step(formula: Formula, letter: str, step: int) -> Formula:
    """The formula with a number for the letter, by itself and in subscripts, but where a sum binds it."""

    def rule(node: Formula) -> Formula | None:
        if isinstance(node, Apply) and node.head in BINDING and Name(letter) in node.args[:-1:3]:
            return node
        if node == Name(letter):
            return Number(str(step)) if step >= 0 else Apply("neg", (Number(str(-step)),))
        more = offset(node.id, letter) if isinstance(node, Name) else None
        if more is None or not isinstance(node, Name) or step + more < 0:
            return None
        return Name(spelled(replace(look(node.id), subscript=str(step + more))))

    return rewrite(formula, rule)


def recurrences(definitions: Mapping[str, Formula], letter: str) -> dict[str, tuple[int, Formula]]:
    """The families of names that follow from their step before, each with its formula and its step."""
    found = {}
    for name, formula in definitions.items():
        here = offset(name, letter)
        if here is None:
            continue
        earlier = (offset(n, letter) for n in names(formula) if family(n) == family(name))
        steps = [step for step in earlier if step is not None]
        if steps and max(steps) < here:
            found[family(name)] = (here, formula)
    return found


def offset(name: str, letter: str) -> int | None:
    """What is added to the letter in a subscript; None where it is no step."""
    match = re.fullmatch(rf"{letter}([+-]\d)?", look(name).subscript) if "@" not in name else None
    return int(match[1] or 0) if match else None


def family(name: str) -> str:
    """The name without its subscript."""
    return spelled(replace(look(name), subscript=""))
