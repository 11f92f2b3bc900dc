"""The fields of attention, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from derivations.formula.numerals import exact
from derivations.kinds.base.aims import Aim
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Few, Matrix, Numeral, Strict, Vector
from derivations.models.attention import Attention

Rows = tuple[tuple[str, ...], ...]


BIASES = ("b_Q", "b_K", "b_V", "b_O")


class Heads(Aim):
    """What attention has besides its inputs and their weights."""

    W_O: Matrix | None = Field(None, description="the weights behind the heads")
    b_Q: Vector | None = Field(None, description="a bias of the queries, Q = X W_Q + b_Q")
    b_K: Vector | None = Field(None, description="a bias of the keys")
    b_V: Vector | None = Field(None, description="a bias of the values")
    b_O: Vector | None = Field(None, description="a bias behind W_O")
    heads: Few = 1
    scale: Literal["sqrt", "none"] | Numeral = Field(
        "sqrt", description="scores are divided by the root of the width of a key, or by a number"
    )
    mask: Literal["none", "causal"] | Matrix = Field(
        "none", description="causal, or rows of 0 and 1: 1 where a key is seen"
    )

    @property
    def biased(self) -> bool:
        """Whether there is any bias."""
        return any(getattr(self, name) is not None for name in BIASES)


class Given(Heads):
    """Queries, keys and values, or what they are made of; a row for each position."""

    Q: Matrix | None = None
    K: Matrix | None = None
    V: Matrix | None = None
    X: Matrix | None = Field(None, description="instead of Q, K and V: a row for each position")
    memory: Matrix | None = Field(
        None, description="for cross-attention: what keys and values are made of"
    )
    W_Q: Matrix | None = None
    W_K: Matrix | None = None
    W_V: Matrix | None = None


class Ask(Strict):
    """What is worked out; the output always is."""

    gradients: bool | tuple[str, ...] = Field(
        False, description="true, or the names by which the loss is differentiated"
    )


def size(rows: Any) -> tuple[int, int]:
    """Rows and columns."""
    return len(rows), len(rows[0])


class Sizes:
    """What goes with what, or all mistakes."""

    def __init__(self, given: Given, mistakes: Mistakes) -> None:
        self.given, self.mistakes = given, mistakes
        self.projected = given.X is not None
        self._present()
        mistakes.raise_all()
        self._widths()
        mistakes.raise_all()
        self.mask = self._mask()
        mistakes.raise_all()
        self._output()
        mistakes.raise_all()

    def _present(self) -> None:
        given = self.given
        direct = ("Q", "K", "V")
        wanted = ("W_Q", "W_K", "W_V") if self.projected else direct
        for name in wanted:
            if getattr(given, name) is None:
                hint = "" if self.projected else ", or X with W_Q, W_K and W_V"
                self.mistakes.add(("given",), f"'{name}' is missing{hint}")
        other = direct if self.projected else ("memory", "W_Q", "W_K", "W_V", *BIASES[:3])
        for name in other:
            if getattr(given, name) is not None:
                self.mistakes.add(("given", name), "expected either Q, K, V or X and its weights")
        if given.heads > 1 and not self.projected:
            self.mistakes.add(("given", "heads"), "several heads need X, W_Q, W_K and W_V")

    def _widths(self) -> None:
        given, add = self.given, self.mistakes.add
        if not self.projected:
            assert given.Q is not None
            assert given.K is not None
            assert given.V is not None
            q, k, v = size(given.Q), size(given.K), size(given.V)
        else:
            assert given.X is not None
            assert given.W_Q is not None
            assert given.W_K is not None
            assert given.W_V is not None
            source = given.X if given.memory is None else given.memory
            for name, rows in (("W_Q", given.X), ("W_K", source), ("W_V", source)):
                weights = getattr(given, name)
                if len(weights) != len(rows[0]):
                    add(
                        ("given", name),
                        f"{len(weights)} rows; expected {len(rows[0])}, one for each column of "
                        + ("X" if rows is given.X else "the memory"),
                    )
                elif len(weights[0]) % given.heads:
                    add(
                        ("given", "heads"),
                        f"{given.heads} heads do not divide the {len(weights[0])} columns of {name}",
                    )
            q = (len(given.X), len(given.W_Q[0]))
            k, v = (len(source), len(given.W_K[0])), (len(source), len(given.W_V[0]))
        if q[1] != k[1]:
            where = "W_K" if self.projected else "K"
            add(("given", where), f"keys of {k[1]} numbers; expected {q[1]}, as the queries")
        if k[0] != v[0]:
            add(("given", "V"), f"{v[0]} rows; expected {k[0]}, one for each key")
        self.queries, self.keys = q[0], k[0]
        self.width, self.values = q[1] // given.heads, v[1]
        for name, length in zip(BIASES, (q[1], k[1], v[1]), strict=False):
            self._bias(name, length, f"column of W_{name[2]}")
        scale = given.scale
        if scale not in ("sqrt", "none") and exact(scale) <= 0:
            add(("given", "scale"), f"found {scale}, expected sqrt, none or a number above 0")

    def _bias(self, name: str, length: int, each: str) -> None:
        found = getattr(self.given, name)
        if found is not None and len(found) != length:
            self.mistakes.add(
                ("given", name), f"{len(found)} numbers; expected {length}, one for each {each}"
            )

    def _mask(self) -> Rows | None:
        mask, n, m = self.given.mask, self.queries, self.keys
        if mask == "none":
            return None
        if mask == "causal":
            if n != m:
                self.mistakes.add(
                    ("given", "mask"),
                    f"a causal mask needs as many queries as keys, not {n} and {m}",
                )
            return tuple(tuple("1" if j <= i else "0" for j in range(m)) for i in range(n))
        rows = tuple(map(tuple, mask))
        if size(rows) != (n, m):
            self.mistakes.add(
                ("given", "mask"),
                f"found a {len(rows)}x{len(rows[0])} matrix, expected {n}x{m}, "
                "a row for each query, a column for each key",
            )
        for i, row in enumerate(rows):
            if any(exact(entry) not in (0, 1) for entry in row):
                self.mistakes.add(
                    ("given", "mask", i), "expected 0 and 1 only; 1 where a key is seen"
                )
            elif all(exact(entry) == 0 for entry in row):
                self.mistakes.add(
                    ("given", "mask", i),
                    "this row hides every key; a query has to see one at least",
                )
        return rows

    def _output(self) -> None:
        given = self.given
        columns = self.values
        if given.heads > 1 and given.W_O is None:
            self.mistakes.add(("given",), "several heads need 'W_O'")
        if given.W_O is not None:
            if len(given.W_O) != self.values:
                self.mistakes.add(
                    ("given", "W_O"),
                    f"{len(given.W_O)} rows; expected {self.values}, one for each column of the heads",
                )
            columns = len(given.W_O[0])
            self._bias("b_O", columns, "column of W_O")
        elif given.b_O is not None:
            self.mistakes.add(("given", "b_O"), "b_O stands behind 'W_O', which is missing")
        self.columns = columns
        given.check_aim(self.queries, columns, self.mistakes)

    def attention(self) -> Attention:
        """What decides the definitions."""
        given = self.given
        return Attention(
            given.heads, self.width, given.scale, self.queries, self.keys, self.projected,
            given.memory is not None, self.mask is not None, given.W_O is not None,
            frozenset(name[2] for name in BIASES if getattr(given, name) is not None),
        )  # fmt: skip

    def vectors(self) -> frozenset[str]:
        """The names of the biases."""
        return frozenset(name for name in self.values_by_name() if name.startswith("b_"))

    def values_by_name(self) -> dict[str, Any]:
        """The matrices by their names in the derivation, cut into heads."""
        given, h = self.given, self.given.heads
        found: dict[str, Any] = {}
        names = {"X": "X", "memory": "Z", "Q": "Q", "K": "K", "V": "V"}
        for field, name in names.items():
            if getattr(given, field) is not None:
                found[name] = getattr(given, field)
        for name in ("W_Q", "W_K", "W_V", "W_O"):
            rows = getattr(given, name)
            if rows is None:
                continue
            for k in range(h):
                if h == 1:
                    found[name] = rows
                elif name == "W_O":
                    part = len(rows) // h
                    found[f"{name}__{k + 1}"] = rows[k * part : (k + 1) * part]
                else:
                    part = len(rows[0]) // h
                    cut = slice(k * part, (k + 1) * part)
                    found[f"{name}__{k + 1}"] = tuple(row[cut] for row in rows)
        for name in BIASES:
            bias = getattr(given, name)
            if bias is not None and (h == 1 or name == "b_O"):
                found[name] = bias
            elif bias is not None:
                part = len(bias) // h
                for k in range(h):
                    found[f"{name}__{k + 1}"] = bias[k * part : (k + 1) * part]
        if self.mask is not None:
            found["M"] = self.mask
        return found | given.aim_values()


def in_columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Every matrix turned, so that each position is a column; vectors and numbers as they are."""
    return {
        name: tuple(zip(*value, strict=True)) if len(shape_of(value)) == 2 else value
        for name, value in values.items()
    }


def words_of_biases(columns: bool) -> str:
    """What the statement says of the column of ones."""
    if columns:
        return r"With the row $\mathbf{1}^T$ of ones, $\mathbf{b} \mathbf{1}^T$ has $\mathbf{b}$ in each column."
    return r"With the column $\mathbf{1}$ of ones, $\mathbf{1} \mathbf{b}^T$ has $\mathbf{b}$ in each row."


def words_of_sums(columns: bool) -> str:
    """What is said before the gradient goes back through a softmax."""
    ones = r"\mathbf{1}\,\mathbf{1}^{\mathsf{T}}"
    of, product = (
        ("column", rf"{ones}\,\mathbf{{P}}") if columns else ("row", rf"\mathbf{{P}}\,{ones}")
    )
    return rf"With the column $\mathbf{{1}}$ of ones, ${product}$ has the sum of each {of} of $\mathbf{{P}}$ all along it:"


def words_of_layout(columns: bool, heads: int) -> list[str]:
    """What the statement says of columns, and of the blocks of several heads."""
    told = ["Each column is a position, and the softmax runs down the columns."] if columns else []
    if heads > 1:
        of_head, of_output = ("rows", "columns") if columns else ("columns", "rows")
        joined = (
            r"$\mathbf{W}_O$ times the heads one below the other is"
            if columns
            else r"the heads side by side times $\mathbf{W}_O$ are"
        )
        told.append(
            rf"The weights are cut into one block of {of_head} for each head, $\mathbf{{W}}_O$ into blocks of "
            f"{of_output}, so that {joined} the sum of their parts."
        )
    return told
