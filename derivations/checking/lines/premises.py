"""What is said at the sign ⇒ and of the relation before it, and quotients that are rounded down."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derivations.checking.equality.normal import DERIVATIVES
from derivations.checking.equality.solving import is_equation
from derivations.checking.equality.steps import (
    GIVEN,
    HOLDS,
    PROVED,
    UNDECIDED,
    UNREAD,
    WRONG,
    Ruling,
    Step,
)
from derivations.checking.names.moments import HEADS
from derivations.checking.names.quantities import base_of, is_plain, quantities
from derivations.checking.text.parts import EQUALS, Equation, Part
from derivations.formula.tree import Apply, Formula, Name, Number, rewrite, walk
from derivations.reading.latex import ReadLink

VARIANCE = f"{HEADS['variance']}_"
GRADIENTS = frozenset({"partial", "total", "derivative", "gradient"})
FLOOR = re.compile(r"\b(?:floor|rounded down|integer division|abgerundet|ganzzahlig|arrondi)", re.I)
EQUATION = Ruling(GIVEN, "an equation")
APART = Ruling(GIVEN, "what follows is judged by itself")


def of_arrow(part: Part, ruling: Ruling | None) -> Ruling:
    """The verdict at the sign ⇒ itself: that of what follows, where it depends on it."""
    if part.first.formula is None:
        return Ruling(UNREAD, part.first.unread)
    if ruling is not None:
        return ruling
    return APART if part.links else Ruling(UNDECIDED, "what follows is no relation")


def as_premise(left: Formula, link: ReadLink, ruling: Ruling, leads: bool) -> Ruling:
    """The last relation before ⇒ may be an equation instead of an identity.

    Args:
        left, link: the relation.
        ruling: of it as an identity.
        leads: whether what follows can be a solution of it.
    """
    zero = link.term.formula == Number("0")
    claim = _is_slope(left) and link.term.formula is not None and quantities(link.term.formula)
    if ruling.verdict == WRONG and (claim or not (leads or zero)):
        return ruling
    unknown = ruling.verdict in (WRONG, UNDECIDED) and link.sign in EQUALS
    demanded = keeps_variance(left, link.term.formula)
    return EQUATION if unknown and (zero or demanded or is_equation(left, ruling)) else ruling


def keeps_variance(left: Formula, right: Formula | None) -> bool:
    """``Var(z) = Var(x)``, which is demanded more often than claimed."""
    return is_variance(left) and is_variance(right)


def is_variance(side: Formula | None) -> bool:
    """``Var(y)``: ``Var(y) = Var(x) ⇒ n Var(w) = 1`` demands that it stays the same."""
    return isinstance(side, Name) and side.id.startswith(VARIANCE)


def is_claim(part: Part, asked: Equation, before: Sequence[Step]) -> bool:
    """``∂L/∂a = ... = 2n(a - m)``: the end of a line that says what a derivative is, and no equation.

    Nor is the end of a line of identities; ``before``: the steps of the line up to its end.
    """
    if len(part.links) == 1 or is_plain(asked[1]):
        return False
    identities = len(before) > 1 and all(step.verdict in (PROVED, HOLDS) for step in before)
    slope = gradient(part.first.formula) is not None and bool(quantities(asked[1]))
    return slope or (identities and not keeps_variance(*asked))


def gradient(first: Formula | None) -> Apply | None:
    """The derivative that a line begins with; ∂L/∂σ² = ∂L/∂σ / (2σ) is one, too."""
    if isinstance(first, Apply) and first.head == "quotient":
        first = first.args[0]
    if not isinstance(first, Apply):
        return None
    slope = first.head.endswith("'") and base_of(first) is None
    return first if first.head in GRADIENTS or slope else None


def _is_slope(left: Formula) -> bool:
    """Whether a side is what a derivative is: ``f'(x)``, ``d/dx (...)``."""
    return isinstance(left, Apply) and (left.head.endswith("'") or left.head == "derivative")


def is_rounded_down(part: Part) -> bool:
    """Whether words beside a line say that its quotients are."""
    return any(map(FLOOR.search, part.notes))


def floored(node: Formula) -> Formula | None:
    """Every quotient rounded down."""
    if not isinstance(node, Apply) or node.head != "quotient":
        return None
    return Apply("floor", (Apply("quotient", tuple(rewrite(arg, floored) for arg in node.args)),))


def rests_on_slope(premise: Part, then: Equation) -> bool:
    """Whether what follows is the derivative of what a premise says of its name: ``y = x^2 ⇒ dy/dx = 2x``."""
    first = next(premise.pairs(), None)
    names = quantities(then[0]) | quantities(then[1])
    derivative = any(isinstance(q, Apply) and q.head in DERIVATIVES for q in names) or any(
        isinstance(node, Apply) and node.head.endswith("'") for node in walk(then[0])
    )
    return first is not None and derivative


def is_zero(equation: Equation) -> bool:
    """Whether something is set to 0."""
    return equation[1] == Number("0")
