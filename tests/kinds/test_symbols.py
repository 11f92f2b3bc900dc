"""Symbols of statements: which kinds there are, what the reader is told, and what is refused."""

from __future__ import annotations

import pytest

from derivations.errors import ReadError
from derivations.formula.printing import Notation
from derivations.kinds.base.symbols import read_symbol, sentence
from derivations.steps.solution import Symbol
from derivations.writing.inline import Inline

SIZES = {name: Symbol(name, (), ("size", "2", "4")) for name in ("m", "n")}
KINDS = [
    ("size", (), ("size", "2", "4")),
    ("size 2..3", (), ("size", "2", "3")),
    ("index to m", (), ("whole", "1", "m")),
    ("index from 2 to n", (), ("whole", "2", "n")),
    ("index from 0 to m-1", (), ("whole", "0", "m-1")),
    ("whole 0..9", (), ("whole", "0", "9")),
    ("whole 1..m", (), ("whole", "1", "m")),
    ("real", (), ("real",)),
    ("", (), ("real",)),
    ("positive", (), ("positive",)),
    ("negative", (), ("negative",)),
    ("in (0, 1)", (), ("in", "0", "1")),
    ("in (-0.5,2)", (), ("in", "-0.5", "2")),
    ("0 or 1", (), ("binary",)),
    ("-1 or 1", (), ("sign",)),
    ("n", ("n",), ("real",)),
    ("m x n", ("m", "n"), ("real",)),
    ("2 x m x n", ("2", "m", "n"), ("real",)),
    ("n-m+1", ("n-m+1",), ("real",)),
    ("n in (0, 1)", ("n",), ("in", "0", "1")),
    ("m x n positive", ("m", "n"), ("positive",)),
    ("n 0 or 1", ("n",), ("binary",)),
    ("n -1 or 1", ("n",), ("sign",)),
    ("n one-hot", ("n",), ("one-hot",)),
    ("n adding to 1", ("n",), ("simplex",)),
    ("n x n symmetric", ("n", "n"), ("symmetric",)),
    ("function", (), ("function",)),
    ("function of Y", (), ("function", "Y")),
    ("function of Y and Z", (), ("function", "Y", "Z")),
]
REFUSED = [
    ("reel", "'reel' is not a size that was declared before; did you mean 'real'?"),
    ("mm x n", "'mm' is not a size that was declared before; did you mean 'm'?"),
    ("k", "'k' is not a size that was declared before"),
    ("index to k", "'k' is not a size that was declared before"),
    ("index from k to m", "'k' is not a size that was declared before"),
    ("whole k..9", "'k' is not a size that was declared before"),
    ("whole 1..k", "'k' is not a size that was declared before"),
    ("whole 9..1", "found 9..1, expected bounds of at most 1000"),
    ("whole 0..1001", "found 0..1001, expected bounds of at most 1000"),
    ("size 4..2", "found 4..2, expected bounds of at most 12"),
    ("size 2..13", "found 2..13, expected bounds of at most 12"),
    ("13", "found 13, expected a size of at most 12"),
    ("2.5", "found '2.5', expected a number (real, positive, in (0, 1)), a shape"),
    ("in (1, 0)", "found 'in (1, 0)', expected a number"),
    ("n posit", "found 'n posit', expected a number"),
    ("one-hot", "expected a vector, n one-hot or n adding to 1"),
    ("m x n one-hot", "expected a vector, n one-hot or n adding to 1"),
    ("m x n adding to 1", "expected a vector, n one-hot or n adding to 1"),
    ("symmetric", "expected a square matrix, n x n symmetric"),
    ("m x n symmetric", "expected a square matrix, n x n symmetric"),
    ("n+", "found the end"),
    ("real, the $\\alhpa$", "'\\alhpa' is not a command used here; did you mean 'alpha'?"),
]
TOLD = [
    ({"W": "m x n, the weights"}, "Let W ∈ ℝ^(m×n) be the weights."),
    ({"W": "m x n, the weights", "x": "n, the input"}, "Let W ∈ ℝ^(m×n) be the weights and x ∈ ℝ^(n) the input."),
    ({"eta": "positive, the rate"}, "Let η > 0 be the rate."),
    ({"c": "negative"}, "Let c < 0."),
    ({"p": "in (0, 1)"}, "Let p ∈ (0, 1)."),
    ({"p": "n in (0, 1)"}, "Let p ∈ (0, 1)^(n)."),
    ({"t": "0 or 1, the target"}, "Let t ∈ {0, 1} be the target."),
    ({"v": "n positive"}, "Let v ∈ ℝ₊^(n)."),
    ({"t": "n one-hot, the target"}, "Let t ∈ ℝ^(n), one-hot, be the target."),
    ({"y": "n, the output", "t": "n one-hot, the target"},
     "Let y ∈ ℝ^(n) be the output and t ∈ ℝ^(n), one-hot, the target."),
    ({"p": "n adding to 1"}, "Let p ∈ ℝ^(n), positive and adding to 1."),
    ({"X": "m-1 x n-1"}, "Let X ∈ ℝ^((m − 1)×(n − 1))."),
    ({"v": "m-1"}, "Let v ∈ ℝ^(m − 1)."),
    ({"E": "function of Y"}, "Let E be any differentiable function of Y."),
    ({"E": "function of Y and Z, the loss"}, "Let E be the loss."),
    ({"f": "function"}, "Let f be any differentiable function."),
    ({"x": "real"}, ""),
    ({"i": "index to m", "m": "size"}, ""),
    ({"m": "size, the number of units"}, "Let m be the number of units."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "shape", "domain"), KINDS, ids=[k[0] for k in KINDS])
def test_a_kind_of_symbol(kind: str, shape: tuple[str, ...], domain: tuple[str, ...]) -> None:
    assert read_symbol("a", kind, SIZES).symbol == Symbol("a", shape, domain)


@pytest.mark.parametrize("kind", [k[0] for k in KINDS if k[0]])
def test_behind_the_first_comma_stand_words(kind: str) -> None:
    found = read_symbol("a", f"{kind}, the rate, in $(0, 1)$", SIZES)
    assert found.meaning == "the rate, in $(0, 1)$"
    assert found.symbol == read_symbol("a", kind, SIZES).symbol


@pytest.mark.parametrize(("kind", "message"), REFUSED, ids=[k[0] for k in REFUSED])
def test_what_is_no_kind_is_refused(kind: str, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_symbol("a", kind, SIZES)
    assert message in refused.value.message


def test_a_number_is_no_size() -> None:
    with pytest.raises(ReadError, match="'x' is not a size"):
        read_symbol("v", "x", {"x": Symbol("x", (), ("real",))})


@pytest.mark.parametrize(("symbols", "told"), TOLD, ids=[" ".join(s) for s, _ in TOLD])
def test_what_the_reader_is_told(symbols: dict[str, str], told: str) -> None:
    declared = [read_symbol(name, text, SIZES) for name, text in symbols.items()]
    arrays = {entry.symbol.name for entry in declared if entry.symbol.shape}
    inline = Inline(False, Notation(), {})
    assert "".join(map(inline.piece, sentence(declared, arrays))) == told
