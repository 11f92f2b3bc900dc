"""The encoder block of the Transformer as definitions, a row for each token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    apply,
    difference,
    number,
    quotient,
    substitute,
    sum_of,
)
from derivations.models.attention import Attention, in_rows
from derivations.models.attention import definitions as attention_definitions

Norm = Literal["post", "pre"]


@dataclass(frozen=True, slots=True)
class Block:
    """What decides the definitions of a block.

    Attributes:
        tokens, width: rows and columns of the input.
        attention: the first sublayer.
        norm: ``post``: each sum of a residual is normalised; ``pre``: what goes into a sublayer.
        scaled, shifted: whether the norms have γ and β.
        biases: whether the feed-forward layers have b_1 and b_2.
    """

    tokens: int
    width: int
    attention: Attention
    norm: Norm
    activation: str
    scaled: tuple[bool, bool]
    shifted: tuple[bool, bool]
    biases: tuple[bool, bool]

    def definitions(self) -> dict[str, dict[str, Formula]]:
        """The definitions by sublayer, in order.

        Source: Vaswani et al. 2017, section 3.1; pre-norm: Xiong et al. 2020, table 1.
        """
        x, h, e = Name("X"), Name("H"), Name("E")
        if self.norm == "post":
            return {
                "attention": self._attention("X"),
                "norm_1": {"R_1": sum_of(x, h), **self._norm(1, "R_1", "N_1")},
                "feed_forward": self._feed_forward("N_1"),
                "norm_2": {"R_2": sum_of(Name("N_1"), e), **self._norm(2, "R_2", "Y")},
            }
        return {
            "norm_1": self._norm(1, "X", "N_1"),
            "attention": self._attention("N_1"),
            "residual_1": {"R_1": sum_of(x, h)},
            "norm_2": self._norm(2, "R_1", "N_2"),
            "feed_forward": self._feed_forward("N_2"),
            "residual_2": {"Y": sum_of(Name("R_1"), e)},
        }

    def _attention(self, source: str) -> dict[str, Formula]:
        """Heads, and their sum H."""
        found = attention_definitions(self.attention)
        renamed = {name: substitute(f, {"X": Name(source)}) for name, f in found.items()}
        return {("H" if name == "Y" else name): formula for name, formula in renamed.items()}

    def _norm(self, k: int, of: str, to: str) -> dict[str, Formula]:
        """Mean and deviation of each row, the standardised rows, scaled and shifted."""
        rows, mean, apart, variance, spread = (
            Name(of), *(Name(f"{letter}_{k}") for letter in ("mu", "C", "v", "s"))
        )  # fmt: skip
        ones, width = apply("ones", number(self.width)), number(self.width)
        squares = apply("matmul", apply("hadamard", apart, apart), ones)
        found: dict[str, Formula] = {
            mean.id: quotient(apply("matmul", rows, ones), width),
            apart.id: difference(rows, in_columns(mean, self.width)),
            variance.id: quotient(squares, width),
            spread.id: apply("sqrt", sum_of(variance, Name("epsilon"))),
        }
        scaled, shifted = self.scaled[k - 1], self.shifted[k - 1]
        hat = Name(f"N_hat_{k}") if scaled or shifted else Name(to)
        found[hat.id] = quotient(apart, in_columns(spread, self.width))
        if hat.id != to:
            out: Formula = hat
            if scaled:
                out = apply("hadamard", in_rows(Name(f"gamma_{k}"), self.tokens), hat)
            found[to] = sum_of(out, in_rows(Name(f"beta_{k}"), self.tokens)) if shifted else out
        return found

    def _feed_forward(self, source: str) -> dict[str, Formula]:
        """E = f(N W_1 + 1 b_1ᵀ) W_2 + 1 b_2ᵀ."""
        first, second = self.biases
        inner: Formula = apply("matmul", Name(source), Name("W_1"))
        outer: Formula = apply("matmul", Name("F"), Name("W_2"))
        return {
            "U": sum_of(inner, in_rows(Name("b_1"), self.tokens)) if first else inner,
            "F": apply(self.activation, Name("U")),
            "E": sum_of(outer, in_rows(Name("b_2"), self.tokens)) if second else outer,
        }


def in_columns(column: Formula, width: int) -> Formula:
    """A vector as each column of a matrix: s 1ᵀ."""
    return apply("matmul", column, apply("transpose", apply("ones", number(width))))


INSIDE = ("mu_", "C_", "v_", "s_")  # what a norm is made of


@dataclass(frozen=True, slots=True)
class Norming:
    """One norm as it is differentiated.

    Attributes:
        hat: the standardised rows.
        slope, along: means of each row, of the gradient by them and of that times them.
    """

    hat: str
    slope: str
    along: str


def norms_of(definitions: Mapping[str, Formula]) -> dict[str, Norming]:
    """The norms, by the rows that go in."""
    found: dict[str, Norming] = {}
    for name, formula in definitions.items():
        if isinstance(formula, Apply) and formula.head == "quotient":
            apart = formula.args[0]
            if isinstance(apart, Name) and apart.id.startswith("C_"):
                k = apart.id.removeprefix("C_")
                rows = definitions[apart.id]
                assert isinstance(rows, Apply)
                assert isinstance(rows.args[0], Name)
                found[rows.args[0].id] = Norming(name, f"p_{k}", f"r_{k}")
    return found


def standardised(definitions: Mapping[str, Formula], head: str) -> dict[str, Formula]:
    """The definitions with each norm as one function of its rows, as it is differentiated."""
    hats = {norm.hat: (rows, norm) for rows, norm in norms_of(definitions).items()}
    found: dict[str, Formula] = {}
    for name, formula in definitions.items():
        if name in hats:
            rows, norm = hats[name]
            assert isinstance(formula, Apply)
            formula = apply(head, Name(rows), formula.args[1], Name(norm.slope), Name(norm.along))
        if not name.startswith(INSIDE):
            found[name] = formula
    return found
