"""Statements in symbols: what is declared and defined, equations over it, and chains with their laws.

A `Statement` reads formulas over the declared names, knows the shape of each in terms of sizes
(``m x n``), and makes the universe in which the judge tries every line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from derivations.errors import ReadError, nearest
from derivations.formula.expressions import read_expression
from derivations.formula.looks import look
from derivations.formula.printing import Component, Notation
from derivations.formula.tokens import NAME, name_like
from derivations.formula.tree import (
    COMPARISONS,
    RANGES,
    Apply,
    Formula,
    Name,
    apply,
    names,
    rewrite,
    walk,
)
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.functions import FUNCTION_NAMES, Functions, by_table_key
from derivations.kinds.base.symbols import Declared, read_symbol
from derivations.steps.laws import LAWS
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.solution import Symbol, Universe

SIGNS = {"==": "=", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "!=": "≠"}
LEADING = re.compile(r"\s*(<=|>=|!=|≤|≥|≠|=|<|>)\s*")
LEADING_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠"}
CONDITIONS = COMPARISONS | {"and", "or", "not"}
Shape = tuple[str, ...]  # sizes: numbers or names


class Statement:
    """The names of a statement and what is known of them.

    Args:
        symbols: kinds of symbols as they stand in the file, by name.
        define: expressions by name, in order.
        conditions: hypotheses in formulas.
        functions: all functions that may be called.
        own: names of the author's functions.

    Raises:
        FieldError: all mistakes at once.
    """

    def __init__(
        self,
        symbols: Mapping[str, str],
        define: Mapping[str, str],
        conditions: Sequence[str],
        functions: Functions,
        own: Mapping[str, object],
        known: Sequence[str] = (),
    ) -> None:
        self.functions = functions
        self.own = dict(own)
        self.mistakes = Mistakes()
        self.declared: list[Declared] = []
        self.shapes: dict[str, Shape] = dict.fromkeys(known, ())
        self.definitions: dict[str, Formula] = {}
        self._declare(symbols)
        for name, text in define.items():
            self._define(name, text)
        self.conditions = []
        for place, text in enumerate(conditions):
            with self.mistakes.at(("conditions", place), text):
                self.conditions.append(self.condition(text))
        self._check_functions()
        self.mistakes.raise_all()

    def _declare(self, symbols: Mapping[str, str]) -> None:
        sizes: dict[str, Symbol] = {}
        for name, text in symbols.items():
            if not NAME.fullmatch(name):
                self.mistakes.add(
                    ("symbols", name), f"'{name}' is not a name, as W, x_1 or eta{name_like(name)}"
                )
                continue
            if name in self.shapes or name in self.own:
                self.mistakes.add(("symbols", name), f"'{name}' is a name of this problem already")
                continue
            with self.mistakes.at(("symbols", name)):
                entry = read_symbol(name, text, sizes)
                self.declared.append(entry)
                sizes[name] = entry.symbol
                if entry.symbol.domain == ("function",):
                    self.own[name] = entry
                else:
                    self.shapes[name] = entry.symbol.shape

    def _define(self, name: str, text: str) -> None:
        path = ("define", name)
        if not NAME.fullmatch(name):
            self.mistakes.add(path, f"'{name}' is not a name, as W, x_1 or eta{name_like(name)}")
        elif name in self.shapes or name in self.own:
            self.mistakes.add(path, f"'{name}' is declared already")
        else:
            with self.mistakes.at(path, text):
                formula = self.read(text)
                self.definitions[name] = formula
                self.shapes[name] = self.shape(formula)

    def _check_functions(self) -> None:
        """A function of something is one of what is declared or defined."""
        for entry in self.declared:
            kind, *of = entry.symbol.domain
            for name in of if kind == "function" else []:
                if name not in self.shapes:
                    self.mistakes.add(
                        ("symbols", entry.symbol.name),
                        f"'{name}' is not declared{nearest(name, self.shapes)}",
                    )

    @property
    def universe(self) -> Universe:
        """For the judge."""
        symbols = tuple(entry.symbol for entry in self.declared)
        return Universe(symbols, self.definitions, tuple(self.conditions))

    @property
    def arrays(self) -> set[str]:
        """The names of vectors and matrices."""
        return {name for name, shape in self.shapes.items() if shape}

    def notation(self, notation: Notation) -> Notation:
        """The notation of a sheet with what these symbols need."""
        arrays = self.arrays
        components = {n: Component(self._small(n), len(self.shapes[n])) for n in arrays}
        looks = dict(notation.functions)
        return replace(
            notation, bold=notation.bold | arrays, components=components, functions=looks
        )

    def _small(self, name: str) -> str:
        """w for W where entries have a letter of their own, else the name itself."""
        small = name[0].lower() + name[1:]
        letter = len(look(name).base) == 1 and len(self.shapes[name]) < 3
        return small if letter and small not in self.shapes else name

    # ------------------------------------------------------------ reading

    def read(self, text: str) -> Formula:
        """A formula or relation over the declared names.

        Raises:
            ReadError: with the character; an unknown name with the nearest one.
        """
        calls = FUNCTION_NAMES | set(self.own)
        formula = _flat(
            by_table_key(read_expression(text, calls, set(self.shapes), True), self.own)
        )
        bound = {
            name
            for node in walk(formula)
            if isinstance(node, Apply) and node.head in RANGES
            for index in node.args[:-1:3]
            for name in names(index)
        }
        for node in walk(formula):
            if isinstance(node, Apply) and node.head == "D" and not isinstance(node.args[-1], Name):
                raise ReadError(
                    "D(formula, x) differentiates by a name; a derivative by an entry is partial(E, x[i])",
                    node.span[0] if node.span else 0,
                )
        for used in names(formula):
            if used not in self.shapes and used not in bound:
                spans = [n.span for n in walk(formula) if n == Name(used) and n.span]
                raise ReadError(
                    f"'{used}' is not declared{nearest(used, self.shapes)}",
                    spans[0][0] if spans else 0,
                )
        return formula

    def condition(self, text: str) -> Formula:
        """A formula that is true or false.

        Raises:
            ReadError: it is a value.
        """
        formula = self.read(text)
        if not (isinstance(formula, Apply) and formula.head in CONDITIONS):
            raise ReadError("expected a condition, x > 0")
        return formula

    def equation(self, text: str, law: str = "definition") -> Chain:
        """``a = b = c`` as a chain of relations.

        Raises:
            ReadError: it is none.
        """
        found = chain_of(self.read(text), law)
        if found is None:
            raise ReadError("expected an equation, left = right")
        return found

    def continued(self, text: str) -> list[Link]:
        """``= b = c``: relations that go on from the line before.

        Raises:
            ReadError: it cannot be read.
        """
        match = LEADING.match(text)
        assert match
        sign = LEADING_SIGNS.get(match[1], match[1])
        try:
            rest = self.read(text[match.end() :])
        except ReadError as error:
            raise ReadError(error.message, error.position + match.end()) from None
        chain = chain_of(rest, "")
        if chain is None:
            return [Link(sign, Term(rest))]
        return [Link(sign, chain.first), *chain.links]

    # ------------------------------------------------------------ shapes

    def shape(self, formula: Formula) -> Shape:
        """The shape of a formula in sizes, as far as its form tells it; () of a number."""
        if isinstance(formula, Name):
            return self.shapes.get(formula.id, ())
        if not isinstance(formula, Apply):
            return ()
        inner = [self.shape(arg) for arg in formula.args]
        if rule := SHAPES.get(formula.head):
            return rule(formula, inner)
        return next((shape for shape in inner if shape), ())

    def with_shapes(self, formula: Formula) -> Formula:
        """The formula with its shape under every factor that is a vector or matrix."""

        def rule(node: Formula) -> Formula | None:
            if not isinstance(node, Apply):
                shape = self.shape(node)
            elif node.head in ("entry", *RANGES):
                return node
            elif (
                node.head in ("partial", "total", "transpose") or node.head.rstrip("'") in self.own
            ):
                shape = self.shape(node)
            else:
                return None
            return apply("under", node, dims(shape)) if shape else node

        return rewrite(formula, rule)

    def shaped(self, chain: Chain) -> Chain:
        """A chain of matrices with their shapes; another one as it is."""
        sides = [term.formula for term in chain.terms()]
        matrices = ("matmul", "hadamard", "transpose")
        if not any(
            isinstance(n, Apply) and n.head in matrices for side in sides for n in walk(side)
        ):
            return chain
        first, *others = (
            replace(term, formula=self.with_shapes(term.formula)) for term in chain.terms()
        )
        links = [replace(link, term=term) for link, term in zip(chain.links, others, strict=True)]
        return replace(chain, first=first, links=tuple(links))


def _flat(formula: Formula) -> Formula:
    """``A .* B .* C`` and ``A @ B @ C`` as one product of three."""
    if not isinstance(formula, Apply):
        return formula
    args = tuple(map(_flat, formula.args))
    first = args[0] if args else None
    if (
        formula.head in ("hadamard", "matmul")
        and isinstance(first, Apply)
        and first.head == formula.head
    ):
        args = (*first.args, *args[1:])
    return replace(formula, args=args)


def dims(shape: Shape) -> Formula:
    """``m × n``; a vector is a column."""
    sizes = shape if len(shape) > 1 else (*shape, "1")
    return apply("dims", *map(read_expression, sizes))


def chain_of(formula: Formula, law: str) -> Chain | None:
    """``a = b = c`` as a chain of relations."""
    if not isinstance(formula, Apply):
        return None
    parts = formula.args if formula.head == "and" else (formula,)
    links: list[Link] = []
    first: Formula | None = None
    for relation in parts:
        if not isinstance(relation, Apply) or relation.head not in COMPARISONS:
            return None
        left, right = relation.args
        if first is None:
            first = left
        elif links[-1].term.formula != left:
            return None
        links.append(Link(SIGNS[relation.head], Term(right)))
    return None if first is None else Chain(Term(first), tuple(links), law)


def known_law(key: str) -> str:
    """The key of a law.

    Raises:
        ReadError: with the nearest law.
    """
    if key not in LAWS:
        raise ReadError(f"'{key}' is not a law{nearest(key, LAWS)}")
    return key


# ---------------------------------------------------------------- shapes of operations


def _matmul(formula: Apply, inner: list[Shape]) -> Shape:
    arrays = [shape for shape in inner if shape]
    if len(arrays) < 2:
        return arrays[0] if arrays else ()
    rows = arrays[0][0]
    return (rows, arrays[-1][1]) if len(arrays[-1]) == 2 else (() if rows == "1" else (rows,))


def _transpose(formula: Apply, inner: list[Shape]) -> Shape:
    shape = inner[0]
    return ("1", shape[0]) if len(shape) == 1 else shape[::-1]


def _entry(formula: Apply, inner: list[Shape]) -> Shape:
    return inner[0][len(formula.args) - 1 :]


def _derivative(formula: Apply, inner: list[Shape]) -> Shape:
    return () if inner[0] else inner[1]


def _spelled(formula: Apply, inner: list[Shape]) -> Shape:
    sizes = tuple("".join(names(end)) or getattr(end, "text", "1") for end in formula.args[2:-1:3])
    return ("1", *sizes) if formula.head == "row_of" else sizes


def _scalar(formula: Apply, inner: list[Shape]) -> Shape:
    return ()


def _sized(formula: Apply, inner: list[Shape]) -> Shape:
    sizes = tuple("".join(names(arg)) or getattr(arg, "text", "1") for arg in formula.args)
    return sizes if formula.head == "ones" else (*sizes, *sizes)


def _literal(formula: Apply, inner: list[Shape]) -> Shape:
    if formula.head == "vector":
        return (str(len(formula.args)),)
    first = formula.args[0]
    return (str(len(formula.args)), str(len(first.args) if isinstance(first, Apply) else 1))


def _unknown(formula: Apply, inner: list[Shape]) -> Shape:
    return ()


SHAPES: dict[str, Callable[[Apply, list[Shape]], Shape]] = {
    "matmul": _matmul, "transpose": _transpose, "entry": _entry, "partial": _derivative,
    "total": _derivative, "column_of": _spelled, "row_of": _spelled, "matrix_of": _spelled,
    "vector": _literal, "matrix": _literal, "star": _unknown, "star_full": _unknown,
    "convolve": _unknown, "convolve_full": _unknown, "pad": _unknown, "dilate": _unknown,
    "sum_entries": _scalar, "mean": _scalar, "norm": _scalar, "dot": _scalar, "trace": _scalar,
    "kronecker": _scalar, "iverson": _scalar, "argmax": _scalar, "ones": _sized,
    "identity_matrix": _sized, "diag": lambda formula, inner: (*inner[0], *inner[0]),
    "bigsum": lambda formula, inner: inner[-1], "bigproduct": lambda formula, inner: inner[-1],
    "under": lambda formula, inner: inner[0],
    "power": lambda formula, inner: () if getattr(formula.args[0], "head", "") == "norm" else inner[0],
}  # fmt: skip
