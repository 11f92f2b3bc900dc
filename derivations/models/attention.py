"""Attention expands into definitions: Q, K, V, scores, weights, output; a row for each position."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.formula.tree import Formula, Name, Number, apply, number, quotient, sum_of


@dataclass(frozen=True, slots=True)
class Attention:
    """What decides the definitions.

    Attributes:
        heads: how many there are.
        width: columns of a head's keys, whose root divides the scores.
        queries, keys: how many positions look, and are looked at.
        projected: whether Q, K and V are products with weights, or given.
        memory: whether keys and values come from Z, not from X.
        biases: of Q, K, V and O the letters that have one.
    """

    heads: int
    width: int
    scale: str
    queries: int
    keys: int
    projected: bool = True
    memory: bool = False
    masked: bool = False
    output: bool = False
    biases: frozenset[str] = frozenset()

    def biased(self, terms: list[Formula], letter: str, end: str = "") -> list[Formula]:
        """The terms, and 1 bᵀ behind them if there is a bias."""
        if letter not in self.biases:
            return terms
        positions = self.keys if letter in "KV" else self.queries
        return [*terms, in_rows(Name(f"b_{letter}{end}"), positions)]


def in_rows(row: Formula, positions: int) -> Formula:
    """A vector as each row of a matrix: 1 bᵀ."""
    return apply("matmul", apply("ones", number(positions)), apply("transpose", row))


def definitions(of: Attention) -> dict[str, Formula]:
    """softmax(Q Kᵀ / √d) V for each head, and the sum of the heads' parts of the output.

    Source: Vaswani et al. 2017, section 3.2.
    """
    found: dict[str, Formula] = {}
    parts: list[Formula] = []
    for h in range(1, of.heads + 1):
        end = f"__{h}" if of.heads > 1 else ""
        if of.projected:
            for letter in "QKV":
                source = Name("Z" if of.memory and letter != "Q" else "X")
                product = apply("matmul", source, Name(f"W_{letter}{end}"))
                found[letter + end] = sum_of(*of.biased([product], letter, end))
        scores: Formula = apply("matmul", Name(f"Q{end}"), apply("transpose", Name(f"K{end}")))
        if of.scale == "sqrt":
            scores = quotient(scores, apply("sqrt", number(of.width)))
        elif of.scale != "none":
            scores = quotient(scores, Number(of.scale))
        found[f"S{end}"] = scores
        seen = (Name("M"),) if of.masked else ()
        found[f"A{end}"] = apply("softmax_rows", Name(f"S{end}"), *seen)
        mixed = apply("matmul", Name(f"A{end}"), Name(f"V{end}"))
        if of.output:
            found[f"O{end}"] = mixed
            parts.append(apply("matmul", Name(f"O{end}"), Name(f"W_O{end}")))
        else:
            parts.append(mixed)
    found["Y"] = sum_of(*of.biased(parts, "O"))
    return found
