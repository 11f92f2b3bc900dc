"""Real derivations cut, shuffled, spliced and joined, and noise: what becomes of a text by accident."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

TABLE: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "tests/checking/derivations.yaml").read_text(encoding="utf-8")
)
PIECES = (
    r"\frac", r"\input{/etc/passwd}", r"\write18{ls}", "{", "}", "^", "_", "&", r"\\", "=", "9",
    r"\begin{align}", r"\end{align}", r"\begin{bmatrix}", r"\approx", r"\Rightarrow", r"\leftarrow",
    "0.5", "x", "w_{ij}", r"\sum_{i=1}^{n}", r"\sum_j", "\x07", "\x00", "\t", "\r", "\u202e", "∑",
    "(", ")", "[", "]", "|", r"\left(", r"\right)", r"\sigma", "'", "!", "%", "$", "~", "#", "e",
    r"\text{", r"\partial", r"\frac{\partial L}{\partial w}", "10^{10000}", "^{9999}", r"\max(",
    ",", ";", "-", "+", "/", r"\odot", "^T", r"\delta_{ij}", r"\in", r"\mathbb{R}^{999999}", "1{,}0",
    r"\lim", r"\int", r"\tag{", r"\boxed{", "᱔", "½", "\ud800", "\U0001f600", r"\end{bmatrix}",
    r"\begin{cases}", r"\end{cases}", r"\top", r"\|", r"\prod_{k=0}^{5}", r"\sqrt{", r"\ln", "f(x)",
    r"\underbrace{", r"\hat{y}", r"\argmax", "softmax", r"\operatorname{ReLU}", r"\le", "<", "≈",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A derivation with what is given, and whether it is a whole document."""

    latex: str
    givens: str = ""
    symbols: Mapping[str, str] = field(default_factory=dict)
    document: bool = False


def damaged(source: random.Random, text: str) -> str:
    """The text cut off, shuffled, with pieces put in or taken out."""
    kind = source.randrange(7)
    if kind == 0:
        return text[: source.randrange(len(text) + 1)]
    if kind == 1:
        return text[source.randrange(len(text) + 1) :]
    if kind == 2:
        words = text.split()
        source.shuffle(words)
        return " ".join(words)
    if kind == 3:
        return _tokens(source, 40)
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(text) + 1)
        gone = source.randint(0, 3) if kind > 4 else 0
        put = chr(source.randrange(1, 0x3000)) if kind == 6 else source.choice(PIECES)
        text = text[:at] + ("" if kind == 5 else put) + text[at + gone :]
    return text


def real(source: random.Random) -> Text:
    entry = source.choice(TABLE)
    givens = entry.get("givens", "")
    if source.random() < 0.2:
        givens = damaged(source, givens)
    return Text(damaged(source, entry["latex"]), givens, entry.get("symbols") or {})


def spliced(source: random.Random) -> Text:
    """The beginning of one derivation and the end of another, with the givens of either."""
    one, other = source.choice(TABLE), source.choice(TABLE)
    first, second = one["latex"], other["latex"]
    latex = first[: source.randrange(len(first) + 1)] + second[source.randrange(len(second) + 1) :]
    given = source.choice((one, other))
    return Text(latex, given.get("givens", ""), given.get("symbols") or {})


def joined(source: random.Random) -> Text:
    """Whole derivations below one another, which use the same letters for other things."""
    entries = source.sample(TABLE, source.randint(2, 6))
    lines = [
        part for entry in entries for part in (entry.get("givens", ""), entry["latex"]) if part
    ]
    return Text(" \\\\ ".join(lines), symbols=entries[0].get("symbols") or {})


def numbers_changed(source: random.Random) -> Text:
    """A derivation whose numbers are much too large or small."""
    entry = source.choice(TABLE)

    def other(text: str) -> str:
        digits = list(text)
        for place, sign in enumerate(digits):
            if sign.isdigit() and source.random() < 0.3:
                digits[place] = source.choice(("9" * 40, "0", "10^{999}", "1e9", "0.0000001", "77"))
        return "".join(digits)

    return Text(other(entry["latex"]), other(entry.get("givens", "")), entry.get("symbols") or {})


# ---------------------------------------------------------------- noise


def _tokens(source: random.Random, most: int) -> str:
    return "".join(source.choice(PIECES) for _ in range(source.randint(1, most)))


def token_string(source: random.Random) -> Text:
    return Text(_tokens(source, source.choice((20, 80, 600))))


def random_bytes(source: random.Random) -> Text:
    raw = source.randbytes(source.randint(0, 400))
    return Text(raw.decode(source.choice(("latin-1", "utf-8")), "surrogateescape"))


def random_unicode(source: random.Random) -> Text:
    """Code points of all planes, lone surrogates and NUL among them, between relation signs."""
    signs = [chr(source.randrange(0x110000)) for _ in range(source.randint(1, 60))]
    for _ in range(source.randint(0, 8)):
        signs.insert(
            source.randrange(len(signs) + 1), source.choice(("=", "\x00", "1", "x", "{", "}"))
        )
    return Text("".join(signs))
