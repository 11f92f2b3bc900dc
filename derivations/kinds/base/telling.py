"""What a sheet says of a run of learning besides its lines: rules, what is left out, which rows."""

from __future__ import annotations

from itertools import combinations, pairwise

from derivations.formula.printing import latex, text
from derivations.formula.tree import Name, Number
from derivations.kinds.base.methods import Method
from derivations.reading.prose import read_line
from derivations.steps.relations import Chain, Link, Piece, Term, Text, Typeset
from derivations.steps.solution import Block, Part, Prose, Step


def round_number(steps: int) -> int:
    """1, 2 or 5 times a power of ten, so that the table has about ten rows."""
    power = int("1" + "0" * (len(str(steps // 10)) - 1))
    return next(n * power for n in (1, 2, 5, 10) if steps <= 12 * n * power)


MANY = 6  # starts that are listed one by one
ROW = 72  # letters of the rules that stand in a row


def in_the_same_way(first: int, last: int, unrounded: bool) -> Part:
    """A word on the updates that are not shown."""
    which = f"Update {first} goes" if first == last else f"Updates {first} to {last} go"
    how = (
        "with unrounded values; the table has some of them"
        if unrounded
        else "; the table has the values"
    )
    words = f"{which} on in the same way{', ' if unrounded else ''}{how}."
    return Part((), (Step((), (Prose((Text(words),)),)),))


def rules_of(method: Method, start: list[str]) -> list[Block]:
    """The rules of a method with arrows, its state at the start, and its conventions in words."""
    blocks: list[Block] = [Prose((Text(f"The rules of {method.title}, for every parameter θ:"),))]
    blocks += [Prose((row,), "display") for row in _rows(method.rules())]
    closing: list[Piece] = []
    if len(start) > MANY:
        closing = [Text("At the start, for every parameter, ")]
        for place, (symbol, value) in enumerate(method.start.items()):
            begun = Typeset(f"{latex(Name(symbol))} = {{}}", f"{text(Name(symbol))} = ")
            closing += [Text(", " if place else ""), begun, Term(Number(value))]
    for place, name in enumerate(start if len(start) <= MANY else ()):
        closing += [
            Text(", " if place else "At the start "),
            Chain(Term(Name(name)), (Link("=", Term(Name(name), numbers=True)),)),
        ]
    words = " ".join(method.sentences)
    if start:
        closing.append(Text(". "))
    if words:
        closing += read_line(words)
    return [*blocks, Prose(tuple(closing))] if closing else blocks


def _rows(rules: list[Typeset]) -> list[Typeset]:
    """Rules side by side in as few rows as have room for them, of about the same length."""
    for count in range(1, len(rules)):
        ends = combinations(range(1, len(rules)), count - 1)
        ways = ([*map(_joined, _cut(rules, at))] for at in ends)
        rows = min(ways, key=lambda way: max(len(row.text) for row in way))
        if max(len(row.text) for row in rows) <= ROW:
            return rows
    return rules


def _cut(rules: list[Typeset], places: tuple[int, ...]) -> list[list[Typeset]]:
    return [rules[start:end] for start, end in pairwise((0, *places, len(rules)))]


def _joined(rules: list[Typeset]) -> Typeset:
    return Typeset(
        r",\quad ".join(rule.latex for rule in rules), ",  ".join(rule.text for rule in rules)
    )
