"""Pieces of a line in LaTeX or Unicode: words, formulas, values, short chains."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.formula.escape import escape_latex
from derivations.formula.printing import Notation, Numeral, Printer
from derivations.steps.relations import Chain, Link, Piece, Term, Text, Typeset
from derivations.steps.solution import Known
from derivations.writing.chains import SIGNS_LATEX

STYLES = {"strong": r"\textbf{%s}", "emphasis": r"\emph{%s}", "code": r"\texttt{%s}"}


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

    def numeral(self, name: str) -> Numeral | None:
        """What the sheet shows for a quantity."""
        return self.known[name].shown if name in self.known else None

    def sign_of(self, link: Link) -> str:
        """The relation sign of a link, decided where it depends on the values."""
        if link.relation != "auto":
            return link.relation
        return "=" if all(self.known[name].exact for name in link.new) else "≈"

    def sign(self, relation: str) -> str:
        """The sign as it is written."""
        return SIGNS_LATEX[relation] if self.latex else relation

    def chain(self, chain: Chain) -> str:
        """A chain in one line."""
        shown = [self.term(chain.first)]
        for link in chain.links:
            right = self.term(link.term)
            if right != shown[-1]:
                shown += [self.sign(self.sign_of(link)), right]
        return " ".join(shown)

    def term(self, term: Term) -> str:
        """One formula."""
        return self.printer.show(term.formula, term.numbers)

    def piece(self, piece: Piece) -> str:
        """One piece of a line."""
        if isinstance(piece, Text):
            if not self.latex:
                return piece.text
            return STYLES.get(piece.style, "%s") % escape_latex(piece.text)
        if isinstance(piece, Typeset):
            return f"${piece.latex}$" if self.latex else piece.text
        shown = self.chain(piece) if isinstance(piece, Chain) else self.term(piece)
        return f"${shown}$" if self.latex else shown

    def line(self, pieces: tuple[Piece, ...]) -> str:
        """Pieces one after the other."""
        return "".join(map(self.piece, pieces))
