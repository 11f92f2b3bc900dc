"""Slips in counts of parameters and operations, in memory, and in rates of success."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from derivations.checking.misconceptions.entries import (
    OFTEN,
    ONE,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Put,
    Right,
    at,
    base,
    both,
    factors_of,
    half_of,
    is_head,
    is_number,
    opened,
    terms_of,
    with_arg,
    without,
)
from derivations.formula.looks import look
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    product,
    quotient,
    rewrite,
    sum_of,
)

ROUNDED = ("floor", "ceil", "group")
SIZES = frozenset("nmcfkdsCFKHWNMDT")  # letters for numbers of things
MANY = 3  # factors of a product that counts weights
KIBI = {"1024": "1000", "1000": "1024", "1048576": "1000000", "1000000": "1048576"}


def _with_bias(node: Apply) -> Iterator[tuple[int, Apply]]:
    """The place of the 1 in (f f c + 1) k, and the factor it stands in."""
    for place, factor in enumerate(node.args):
        inner = opened(factor)
        if isinstance(inner, Apply) and inner.head == "sum" and len(inner.args) == 2:
            if inner.args[1] == ONE and not is_head(inner.args[0], *ROUNDED, "quotient"):
                yield place, inner


def _bias_parameters_forgotten(node: Apply) -> Iterator[Formula]:
    if node.head == "product":
        for place, inner in _with_bias(node):
            yield with_arg(node, place, inner.args[0])
    else:
        for place, term in enumerate(node.args):
            if _is_of_biases(node, place, term):
                yield without(node, place)


def _one_bias(node: Apply) -> Iterator[Formula]:
    """One bias for the whole layer."""
    if node.head == "product":
        for place, inner in _with_bias(node):
            yield sum_of(with_arg(node, place, inner.args[0]), ONE)
    else:
        for place, term in enumerate(node.args):
            if _is_of_biases(node, place, term):
                yield with_arg(node, place, ONE)


def _is_of_biases(node: Apply, place: int, term: Formula) -> bool:
    """Whether a term is the m of n m + m, where all factors are sizes."""
    others = [factors_of(opened(o)) for o in node.args[:place] + node.args[place + 1 :]]
    return any(len(o) > 1 and term in o and all(map(_is_size, o)) for o in others)


def _bias_per_weight(node: Apply) -> Iterator[Formula]:
    """As many biases as weights."""
    if node.head == "product":
        for place, inner in _with_bias(node):
            yield product(Number("2"), with_arg(node, place, inner.args[0]))
    else:
        for place, term in enumerate(node.args):
            for other in node.args:
                if other != term and len(factors_of(opened(other))) > 1:
                    if term in factors_of(opened(other)):
                        yield with_arg(node, place, other)


def _biases_of_inputs(node: Apply) -> Iterator[Formula]:
    """n m + n taken for n m + m: one bias for each input."""
    for place, term in enumerate(node.args):
        for other in node.args:
            factors = factors_of(opened(other))
            if other != term and len(factors) == 2 and term in factors:
                mate = factors[0] if factors[1] == term else factors[1]
                yield with_arg(node, place, mate)


def _counted(node: Apply) -> Iterator[tuple[tuple[Formula, ...], Put]]:
    """The factors of a count of weights, and what puts others in their place."""
    if len(node.args) >= MANY:
        yield node.args, lambda factors: product(*factors)
    for place, inner in _with_bias(node):
        weights = factors_of(opened(inner.args[0]))
        if len(weights) > 1:
            yield weights, partial(_weights_put, node, place)


def _weights_put(node: Apply, place: int, factors: tuple[Formula, ...]) -> Formula:
    return with_arg(node, place, sum_of(product(*factors), ONE))


def _depth_forgotten(node: Apply) -> Iterator[Formula]:
    """f f c without c."""
    for factors, put in _counted(node):
        squares = {f for f in factors if factors.count(f) > 1 or is_head(f, "power")}
        if squares:
            for place, factor in enumerate(factors):
                if factor not in squares and not is_number(factor, "2"):
                    yield put((*factors[:place], *factors[place + 1 :]))


def _kernel_side(node: Apply) -> Iterator[Formula]:
    """f c taken for f f c."""
    for factors, put in _counted(node):
        for place, factor in enumerate(factors):
            if factor in factors[:place]:
                yield put((*factors[:place], *factors[place + 1 :]))
            elif (
                isinstance(factor, Apply)
                and factor.head == "power"
                and is_number(factor.args[1], "2")
            ):
                yield put((*factors[:place], factor.args[0], *factors[place + 1 :]))


def _is_size(factor: Formula) -> bool:
    """Whether the factor may be a number of things: a whole number, a letter for sizes, a power."""
    if isinstance(factor, Apply):
        return factor.head in ("power", "group") and _is_size(factor.args[0])
    return factor.text.isdigit() if isinstance(factor, Number) else base(factor) in SIZES


def _once(node: Apply) -> Iterator[Formula]:
    if len(node.args) > MANY and all(map(_is_size, node.args)):
        for place, factor in enumerate(node.args):
            if is_number(factor, "2"):
                yield without(node, place)
                break


def _counted_twice(node: Apply) -> Iterator[Formula]:
    if len(node.args) > MANY and all(map(_is_size, node.args)) and Number("2") not in node.args:
        yield product(Number("2"), *node.args)


def _kibi(node: Formula) -> Iterator[Formula]:
    if isinstance(node, Number) and node.text in KIBI:
        yield Number(KIBI[node.text])


def _kibi_everywhere(right: Right) -> Iterator[Formula]:
    changed = rewrite(right.formula, lambda node: next(_kibi(node), None))
    if changed != right.formula:
        yield changed


def _bits(node: Apply) -> Iterator[Formula]:
    for place, factor in enumerate(node.args):
        for bits, count in (("32", "4"), ("16", "2"), ("64", "8")):
            if len(node.args) > 1 and is_number(factor, bits):
                yield with_arg(node, place, Number(count))
            elif len(node.args) > 1 and is_number(factor, count):
                yield with_arg(node, place, Number(bits))


def _bits_undivided(node: Apply) -> Iterator[Formula]:
    if is_number(node.args[1], "8"):
        yield node.args[0]


def _percent(right: Right) -> Iterator[Formula]:
    if right.percent is not False:
        yield quotient(right.formula, Number("100"))


def _positives(right: Right) -> Iterator[Formula]:
    """FP and FN exchanged."""

    def other(name: str) -> str | None:
        plain = look(name).base
        return {"FP": "FN", "FN": "FP"}.get(plain)

    changed = rewrite(right.formula, lambda node: (
        Name(found) if isinstance(node, Name) and (found := other(node.id)) else None
    ))  # fmt: skip
    if changed != right.formula:
        yield changed


def _harmonic(node: Apply) -> Iterator[Formula]:
    """2 p r / (p + r) taken for (p + r) / 2."""
    terms = terms_of(opened(node.args[1]))
    factors = factors_of(opened(node.args[0]))
    if len(terms) == 2 and all(term in factors for term in terms):
        yield half_of(sum_of(*terms))


ENTRIES = (
    Misconception(
        "bias-parameters-forgotten",
        "The biases count, too: one for each unit or filter.",
        at("product sum", _bias_parameters_forgotten), r"(5 \cdot 5 \cdot 3 + 1) \cdot 16 = 1200",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "one-bias-for-the-layer",
        "There is one bias for each unit or filter, not one for the whole layer.",
        at("product sum", _one_bias), r"(5 \cdot 5 \cdot 3 + 1) \cdot 16 = 1201",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "bias-for-every-weight",
        "There is one bias for each unit or filter, not one for each weight.",
        at("product sum", _bias_per_weight), r"(5 \cdot 5 \cdot 3 + 1) \cdot 16 = 2400",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "bias-for-every-input",
        "There is one bias for each unit of the layer, not one for each of its inputs.",
        at("sum", _biases_of_inputs), r"784 \cdot 128 + 128 = 101136",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "kernel-depth-forgotten",
        "A kernel goes through all channels of its input: f · f · depth weights for each filter.",
        at("product", _depth_forgotten), r"(5 \cdot 5 \cdot 3 + 1) \cdot 16 = 416",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "kernel-side-for-area",
        "A kernel has f · f weights in each channel, not f.",
        at("product", _kernel_side), r"(5 \cdot 5 \cdot 3 + 1) \cdot 16 = 256",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "operations-counted-once",
        "These are multiply-accumulates; as operations each counts twice, a product and a sum.",
        at("product", _once), r"2 \cdot 3^2 \cdot 64 \cdot 128 \cdot 56^2 = 231{,}211{,}008",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "operations-counted-twice",
        "Each multiply-accumulate was counted as two operations; it counts once here.",
        at("product", _counted_twice), r"3^2 \cdot 64 \cdot 128 \cdot 56^2 = 462{,}422{,}016",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "thousand-for-1024",
        "The factor of the unit is 1024, not 1000, or the reverse.",
        both(at("number", _kibi), _kibi_everywhere), r"\frac{4816896}{1024} = 4816.896",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "bits-for-bytes",
        "A byte has eight bits: bits and bytes were exchanged.",
        both(at("product", _bits), at("quotient", _bits_undivided)),
        r"1204224 \cdot 4 = 38535168", specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "percent-without-hundred",
        "For per cent the fraction is multiplied by 100.",
        _percent, r"\frac{453}{604} = 0.75\%", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "false-positives-for-false-negatives",
        "Precision divides by TP + FP, recall by TP + FN: the two were exchanged.",
        _positives, r"\frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP}} = 0.625",
        givens=r"\mathrm{TP} = 45, \mathrm{FP} = 11, \mathrm{FN} = 27",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "arithmetic-for-harmonic-mean",
        "F1 is the harmonic mean 2pr/(p + r), not the arithmetic one.",
        at("quotient", _harmonic), r"\frac{2 p r}{p + r} = 0.725", givens="p = 0.83, r = 0.62",
        specific=SPECIAL, likely=OFTEN,
    ),
)  # fmt: skip
