"""The fields of an encoder block, and what is wrong with them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.kinds.base.attention_fields import BIASES, Heads, Sizes, size
from derivations.kinds.base.attention_fields import Given as AttentionGiven
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Matrix, Vector, Weight
from derivations.models.encoder import Block

VECTORS = ("gamma_1", "beta_1", "gamma_2", "beta_2", "b_1", "b_2")


class Given(Heads):
    """The tokens, the weights of both sublayers, and the norms; a row for each token."""

    X: Matrix = Field(description="a row for each token")
    W_Q: Matrix
    W_K: Matrix
    W_V: Matrix
    norm: Literal["post", "pre"] = Field(
        "post", description="each residual sum is normalised, or what goes into each sublayer"
    )
    gamma_1: Vector | None = Field(None, description="scales of the first norm")
    beta_1: Vector | None = Field(None, description="shifts of the first norm")
    gamma_2: Vector | None = None
    beta_2: Vector | None = None
    epsilon: Weight = "1e-5"
    W_1: Matrix = Field(
        description="the first layer of the feed-forward network, F = f(N W_1 + b_1)"
    )
    b_1: Vector | None = None
    W_2: Matrix
    b_2: Vector | None = None
    activation: Literal["relu", "gelu"] = "relu"

    def attention(self) -> AttentionGiven:
        """The part that is attention."""
        return AttentionGiven(
            X=self.X, W_Q=self.W_Q, W_K=self.W_K, W_V=self.W_V, W_O=self.W_O, heads=self.heads,
            scale=self.scale, mask=self.mask, **{name: getattr(self, name) for name in BIASES},
        )  # fmt: skip


class Parts:
    """The definitions of the block and its matrices by name, or all mistakes."""

    def __init__(self, given: Given) -> None:
        self.given, mistakes = given, Mistakes()
        self.sizes = Sizes(given.attention(), mistakes)
        self._check(mistakes)
        mistakes.raise_all()
        tokens, width = size(given.X)
        self.block = Block(
            tokens, width, self.sizes.attention(), given.norm, given.activation,
            (given.gamma_1 is not None, given.gamma_2 is not None),
            (given.beta_1 is not None, given.beta_2 is not None),
            (given.b_1 is not None, given.b_2 is not None),
        )  # fmt: skip

    def _check(self, mistakes: Mistakes) -> None:
        given = self.given
        tokens, width = size(given.X)
        if min(tokens, width) < 2:
            mistakes.add(
                ("given", "X"),
                f"found a {tokens}x{width} matrix, expected two tokens and two columns at least: a token "
                "by itself sees only itself, and a row of one number is normalised to 0",
            )
        if self.sizes.columns != width:
            where = "W_O" if given.W_O is not None else "W_V"
            mistakes.add(
                ("given", where),
                f"{self.sizes.columns} columns; expected {width}, as X, for the sum of the residual",
            )
        (rows, inner), (second, columns) = size(given.W_1), size(given.W_2)
        for name, found, wanted, why in (
            ("W_1", rows, width, "one for each column of X"),
            ("W_2", second, inner, "one for each column of W_1"),
        ):
            if found != wanted:
                mistakes.add(("given", name), f"{found} rows; expected {wanted}, {why}")
        if columns != width:
            mistakes.add(("given", "W_2"), f"{columns} columns; expected {width}, as X")
        lengths = dict.fromkeys(VECTORS, width) | {"b_1": inner}
        for name, length in lengths.items():
            value = getattr(given, name)
            if value is not None and len(value) != length:
                mistakes.add(("given", name), f"{len(value)} numbers; expected {length}")
        given.check_aim(tokens, width, mistakes)

    def values(self) -> dict[str, Any]:
        """The matrices by their names in the derivation, cut into heads."""
        found = self.sizes.values_by_name()
        for name in ("W_1", "W_2", *VECTORS):
            if getattr(self.given, name) is not None:
                found[name] = getattr(self.given, name)
        return {**found, "epsilon": self.given.epsilon, **self.given.aim_values()}
