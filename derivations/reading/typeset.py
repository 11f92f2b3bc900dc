"""Formulas in prose, ``$...$``: LaTeX read by an allowlist and printed anew, never passed on.

Nothing is understood here but brackets and commands; what is not on the list is an error with
its place. The result is safe LaTeX and the same formula in Unicode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from derivations.errors import ReadError, nearest
from derivations.formula.escape import escape_latex, unprintable
from derivations.formula.looks import GREEK, SUBSCRIPTS, SUPERSCRIPTS
from derivations.steps.relations import Typeset

MAX_LENGTH = 4_000
MAX_DEPTH = 40

SYMBOLS = {
    **GREEK,
    "varepsilon": "ε", "varphi": "φ", "vartheta": "ϑ", "cdot": "·", "times": "×", "div": "÷",
    "pm": "±", "mp": "∓", "ast": "*", "star": "⋆", "circ": "∘", "odot": "⊙", "otimes": "⊗",
    "oplus": "⊕", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "approx": "≈", "equiv": "≡", "sim": "∼", "propto": "∝", "ll": "≪", "gg": "≫", "in": "∈",
    "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "setminus": "∖",
    "emptyset": "∅", "forall": "∀", "exists": "∃", "to": "→", "rightarrow": "→",
    "leftarrow": "←", "gets": "←", "mapsto": "↦", "Rightarrow": "⇒", "Leftarrow": "⇐",
    "implies": "⇒", "iff": "⇔", "Leftrightarrow": "⇔", "leftrightarrow": "↔", "infty": "∞",
    "partial": "∂", "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫", "ldots": "…",
    "dots": "…", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "ell": "ℓ", "top": "ᵀ", "prime": "′",
    "mid": "|", "vert": "|", "Vert": "‖", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
    "rceil": "⌉", "langle": "⟨", "rangle": "⟩", "land": "∧", "lor": "∨", "neg": "¬",
    "perp": "⊥", "quad": "  ", "qquad": "    ", "colon": ":", "hbar": "ħ",
    ",": " ", ";": " ", ":": " ", "!": "", "{": "{", "}": "}", "%": "%", "|": "‖",
    "#": "#", "&": "&", "_": "_", "$": "$",
}  # fmt: skip
WORDS = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "exp",
        "ln",
        "log",
        "lg",
        "max",
        "min",
        "sup",
        "inf",
        "lim",
        "arg",
        "det",
        "dim",
        "ker",
        "gcd",
        "arctan",
    ]
)
WRAPPERS = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304",
    "tilde": "\u0303", "widetilde": "\u0303", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
}  # fmt: skip
FONTS = {
    "mathbf": "mathbf", "mathrm": "mathrm", "mathit": "mathit", "mathsf": "mathsf",
    "mathcal": "mathcal", "mathbb": "mathbf", "boldsymbol": "bm", "bm": "bm", "mathtt": "mathtt",
}  # fmt: skip
ENVIRONMENTS = {  # and the columns that LaTeX has room for
    "matrix": 10, "pmatrix": 10, "bmatrix": 10, "vmatrix": 10, "cases": 2, "aligned": 20,
}  # fmt: skip
SIZES = frozenset(["left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr"])
DELIMITERS = frozenset(
    [
        "(",
        ")",
        "[",
        "]",
        "|",
        ".",
        "/",
        "\\{",
        "\\}",
        "\\|",
        "\\lfloor",
        "\\rfloor",
        "\\lceil",
        "\\rceil",
        "\\langle",
        "\\rangle",
        "\\vert",
        "\\Vert",
    ]
)
UNICODE = {
    sign: "\\" + name for name, sign in SYMBOLS.items() if len(sign) == 1 and not sign.isascii()
}
TOKEN = re.compile(
    r"(\\[A-Za-z]+)\s*|\\.|(\s+)|.", re.DOTALL
)  # a command swallows the spaces behind it


class Token(NamedTuple):
    text: str  # a command with its backslash, or one character
    at: int


class Parts(NamedTuple):
    """A piece of formula in both forms."""

    latex: str
    text: str


class _Typesetter:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(_tokens(source))
        self.at = 0
        self.open: list[Token] = []  # \left without its \right, in the group being read
        self.columns = 0  # that an environment still allows in this line; 0 outside of one
        self.cells = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("", len(self.source))

    def take(self) -> Token:
        token = self.next
        self.at += 1
        return token

    def row(self, stop: str, depth: int, columns: int = 0) -> Parts:
        """Everything up to a token: its brackets in pairs, one script of a kind on each thing."""
        if depth > MAX_DEPTH:
            raise ReadError(f"nested deeper than {MAX_DEPTH}", self.next.at)
        outside = self.open, self.columns, self.cells
        self.open, self.columns, self.cells = [], columns, 1
        latex, text = [], []
        scripts, before = "", ""  # on the thing that was read last, and the token before
        while self.next.text != stop:
            token = self.next
            if not token.text:
                raise ReadError(f"expected '{stop}' before the end of the formula", token.at)
            scripts = _scripts(token, scripts, before)
            before = before if token.text == " " else token.text
            piece = self.piece(depth)
            latex.append(piece.latex)
            text.append(piece.text)
        if self.open:
            raise ReadError("\\left without its \\right", self.open[-1].at)
        self.open, self.columns, self.cells = outside
        self.take()
        return Parts("".join(latex), "".join(text))

    def group(self, depth: int) -> Parts:
        """The argument of a command: ``{...}`` or one token."""
        if depth > MAX_DEPTH:
            raise ReadError(f"nested deeper than {MAX_DEPTH}", self.next.at)
        while self.next.text == " ":
            self.take()
        if self.next.text == "{":
            self.take()
            return self.row("}", depth + 1)
        if self.next.text in ("", "}", "&", "^", "_", "'", "\\\\"):
            raise ReadError("expected an argument, { ... }", self.next.at)
        return self.piece(depth + 1)

    def piece(self, depth: int) -> Parts:
        token = self.take()
        if token.text.startswith("\\"):
            return self.command(token, depth)
        if token.text == "{":
            inside = self.row("}", depth + 1)
            return Parts(f"{{{inside.latex}}}", inside.text)
        if token.text in "^_":
            inside = self.group(depth)
            return Parts(f"{token.text}{{{inside.latex}}}", _script(token.text, inside.text))
        if token.text == "}":
            raise ReadError("a '}' too many", token.at)
        if token.text == "&":
            self.in_environment(token)
            self.cells += 1
            if self.cells > self.columns:
                raise ReadError(f"more than {self.columns} columns", token.at)
            return Parts(" & ", "  ")
        if token.text in UNICODE:
            return Parts(UNICODE[token.text] + " ", token.text)
        if token.text in "−–":
            return Parts("-", "−")
        if token.text == "-":
            return Parts("-", "−")
        if token.text.isspace():
            return Parts(" ", " ")
        if token.text.isascii() and (token.text.isalnum() or token.text in "+*/=<>()[]|,.:;!'\"?@"):
            latex = {"<": "<", ">": ">", '"': "''"}.get(token.text, token.text)
            spaced = f" {token.text} " if token.text in "=<>+" else token.text
            return Parts(latex, spaced)
        raise ReadError(f"'{token.text}' has no meaning in a formula", token.at)

    def command(self, token: Token, depth: int) -> Parts:
        name = token.text[1:]
        if name in ("text", "textbf", "textit") and self.next.text == "{":
            return self.words()
        if name == "operatorname":
            inside = self.group(depth)
            return Parts(rf"\operatorname{{{inside.latex}}}", inside.text.strip().replace("−", "-"))
        if name in FONTS:
            inside = self.group(depth)
            return Parts(rf"\{FONTS[name]}{{{inside.latex}}}", inside.text)
        if name in WRAPPERS:
            inside = self.group(depth)
            return Parts(rf"\{name}{{{inside.latex}}}", inside.text + WRAPPERS[name])
        if name in ("frac", "dfrac", "tfrac"):
            above, below = self.group(depth), self.group(depth)
            return Parts(
                rf"\frac{{{above.latex}}}{{{below.latex}}}",
                f"{_inline(above.text)}/{_inline(below.text)}",
            )
        if name == "sqrt":
            root = Parts("", "")
            if self.next.text == "[":
                self.take()
                degree = self.row("]", depth + 1)
                root = Parts(f"[{degree.latex}]", _script("^", degree.text))
            inside = self.group(depth)
            return Parts(
                rf"\sqrt{root.latex}{{{inside.latex}}}", f"{root.text}√{_inline(inside.text)}"
            )
        if name in ("underbrace", "overbrace"):
            inside = self.group(depth)
            return Parts(rf"\{name}{{{inside.latex}}}", inside.text)
        if name in SIZES:
            return self.sized(name)
        if name == "begin":
            return self.environment(token, depth)
        if name == "\\":
            self.in_environment(token)
            self.cells = 1
            ahead = self.source[token.at + 2 :].lstrip()[:1]
            apart = "{}" if ahead in ("[", "*") else ""  # or LaTeX takes it for an option
            return Parts(rf" \\{apart} ", "; ")
        if name == " ":
            return Parts("~", " ")  # "\\ " would lose its space at the end of a formula
        if name in WORDS:
            return Parts(rf"\{name} ", f"{name} ")
        if name in SYMBOLS:
            sign = SYMBOLS[name]
            wide = sign in "·×≤≥≠≈≡∼∝∈∉⊂⊆→←↦⇒⇐⇔±" and len(sign) == 1
            latex = rf"\{name}" + (" " if name.isalpha() else "")
            return Parts(latex, f" {sign} " if wide else sign)
        known = [*SYMBOLS, *WORDS, *FONTS, *WRAPPERS, "frac", "sqrt", "text", "begin"]
        raise ReadError(f"'\\{name}' is not a command used here{nearest(name, known)}", token.at)

    def in_environment(self, token: Token) -> None:
        """``&`` and ``\\\\`` have a meaning in an environment only, and not between brackets."""
        if not self.columns:
            raise ReadError(
                f"'{token.text}' stands outside of a matrix, cases or aligned", token.at
            )
        if self.open:
            raise ReadError("\\left without its \\right", self.open[-1].at)

    def words(self) -> Parts:
        """Upright words, escaped like any text."""
        start = self.take()
        end, depth = self.at, 1
        while end < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[end].text, 0)
            if not depth:
                break
            end += 1
        else:
            raise ReadError("expected '}' before the end of the formula", start.at)
        raw = self.source[start.at + 1 : self.tokens[end].at]
        if set("\\${}") & set(raw):
            raise ReadError("words in a formula hold no commands and no brackets { }", start.at)
        if (strange := unprintable(raw)) is not None:
            raise ReadError(f"the sheet's fonts have no '{strange}'", start.at)
        self.at = end + 1
        return Parts(rf"\text{{{escape_latex(raw)}}}", raw)

    def sized(self, name: str) -> Parts:
        delimiter = self.take()
        if delimiter.text not in DELIMITERS:
            raise ReadError(f"expected a bracket after \\{name}", delimiter.at)
        if name == "left":
            self.open.append(delimiter)
        if name == "right":
            if not self.open:
                raise ReadError("\\right without its \\left", delimiter.at)
            self.open.pop()
        shown = (
            "" if delimiter.text == "." else SYMBOLS.get(delimiter.text[1:], delimiter.text[-1:])
        )
        if not delimiter.text.startswith("\\"):
            shown = "" if delimiter.text == "." else delimiter.text
        return Parts(rf"\{name}{delimiter.text} ", shown)

    def environment(self, token: Token, depth: int) -> Parts:
        name = self._name_in_braces(token)
        if name not in ENVIRONMENTS:
            raise ReadError(
                f"'{name}' is not an environment used here{nearest(name, ENVIRONMENTS)}", token.at
            )
        inside = self.row("\\end", depth + 1, ENVIRONMENTS[name])
        closing = self._name_in_braces(token)
        if closing != name:
            raise ReadError(f"\\begin{{{name}}} ends with \\end{{{closing}}}", token.at)
        return Parts(rf"\begin{{{name}}}{inside.latex}\end{{{name}}}", f"[{inside.text}]")

    def _name_in_braces(self, token: Token) -> str:
        name = ""
        if self.take().text != "{":
            raise ReadError("expected { after \\begin or \\end", token.at)
        while self.next.text not in ("}", ""):
            name += self.take().text
        self.take()
        return name


def _scripts(token: Token, scripts: str, before: str) -> str:
    """The scripts on the thing in hand, this token's included; LaTeX allows one of each kind."""
    if token.text == " ":
        return scripts
    if token.text not in ("^", "_", "'"):
        return ""
    kind = "_" if token.text == "_" else "^"
    if kind in scripts and before != "'":
        raise ReadError(
            f"a second '{token.text}' on the same thing; write brackets {{ }}", token.at
        )
    return scripts + kind


def _tokens(source: str) -> Iterator[Token]:
    for match in TOKEN.finditer(source):
        yield Token(match[1] or (" " if match[2] else match[0]), match.start())


def _inline(text: str) -> str:
    text = text.strip()
    return text if len(text) < 2 or text.isalnum() or text.isdigit() else f"({text})"


def _script(sign: str, text: str) -> str:
    text = text.strip()
    table = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
    plain = text.replace("−", "-")
    if plain and all(ord(c) in table for c in plain) and len(plain) < 4:
        return plain.translate(table)
    if text in ("ᵀ", "′", "*"):
        return text
    return f"{sign}{text}" if len(text) == 1 or text.isalnum() else f"{sign}({text})"


def typeset(source: str) -> Typeset:
    """Read the inside of ``$...$``.

    Raises:
        ReadError: a command that is not on the list, or brackets that do not match.
    """
    if len(source) > MAX_LENGTH:
        raise ReadError(f"a formula of {len(source)} characters; at most {MAX_LENGTH}")
    if not source.strip():
        raise ReadError("the formula is empty")
    latex, text = _Typesetter(source).row("", 0)
    unicode_text = re.sub(r" {2,}", " ", text).strip()
    unicode_text = re.sub(r" +(?=[₀-₉_^,)])", "", unicode_text)
    return Typeset(latex.strip(), unicode_text)
