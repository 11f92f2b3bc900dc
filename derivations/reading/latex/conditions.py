"""Comparisons, what joins them, and sets: the right sides of ∈."""

from __future__ import annotations

from typing import TypeGuard

from derivations.formula.tree import Apply, Formula, Number
from derivations.reading.latex.cursor import Cursor
from derivations.reading.latex.tokens import LAST, WORDS, Token
from derivations.reading.latex.words import COMPARISONS, RELATIONS

MOST_WRITTEN = 100  # members of a set that dots stand for
FIELDS = frozenset(["\\mathbb", "\\mathbf", "\\mathrm"])  # letters for the numbers
DOTS = frozenset(["\\dots", "\\ldots", "\\cdots", "\\vdots", "\\ddots"])
REALS = frozenset(["\\R", "\\Reals", "\\reals"])
LOGIC = {"\\land": "and", "\\wedge": "and", "\\lor": "or", "\\vee": "or"}


class Conditions(Cursor):
    """Reads what is true or false, over the expressions of the grammar."""

    def of_set(self) -> Formula:
        """What may stand behind ∈: an interval, a set, the real vectors or matrices of a size."""
        token = self.next
        if token.text == "[":
            formula = self.expression()
            return Apply("closed", formula.args, formula.span) if _is_pair(formula) else formula
        if token.text == "\\{":
            return self._members(token)
        if length := self._real_numbers():
            self.at += length
            head = "positive_reals" if self._only_positive() else "reals"
            return self.node(head, token.start, *self._sizes())
        return self.expression()

    def _real_numbers(self) -> int:
        """How many tokens the letter for the real numbers takes here: ``\\mathbb{R}``, ``\\R``."""
        written = [t.text for t in self.tokens[self.at : self.at + 4]]
        if written[0] in FIELDS and written[1:] == ["{", "R", "}"]:
            return 4
        if written[0] in FIELDS and written[1:2] == ["R"]:
            return 2
        return 1 if written[0] in REALS else 0

    def _members(self, token: Token) -> Formula:
        """``\\{0, 1\\}``, also ``\\{0, 1\\}^n``: n entries, each one of these."""
        if any(t.text in DOTS for t in self.tokens[self.at :]):
            return self._with_dots(self.take())
        formula = self.expression()
        if not isinstance(formula, Apply) or formula.head not in ("braces", "power"):
            return self.node("braces", token.start, formula)
        if formula.head == "power":
            return self.node("members", token.start, *formula.args)
        return formula

    def _only_positive(self) -> bool:
        """``_{>0}`` or ``_+``."""
        below = [t.text for t in self.tokens[self.at : self.at + 5]]
        for written in (["_", "{", ">", "0", "}"], ["_", "{", "+", "}"], ["_", "+"]):
            if below[: len(written)] == written:
                self.at += len(written)
                return True
        return False

    def _sizes(self) -> tuple[Formula, ...]:
        """``^n`` or ``^{m \\times n}``."""
        if not self.accept("^"):
            return ()
        size = self.whole(self.script(), "the size")
        if isinstance(size, Apply) and size.head == "product":
            return size.args
        return (size,)

    def _with_dots(self, token: Token) -> Formula:
        """``\\{0, 1, \\dots, 7\\}``: every whole number from the first to the last."""
        first = self.expression()
        while self.accept(","):
            if self.next.text in DOTS:
                self.take()
                break
            self.expression()
        self.expect(",", " after dots")
        last = self.expression()
        self.expect("\\}")
        ends = [f.text for f in (first, last) if isinstance(f, Number) and f.text.isdigit()]
        if len(ends) == 2 and int(ends[1]) - int(ends[0]) <= MOST_WRITTEN:
            whole = (Number(str(i)) for i in range(int(ends[0]), int(ends[1]) + 1))
            return self.node("braces", token.start, *whole)
        return self.node("whole_numbers", token.start, first, last)

    def condition(self, power: int = 0) -> Formula:
        self.deeper()
        left = self._comparison()
        while True:
            head = LOGIC.get(self.next.text)
            if self.next.kind == WORDS and self.next.text.strip() in ("and", "or"):
                head = self.next.text.strip()
            if head is None or (head == "or" and power >= 1) or (head == "and" and power >= 2):
                break
            self.take()
            right = self.condition(1 if head == "or" else 2)
            start = left.span[0] if left.span else 0
            if isinstance(left, Apply) and left.head == head and not self.is_closed(left):
                left = self.node(head, start, *left.args, right)
            else:
                left = self.node(head, start, left, right)
        self.depth -= 1
        return left

    def _comparison(self) -> Formula:
        """``0 \\le z \\le 1`` is two comparisons."""
        if self.next.kind == WORDS and self.next.text.strip() == "not":
            start = self.take().start
            return self.node("not", start, self._comparison())
        if self.next.text == "{" and self._braces_hold_relation():
            self.take()
            inside = self.condition()
            self.expect("}")
            return inside
        left = self.expression(5)
        parts: list[Formula] = []
        while (
            sign := COMPARISONS.get(RELATIONS.get(self.next.text, ""))
        ) and self.next.kind != LAST:
            self.take()
            right = self.expression(5)
            parts.append(self.node(sign, left.span[0] if left.span else 0, left, right))
            left = right
        if len(parts) < 2:
            return parts[0] if parts else left
        return self.node("and", parts[0].span[0] if parts[0].span else 0, *parts)

    def _braces_hold_relation(self) -> bool:
        """Whether the braces that begin here are there to keep a comparison on one line."""
        depth = 0
        for token in self.tokens[self.at :]:
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if not depth:
                return False
            if depth == 1 and RELATIONS.get(token.text, "") in COMPARISONS:
                return True
        return False


def _is_pair(formula: Formula) -> TypeGuard[Apply]:
    return isinstance(formula, Apply) and formula.head == "vector" and len(formula.args) == 2
