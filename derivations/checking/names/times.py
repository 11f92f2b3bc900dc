"""What a definition for time t says of a step with a number: ``h_t = tanh(w x_t + u h_{t-1})`` of h_2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from derivations.checking.names.layers import TIME, T, definitions_of, formulas_of
from derivations.formula.looks import look
from derivations.formula.tree import Formula, Name, Number, names, rewrite
from derivations.reading.latex import ReadChain
from derivations.reading.latex.symbols import spelled

MOST = 60  # definitions that are added
FIRST = 1  # the first step; what stands before it is where a recursion starts


def of_steps(definitions: Mapping[str, Formula], mentioned: Iterable[str]) -> Mapping[str, Formula]:
    """Definitions of names with a number for their time, as far as others say them for any t.

    Args:
        definitions: what a text defines.
        mentioned: names that it speaks of.
    """
    general = {_family(n): (n, f) for n, f in definitions.items() if _offset(n) is not None}
    found: dict[str, Formula] = {}
    steps = [f for n, f in definitions.items() if look(n).subscript.isdigit() and _family(n) in general]  # fmt: skip
    used = {name for formula in steps for name in names(formula)}  # g_1 of v_1 = 0.9 v_0 + 0.1 g_1
    todo = sorted({*mentioned, *used} - definitions.keys()) if general else []
    while todo and len(found) < MOST:
        name = todo.pop()
        number = look(name).subscript
        said = general.get(_family(name)) if number.isdigit() and "@" not in name else None
        if said is None or name in found or int(number) < FIRST:
            continue
        body = _at(said[1], int(number) - (_offset(said[0]) or 0))
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
    families = {_family(name) for name in names_at if _offset(name) is not None}
    timed = (n for n in mentioned if _offset(n) is not None or look(n).subscript.isdigit())
    return {name for name in timed if _family(name) in families}


def at_other_times(name: str, others: Iterable[str]) -> list[str]:
    """Those of other names that are a name for any t at some step; none where it is not for any t."""
    if _offset(name) is None:
        return []
    return [other for other in others if _family(other) == _family(name)]


def later(name: str, definitions: Mapping[str, Formula]) -> Formula | None:
    """Of ``e_{t+1}`` what ``e_t = w_t - b`` says of it; nothing where that is a recursion."""
    more = _offset(name)
    now = [n for n in definitions if _offset(n) == 0 and _family(n) == _family(name)]
    if not more or not now:
        return None
    body = definitions[now[0]]
    timed = {n for n in names(body) if _offset(n) is not None}
    if not timed or any(_family(n) == _family(name) for n in timed):
        return None
    return rewrite(body, lambda n: Name(_moved(n.id, more)) if isinstance(n, Name) and n.id in timed else None)  # fmt: skip


def _moved(name: str, more: int) -> str:
    parts = look(name)
    letter, whole = parts.subscript[0], (_offset(name) or 0) + more
    below = f"{letter}{whole:+d}" if whole else letter
    return spelled(replace(parts, subscript=below))


def _offset(name: str) -> int | None:
    """What is added to t in the subscript of a name; None where it is no time."""
    match = TIME.fullmatch(look(name).subscript) if "@" not in name else None
    return int(match[2] or 0) if match else None


def _family(name: str) -> str:
    return spelled(replace(look(name), subscript=""))


def _at(formula: Formula, time: int) -> Formula:
    """The formula with a number for t, in subscripts and by itself."""

    def rule(node: Formula) -> Formula | None:
        if node == T:
            return Number(str(time))
        more = _offset(node.id) if isinstance(node, Name) else None
        if more is None or not isinstance(node, Name) or time + more < 0:
            return None
        return Name(spelled(replace(look(node.id), subscript=str(time + more))))

    return rewrite(formula, rule)


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
    if _family(name) != _family(other) or not number.isdigit():
        return 0
    return int(number) - int(look(name).subscript)
