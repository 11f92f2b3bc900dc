"""Sheets of 2,200 random problems, read back from their LaTeX and judged from the page alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from derivations.errors import ProblemError, ReadError, VerificationError
from derivations.pipeline import solve
from derivations.reading.latex import Symbol, Symbols, read_chains
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.solution import Derivation, Verified, question_of
from derivations.writing import latex
from tests.conftest import load_text
from tests.drawing import drawn, text_of
from tests.rejudging import Count, Page, activations

SHARDS, EACH = 20, 110
DISPLAYS = re.compile(
    r"\\begin\{(align\*?|equation)\}.*?\\end\{\1\}|\\\[.*?\\\]|(?<!\\)\$[^$]+\$", re.DOTALL
)
RELATION = re.compile(r"[=<>]|\\(?:approx|le|ge|ne|leftarrow)\b")
LOOK = re.compile(r"(?:\\(?:operatorname|mathrm)\{(\w+)\}|\\?([A-Za-z]+))(?:_\{(\d+)\})?")
FORBIDDEN = {
    "two signs": re.compile(r"[+-] *[+-]|\\(?:cdot|times) *-"),
    "two signs in an exponent": re.compile(r"\^\{ *--"),
    "a factor 1": re.compile(r"(?<![\d.^_{(\[,])1(?!em\b)(?:\\,)?(?=[a-zA-Z(]|\\(?:hat|frac)\b)"),
    "an exponent 1": re.compile(r"(?<!e)\^\{1\}"),
    "0.00 for what is not 0": re.compile(r"\\approx (?:\\boxed\{)?-?0\.0+(?!\d)"),
}
BEYOND_DOUBLES = "by the second road"  # saturated units, whose slopes doubles cannot tell from 0


def written(verified: Verified) -> str:
    """The solution as LaTeX, without the preamble."""
    item = Item("", question_of(verified.solution), verified)
    document = Document(Front("", id="drawn"), (Section("", items=(item,)),), True)
    return latex.write(document).split("\\begin{document}")[1]


def symbols(derivation: Derivation) -> Symbols:
    """What a reader of the sheet knows: its quantities, and the letters of its functions."""
    known = {
        derivation.notation.spelling.name(q.key.partition("@")[0]): Symbol(
            "scalar" if not q.shape else ("vector", "matrix")[len(q.shape) - 1]
        )
        for q in derivation.quantities
        if "/" not in q.key and not q.key.startswith("~")
    }
    for head in derivation.functions:
        look = derivation.notation.functions.get(head.rstrip("'"), ("", ""))[0]
        if (match := LOOK.fullmatch(look)) and "'" not in head:
            name = (match[1] or match[2]) + (f"_{match[3]}" if match[3] else "")
            if name not in known and (len(name) == 1 or match[3]):
                known[name] = Symbol("function", head=head)
    return Symbols.of(known)


def judged(seed: int, spoil: Callable[[str], str] = str) -> Count:
    """The relations of the problem with this seed; none where it has no solution.

    Args:
        spoil: a change of the written text, for the test of this test.
    """
    problem = drawn(seed)
    try:
        verified = solve(load_text(text_of(problem)))
    except ProblemError:
        return Count()
    derivation = verified.solution.derivation
    page = Page(derivation.rounding.carry == "exact", activations(_slope(problem)))
    known = symbols(derivation)
    text = spoil(written(verified))
    for match in DISPLAYS.finditer(text.partition("With nothing rounded")[0]):
        source = match[0]
        for name, pattern in FORBIDDEN.items():
            if found := pattern.search(source):
                page.count.wrong.append(
                    f"{name}: {source[max(found.start() - 30, 0) : found.end() + 30]}"
                )
        if not RELATION.search(source):
            continue  # a name or a number in a sentence
        try:
            chains = read_chains(source, known)
        except ReadError as error:
            page.count.wrong.append(f"{error.message} at {error.position}: {source[:200]}")
            continue
        for chain in chains:
            page.judge(chain)
    page.count.wrong = [f"seed {seed}: {line}" for line in page.count.wrong]
    return page.count


def _slope(problem: dict[str, Any]) -> str:
    layers = problem["given"].get("layers") or [problem["given"]]
    slopes = [a["alpha"] for layer in layers if isinstance(a := layer.get("activation"), dict)]
    return slopes[0] if slopes else "0.01"


@cache
def shard(number: int) -> Count:
    """All problems of a shard together."""
    total = Count()
    for seed in range(number * EACH, (number + 1) * EACH):
        try:
            count = judged(seed)
        except VerificationError as error:
            if BEYOND_DOUBLES in str(error):
                total.refused += 1
            else:
                total.wrong.append(f"seed {seed}: {error}")
            continue
        total.judged += count.judged
        total.names += count.names
        total.wrong += count.wrong
    return total


@pytest.mark.parametrize("number", range(SHARDS))
def test_every_relation_that_is_printed_is_true(number: int) -> None:
    count = shard(number)
    assert count.wrong == []
    assert count.judged > 1_000
    assert count.refused <= 3
    assert count.share > 0.6, f"{count.judged} of {count.judged + count.names} relations judged"


RESULT = re.compile(r"(?:=|\\approx) (?:\\boxed\{)?-?\d+\.\d*(\d)(?=\}?(?: \\\\|\n))")
ROUNDED = [s for s in range(9, 230) if s % 23 < 14 and drawn(s)["rounding"]["carry"] == "rounded"]


def spoilt(text: str) -> str:
    """The last digit of the last result of a sheet is one more than it should be."""
    head, sign, body = text.partition("solutionhead")
    results = list(RESULT.finditer(body))
    if not results:
        return text
    at = results[-1].start(1)
    return head + sign + body[:at] + str((int(body[at]) + 1) % 10) + body[at + 1 :]


def test_a_wrong_digit_is_seen() -> None:
    seen = {seed: len(judged(seed, spoilt).wrong) for seed in ROUNDED[:40]}
    assert sum(count > 0 for count in seen.values()) >= 35, seen
