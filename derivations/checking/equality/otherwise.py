"""Another reading of a step that was found wrong, by which it would be right.

The reader takes one of several readings: a logarithm is natural, a comma between three digits parts
thousands, a sum ends before the next plus. Where the step holds by another one, the report says so; the
verdict stays that of the reading that was taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derivations.checking.equality.comparing import Comparing
from derivations.checking.names.calling import NO_FUNCTIONS
from derivations.formula.evaluation import PRIMITIVES
from derivations.formula.tree import Apply, Formula, Name, Number, apply, product, quotient, rewrite
from derivations.reading.latex import ReadTerm

Rule = Callable[[Formula], Formula | None]
SUMS = frozenset({"bigsum", "bigsum_over"})


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A way to read formulas: what it is called, and what it makes of a node."""

    words: str
    rule: Rule


def otherwise(left: ReadTerm, sign: str, right: ReadTerm, compare: Comparing) -> str:
    """The reading by which a wrong step is right, in words; nothing where there is none."""
    if left.formula is None or right.formula is None:
        return ""
    for reading in _readings(left, right, compare):
        a, b = (_reread(term.formula, reading.rule) for term in (left, right) if term.formula)
        changed = (a, b) != (left.formula, right.formula)
        if changed and compare.equal(a, sign, b).right:
            return reading.words
    return ""


def _readings(left: ReadTerm, right: ReadTerm, compare: Comparing) -> Iterator[Otherwise]:
    yield Otherwise("the logarithm is to base 10", _logarithm_10)
    yield Otherwise("the logarithm is to base 2", _logarithm_2)
    yield Otherwise("the comma in a number is the decimal point", _commas(left, right))
    yield Otherwise("everything behind the sum sign belongs to the sum", _whole_sum)
    yield Otherwise("a name before brackets is a factor", _factors(compare))
    yield Otherwise("a name before brackets is a function", _functions(compare))


def _reread(formula: Formula, rule: Rule) -> Formula:
    """A formula read otherwise; what a rule makes is not read once more."""
    return rewrite(formula, rule)


def _logarithm_10(node: Formula) -> Formula | None:
    if isinstance(node, Apply) and node.head == "log" and len(node.args) == 1:
        return quotient(
            apply("ln", _reread(node.args[0], _logarithm_10)), apply("ln", Number("10"))
        )
    return None


def _logarithm_2(node: Formula) -> Formula | None:
    if isinstance(node, Apply) and node.head == "log" and len(node.args) == 1:
        return apply("log2", _reread(node.args[0], _logarithm_2))
    return None


def _commas(left: ReadTerm, right: ReadTerm) -> Rule:
    """``1,234`` as a decimal; the numeral is found again in what was written."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Number) or node.span is None or "." in node.text:
            return None
        for term in (left, right):
            start = term.span[0]
            if start <= node.span[0] and node.span[1] <= term.span[1]:
                written = term.source[node.span[0] - start : node.span[1] - start]
                whole, comma, decimals = written.replace("{,}", ",").partition(",")
                if comma and whole.isdigit() and decimals.isdigit():
                    return Number(f"{whole}.{decimals}", node.span)
        return None

    return rule


def _whole_sum(node: Formula) -> Formula | None:
    """``Σ a + b`` as Σ (a + b)."""
    if not isinstance(node, Apply) or node.head != "sum":
        return None
    for place, term in enumerate(node.args[:-1]):
        if isinstance(term, Apply) and term.head in SUMS:
            *range_, body = term.args
            inside = Apply("sum", (body, *node.args[place + 1 :]))
            whole: Formula = Apply(term.head, (*range_, inside))
            return Apply("sum", (*node.args[:place], whole)) if place else whole
    return None


def _factors(compare: Comparing) -> Rule:
    """``a(x)`` as a product, where a has a value."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or len(node.args) != 1:
            return None
        name = Name(node.head)
        if node.head in PRIMITIVES or node.head in NO_FUNCTIONS or not compare.known.is_known(name):
            return None
        return product(name, _reread(node.args[0], rule))

    return rule


def _functions(compare: Comparing) -> Rule:
    """``f (x + 1)`` as a call, where f is a function of the text."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head != "product":
            return None
        for place, factor in enumerate(node.args[:-1]):
            if isinstance(factor, Name) and factor.id in compare.known.functions:
                call = Apply(factor.id, (node.args[place + 1],))
                return product(*node.args[:place], call, *node.args[place + 2 :])
        return None

    return rule
