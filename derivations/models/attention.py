"""Attention expands into definitions: Q, K, V, scores, weights, output; a row for each position."""

from __future__ import annotations

from derivations.formula.tree import Formula, Name, Number, apply, number, quotient, sum_of


def definitions(
    heads: int, width: int, scale: str, projected: bool, memory: bool, masked: bool, output: bool
) -> dict[str, Formula]:
    """softmax(Q Kᵀ / √d) V for each head, and the sum of the heads' parts of the output.

    Source: Vaswani et al. 2017, section 3.2.
    """
    found: dict[str, Formula] = {}
    parts: list[Formula] = []
    for h in range(1, heads + 1):
        end = f"__{h}" if heads > 1 else ""
        if projected:
            for letter in "QKV":
                source = Name("Z" if memory and letter != "Q" else "X")
                found[letter + end] = apply("matmul", source, Name(f"W_{letter}{end}"))
        scores: Formula = apply("matmul", Name(f"Q{end}"), apply("transpose", Name(f"K{end}")))
        if scale == "sqrt":
            scores = quotient(scores, apply("sqrt", number(width)))
        elif scale != "none":
            scores = quotient(scores, Number(scale))
        found[f"S{end}"] = scores
        seen = (Name("M"),) if masked else ()
        found[f"A{end}"] = apply("softmax_rows", Name(f"S{end}"), *seen)
        mixed = apply("matmul", Name(f"A{end}"), Name(f"V{end}"))
        if output:
            found[f"O{end}"] = mixed
            parts.append(apply("matmul", Name(f"O{end}"), Name(f"W_O{end}")))
        else:
            parts.append(mixed)
    found["Y"] = sum_of(*parts)
    return found
