"""Slips in networks: weights, biases and units, activations."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.checking.misconceptions.entries import (
    FIELD,
    OFTEN,
    PRECISE,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Operator,
    Right,
    Rule,
    at,
    base,
    both,
    factors_of,
    is_head,
    is_neg,
    is_number,
    one_minus,
    opened,
    with_arg,
    without,
)
from derivations.formula.looks import look
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    product,
    quotient,
    rewrite,
    substitute,
    sum_of,
)

WEIGHTS = frozenset(["w", "W", "v", "V", "u", "U", "theta"])
INPUTS = frozenset(["x", "h", "a", "y", "o", "s"])
SQUASHING = ("sigmoid", "tanh", "relu")
MAX_NAMES = 12


def _bias(node: Apply) -> Iterator[Formula]:
    if len(node.args) > 1:
        for place, term in enumerate(node.args):
            if base(term) in ("b", "beta") or (
                (inner := is_neg(term)) is not None and base(inner) == "b"
            ):
                yield without(node, place)


def _bias_times_input(node: Apply) -> Iterator[Formula]:
    """w x + b read as (w + b) x."""
    if len(node.args) == 2 and base(node.args[1]) == "b" and is_head(node.args[0], "product"):
        weight, *rest = factors_of(node.args[0])
        yield product(sum_of(weight, node.args[1]), *rest)


def _minus_bias(node: Apply) -> Iterator[Formula]:
    for place, term in enumerate(node.args):
        if base(term) == "b":
            yield with_arg(node, place, neg(term))


def _other_unit(letters: frozenset[str]) -> Operator:
    def operator(right: Right) -> Iterator[Formula]:
        family: dict[str, list[str]] = {}
        for name in dict.fromkeys((*right.names, *right.known)):
            if look(name).base in letters:
                family.setdefault(look(name).base, []).append(name)
        for node, rebuild in right.nodes.get("name", ()):
            if isinstance(node, Name) and look(node.id).base in letters:
                for other in family[look(node.id).base][:MAX_NAMES]:
                    if other != node.id:
                        yield rebuild(Name(other))

    return operator


def _swapped(letters: frozenset[str]) -> Operator:
    """Two names of one family exchanged in the whole formula."""

    def operator(right: Right) -> Iterator[Formula]:
        mine = [n for n in right.names if look(n).base in letters][:MAX_NAMES]
        for place, first in enumerate(mine):
            for second in mine[place + 1 :]:
                if look(first).base == look(second).base:
                    yield substitute(right.formula, {first: Name(second), second: Name(first)})

    return operator


def _paired_otherwise(node: Apply) -> Iterator[Formula]:
    """a·b + c·d taken for a·d + c·b, in numbers."""
    pairs = [factors_of(term) for term in node.args]
    for place in range(len(pairs) - 1):
        first, second = pairs[place], pairs[place + 1]
        if len(first) == len(second) == 2 and all(map(is_number, (*first, *second))):
            yield Apply("sum", (
                *node.args[:place], product(first[0], second[1]), product(second[0], first[1]),
                *node.args[place + 2 :],
            ))  # fmt: skip


def _activations(right: Right) -> dict[str, Formula]:
    """Names defined as a function of something: a = σ(z) gives z for a."""
    return {
        name: formula.args[0]
        for name, formula in right.definitions.items()
        if isinstance(formula, Apply) and formula.head in SQUASHING and not name.startswith("~")
    }


def _input_for_output(right: Right) -> Iterator[Formula]:
    found = _activations(right)
    for node, rebuild in right.nodes.get("name", ()):
        if isinstance(node, Name) and node.id in found:
            yield rebuild(found[node.id])


def _output_for_input(right: Right) -> Iterator[Formula]:
    found = {inner: name for name, inner in _activations(right).items()}
    for node, rebuild in right.nodes.get("name", ()):
        if node in found:
            yield rebuild(Name(found[node]))


def _activation_forgotten(node: Apply) -> Iterator[Formula]:
    if len(node.args) == 1:
        yield node.args[0]


def _activation_twice(node: Apply) -> Iterator[Formula]:
    yield Apply(node.head, (node,))


def _other_activation(*others: str) -> Rule:
    def rule(node: Apply) -> Iterator[Formula]:
        for other in others:
            yield Apply(other, node.args)

    return rule


def _sigmoid_fraction(node: Apply) -> Formula | None:
    """u, where the node is 1/(1 + e^(-u))."""
    if is_number(node.args[0], "1") and isinstance(node.args[1], Apply):
        below = node.args[1]
        if below.head == "sum" and len(below.args) == 2 and is_number(below.args[0], "1"):
            power = below.args[1]
            if isinstance(power, Apply) and power.head == "exp":
                return is_neg(power.args[0])
    return None


def _sigmoid_sign(node: Apply) -> Iterator[Formula]:
    inner = node.args[0] if node.head == "sigmoid" else _sigmoid_fraction(node)
    if inner is not None:
        yield quotient(Number("1"), sum_of(Number("1"), apply("exp", inner)))


def _sigmoid_minus(node: Apply) -> Iterator[Formula]:
    inner = node.args[0] if node.head == "sigmoid" else _sigmoid_fraction(node)
    if inner is not None:
        yield quotient(Number("1"), one_minus(apply("exp", neg(inner))))


def _sigmoid_without_one(node: Apply) -> Iterator[Formula]:
    inner = node.args[0] if node.head == "sigmoid" else _sigmoid_fraction(node)
    if inner is not None:
        yield apply("exp", inner)
        yield apply("exp", neg(inner))


def _sigmoid_odd(node: Apply) -> Iterator[Formula]:
    inner = is_neg(opened(node.args[0]))
    if inner is not None:
        yield neg(Apply("sigmoid", (inner,)))


def _relu_kept(node: Apply) -> Iterator[Formula]:
    if node.head == "relu":
        yield node.args[0]
    elif len(node.args) == 2 and is_number(node.args[0], "0"):
        yield node.args[1]


def _relu_absolute(node: Apply) -> Iterator[Formula]:
    for inner in _relu_kept(node):
        yield apply("abs", inner)


def _target_for_output(right: Right) -> Iterator[Formula]:
    """Output and target exchanged everywhere."""
    outputs = [
        n
        for n in right.names
        if "hat" in look(n).decorations or look(n).base in ("y", "a", "o", "p")
    ]
    targets = [n for n in right.names if n not in outputs and look(n).base in ("t", "y")]
    targets += [n for n in outputs if not look(n).decorations and look(n).base == "y"]
    for out in outputs:
        for target in targets:
            if out != target and look(out).subscript == look(target).subscript:
                yield rewrite(right.formula, lambda node, o=out, t=target: (  # type: ignore[misc]  # bound now
                    Name(t) if node == Name(o) else Name(o) if node == Name(t) else None
                ))  # fmt: skip


UNIT = r"w_1 = 0.25, w_2 = -0.71, x_1 = 3.1, x_2 = 1.7, b = 0.13"
ENTRIES = (
    Misconception(
        "bias-forgotten",
        "The bias is missing: z = w·x + b.",
        at("sum", _bias), r"w_1 x_1 + w_2 x_2 + b = -0.432", givens=UNIT,
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "bias-subtracted",
        "The bias is added: z = w·x + b.",
        at("sum", _minus_bias), r"w_1 x_1 + w_2 x_2 + b = -0.562", givens=UNIT,
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "bias-multiplied",
        "The bias is not multiplied by the input: z = w·x + b, not (w + b)·x.",
        at("sum", _bias_times_input), r"w x + b = 1.178", givens="w = 0.25, x = 3.1, b = 0.13",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "weight-of-another-unit",
        "The weight of another connection was taken.",
        _other_unit(WEIGHTS),
        r"w_1 x_1 + b = -2.071", givens=UNIT, specific=SPECIAL, likely=SELDOM,
    ),
    Misconception(
        "value-of-another-unit",
        "The value of another unit was taken: look at the index of the input.",
        _other_unit(INPUTS),
        r"w_1 x_1 + b = 0.555", givens=UNIT, specific=SPECIAL, likely=SELDOM,
    ),
    Misconception(
        "weights-exchanged",
        "Each weight was multiplied by the input that belongs to another one.",
        both(_swapped(WEIGHTS), at("sum", _paired_otherwise)),
        r"w_1 x_1 + w_2 x_2 + b = -1.646", givens=UNIT, specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "input-for-output",
        "The input z of the activation was taken where its output a is needed.",
        _input_for_output, r"v a + 0.2 = 1.132",
        givens=r"v = 1.553, z = 0.6, a = \sigma(z)", specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "output-for-input",
        "The output a of the activation was taken where its input z is needed.",
        _output_for_input, r"v z + 0.2 \approx 1.203",
        givens=r"v = 1.553, z = 0.6, a = \sigma(z)", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "output-and-target-exchanged",
        "Output and target were exchanged.",
        _target_for_output, r"-t \ln y - (1 - t) \ln(1 - y) = -y \ln t - (1 - y) \ln(1 - t)",
        symbols={"t": "in (0,1)", "y": "in (0,1)"}, specific=FIELD, likely=OFTEN,
    ),
    Misconception(
        "activation-forgotten",
        "The activation function was not applied.",
        at("sigmoid tanh relu softplus silu gelu", _activation_forgotten),
        r"\tanh(0.315 \cdot 2.2) = 0.693", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "activation-twice",
        "The activation function was applied twice.",
        at("sigmoid tanh", _activation_twice), r"\sigma(0.6) \approx 0.6560",
        specific=SPECIAL, likely=SELDOM,
    ),
    Misconception(
        "sigmoid-for-tanh",
        "The value is that of the sigmoid, not of tanh.",
        at("tanh", _other_activation("sigmoid")),
        r"\tanh(0.6) \approx 0.6457", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "tanh-for-sigmoid",
        "The value is that of tanh, not of the sigmoid.",
        at("sigmoid", _other_activation("tanh")),
        r"\sigma(0.6) \approx 0.5370", specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "relu-for-activation",
        "The value is that of ReLU, not of this activation.",
        at("tanh sigmoid", _other_activation("relu")),
        r"0.3 + \sigma(-1.25) \cdot 1.731 = 0.300", specific=FIELD, likely=SELDOM,
    ),
    Misconception(
        "sigmoid-exponent-sign",
        "The sigmoid is 1/(1 + e^(-z)): the minus in the exponent is missing.",
        at("sigmoid quotient", _sigmoid_sign), r"\sigma(1.2) \approx 0.2315",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sigmoid-minus-below",
        "The sigmoid is 1/(1 + e^(-z)): below the fraction bar stands a plus.",
        at("sigmoid quotient", _sigmoid_minus), r"\sigma(1.2) \approx 1.4310",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "sigmoid-as-exponential",
        "Only the exponential was computed: the sigmoid is 1/(1 + e^(-z)).",
        at("sigmoid quotient", _sigmoid_without_one), r"\sigma(1.2) \approx 0.3012",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "sigmoid-as-odd",
        "The sigmoid is not odd: σ(-z) is 1 - σ(z).",
        at("sigmoid", _sigmoid_odd), r"\sigma(-z) = -\sigma(z)",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "relu-not-cut-off",
        "ReLU makes a negative input 0.",
        at("relu max", _relu_kept), r"\mathrm{ReLU}(-0.745) = -0.745",
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "relu-as-absolute",
        "ReLU makes a negative input 0; it does not turn its sign.",
        at("relu max", _relu_absolute), r"\max(0, -0.745) = 0.745",
        specific=PRECISE, likely=SOMETIMES,
    ),
)  # fmt: skip
