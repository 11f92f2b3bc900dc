"""Other forms in which a side may be meant: rounded terms, squares of entries, kernels that are not turned."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flint import arb, fmpq

from derivations.checking.equality.rounding import is_scalar_numeral
from derivations.checking.equality.steps import HOLDS, PROVED, ROUNDED, Ruling
from derivations.checking.equality.witnesses import value_in
from derivations.checking.names.knowledge import Knowledge
from derivations.formula.tree import RANGES, Apply, Formula, Number, rewrite, substitute, walk
from derivations.formula.work import spend

MOST_TERMS = 50  # of a sum that is written out
OF_RANGE = 4  # parts of a sum from a number to another: index, first, last, term
SUM, SQUARE = "bigsum", Number("2")
Rule = Callable[[Formula], Formula | None]
Equal = Callable[[Formula, str, Formula], Ruling]


def meant(
    known: Knowledge, equal: Equal, left: Formula, sign: str, right: Formula
) -> Ruling | None:
    """The ruling on sides in another form, if it is right by it; None where it is by none."""
    rules: list[Rule] = [_squares(known)]
    if known.universe is None and not known.correlates:
        rules.append(_unturned)
    if known.shown:
        rules.append(_as_shown(known))
    for rule in rules:
        a, b = rewrite(left, rule), rewrite(right, rule)
        ruling = equal(a, sign, b) if (a, b) != (left, right) else None
        if ruling is not None and ruling.right:
            exact = ruling.verdict in (PROVED, HOLDS) and known.shown and rule is rules[-1]
            return Ruling(ROUNDED) if exact else ruling
    return None


def _squares(known: Knowledge) -> Rule:
    """``g^2`` of a column as the column of squares, as optimisers mean it."""

    def rule(node: Formula) -> Formula | None:
        base = _base_of_square(node)
        column = base is not None and isinstance(value_in(base, known.own_world()), tuple)
        return Apply("hadamard", (base, base)) if base is not None and column else None

    return rule


def _base_of_square(node: Formula) -> Formula | None:
    """What is squared; read as a number, the turned factor of ``g^2`` stands where the square does."""
    if not isinstance(node, Apply) or len(node.args) != 2:
        return None
    base, other = node.args
    if node.head == "power":
        return base if other == SQUARE else None
    turned = isinstance(base, Apply) and base.head == "transpose" and base.args == (other,)
    return other if node.head == "matmul" and turned and base.span == node.span else None


def _as_shown(known: Knowledge) -> Rule:
    """``e^2 + e`` as 7.389 + 2.718, where the text has rounded them so; sums are written out."""
    world = known.own_world()

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or is_scalar_numeral(node) or node.head == "entry":
            return None
        if node.head == SUM and len(node.args) == OF_RANGE:
            terms = _terms(node, value_in(node.args[2], world))
            return rewrite(terms, rule) if terms is not None else node
        if node.head in RANGES:
            return node
        spend(sum(1 for _ in walk(node)))
        value = value_in(node, world)
        if not isinstance(value, arb) or value.is_exact():
            return None
        return next((text for text, exact in known.shown.items() if exact.overlaps(value)), None)

    return rule


def _terms(ranged: Apply, end: object) -> Formula | None:
    """A sum with its terms written out; None where it has too many, or nobody says how many."""
    index, start, _, body = ranged.args
    first = start.text if isinstance(start, Number) else ""
    if not isinstance(end, fmpq) or end.q != 1 or not first.isdigit():
        return None
    places = range(int(first), int(end.p) + 1)
    if not 1 < len(places) <= MOST_TERMS:
        return None
    return Apply("sum", tuple(_at(body, index, place) for place in places))


def _at(body: Formula, index: Formula, place: int) -> Formula:
    names: Mapping[str, Formula] = {getattr(index, "id", ""): Number(str(place))}
    return substitute(body, names)


def _unturned(node: Formula) -> Formula | None:
    """``X * K`` as cross-correlation, where a text has no other sign for it."""
    if isinstance(node, Apply) and node.head in ("convolve", "convolve_full"):
        head = node.head.replace("convolve", "star")
        return Apply(head, tuple(rewrite(arg, _unturned) for arg in node.args))
    return None
