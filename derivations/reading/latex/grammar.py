"""One formula out of its tokens, by precedence.

Binding powers: or 1, and 2, comparison 4, sum 10, minus 19, product 20, after a product sign 25.
What the page does not show - braces, frames - never groups: where it would matter, it is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from derivations.errors import nearest
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.arrays import joined, transposed
from derivations.reading.latex.conditions import DOTS, Conditions
from derivations.reading.latex.derivatives import derivative_inline
from derivations.reading.latex.environments import array_cases, environment
from derivations.reading.latex.functions import call_elementary, elementary, named
from derivations.reading.latex.moves import move
from derivations.reading.latex.names import begins_name, indices, is_transpose, label
from derivations.reading.latex.notations import at_place, indicator, moment
from derivations.reading.latex.numbers import (
    all_ones,
    begins_ones,
    is_all_ones,
    is_bold_number,
    number,
    thousands,
)
from derivations.reading.latex.operands import (
    CONDITIONS,
    HIDDEN,
    OPERANDS,
    invisible,
)
from derivations.reading.latex.powers import raised
from derivations.reading.latex.tokens import (
    BEGIN,
    COMMA,
    COMMAND,
    LAST,
    LETTER,
    NUMBER,
    RUN,
    WORD,
    WORDS,
    Token,
)
from derivations.reading.latex.units import is_unit, unit
from derivations.reading.latex.words import (
    ACCENTS,
    BOLD,
    FONTS,
    GREEK_COMMANDS,
    RELATIONS,
)

SUM, MINUS, PRODUCT, FACTOR = 10, 19, 20, 25
PRODUCT_SIGNS = {
    "\\cdot": "\\cdot", "\\times": "\\times", "*": "*", "\\ast": "\\ast", "/": "/", "\\div": "/",
    "\\odot": "hadamard", "\\circ": "hadamard", "\\star": "star",
}  # fmt: skip
STARS = {
    "star": {"full": "star_full", "valid": "star"},
    "*": {"full": "convolve_full", "valid": "convolve"},
}
LOOSE = frozenset(
    [
        "sum",
        "neg",
        "product",
        "matmul",
        "hadamard",
        "dot",
        "star",
        "star_full",
        "convolve",
        "quotient",
    ]
)


COMMANDS = sorted(
    {*GREEK_COMMANDS, *ACCENTS, *FONTS, *(name[1:] for name in OPERANDS if name[1:].isalpha())}
)

INDEX_LETTERS = frozenset("abcijklmnpqrstuv")


class Grammar(Conditions):
    """Reads expressions and conditions."""

    def expression(self, power: int = 0) -> Formula:
        self.deeper()
        left = self.operand(power)
        while (further := self.infix(left, power)) is not None:
            left = further
        self.depth -= 1
        return left

    def argument(self) -> Formula:
        if self.next.text == "{":
            return self.whole(self.script(), "the braces")
        if self.next.kind == NUMBER and len(self.next.text) > 1:
            self.script()  # says what is wrong
        self.deeper()
        formula = self.operand(100)
        self.depth -= 1
        return formula

    # ------------------------------------------------------------ operands

    def operand(self, power: int) -> Formula:
        token = self.next
        if token.kind == NUMBER:
            return indicator(self) or (all_ones(self) if is_all_ones(self) else number(self))
        head = elementary(self)
        if head is not None:
            return call_elementary(self, head)
        if token.text == "d" and token.kind in (LETTER, WORD) and (found := self.total()):
            return found
        if (found := move(self)) is not None:
            return found
        rule = OPERANDS.get(token.text)
        if rule is not None and not (token.text == "\\pi" and self._is_name_of_pi()):
            return self.special(token, power)
        if token.text[1:] in FONTS and token.kind == COMMAND and is_bold_number(self):
            return self.special(token, power)
        if token.text[1:] in BOLD and token.kind == COMMAND and is_all_ones(self):
            return all_ones(self)
        if (found := indicator(self) or moment(self)) is not None:
            return found
        if begins_name(token):
            return named(self)
        if token.text in ("-", "+") and token.kind != LAST:
            return self.signed(power)
        if token.kind == BEGIN:
            return environment(self, self.take())
        if token.kind == COMMA:
            return thousands(self)
        if token.kind == WORDS:
            return self.words()
        raise self.refused()

    def _is_name_of_pi(self) -> bool:
        """π₁ is a weight, π the number, if nobody says otherwise."""
        return self._declared("pi") or self.tokens[self.at + 1].text == "_"

    def _declared(self, name: str) -> bool:
        return self.symbols.get(name) is not None

    def special(self, token: Token, power: int) -> Formula:
        self.take()
        if token.text == "\\{" and (found := array_cases(self, token)) is not None:
            return found
        formula = OPERANDS.get(token.text, invisible)(self, token)
        if token.text in HIDDEN and not self.is_closed(formula):
            self._must_not_group(token, formula, power)
        return formula

    def _must_not_group(self, token: Token, formula: Formula, power: int) -> None:
        """What stands in braces alone reads the same without them, or it is refused."""
        if not isinstance(formula, Apply):
            return
        raised = self.next.text in ("^", "'") and self.next.kind != LAST
        atomic = formula.head not in LOOSE | CONDITIONS | {
            "power",
            "exp",
            "bigsum",
            "bigproduct",
            "transpose",
        }
        sums = formula.head in ("sum", "neg", "bigsum", "bigproduct")
        after_minus = self.at > 1 and self.tokens[self.at - 1].text == "-"
        tight = power >= MINUS and not (formula.head == "neg" and power >= FACTOR)
        follows = sums and formula.head != "neg" and self._factor_follows()
        if (
            (raised and not atomic)
            or (sums and (tight or follows or after_minus))
            or (formula.head == "sum" and power > SUM)
        ):
            raise self.error("braces are not printed; round brackets are missing here", token.start)

    def _factor_follows(self) -> bool:
        return self.next.text in PRODUCT_SIGNS or self.begins_factor()

    def signed(self, power: int) -> Formula:
        token = self.take()
        inside = self.expression(FACTOR if power >= PRODUCT else MINUS)
        return inside if token.text == "+" else self.node("neg", token.start, inside)

    def total(self) -> Formula | None:
        """``dL/dw`` in a line, where d is no quantity."""
        if "d" in self.symbols.words:
            return None
        at = self.at + 1
        slash = next(
            (i for i in range(at, min(at + 16, len(self.tokens))) if self.tokens[i].text == "/"), 0
        )
        if (
            not slash
            or slash == at
            or self.tokens[slash + 1].text != "d"
            or not begins_name(self.tokens[at])
        ):
            return None
        if slash + 2 >= len(self.tokens) or not begins_name(self.tokens[slash + 2]):
            return None
        between = self.tokens[at:slash]
        if any(t.text in ("+", "-", "(", ")", "\\cdot", "=", "*") for t in between):
            return None
        return derivative_inline(self, self.take(), "total")

    def words(self) -> Formula:
        """Words where a quantity is expected are its name."""
        token = self.take()
        if re.fullmatch(r"[0-9]{1,30}(\.[0-9]{1,30})?", token.text):
            return Number(token.text, (token.start, token.end))
        plain = re.sub(r"[^A-Za-z]", "", token.text)
        if not plain or "\\" in token.text or len(plain) > 60:
            raise self.error(
                f"words where a quantity is expected: '{token.text[:40]}'", token.start
            )
        self.at -= 1
        self.tokens[self.at] = Token(WORD, plain, token.start, token.end)
        return self.operand(0)

    def refused(self) -> Exception:
        token = self.next
        if token.text in DOTS:
            return self.error("dots stand for something that is not written")
        if (
            token.kind == COMMAND
            and token.text not in RELATIONS
            and token.text not in PRODUCT_SIGNS
        ):
            return self.error(
                f"'{token.text}' has no meaning in a formula here{nearest(token.text[1:], COMMANDS)}"
            )
        return self.unexpected("a number, a name or '('")

    # ------------------------------------------------------------ operators

    def infix(self, left: Formula, power: int) -> Formula | None:
        """The formula that goes on with an operator binding tighter than ``power``, or None."""
        token = self.next
        text = token.text
        if token.kind == LAST:
            return None
        if text in ("^", "'"):
            return self.raise_(left)
        if power < PRODUCT and (placed := at_place(self, left)) is not None:
            return placed
        called = isinstance(left, Apply) and left.head == "softmax" and self.before.text == ")"
        if text == "_" and (called or self.is_closed(left)):
            return self.entry_of(left)
        if text in ("+", "-"):
            return self.add(left, token) if power < SUM else None
        if text in PRODUCT_SIGNS:
            return self.multiply(left, token) if power < PRODUCT else None
        if power < PRODUCT:
            return self.juxtaposed(left, token)
        return None

    def add(self, left: Formula, token: Token) -> Formula:
        self.take()
        if token.text == "-":
            start = token.start
            right: Formula = self.expression(SUM + 1)
            right = Apply("neg", (right,), (start, self.before.end))
        else:
            right = self.expression(SUM)
        start = left.span[0] if left.span else token.start
        if isinstance(left, Apply) and left.head == "sum" and not self.is_closed(left):
            return self.node("sum", start, *left.args, right)
        return self.node("sum", start, left, right)

    def multiply(self, left: Formula, token: Token) -> Formula:
        self.take()
        head = PRODUCT_SIGNS[token.text]
        if head in STARS and self.accept("_"):
            head = self.star(token, STARS[head])
        right = self.expression(PRODUCT)
        if head == "/":
            if self.begins_factor() and not self._plain_fraction(left, right):
                raise self.error("a product after '/' can be read in two ways; put it in brackets")
            start = left.span[0] if left.span else token.start
            return self.node("quotient", start, left, right)
        return joined(self, left, right, head, token)

    def star(self, token: Token, heads: Mapping[str, str]) -> str:
        """``\\star_{full}``: the kernel meets every pixel; ``valid`` is meant without words."""
        words = label(self.script()) or ""
        if words not in heads:
            raise self.error(
                f"found '{words}' below {token.text}, expected full or valid", token.start
            )
        return heads[words]

    def _plain_fraction(self, left: Formula, right: Formula) -> bool:
        """``1/2 (y - t)^2``: two numbers, and a space behind them."""
        numbers = isinstance(left, Number) and isinstance(right, Number)
        return numbers and self.next.start > self.before.end

    def begins_factor(self) -> bool:
        """Whether what comes next multiplies what stands before it, without a sign."""
        token = self.next
        if token.kind in (LETTER, WORD, RUN, BEGIN, NUMBER, COMMA):
            return True
        if token.text in ("|", "\\|"):
            return not self.bars
        if token.kind in (COMMAND, "sign") and token.text in OPERANDS:
            return True
        return begins_name(token) or elementary(self) is not None

    def juxtaposed(self, left: Formula, token: Token) -> Formula | None:
        """A product without a sign: ``2x``, ``y(1-y)``, ``W^T x``."""
        if is_unit(self, left, token):
            return unit(self, left, token)
        if not self.begins_factor():
            return None
        decimal = "." in token.text and self.before.text == ")"  # (t - o)(1 - 0.69) 0.69
        if token.kind == NUMBER and not (self.is_closed(left) or decimal or begins_ones(self)):
            raise self.error(f"found '{token.text}' after a complete term; a sign is missing")
        if token.text == "|" and sum(t.text == "|" for t in self.tokens) > 2:
            raise self.error(
                "which of these bars belong together is not clear; write \\left| \\right|"
            )
        if token.text in HIDDEN and self.tokens[self.at + 1].text in ("-", "+"):
            raise self.error("braces are not printed; round brackets are missing here")
        self._mixed(left, token)
        right = self.expression(PRODUCT)
        return joined(self, left, right, "", token)

    def _mixed(self, left: Formula, token: Token) -> None:
        """``2\\frac{1}{2}`` is two and a half, or one."""
        tokens, at = self.tokens, self.at
        if not isinstance(left, Number) or not left.text.isdigit() or "frac" not in token.text:
            return
        texts = [t.text for t in tokens[at + 1 : at + 7]]
        plain = (
            len(texts) == 6
            and texts[0] == texts[3] == "{"
            and texts[1].isdigit()
            and texts[4].isdigit()
        )
        if plain or (texts and texts[0].isdigit()):
            raise self.error("a mixed number or a product? write \\cdot or a + between them")

    def entry_of(self, left: Formula) -> Formula:
        """``(W x)_i``, ``(A^T)_{ij}``: an entry of what stands in brackets."""
        self.take()
        tokens = self.script()
        together = "".join(token.text for token in tokens)
        places: list[Formula]
        if set(together) <= INDEX_LETTERS:
            places = [Name(letter) for letter in together]
        elif len(together) == 1 and together.isdigit():
            places = [Number(together)]
        else:
            places = indices(self, tokens)
        start = left.span[0] if left.span else 0
        formula = self.node("entry", start, left, *places)
        self.closed[id(formula)] = formula
        return formula

    def raise_(self, left: Formula) -> Formula:
        """An exponent, or a transpose, behind brackets, a number or a call."""
        token = self.take()
        if token.text == "'":
            if self.is_closed(left):
                return transposed(self, left, token)
            raise self.error("a prime on what is no name", token.start)
        exponent = self.script()
        if len(exponent) == 1 and is_transpose(self, exponent[0]):
            return transposed(self, left, token)
        if len(exponent) == 1 and exponent[0].text in ("*", "\\ast", "+", "-", "\\prime"):
            raise self.error(f"'{exponent[0].text}' on what is no name", token.start)
        if exponent and exponent[0].text in ("(", "[") and exponent[-1].text in (")", "]"):
            raise self.error("a label on what is no name", token.start)
        if not self._may_be_raised(left):
            raise self.error("an exponent on what is not in brackets", token.start)
        if not exponent:
            raise self.error("an empty exponent", token.start)
        return raised(self, left, exponent)

    def _may_be_raised(self, left: Formula) -> bool:
        if self.is_closed(left):
            return True
        if isinstance(left, (Number, Name)):
            return "e" not in getattr(left, "text", "")
        return left.head not in LOOSE | {
            "power",
            "exp",
            "partial",
            "total",
            "bigsum",
            "bigproduct",
            "transpose",
        }
