"""What is left out because it hardly matters: ε below a fraction, the error of a known approximation."""

from __future__ import annotations

from flint import arb

from derivations.checking.names.quantities import is_plain
from derivations.formula.evaluation import EvaluationError, Value, entries, evaluate
from derivations.formula.expressions import read_expression
from derivations.formula.numerals import Ambiguous
from derivations.formula.tree import Apply, Formula, Name, rewrite, substitute, walk
from derivations.truth.judge import World

SMALL = arb(10) ** -5  # a number that is there to keep a fraction finite
NEGLIGIBLE = arb(10) ** -6  # of a value, what ≈ may hide
ARGUMENT, CALLED = "x", ("sigmoid",)
APPROXIMATIONS = {  # Hendrycks and Gimpel 2016, section 2
    "gelu": (
        "x sigmoid(1.702 x)",
        "x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
    )
}


def is_near(a: Value, b: Value) -> bool:
    """Whether two values differ by less than a millionth of themselves, entry by entry."""
    left, right = list(entries(a)), list(entries(b))
    pairs = zip(left, right, strict=False)
    near = all(bool(abs(arb(x) - arb(y)) <= NEGLIGIBLE * abs(arb(x))) for x, y in pairs)
    return near and len(left) == len(right)


def holds_a_trifle(formula: Formula, world: World) -> bool:
    """Whether a number stands in it that is so small that it is left out, as ε is."""
    for node in walk(formula):
        if isinstance(node, Name) or is_plain(node):
            try:
                value = evaluate(node, world.values, world.functions)
            except (EvaluationError, Ambiguous, KeyError):
                continue
            if not isinstance(value, tuple) and bool(abs(arb(value)) > 0) and bool(abs(arb(value)) <= SMALL):  # fmt: skip
                return True
    return False


def approximated(formula: Formula) -> list[Formula]:
    """The formula with each known approximation in the place of a function."""
    heads = {node.head for node in walk(formula) if isinstance(node, Apply)}
    found: list[Formula] = []
    for head in heads & set(APPROXIMATIONS):
        for body in APPROXIMATIONS[head]:
            found.append(_put(formula, head, read_expression(body, CALLED)))
    return found


def _put(formula: Formula, head: str, body: Formula) -> Formula:
    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head != head or len(node.args) != 1:
            return None
        return substitute(body, {ARGUMENT: _put(node.args[0], head, body)})

    return rewrite(formula, rule)
