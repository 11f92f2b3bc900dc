"""The expression grammar of tables and problem files: ``1/2 (y - t)^2``, ``max(0, z)``, ``W @ x + b``.

A Pratt parser over the tokens of `tokens`. Nothing is evaluated while reading, and bounds on length
and depth are checked before anything is built, so a hostile text costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from derivations.errors import ReadError, nearest
from derivations.formula.evaluation import PRIMITIVES, SPECIAL
from derivations.formula.numerals import NumeralError, exact
from derivations.formula.tokens import Token, tokens
from derivations.formula.tree import (
    COMPARISONS,
    Apply,
    Formula,
    Name,
    Number,
    children,
    key,
    walk,
)

MAX_DEPTH = 60

# What only statements of theorems are written with: derivatives, arrays by their entries, convolutions.
STATEMENT = frozenset({
    "partial", "total", "D", "column_of", "row_of", "matrix_of", "star", "star_full", "convolve",
    "convolve_full", "rot180", "pad", "dilate", "diag", "trace", "det", "identity_matrix", "identity_like", "kronecker", "softmax_rows", "under",
    "ones", "dims", "prod",
})  # fmt: skip
RANGED = {
    "sum": "bigsum", "prod": "bigproduct", "column_of": "column_of", "row_of": "row_of",
    "matrix_of": "matrix_of",
}  # fmt: skip

FUNCTIONS = frozenset(head for head in PRIMITIVES if head.isidentifier()) - {
    "sum", "neg", "product", "quotient", "group", "matmul", "hadamard", "vector", "row",
    "matrix", "tuple", "dims", "and", "or", "not", "otherwise", "sum_entries",
    "pi", "euler", "ones", "detach", "as_column", *STATEMENT,
} | {"cases"}  # fmt: skip

# Words that a formula has a meaning for already, so nobody's own function may be called so.
RESERVED = frozenset(head for head in {*PRIMITIVES, *SPECIAL} if head.isidentifier()) | {
    "braces", "closed", "closed_open", "infinity", "open_closed",
}  # fmt: skip

CONDITIONS = COMPARISONS | {"and", "or", "not", "otherwise"}
CONSTANTS = {"pi": "pi", "e": "euler"}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class _Parser:
    """Reads one expression; binding powers: or 1, and 2, not 3, comparison 4, + 10, * 20, - 25, ^ 30."""

    INFIX: ClassVar[dict[str, tuple[int, str]]] = {
        "or": (1, "or"), "and": (2, "and"), "+": (10, "sum"), "-": (10, "sum"),
        "*": (20, "product"), "/": (20, "quotient"), "@": (20, "matmul"), ".*": (20, "hadamard"),
    }  # fmt: skip

    def __init__(
        self,
        source: str,
        functions: Collection[str] | None,
        names: Collection[str],
        statement: bool = False,
    ) -> None:
        self.tokens = list(tokens(source))
        self.any_function = functions is None
        self.functions = FUNCTIONS | (set(functions or ()) - RESERVED)
        if statement:
            self.functions |= STATEMENT - set(names)
        self.names = names
        self.at = 0
        self.depth = 0
        self.closed: set[int] = set()  # ids of the formulas that stand in brackets of their own

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self, text: str | None = None) -> Token:
        token = self.next
        if text is not None and token.text != text:
            raise self.unexpected(f"'{text}'")
        self.at += 1
        return token

    def unexpected(self, expected: str) -> ReadError:
        token = self.next
        found = f"'{token.text}'" if token.kind != "end" else "the end"
        return ReadError(f"found {found}, expected {expected}", token.start)

    def expression(self, power: int = 0) -> Formula:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ReadError(f"nested deeper than {MAX_DEPTH}", self.next.start)
        left = self.operand(power)
        while (step := self.infix(left, power)) is not None:
            left = step
        self.depth -= 1
        return left

    # ------------------------------------------------------------ operands

    def operand(self, power: int) -> Formula:
        token = self.next
        if token.kind == "number":
            return self.number(token, token.text)
        if token.kind == "name":
            return self.named()
        if token.text == "(":
            self.at += 1
            inside = self.expression()
            if self.next.text == ",":
                raise ReadError(
                    "found ',' inside brackets; a decimal point is written as a point, 0.5",
                    self.next.start,
                )
            self.take(")")
            self.closed.add(id(inside))
            return inside
        if token.text == "[":
            return self.bracketed()
        if token.text in ("-", "+"):
            self.at += 1
            inside = self.expression(25 if power >= 20 else 19)  # -a b is -(a b)
            if token.text == "+":
                return inside
            return Apply("neg", (inside,), (token.start, self.tokens[self.at - 1].end))
        raise self.unexpected("a number, a name or '('")

    def number(self, token: Token, digits: str) -> Formula:
        self.at += 1
        try:
            exact(digits)
        except NumeralError as error:
            raise ReadError(f"found {digits[:20]}, expected {error}", token.start) from None
        return Number(digits, (token.start, token.end))

    def named(self) -> Formula:
        token = self.take()
        if token.text == "not":
            return self.node("not", token, self.expression(3))
        if token.text == "otherwise":
            return self.node("otherwise", token)
        opens = self.next.text == "(" and not self.next.spaced
        base = token.text.rstrip("'")
        known = base in self.functions or base == "sum"
        free = self.any_function and base not in RESERVED
        if opens and (known or (free and (len(base) > 1 or base != token.text))):
            return self.call(token)
        if base != token.text:
            raise ReadError(
                f"'{base}' is not a known function{nearest(base, self.functions)}", token.start
            )
        if opens and token.text not in self.names and len(token.text) > 1:
            raise ReadError(
                f"'{token.text}' is not a known function{nearest(token.text, self.functions)}",
                token.start,
            )
        if token.text in CONSTANTS and token.text not in self.names:
            return self.node(CONSTANTS[token.text], token)
        if token.text in self.functions and token.text not in self.names:
            raise ReadError(f"'{token.text}' is a function; write {token.text}(...)", token.start)
        return Name(token.text, (token.start, token.end))

    def call(self, token: Token) -> Formula:
        self.take("(")
        args = [self.expression()]
        ranges: list[Formula] = []
        while self.next.text == ",":
            self.at += 1
            args.append(self.expression())
            if self.next.text == "..":
                ranges += self.range_of(token, args.pop())
        self.take(")")
        if ranges:
            return self.ranged(token, args, ranges)
        if token.text in RANGED and token.text != "sum":
            raise ReadError(self.as_ranged(token), token.start)
        if token.text == "cases" and len(args) % 2:
            args.append(Apply("otherwise", ()))
        self.check_arguments(token, args)
        return self.node("sum_entries" if token.text == "sum" else token.text, token, *args)

    def check_arguments(self, token: Token, args: list[Formula]) -> None:
        """Conditions stand where conditions are expected; a derivative is of one thing by another."""
        if token.text in ("partial", "total") and len(args) != 2:
            raise ReadError(f"a derivative is written {token.text}(L, w)", token.start)
        conditions = {"cases": args[1::2], "iverson": args}.get(token.text, [])
        for arg in conditions:
            if not (isinstance(arg, Apply) and arg.head in CONDITIONS):
                written = {
                    "cases": "cases(value, condition, value otherwise), as in cases(z, z > 0, 0)",
                    "iverson": "iverson(condition), as in iverson(z > 0)",
                }[token.text]
                place = token.start if arg.span is None else arg.span[0]
                raise ReadError(f"found no condition here, expected {written}", place)
        if token.text != "iverson":
            self.check_numbers(token, args[::2] if token.text == "cases" else args)

    @staticmethod
    def check_numbers(token: Token, parts: list[Formula]) -> None:
        """No condition stands where a number is expected."""
        for part in parts:
            if isinstance(part, Apply) and part.head in CONDITIONS:
                place = token.start if part.span is None else part.span[0]
                raise ReadError("found a condition, expected a number; see iverson(z > 0)", place)

    def range_of(self, token: Token, bound: Formula) -> tuple[Formula, Formula, Formula]:
        """``i = 1..n``, of which ``i = 1`` was read."""
        self.take("..")
        upper = self.expression()
        if not (
            isinstance(bound, Apply) and bound.head == "==" and isinstance(bound.args[0], Name)
        ):
            raise ReadError(self.as_ranged(token), token.start)
        return bound.args[0], bound.args[1], upper

    def ranged(self, token: Token, args: list[Formula], ranges: list[Formula]) -> Formula:
        """``sum(w_i x_i, i = 1..n)``; a matrix runs over two indices."""
        indices = 2 if token.text == "matrix_of" else 1
        if token.text not in RANGED or len(args) != 1 or len(ranges) != 3 * indices:
            raise ReadError(self.as_ranged(token), token.start)
        inner = [n for n in walk(args[0]) if isinstance(n, Apply) and n.head in RANGED.values()]
        for index in ranges[::3]:
            if any(index in node.args[:-1:3] for node in inner):
                raise ReadError(f"an inner sum runs over '{key(index)}', too", token.start)
        self.check_arguments(token, args)
        return self.node(RANGED[token.text], token, *ranges, args[0])

    @staticmethod
    def as_ranged(token: Token) -> str:
        if token.text == "matrix_of":
            return "a matrix by its entries is written matrix_of(w[i,j], i = 1..m, j = 1..n)"
        word = token.text if token.text in RANGED else "sum"
        return f"a sum over an index is written {word}(term, i = 1..n)"

    def bracketed(self) -> Formula:
        token = self.take("[")
        parts = [self.expression()]
        while self.next.text == ",":
            self.at += 1
            parts.append(self.expression())
        self.take("]")
        self.check_numbers(token, parts)
        if all(isinstance(part, Apply) and part.head == "vector" for part in parts):
            rows = [Apply("row", part.args) for part in parts if isinstance(part, Apply)]
            if len({len(row.args) for row in rows}) > 1:
                raise ReadError("the rows of a matrix have one length", token.start)
            return self.node("matrix", token, *rows)
        return self.node("vector", token, *parts)

    # ------------------------------------------------------------ operators

    def infix(self, left: Formula, power: int) -> Formula | None:
        """The formula that goes on with an operator binding tighter than ``power``, or None."""
        token = self.next
        if token.text in COMPARISONS and token.kind == "sign":
            return self.comparison(left) if power < 4 else None
        if token.text == "^":
            return self.raised(left)
        if token.kind == "sign" and (raised := token.text.translate(SUPERSCRIPTS)).isdigit():
            return self.power(token, left, self.number(token, raised))
        if token.text == "[" and not token.spaced and self.has_entries(left):
            return self.indexed(left)
        if token.text == ".T":
            self.at += 1
            return self.node("transpose", token, left)
        if token.text in self.INFIX and (token.kind == "sign" or token.text in ("and", "or")):
            binding, head = self.INFIX[token.text]
            if binding <= power:
                return None
            self.at += 1
            right = self.expression(binding)
            if token.text == "-":
                right = Apply("neg", (right,), (token.start, self.tokens[self.at - 1].end))
            return self.joined(head, left, right)
        return self.implicit(left, power)

    def has_entries(self, left: Formula) -> bool:
        """A name, a call, or what stands in brackets."""
        if isinstance(left, Name) or id(left) in self.closed:
            return True
        return isinstance(left, Apply) and left.head in self.functions | {"transpose", "entry"}

    def indexed(self, left: Formula) -> Formula:
        """``x[1]`` and ``W[2, 1]``: an entry, counted from 1."""
        token = self.take("[")
        indices = [self.expression()]
        while self.next.text == ",":
            self.at += 1
            indices.append(self.expression())
        self.take("]")
        return self.node("entry", token, left, *indices)

    def joined(self, head: str, left: Formula, right: Formula) -> Formula:
        """``a + b + c`` is one sum; what stood in brackets stays a formula of its own."""
        span = self.span(left, right)
        if head in ("sum", "product", "and", "or") and isinstance(left, Apply):
            if left.head == head and id(left) not in self.closed:
                return Apply(head, (*left.args, right), span)
        return Apply(head, (left, right), span)

    def comparison(self, left: Formula) -> Formula:
        """``0 <= z <= 1`` is the two comparisons joined by and."""
        parts: list[Formula] = []
        while self.next.text in COMPARISONS:
            token = self.take()
            right = self.expression(4)
            parts.append(Apply(token.text, (left, right), self.span(left, right)))
            left = right
        if len(parts) == 1:
            return parts[0]
        return Apply("and", tuple(parts), self.span(parts[0], parts[-1]))

    def raised(self, left: Formula) -> Formula:
        token = self.take("^")
        if self.next.text == "T" and "T" not in self.names:
            self.at += 1
            return self.node("transpose", token, left)
        exponent = self.expression(24)  # right to left, and 2^-3 is allowed
        return self.power(token, left, exponent)

    def power(self, token: Token, left: Formula, exponent: Formula) -> Formula:
        if isinstance(left, Apply) and left.head == "euler":
            return self.node("exp", token, exponent)
        return self.node("power", token, left, exponent)

    def implicit(self, left: Formula, power: int) -> Formula | None:
        """A product without a sign: ``2 x``, ``a (1 - a)``, ``1/2 (y - t)``."""
        token = self.next
        word = token.kind == "name" and token.text not in ("and", "or", "otherwise")
        if not (word or token.text == "(" or token.kind == "number"):
            return None
        if token.kind == "number":
            raise ReadError(
                f"found {token.text} after a complete term; a sign is missing", token.start
            )
        if power >= 20:
            if power == 20 and not token.spaced and self.tokens[self.at - 2].text == "/":
                raise ReadError(
                    "a product after '/' can be read in two ways; write a/(b c) or (a/b) c",
                    token.start,
                )
            return None
        return self.joined("product", left, self.expression(20))

    # ------------------------------------------------------------ spans

    def node(self, head: str, token: Token, *args: Formula) -> Apply:
        spans = [arg.span[0] for arg in args if arg.span]
        return Apply(head, args, (min([token.start, *spans]), self.tokens[self.at - 1].end))

    def span(self, left: Formula, right: Formula) -> tuple[int, int]:
        start = left.span[0] if left.span else 0
        return (start, self.tokens[self.at - 1].end)


def read_expression(
    source: str,
    functions: Collection[str] | None = (),
    names: Collection[str] = (),
    statement: bool = False,
) -> Formula:
    """Read an expression or a condition.

    Args:
        source: the text.
        functions: names of functions besides the elementary ones (activations, for instance);
            None takes any word before a bracket for a function.
        names: names that are declared; one of them before a bracket is a factor, not a function.
        statement: whether derivatives, arrays by their entries and convolutions may stand in it.

    Raises:
        ReadError: with the character at which reading stopped.
    """
    parser = _Parser(source, functions, frozenset(names), statement)
    if parser.next.kind == "end":
        raise ReadError("the expression is empty")
    formula = parser.expression()
    if parser.next.kind != "end":
        raise parser.unexpected("an operator or the end")
    _check_depth(formula)
    return formula


def _check_depth(formula: Formula) -> None:
    """``1/1/1/...`` nests from the left without a bracket; it is bounded like brackets are."""
    level: list[Formula] = [formula]
    for _ in range(MAX_DEPTH):
        level = [arg for node in level for arg in children(node)]
        if not level:
            return
    raise ReadError(f"nested deeper than {MAX_DEPTH}", min(n.span[0] for n in level if n.span))
