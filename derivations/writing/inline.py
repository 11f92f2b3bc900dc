"""Pieces of a line in LaTeX or Unicode: words, formulas, values, short chains."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from derivations.formula.escape import escape_latex
from derivations.formula.printing import Notation, Numeral, Printer
from derivations.steps.relations import Chain, Link, Piece, Term, Text, Typeset
from derivations.steps.solution import Known
from derivations.writing.chains import SIGNS_LATEX
from derivations.writing.width import width

COMMAS, BREAK = (r",\,", r";\,"), r"\hskip 0pt plus 1em\allowbreak"
STYLES = {"strong": r"\textbf{%s}", "emphasis": r"\emph{%s}", "code": r"\texttt{%s}"}


ARROW = r"\onwards{}"
SIZE = re.compile(r"(?<=\w) (\$\\times\$) (?=\d)")
PERCENT = re.compile(r"(?<=\d) (?=\\%)")


def _words(text: str) -> str:
    """Words in LaTeX; sizes such as 5 × 5 stay together, lines are broken after arrows."""
    latex = escape_latex(text).replace(r" $\to$ ", ARROW)
    return PERCENT.sub("~", SIZE.sub(r"~\1~", latex))


DECIMAL = re.compile(r"[-−]?[0-9]+\.[0-9]+")
LIST = re.compile(r"\\left\[([^\[\]]*)\\right\]")
LONG, LINE = 12.0, 38.0  # em: a list that may be broken, and what does not fit on a line


def in_line(latex: str, measure: Callable[[str], float] = width) -> str:
    """A formula in a paragraph; long lists may be broken, what is wider is shrunk."""
    if measure(latex) <= LONG:
        return f"${latex}$"
    latex = LIST.sub(lambda match: f"[{_breakable(match[1])}]", latex)
    widest = max(map(measure, latex.split(BREAK)))
    return f"${latex}$" if widest <= LINE else rf"\squeezed{{0.85\linewidth}}{{{latex}}}"


def _breakable(entries: str) -> str:
    for comma in COMMAS:
        entries = entries.replace(comma, comma + BREAK)
    return entries


class Inline:
    """Prints pieces with the values of one variant.

    Args:
        latex: LaTeX (True) or Unicode (False).
        known: the values that may be shown.
    """

    def __init__(self, latex: bool, notation: Notation, known: Mapping[str, Known]) -> None:
        self.latex = latex
        self.known = known
        self.printer = Printer(latex, notation, self.numeral)
        self.line_printer = Printer(latex, notation, self.numeral, inline=True)

    def numeral(self, name: str) -> Numeral | None:
        """What the sheet shows for a quantity."""
        return self.known[name].shown if name in self.known else None

    def sign_of(self, link: Link) -> str:
        """The relation sign of a link, decided where it depends on the values."""
        if link.relation != "auto":
            return link.relation
        return "=" if all(self.known[name].equal for name in link.new) else "≈"

    def sign(self, relation: str) -> str:
        """The sign as it is written."""
        return SIGNS_LATEX[relation] if self.latex else relation

    def chain(self, chain: Chain, printer: Printer | None = None) -> str:
        """A chain in one line."""
        show = (printer or self.printer).show
        shown = [show(chain.first.formula, chain.first.numbers)]
        for link in chain.links:
            right = show(link.term.formula, link.term.numbers)
            if right != shown[-1]:
                shown += [self.sign(self.sign_of(link)), right]
        return " ".join(shown)

    def piece(self, piece: Piece) -> str:
        """One piece of a line."""
        if isinstance(piece, Text):
            if self.printer.notation.decimal == "comma" and DECIMAL.fullmatch(piece.text):
                piece = replace(piece, text=piece.text.replace(".", ","))  # a number in a figure
            if not self.latex:
                return piece.text
            return STYLES.get(piece.style, "%s") % _words(piece.text)
        if isinstance(piece, Typeset):
            return f"${piece.latex}$" if self.latex else piece.text
        show = self.line_printer.show
        if isinstance(piece, Term):
            shown = show(piece.formula, piece.numbers)
        else:
            shown = self.chain(piece, self.line_printer)
        return in_line(shown) if self.latex else shown

    def line(self, pieces: tuple[Piece, ...]) -> str:
        """Pieces one after the other."""
        return "".join(map(self.piece, pieces))
