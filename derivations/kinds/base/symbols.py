"""Symbols of a statement: ``W: m x n, the weights`` says what may stand for W, and what it means.

Before the first comma stands the kind, behind it words for the reader. A kind is a size (``size``,
``size 2..5``), an index (``index to m``), a number (``real``, ``positive``, ``in (0, 1)``,
``0 or 1``, ``whole 0..9``), a vector or matrix (``n``, ``m x n``, ``n in (0, 1)``, ``n one-hot``,
``n adding to 1``, ``n x n symmetric``), or a function (``function``, ``function of Y``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from derivations.errors import ReadError, nearest
from derivations.formula.expressions import read_expression
from derivations.formula.looks import name_latex, name_text
from derivations.formula.numerals import NumeralError, exact
from derivations.formula.printing import Notation, Printer
from derivations.formula.tree import Apply, Number, apply, names, walk
from derivations.reading.prose import read_line
from derivations.steps.relations import Piece, Text, Typeset
from derivations.steps.solution import Symbol

SIZE = re.compile(r"size(?: ([0-9]+)\.\.([0-9]+))?")
INDEX = re.compile(r"index (?:from ([A-Za-z0-9_+-]+) )?to (\S+)")
WHOLE = re.compile(r"whole ([A-Za-z0-9]+)\.\.(\S+)")
BETWEEN = re.compile(r"in \((-?[0-9.]+), ?(-?[0-9.]+)\)")
OF = re.compile(r"function of ([A-Za-z0-9_]+(?: and [A-Za-z0-9_]+)*)")
SHAPE = re.compile(r"([A-Za-z0-9_+*-]+(?: x [A-Za-z0-9_+*-]+)*)(?: (.+))?")
MOST = 1000  # of whole numbers
LARGEST = 12  # of sizes: a statement is tried at small ones
WORDS = {
    "": "real", "real": "real", "positive": "positive", "negative": "negative", "0 or 1": "binary",
    "-1 or 1": "sign", "one-hot": "one-hot", "adding to 1": "simplex", "symmetric": "symmetric",
}  # fmt: skip
KINDS = ("size", "index", "whole", "function", *filter(str.isalpha, WORDS))
SETS = {
    "positive": (r"_{>0}", "₊"), "negative": (r"_{<0}", "₋"),
    "binary": (r"\{0, 1\}", "{0, 1}"), "sign": (r"\{-1, 1\}", "{−1, 1}"),
}  # fmt: skip
ADDED = {
    "one-hot": ", one-hot",
    "simplex": ", positive and adding to 1",
    "symmetric": ", symmetric",
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A symbol with the words that follow it."""

    symbol: Symbol
    meaning: str


def read_symbol(name: str, text: str, sizes: Mapping[str, Symbol]) -> Declared:
    """What a symbol's line says.

    Raises:
        ReadError: a kind that is not known, a size that was not declared before, or words that
            cannot be read.
    """
    kind, _, meaning = _cut(text)
    read_line(meaning.strip())
    return Declared(_symbol(name, kind, sizes), meaning.strip())


def _cut(text: str) -> tuple[str, str, str]:
    """The text before and behind the first comma that stands in no bracket."""
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            return text[:place].strip(), ",", text[place + 1 :]
    return text.strip(), "", ""


def _symbol(name: str, kind: str, sizes: Mapping[str, Symbol]) -> Symbol:
    if match := SIZE.fullmatch(kind):
        _check_bounds(match[1] or "2", match[2] or "4", LARGEST)
        return Symbol(name, (), ("size", match[1] or "2", match[2] or "4"))
    if match := INDEX.fullmatch(kind):
        _check_size(match[1] or "1", sizes)
        _check_size(match[2], sizes)
        return Symbol(name, (), ("whole", match[1] or "1", match[2]))
    if match := WHOLE.fullmatch(kind):
        if match[1].isdigit() and match[2].isdigit():
            _check_bounds(match[1], match[2], MOST)
        else:
            _check_size(match[1], sizes)
            _check_size(match[2], sizes)
        return Symbol(name, (), ("whole", match[1], match[2]))
    if kind == "function":
        return Symbol(name, (), ("function",))
    if match := OF.fullmatch(kind):
        return Symbol(name, (), ("function", *match[1].split(" and ")))
    if (domain := _domain(kind)) is not None:
        _check_form(kind, (), domain)
        return Symbol(name, (), domain)
    match = SHAPE.fullmatch(kind)
    domain = _domain(match[2] or "") if match else None
    if match is None or domain is None:
        raise ReadError(
            f"found '{kind}', expected a number (real, positive, in (0, 1)), a shape (n, m x n), "
            f"an index (index to n), a size or a function{nearest(kind, WORDS)}"
        )
    shape = tuple(match[1].split(" x "))
    for size in shape:
        _check_size(size, sizes)
    _check_form(kind, shape, domain)
    return Symbol(name, shape, domain)


def _check_form(kind: str, shape: tuple[str, ...], domain: tuple[str, ...]) -> None:
    """Vectors are one-hot or add to 1; square matrices are symmetric."""
    if domain[0] in ("one-hot", "simplex") and len(shape) != 1:
        raise ReadError(f"found '{kind}', expected a vector, n one-hot or n adding to 1")
    if domain[0] == "symmetric" and not (len(shape) == 2 and shape[0] == shape[1]):
        raise ReadError(f"found '{kind}', expected a square matrix, n x n symmetric")


def _check_bounds(low: str, high: str, most: int) -> None:
    if not (low.isdigit() and high.isdigit()) or not int(low) <= int(high) <= most:
        raise ReadError(f"found {low}..{high}, expected bounds of at most {most}, as 2..4")


def _domain(words: str) -> tuple[str, ...] | None:
    if words in WORDS:
        return (WORDS[words],)
    if match := BETWEEN.fullmatch(words):
        try:
            if exact(match[1]) < exact(match[2]):
                return ("in", match[1], match[2])
        except NumeralError:
            return None
    return None


def _check_size(size: str, sizes: Mapping[str, Symbol]) -> None:
    formula = read_expression(size)
    for node in walk(formula):
        if isinstance(node, Number) and not (node.text.isdigit() and int(node.text) <= LARGEST):
            raise ReadError(f"found {node.text}, expected a size of at most {LARGEST}")
    for used in names(formula):
        if used not in sizes or sizes[used].domain[0] != "size":
            known = [name for name, symbol in sizes.items() if symbol.domain[0] == "size"]
            raise ReadError(
                f"'{used}' is not a size that was declared before{nearest(used, [*known, *KINDS])}"
            )


# ---------------------------------------------------------------- for the reader


def sentence(declared: list[Declared], arrays: Collection[str]) -> tuple[Piece, ...]:
    """``Let W ∈ R^{m x n} be the weights, ...``: the symbols that have to be told about.

    ``arrays``: the names that are printed in bold letters.
    """
    shown = [entry for entry in declared if _told(entry)]
    pieces: list[Piece] = []
    for place, entry in enumerate(shown):
        pieces.append(Text("Let " if not place else ", " if place < len(shown) - 1 else " and "))
        pieces.append(_membership(entry.symbol))
        added = ADDED.get(entry.symbol.domain[0], "")
        if entry.symbol.domain[0] == "function":
            pieces += [Text(" be")] if not place else []
            pieces += _any(entry, arrays)
        elif entry.meaning:
            verb = "be " if not place else ""
            pieces.append(Text(f"{added}, {verb}" if added else f" {verb}"))
            pieces += read_line(entry.meaning)
        elif added:
            pieces.append(Text(added))
    return (*pieces, Text(".")) if pieces else ()


def _told(entry: Declared) -> bool:
    kind = entry.symbol.domain[0]
    if entry.meaning:
        return True
    return kind not in ("size", "whole", "real") or bool(entry.symbol.shape)


def _any(entry: Declared, arrays: Collection[str]) -> list[Piece]:
    """An arbitrary function, of one number or of a quantity."""
    if entry.meaning:
        return [Text(" "), *read_line(entry.meaning)]
    of = entry.symbol.domain[1:]
    if not of:
        return [Text(" any differentiable function")]
    pieces: list[Piece] = [Text(" any differentiable function of ")]
    for place, name in enumerate(of):
        pieces += [Text(" and ")] if place else []
        pieces.append(_name(Symbol(name, ("1",)), bold=name in arrays))
    return pieces


def _name(symbol: Symbol, bold: bool) -> Typeset:
    return Typeset(name_latex(symbol.name, bold), name_text(symbol.name))


def _membership(symbol: Symbol) -> Typeset:
    """``W ∈ R^{m x n}``, ``η > 0``, ``p ∈ (0, 1)``."""
    kind = symbol.domain[0]
    latex, text = name_latex(symbol.name, bool(symbol.shape)), name_text(symbol.name)
    power_latex, power_text = _sizes(symbol.shape)
    if kind in ("size", "whole", "function") or (kind == "real" and not symbol.shape):
        return Typeset(latex, text)
    if kind in ("positive", "negative") and not symbol.shape:
        sign = ">" if kind == "positive" else "<"
        return Typeset(f"{latex} {sign} 0", f"{text} {sign} 0")
    if kind == "in":
        inside = f"({symbol.domain[1]}, {symbol.domain[2]})"
        return Typeset(rf"{latex} \in {inside}{power_latex}", f"{text} ∈ {inside}{power_text}")
    if kind in ("binary", "sign"):
        inside_latex, inside_text = SETS[kind]
        return Typeset(
            rf"{latex} \in {inside_latex}{power_latex}", f"{text} ∈ {inside_text}{power_text}"
        )
    below_latex, below_text = SETS.get(kind, ("", ""))
    return Typeset(
        rf"{latex} \in \mathbf{{R}}{below_latex}{power_latex}",
        f"{text} ∈ ℝ{below_text}{power_text}",
    )


def _sizes(shape: tuple[str, ...]) -> tuple[str, str]:
    if not shape:
        return "", ""
    latex, text = Printer(True, Notation()), Printer(False, Notation())
    sizes = [read_expression(size) for size in shape]
    if len(sizes) > 1:  # (h - 1) x (w - 1)
        sums = {size for size in sizes if isinstance(size, Apply) and size.head == "sum"}
        sizes = [apply("group", size) if size in sums else size for size in sizes]
    return (
        "^{" + r" \times ".join(map(latex.show, sizes)) + "}",
        "^(" + "×".join(map(text.show, sizes)) + ")",
    )
