"""Optimisers: a row each, as rules over the parameter theta, the gradient g and the state.

A rule is an expression in which a name means its latest value: ``m: beta_1 m + (1 - beta_1) g``.
``t`` is the number of the update, from 1. What books differ in is a named choice; each option says
what it means and which terms (capital letters) it puts into the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from derivations.errors import unknown
from derivations.formula.expressions import read_expression
from derivations.formula.tree import Formula, names, substitute
from derivations.models.rules import Optimiser, Option, Rule, Setting, Update, flat

MU, RHO = Setting("0.9", "share"), Setting("0.9", "share")
EPSILON = Setting("1e-8", "small")
BETAS = {"beta_1": Setting("0.9", "share"), "beta_2": Setting("0.999", "share")}


def _roots(root: str) -> dict[str, Option]:
    """Where epsilon stands beside the root of a mean square."""
    return {
        "outside": Option("A small ε is added to the root.", {"D": f"sqrt({root}) + epsilon"}),
        "inside": Option("A small ε stands under the root.", {"D": f"sqrt({root} + epsilon)"}),
        "none": Option("No ε is added to the root.", {"D": f"sqrt({root})"}),
    }


ADAM = (
    Rule("m", "beta_1 m + (1 - beta_1) g", "moving-average"),
    Rule("v", "beta_2 v + (1 - beta_2) g^2", "square-average"),
    Rule("v_bar", "max(v_bar, v)", "largest-average", {"amsgrad": ("true",)}),
    Rule("m_hat", "m/(1 - beta_1^t)", "bias-correction", {"bias_correction": ("both",)}),
    Rule("v_hat", "Z/(1 - beta_2^t)", "bias-correction", {"bias_correction": ("both",)}),
    Rule(
        "alpha", "eta sqrt(1 - beta_2^t)/(1 - beta_1^t)", "bias-correction",
        {"bias_correction": ("rate",)}, shared=True,
    ),
)  # fmt: skip
ADAM_CHOICES: dict[str, dict[str, Option]] = {
    "bias_correction": {
        "both": Option(
            "Both averages are corrected for their start at 0.",
            {"R": "eta", "M": "m_hat", "V": "v_hat"},
        ),
        "rate": Option(
            "The correction for the start at 0 is taken into the learning rate; ε is added to the "
            "root of the uncorrected average.",
            {"R": "alpha", "M": "m", "V": "Z"},
        ),
        "none": Option(
            "The averages are not corrected for their start at 0.",
            {"R": "eta", "M": "m", "V": "Z"},
        ),
    },
    "epsilon_at": _roots("V"),
    "amsgrad": {
        "false": Option("", {"Z": "v"}),
        "true": Option(
            r"As in AMSGrad, the largest average of squares so far, $\bar v$, stands in the place of $v$.",
            {"Z": "v_bar"},
        ),
    },
}

OPTIMISERS: dict[str, Optimiser] = {
    "gradient_descent": Optimiser(
        "gradient descent", "Goodfellow et al. 2016, eq. 4.5",
        (Rule("theta", "theta - eta g", "gradient-descent"),),
    ),
    "momentum": Optimiser(
        "momentum", "Polyak 1964; Sutskever et al. 2013, eq. 1 and 2",
        (
            Rule("v", "mu v + S", "velocity"),
            Rule("theta", "theta + P", "velocity-step"),
        ),
        {"mu": MU},
        {
            "rate_in": {
                "step": Option(
                    "The learning rate stands in the step, not in the velocity.",
                    {"R": "A", "Q": "eta v"},
                ),
                "velocity": Option(
                    "The learning rate stands in the velocity.", {"R": "eta A", "Q": "v"}
                ),
            },
            "sign": {
                "plus": Option(
                    "The velocity has the sign of the gradient and is taken off.",
                    {"S": "R", "P": "-Q"},
                ),
                "minus": Option(
                    "The velocity points against the gradient and is added.",
                    {"S": "-R", "P": "Q"},
                ),
            },
            "gradient": {
                "whole": Option("The whole gradient goes into the velocity.", {"A": "g"}),
                "share": Option(
                    "The velocity is an average: the gradient goes in with the factor $1 - \\mu$.",
                    {"A": "(1 - mu) g"},
                ),
            },
        },
        {"v": "0"},
    ),
    "nesterov": Optimiser(
        "Nesterov momentum", "Nesterov 1983; Sutskever et al. 2013, eq. 3 and 4",
        (
            Rule("theta_tilde", "theta + mu v", "look-ahead", {"form": ("look_ahead",)}, before=True),
            Rule("v", "mu v - eta g", "velocity", {"form": ("look_ahead", "rate_in_velocity")}),
            Rule("v", "mu v + g", "velocity", {"form": ("rate_in_step",)}),
            Rule("theta", "theta + v", "velocity-step", {"form": ("look_ahead",)}),
            Rule("theta", "theta + mu v - eta g", "velocity-step", {"form": ("rate_in_velocity",)}),
            Rule("theta", "theta - eta (g + mu v)", "velocity-step", {"form": ("rate_in_step",)}),
        ),
        {"mu": MU},
        {
            "form": {
                "look_ahead": Option(
                    "The gradient is taken at the point to which the velocity alone would lead."
                ),
                "rate_in_velocity": Option(
                    "The parameters are those that look ahead already, so the gradient is taken at "
                    "them; the learning rate stands in the velocity."
                ),
                "rate_in_step": Option(
                    "The parameters are those that look ahead already, so the gradient is taken at "
                    "them; the learning rate stands in the step."
                ),
            }
        },
        {"v": "0"},
    ),
    "adagrad": Optimiser(
        "AdaGrad", "Duchi, Hazan and Singer 2011; Goodfellow et al. 2016, algorithm 8.4",
        (
            Rule("v", "v + g^2", "square-sum"),
            Rule("theta", "theta - eta/(D) g", "scaled-step"),
        ),
        {"epsilon": Setting("1e-7", "small"), "initial": Setting("0", "weight")},
        {"epsilon_at": _roots("v")},
        {"v": "initial"},
    ),
    "rmsprop": Optimiser(
        "RMSProp", "Tieleman and Hinton 2012; Goodfellow et al. 2016, algorithm 8.5",
        (
            Rule("v", "rho v + (1 - rho) g^2", "square-average"),
            Rule("m", "rho m + (1 - rho) g", "moving-average", {"centred": ("true",)}),
            Rule("b", "mu b + 1/(D) g", "velocity", {"momentum": ("rate_in_step",)}),
            Rule("b", "mu b + eta/(D) g", "velocity", {"momentum": ("rate_in_velocity",)}),
            Rule("theta", "theta - P", "scaled-step"),
        ),
        {"rho": RHO, "epsilon": EPSILON, "mu": MU},
        {
            "epsilon_at": _roots("V"),
            "centred": {
                "false": Option("", {"V": "v"}),
                "true": Option(
                    "The square of the mean gradient is taken off the mean square: its variance.",
                    {"V": "v - m^2"},
                ),
            },
            "momentum": {
                "none": Option("", {"P": "eta/(D) g"}),
                "rate_in_step": Option(
                    "The scaled gradients go into a velocity b; the learning rate stands in the step.",
                    {"P": "eta b"},
                ),
                "rate_in_velocity": Option(
                    "The scaled gradients, times the learning rate, go into a velocity b.",
                    {"P": "b"},
                ),
            },
        },
        {"v": "0", "m": "0", "b": "0"},
    ),
    "adadelta": Optimiser(
        "AdaDelta", "Zeiler 2012, algorithm 1",
        (
            Rule("v", "rho v + (1 - rho) g^2", "square-average"),
            Rule("d", "sqrt(u + epsilon)/sqrt(v + epsilon) g", "scaled-step"),
            Rule("u", "rho u + (1 - rho) d^2", "square-average"),
            Rule("theta", "theta - Q", "gradient-descent"),
        ),
        {"rho": RHO, "epsilon": Setting("1e-6", "small")},
        {
            "rate": {
                "none": Option("There is no learning rate.", {"Q": "d"}),
                "factor": Option("The step is multiplied by a learning rate.", {"Q": "eta d"}),
            }
        },
        {"v": "0", "u": "0"},
    ),
    "adam": Optimiser(
        "Adam", "Kingma and Ba 2015, algorithm 1",
        (*ADAM, Rule("theta", "theta - R/(D) M", "scaled-step")),
        {**BETAS, "epsilon": EPSILON}, ADAM_CHOICES, {"m": "0", "v": "0", "v_bar": "0"},
    ),
    "adamw": Optimiser(
        "AdamW", "Loshchilov and Hutter 2019, algorithm 2",
        (*ADAM, Rule("theta", "theta - W - R/(D) M", "scaled-step")),
        {**BETAS, "epsilon": EPSILON, "lambda": Setting("0.01", "weight")},
        {
            **ADAM_CHOICES,
            "decay": {
                "rate": Option(
                    "The weights decay apart from the gradient, by $\\eta\\lambda$ in each step.",
                    {"W": "eta lambda theta"},
                ),
                "alone": Option(
                    "The weights decay apart from the gradient, by λ in each step, whatever the "
                    "learning rate.",
                    {"W": "lambda theta"},
                ),
            },
        },
        {"m": "0", "v": "0", "v_bar": "0"},
    ),
    "adamax": Optimiser(
        "AdaMax", "Kingma and Ba 2015, algorithm 2",
        (
            Rule("m", "beta_1 m + (1 - beta_1) g", "moving-average"),
            Rule("u", "max(beta_2 u, G)", "largest-gradient"),
            Rule("theta", "theta - eta/(1 - beta_1^t) m/(U)", "scaled-step"),
        ),
        {**BETAS, "epsilon": EPSILON},
        {
            "epsilon_at": {
                "none": Option("There is no ε.", {"G": "abs(g)", "U": "u"}),
                "gradient": Option(
                    "A small ε is added to the size of the gradient.", {"G": "abs(g) + epsilon", "U": "u"}
                ),
                "outside": Option("A small ε is added to $u$.", {"G": "abs(g)", "U": "u + epsilon"}),
            }
        },
        {"m": "0", "u": "0"},
    ),
    "nadam": Optimiser(
        "Nadam", "Dozat 2016",
        (
            Rule("mu", "beta_1 (1 - 0.5*0.96^(psi t))", "schedule", {"form": ("schedule",)}, shared=True),
            Rule(
                "mu_plus", "beta_1 (1 - 0.5*0.96^(psi (t + 1)))", "schedule",
                {"form": ("schedule",)}, shared=True,
            ),
            Rule("p", "p mu", "product-of-shares", {"form": ("schedule",)}, shared=True),
            *ADAM[:2],
            Rule("m_hat", "N", "look-ahead"),
            Rule("v_hat", "v/(1 - beta_2^t)", "bias-correction"),
            Rule("theta", "theta - R/(D) M", "scaled-step"),
        ),
        {**BETAS, "epsilon": EPSILON, "psi": Setting("0.004", "weight")},
        {
            "form": {
                "schedule": Option(
                    r"$\beta_1$ grows by a schedule of its own; $p$ is the product of its values so far.",
                    {"N": "mu_plus/(1 - p mu_plus) m + (1 - mu)/(1 - p) g"},
                ),
                "constant": Option(
                    r"$\beta_1$ is constant; the average is corrected for one update more than the gradient.",
                    {"N": "beta_1/(1 - beta_1^(t + 1)) m + (1 - beta_1)/(1 - beta_1^t) g"},
                ),
                "corrected": Option(
                    r"$\beta_1$ is constant; average and gradient are corrected for the same number of updates.",
                    {"N": "beta_1/(1 - beta_1^t) m + (1 - beta_1)/(1 - beta_1^t) g"},
                ),
            },
            "bias_correction": {"both": ADAM_CHOICES["bias_correction"]["both"]},
            "epsilon_at": _roots("V"),
        },
        {"m": "0", "v": "0", "p": "1"},
    ),
}  # fmt: skip

ALIASES = {
    "gd": "gradient_descent", "sgd": "gradient_descent", "heavy_ball": "momentum",
    "nag": "nesterov", "rms_prop": "rmsprop", "ada_delta": "adadelta", "ada_grad": "adagrad",
    "ada_max": "adamax",
}  # fmt: skip


def find(name: str) -> str:
    """The table's key for an optimiser as people write it: ``Adam``, ``SGD``, ``RMSProp``.

    Raises:
        ValueError: with the nearest known name.
    """
    word = name.strip().lower().replace("-", "_").replace(" ", "_")
    word = ALIASES.get(word, word)
    if word not in OPTIMISERS:
        raise ValueError(unknown(name, "an optimiser", OPTIMISERS))
    return word


def chosen(name: str, options: Mapping[str, str]) -> dict[str, str]:
    """The option of every choice: the first of each where nothing else is said."""
    choices = OPTIMISERS[name].choices
    return {choice: options.get(choice, next(iter(choices[choice]))) for choice in choices}


def updates(name: str, options: Mapping[str, str]) -> tuple[Update, ...]:
    """The rules of an optimiser under these options, in the order of computing."""
    row, option = OPTIMISERS[name], chosen(name, options)
    terms = {
        letter: _read(text)
        for choice, word in option.items()
        for letter, text in row.choices[choice][word].terms.items()
    }
    return tuple(
        Update(rule.symbol, _written_out(_read(rule.value), terms), rule.law, rule.before, rule.shared)
        for rule in row.rules
        if all(option[choice] in words for choice, words in rule.when.items())
    )  # fmt: skip


def used_settings(name: str, rules: Sequence[Update]) -> list[str]:
    """The settings that occur in the rules or in the start of the state."""
    row = OPTIMISERS[name]
    used = {letter for rule in rules for letter in names(rule.formula)} | set(row.start.values())
    return [setting for setting in row.settings if setting in used]


def state_start(name: str, rules: Sequence[Update]) -> dict[str, str]:
    """What each quantity of the state is before the first update: a number or a setting."""
    symbols = {rule.symbol for rule in rules}
    return {s: start for s, start in OPTIMISERS[name].start.items() if s in symbols}


def _written_out(formula: Formula, terms: Mapping[str, Formula]) -> Formula:
    """The formula with its terms put in, products of products in one."""
    while set(names(formula)) & set(terms):
        formula = substitute(formula, terms)
    return flat(formula)


@cache
def _read(text: str) -> Formula:
    words = {
        "theta",
        "theta_tilde",
        "g",
        "t",
        "eta",
        "alpha",
        "psi",
        "lambda",
        "mu",
        "mu_plus",
        "rho",
    }
    letters = {
        "beta_1",
        "beta_2",
        "epsilon",
        "m",
        "v",
        "m_hat",
        "v_hat",
        "v_bar",
        "u",
        "d",
        "b",
        "p",
    }
    return read_expression(text, frozenset(), words | letters | set("ADGMNPQRSUVWZ"))
