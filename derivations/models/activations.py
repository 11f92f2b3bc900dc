"""Activation functions: a row each, with value, derivative as courses write it, and source.

``value`` is an expression in z and the parameters. ``derivative`` is an expression in z, the
parameters and, where the derivative is usually written by the function's own value, a = f(z).
At a kink the derivative is what frameworks take (stated in ``at_kink``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from derivations.errors import unknown
from derivations.formula.evaluation import Function
from derivations.formula.expressions import read_expression
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    product,
    rewrite,
    substitute,
)


@dataclass(frozen=True, slots=True)
class Activation:
    """A row of the table; see the module's text."""

    value: str
    derivative: str
    source: str
    title: str
    look: tuple[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    at_kink: str = ""


def _roman(word: str) -> tuple[str, str]:
    return rf"\operatorname{{{word}}}", word


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation("z", "1", "Haykin 2009, section 1.3", "identity", (r"\operatorname{id}", "id")),
    "linear": Activation(
        "c z + d", "c", "Haykin 2009, section 1.3", "linear", ("f", "f"), {"c": "1", "d": "0"}
    ),
    "heaviside": Activation(
        "cases(1, z > 0, 0)", "0", "McCulloch and Pitts 1943", "Heaviside step", ("H", "H"),
        at_kink="not differentiable at 0, taken as 0",
    ),
    "sign": Activation(
        "cases(1, z > 0, 0, z == 0, -1)", "0", "Rosenblatt 1958", "sign",
        _roman("sign"), at_kink="not differentiable at 0, taken as 0",
    ),
    "sigmoid": Activation(
        "1/(1 + exp(-z))", "a (1 - a)", "Bishop 2006, eq. 4.59 and 4.88", "sigmoid (logistic)",
        (r"\sigma", "σ"),
    ),
    "tanh": Activation(
        "(exp(z) - exp(-z))/(exp(z) + exp(-z))", "1 - a^2", "Bishop 2006, eq. 5.59 and 5.60",
        "hyperbolic tangent", (r"\tanh", "tanh"),
    ),
    "relu": Activation(
        "max(0, z)", "cases(1, z > 0, 0)", "Nair and Hinton 2010", "rectified linear unit",
        _roman("ReLU"), at_kink="not differentiable at 0, taken as 0",
    ),
    "leaky_relu": Activation(
        "cases(z, z > 0, alpha z)", "cases(1, z > 0, alpha)", "Maas et al. 2013", "leaky ReLU",
        _roman("LReLU"), {"alpha": "0.01"}, "not differentiable at 0, taken as alpha",
    ),
    "relu6": Activation(
        "min(max(0, z), 6)", "cases(1, 0 < z < 6, 0)", "Krizhevsky 2010", "ReLU6",
        _roman("ReLU6"), at_kink="not differentiable at 0 and 6, taken as 0",
    ),
    "elu": Activation(
        "cases(z, z > 0, alpha (exp(z) - 1))", "cases(1, z > 0, a + alpha)",
        "Clevert et al. 2016, eq. 15", "exponential linear unit", _roman("ELU"), {"alpha": "1"},
    ),
    "selu": Activation(
        "lambda cases(z, z > 0, alpha (exp(z) - 1))",
        "cases(lambda, z > 0, a + lambda alpha)",
        "Klambauer et al. 2017, section 2", "scaled ELU", _roman("SELU"),
        {"lambda": "1.0507009873554805", "alpha": "1.6732632423543772"},
        "not differentiable at 0, taken as lambda alpha",
    ),
    "softplus": Activation(
        "ln(1 + exp(z))", "sigmoid(z)", "Dugas et al. 2001", "softplus", _roman("softplus")
    ),
    "softsign": Activation(
        "z/(1 + abs(z))", "1/(1 + abs(z))^2", "Bergstra et al. 2009", "softsign", _roman("softsign")
    ),
    "silu": Activation(
        "z sigmoid(z)", "a + sigmoid(z) (1 - a)", "Elfwing et al. 2018, section 2",
        "SiLU (swish)", _roman("SiLU"),
    ),
    "mish": Activation(
        "z tanh(ln(1 + exp(z)))",
        "tanh(ln(1 + exp(z))) + z sigmoid(z) (1 - tanh(ln(1 + exp(z)))^2)",
        "Misra 2020", "mish", _roman("mish"),
    ),
    "gelu": Activation(
        "z Phi(z)", "Phi(z) + z exp(-z^2/2)/sqrt(2 pi)", "Hendrycks and Gimpel 2016",
        "GELU (exact)", _roman("GELU"),
    ),
    "hard_sigmoid": Activation(
        "max(0, min(1, z/6 + 1/2))", "cases(1/6, -3 < z < 3, 0)", "Howard et al. 2019, section 5.2",
        "hard sigmoid", _roman("hardsigmoid"),
        at_kink="not differentiable at -3 and 3, taken as 0",
    ),
    "hard_tanh": Activation(
        "max(-1, min(1, z))", "cases(1, -1 < z < 1, 0)", "Collobert 2004", "hard tanh",
        _roman("hardtanh"), at_kink="not differentiable at -1 and 1, taken as 0",
    ),
    "hard_swish": Activation(
        "z max(0, min(1, z/6 + 1/2))", "cases(0, z <= -3, 1, z >= 3, z/3 + 1/2)",
        "Howard et al. 2019, section 5.2", "hard swish", _roman("hardswish"),
        at_kink="not differentiable at -3 and 3, taken as 0 and 1",
    ),
    "arctan": Activation("atan(z)", "1/(1 + z^2)", "Haykin 2009, section 1.3", "arctangent", _roman("arctan")),
    "gaussian": Activation(
        "exp(-(z - c)^2/(2 s^2))", "-(z - c)/s^2 a", "Bishop 2006, eq. 6.23", "Gaussian",
        _roman("gauss"), {"c": "0", "s": "1"},
    ),
    "multiquadric": Activation(
        "sqrt((z - c)^2 + r^2)", "(z - c)/a", "Hardy 1971", "multiquadric", _roman("mq"),
        {"c": "0", "r": "1"},
    ),
    "inverse_multiquadric": Activation(
        "1/sqrt((z - c)^2 + r^2)", "-(z - c) a^3", "Micchelli 1986", "inverse multiquadric",
        _roman("imq"), {"c": "0", "r": "1"},
    ),
}  # fmt: skip

ALIASES = {
    "logistic": "sigmoid", "step": "heaviside", "swish": "silu", "leakyrelu": "leaky_relu",
    "none": "identity", "hardsigmoid": "hard_sigmoid", "hardtanh": "hard_tanh",
}  # fmt: skip

HELPERS: dict[str, Function] = {  # functions that rows above are written with
    "Phi": Function(("z",), read_expression("1/2 (1 + erf(z/sqrt(2)))")),
}
NAMES = frozenset(ACTIVATIONS) | frozenset(HELPERS)


OF_LAYERS = {"softmax": "softmax takes a whole layer at once; in a graph write `p: softmax(z)`"}


def find(name: str) -> str:
    """The table's key for a name as people write it: ``ReLU``, ``logistic``, ``Leaky-ReLU``.

    Raises:
        ValueError: with the nearest known name.
    """
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    word = ALIASES.get(word, word)
    if word in OF_LAYERS:
        raise ValueError(OF_LAYERS[word])
    if word not in ACTIVATIONS:
        raise ValueError(unknown(name, "an activation", ACTIVATIONS))
    return word


@cache
def _read(text: str) -> Formula:
    return read_expression(text, NAMES, frozenset({"lambda"}))


def _with_parameters(formula: Formula, row: Activation, parameters: Mapping[str, str]) -> Formula:
    chosen = {**row.parameters, **parameters}
    values = {name: read_expression(text) for name, text in chosen.items()}
    return rewrite(substitute(formula, values), _without_ones)


def _without_ones(node: Formula) -> Formula | None:
    """α (e^z - 1) with α = 1 is e^z - 1: nobody writes the factor."""
    if not isinstance(node, Apply) or node.head != "product" or Number("1") not in node.args:
        return None
    factors = (rewrite(arg, _without_ones) for arg in node.args if arg != Number("1"))
    return product(*factors)


def body(name: str, parameters: Mapping[str, str] | None = None) -> Function:
    """The activation as a function of z."""
    row = ACTIVATIONS[name]
    return Function(("z",), _with_parameters(_read(row.value), row, parameters or {}))


def slope(name: str, parameters: Mapping[str, str] | None = None) -> Function:
    """The derivative as a function of z, with f(z) where the table writes a."""
    row = ACTIVATIONS[name]
    formula = _with_parameters(_read(row.derivative), row, parameters or {})
    return Function(("z",), substitute(formula, {"a": apply(name, Name("z"))}))


def slope_by_output(
    name: str, z: Formula, a: Formula, parameters: Mapping[str, str] | None = None
) -> Formula:
    """The derivative at z, with the name of the unit's output in the place of f(z)."""
    row = ACTIVATIONS[name]
    formula = _with_parameters(_read(row.derivative), row, parameters or {})
    return substitute(formula, {"z": z, "a": a})


@cache
def bodies() -> Mapping[str, Function]:
    """Every activation with its usual parameters, and what they are written with."""
    return {**HELPERS, **{name: body(name) for name in ACTIVATIONS}}


@cache
def slopes() -> Mapping[str, Function]:
    """Every activation's derivative as a function of z, with its usual parameters."""
    return {name: slope(name) for name in ACTIVATIONS}


def function_looks() -> Mapping[str, tuple[str, str]]:
    """How each activation is written: (LaTeX, text)."""
    return {name: row.look for name, row in ACTIVATIONS.items()} | {"Phi": (r"\Phi", "Φ")}
