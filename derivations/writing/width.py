"""How wide a formula will be on paper, in em, from its LaTeX: enough to break lines in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from derivations.formula.printing import CLOSE, OPEN

TOKEN = re.compile(rf"{OPEN}[^{CLOSE}]*{CLOSE}|\\[A-Za-z]+\*?|\\.|[{{}}^_&]|\s+|.", re.DOTALL)
WIDE = {
    r"\cdot": 0.72, r"\times": 1.22, r"\approx": 1.33, r"\le": 1.33, r"\ge": 1.33, r"\ne": 1.33,
    r"\leftarrow": 1.55, r"\Rightarrow": 1.55, r"\odot": 1.22, r"\star": 0.95, r"\in": 1.2,
    r"\sum": 1.5, r"\prod": 1.4, r"\partial": 0.58, r"\quad": 1.0, r"\qquad": 2.0, r"\,": 0.17,
    r"\;": 0.28, r"\:": 0.22, r"\!": -0.17, r"\max": 1.7, r"\min": 1.6, r"\ln": 1.0, r"\log": 1.4,
    r"\exp": 1.5, r"\tanh": 2.0, r"\left": 0.1, r"\right": 0.1, r"\mathopen": 0.0,
    r"\mathclose": 0.0, r"\displaystyle": 0.0, r"\lfloor": 0.45, r"\rfloor": 0.45,
}  # fmt: skip
# Letters of the mathematical italic that are wider than most, with what leans out of them.
LETTERS = {
    "h": 0.6, "m": 0.9, "n": 0.62, "u": 0.6, "w": 0.76, "x": 0.6, "A": 0.77, "B": 0.82, "C": 0.8, "D": 0.87,
    "E": 0.81, "F": 0.79, "G": 0.81, "H": 0.92, "J": 0.67, "K": 0.93, "L": 0.71, "M": 1.09, "N": 0.92, "O": 0.81,
    "P": 0.79, "Q": 0.81, "R": 0.78, "S": 0.68, "T": 0.73, "U": 0.8, "V": 0.81, "W": 1.09, "X": 0.92, "Y": 0.81,
    "Z": 0.77,
}  # fmt: skip
BOLD = 1.25  # times as wide as upright
UPRIGHT = re.compile(r"\\(?:text|mathrm|operatorname|mathbf|mathsf|bm|mathit)\*?")
SMALL = 0.76
SIGN = 0.8
OPENS = frozenset("([{=<>,&+-") | {
    r"\cdot",
    r"\times",
    r"\approx",
    r"\left",
    r"\le",
    r"\ge",
    r"\leftarrow",
}


@lru_cache(maxsize=4096)  # signs, boxes and names are measured over and over
def width(latex: str) -> float:
    """The width of a formula in em of the text font, a little more rather than less."""
    return Ruler().measure(latex)


def width_of_token(token: str) -> float:
    """The width of one letter, digit or sign."""
    if token in WIDE:
        return WIDE[token]
    if token.isspace() or token == "}":
        return 0.0
    if token in "+-=<>":
        return 1.2
    if token.isdigit():
        return 0.5
    if token in ",.;:'|!":
        return 0.3
    if token in "()[]":
        return 0.39
    return LETTERS.get(token, 0.58)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures formulas: what one token takes, and which of two parts is the wider one."""

    single: Callable[[str], float] = width_of_token
    wider: Callable[[float, float], float] = max

    def measure(self, latex: str) -> float:
        """The width of a formula in em."""
        tokens = TOKEN.findall(latex)
        return self._row(tokens, 0, len(tokens))

    def _row(self, tokens: list[str], at: int, end: int) -> float:
        total = 0.0
        before = "("
        while at < end:
            token = tokens[at]
            if token in "+-" and before in OPENS:  # a sign, not an operation
                total += SIGN
                at += 1
            elif token == "{":
                close = _closing(tokens, at, end)
                total += self._row(tokens, at + 1, close)
                at = close + 1
            elif token in "^_":
                size, at = self._argument(tokens, at + 1, end)
                total += SMALL * size
            elif token == r"\frac":
                above, at = self._argument(tokens, at + 1, end)
                below, at = self._argument(tokens, at, end)
                total += self.wider(above, below) + 0.24
            elif token == r"\begin":
                size, at = self._environment(tokens, at, end)
                total += size
            elif UPRIGHT.fullmatch(token):
                close = _closing(tokens, at + 1, end)
                letters = tokens[at + 2 : close]
                size = sum(max(0.48, LETTERS.get(t, 0)) for t in letters if not t.startswith("\\"))
                total += size * (BOLD if token in (r"\mathbf", r"\bm") else 1.0) + 0.1
                at = close + 1
            else:
                total += self.single(token)
                at += 1
            before = before if token.isspace() else token
        return total

    def _argument(self, tokens: list[str], at: int, end: int) -> tuple[float, int]:
        while at < end and tokens[at].isspace():
            at += 1
        if at < end and tokens[at] == "{":
            close = _closing(tokens, at, end)
            return self._row(tokens, at + 1, close), close + 1
        return (self.single(tokens[at]) if at < end else 0.0), at + 1

    def _environment(self, tokens: list[str], at: int, end: int) -> tuple[float, int]:
        """Columns as wide as their widest cell, and the space between them."""
        start = _closing(tokens, at + 1, end) + 1
        depth, close = 1, start
        while close < end:
            depth += {r"\begin": 1, r"\end": -1}.get(tokens[close], 0)
            if not depth:
                break
            close += 1
        columns: list[float] = []
        row = 0
        cell_start, level, place = start, 0, start
        while place <= close:
            token = tokens[place] if place < close else r"\\"
            level += {"{": 1, "}": -1, r"\begin": 1, r"\end": -1}.get(token, 0)
            if level == 0 and token in ("&", r"\\"):
                size = self._row(tokens, cell_start, place)
                if row < len(columns):
                    columns[row] = self.wider(columns[row], size)
                else:
                    columns.append(size)
                row = 0 if token == r"\\" else row + 1
                cell_start = place + 1
            place += 1
        after = _closing(tokens, close + 1, end) + 1
        return sum(columns) + 1.0 * max(len(columns) - 1, 0) + 1.4, after


def _closing(tokens: list[str], at: int, end: int) -> int:
    """The place of the brace that closes the one at ``at``."""
    depth = 0
    for place in range(at, end):
        if tokens[place] == "{":
            depth += 1
        elif tokens[place] == "}":
            depth -= 1
            if not depth:
                return place
    return end
