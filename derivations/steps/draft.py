"""Building a derivation: quantities in order, and the lines that work each of them out.

A line goes from names to numbers to the result, as a person writes it:
``z = w_1 x_1 + b = 0.2 · 0.5 + 0.5 = 0.1 + 0.5 = 0.6``. What is computed between the numbers
and the result is a quantity of its own (its key starts with ~), so it is rounded, carried and
judged like any other. Nothing here depends on the values: one draft serves every variant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias

from derivations.errors import NameTaken
from derivations.formula.evaluation import Function, Value, evaluate
from derivations.formula.printing import AUXILIARY
from derivations.formula.shapes import Shape, infer
from derivations.formula.tree import (
    COMPARISONS,
    Apply,
    Formula,
    Name,
    Number,
    is_quantity,
    key,
    names,
    rewrite,
    substitute,
    walk,
)
from derivations.steps.relations import Chain, Link, Term
from derivations.steps.rounding import DEFAULT, Rounding
from derivations.steps.solution import Quantity

Detail: TypeAlias = Literal["brief", "standard", "full"]
CONDITIONS = COMPARISONS | {"and", "or", "not", "otherwise"}
ARITHMETIC = frozenset({"sum", "neg", "product", "quotient", "power", "group", "dot"})


class Draft:
    """The quantities of a derivation in the making.

    Args:
        functions: what the formulas call, besides the elementary functions.
        rounding: of the problem; a boxed result with digits of its own is a further link.
        detail: how much of a line is shown.
    """

    def __init__(
        self,
        functions: Mapping[str, Function] | None = None,
        rounding: Rounding = DEFAULT,
        detail: Detail = "standard",
    ) -> None:
        self.functions = dict(functions or {})
        self.rounding = rounding
        self.detail = detail
        self.quantities: dict[str, Quantity] = {}
        self.inside: dict[Formula, str] = {}
        self.written_out: set[str] = set()  # functions whose definition stands in a line already

    # ------------------------------------------------------------ quantities

    def given(self, name: str, shape: Shape = ()) -> Name:
        """A value that the problem gives."""
        self._is_free(name)
        self.quantities[name] = Quantity(name, None, shape, "given")
        return Name(name)

    def define(
        self,
        name: Formula | str,
        formula: Formula,
        role: str = "defined",
        shape: Shape | None = None,
        labels: Mapping[str, str] | None = None,
        digits: Rounding | None = None,
    ) -> Formula:
        """A quantity over earlier ones; ``role`` is ``derived`` for a claim that must be judged."""
        of = Name(name) if isinstance(name, str) else name
        self._is_free(key(of))
        if shape is None:
            shape = infer(formula, self.shapes())
        self.quantities[key(of)] = Quantity(key(of), formula, shape, role, labels, digits)
        return of

    def _is_free(self, name: str) -> None:
        """An earlier quantity is never replaced: what was made of it would change silently."""
        if name in self.quantities:
            raise NameTaken(name)

    def shapes(self) -> dict[str, Shape]:
        """The shape of every quantity so far."""
        return {name: quantity.shape for name, quantity in self.quantities.items()}

    def answer(self, of: Formula) -> Term:
        """The boxed result, with the digits of an answer where those are others."""
        if self.rounding.answers is None:
            return Term(of, numbers=True, boxed=True)
        name = f"{AUXILIARY}answer:{key(of)}"
        quantity = self.quantities[key(of)]
        self.quantities[name] = Quantity(
            name, of, quantity.shape, "answer", quantity.labels, quantity.digits
        )
        return Term(Name(name), numbers=True, boxed=True)

    # ------------------------------------------------------------ lines

    def line(
        self,
        of: Formula,
        *before: Formula,
        worked: Formula | None = None,
        left: Formula | None = None,
        named: bool = True,
        boxed: bool = False,
        law: str = "definition",
        relation: str = "=",
        detail: Detail | None = None,
        note: str = "",
        when: Formula | None = None,
        rounds: Collection[int] | None = None,
    ) -> Chain:
        """The line that works out a quantity.

        Args:
            of: the quantity; its formula is the one under which it was defined.
            before: other forms of the formula, in names, that come first (``σ(z)``, or a chain
                rule before what its factors are).
            worked: another form of the formula that is worked out in its place:
                ``1/(1 + e^{-z})`` for σ(z).
            left: what stands first, where it is not the quantity's name: ``w · x``.
            named: show the form that is worked out in names, too.
            boxed: end with the boxed answer.
            relation: the first sign, ``=`` or ``←``.
            when: the condition under which the line is claimed.
            rounds: which rounds of computing are shown in full detail, from 0; all if left out.
        """
        name = key(of)
        quantity = self.quantities[name]
        formula = worked or quantity.formula
        if formula is None:
            raise ValueError(f"{name} is given")
        links: list[Link] = []

        def go_on(term: Term, new: tuple[str, ...] = (), sign: str = "=") -> None:
            if not links or not self._looks_same(links[-1].term, term):
                links.append(Link(sign if links or sign == "auto" else relation, term, new))

        for form in (*before, formula) if named else before:
            go_on(Term(form))
        if self._valued(formula) and not is_quantity(formula):
            go_on(Term(formula, numbers=True))
        inside: tuple[str, ...] = ()  # what stands rounded in front of the result
        for stage, new in self._stages(formula, detail or self.detail, rounds):
            go_on(Term(stage, numbers=True), new, "auto")
            inside = tuple(part for part in names(stage) if part.startswith(AUXILIARY))
        if not isinstance(formula, Number):
            go_on(Term(of, numbers=True), (*inside, name), "auto")
        if boxed:
            result = self.answer(of)
            if result.formula == of:
                last = links.pop()
                links.append(
                    Link(last.relation, Term(last.term.formula, last.term.numbers, True), last.new)
                )
            else:
                links.append(Link("auto", result, (key(result.formula),)))
        return Chain(Term(left or of), tuple(links), law, note, when)

    def _looks_same(self, left: Term, right: Term) -> bool:
        if left.formula != right.formula:
            return False
        return left.numbers == right.numbers or not self._valued(left.formula)

    def _valued(self, formula: Formula) -> bool:
        return any(is_quantity(node) and key(node) in self.quantities for node in walk(formula))

    def has_arrays(self, formula: Formula) -> bool:
        """Whether a vector or matrix stands in the formula."""
        return any(n in self.quantities and self.quantities[n].shape for n in names(formula))

    # ------------------------------------------------------------ what stands between

    def _stages(
        self, formula: Formula, detail: Detail, chosen: Collection[int] | None
    ) -> list[tuple[Formula, tuple[str, ...]]]:
        """The formula with more and more of its inside worked out, and the values new in each."""
        arithmetic = all(
            not isinstance(node, Apply) or node.head in ARITHMETIC or is_quantity(node)
            for node in walk(formula)
        )
        if (
            detail == "brief"
            or self.has_arrays(formula)
            or (detail == "standard" and not (arithmetic and self._as_printed(formula)))
        ):
            return []
        rounds, parts = _rounds(formula)
        if chosen is not None:
            rounds = [stage for place, stage in enumerate(rounds) if place in chosen]
        return self._kept(rounds if detail == "full" else rounds[-1:], parts)

    def _as_printed(self, formula: Formula) -> bool:
        """Whether a reader gets the values inside the line from the numbers that are printed."""
        return self.rounding.carry == "rounded" or all(
            self.quantities[key(node)].role in ("given", "assembled")
            for node in walk(formula)
            if is_quantity(node) and key(node) in self.quantities
        )

    def _kept(
        self, rounds: list[Formula], parts: Mapping[str, Formula]
    ) -> list[tuple[Formula, tuple[str, ...]]]:
        """The rounds that are shown, with the values in them as quantities of the draft."""
        shown: dict[str, Formula] = {}

        def in_shown_values(formula: Formula) -> Formula:
            """Over values that are shown; what is not shown is written out again."""
            return rewrite(
                formula,
                lambda node: (
                    shown.get(node.id) or in_shown_values(parts[node.id])
                    if isinstance(node, Name) and node.id in parts
                    else None
                ),
            )

        kept = []
        for stage in rounds:
            fresh = [name for name in names(stage) if name in parts and name not in shown]
            for name in fresh:
                shown[name] = self.inside_value(in_shown_values(parts[name]))
            new = tuple(key(shown[name]) for name in fresh)
            kept.append((substitute(stage, shown), new))
        return kept

    def exact(self, name: str) -> int:
        """The whole number that a quantity is, where the structure alone decides it."""
        values: dict[str, Value] = {}
        for key_of, quantity in self.quantities.items():
            if quantity.formula is not None:
                values[key_of] = evaluate(quantity.formula, values, self.functions)
            if key_of == name:
                break
        return int(values[name].p)

    def inside_value(self, formula: Formula) -> Name:
        """A value inside a line: a quantity without a name, kept once however often it occurs."""
        if formula not in self.inside:
            name = f"{AUXILIARY}{len(self.inside)}"
            self.inside[formula] = name
            shape = infer(formula, self.shapes())
            self.quantities[name] = Quantity(name, formula, shape, "inside")
        return Name(self.inside[formula])


def _rounds(formula: Formula) -> tuple[list[Formula], dict[str, Formula]]:
    """The formula after each round of computing whatever stands ready, without the result.

    Ready is an operation on bare numbers; what it gives gets a name of its own, which the
    second value explains.
    """
    parts: dict[str, Formula] = {}
    known: dict[Formula, Name] = {}

    def rule(node: Formula) -> Formula | None:
        if _atomic(node) or _settled(node):
            return node
        if isinstance(node, Apply) and node.head != "neg" and all(map(_ready, node.args)):
            if node not in known:
                known[node] = Name(f"{AUXILIARY}part{len(known)}")
                parts[known[node].id] = node
            return known[node]
        return None

    rounds: list[Formula] = []
    while (after := rewrite(rewrite(formula, rule), _opened)) != formula and not _atomic(after):
        rounds.append(formula := after)
    return rounds, parts


def _opened(node: Formula) -> Formula | None:
    """A bare number needs no brackets."""
    if isinstance(node, Apply) and node.head == "group" and _atomic(node.args[0]):
        return node.args[0]
    return None


def _atomic(formula: Formula) -> bool:
    """A number, a quantity, one of them with a minus sign, or a fraction of two whole numbers."""
    if isinstance(formula, Number) or is_quantity(formula):
        return True
    assert isinstance(formula, Apply)
    if formula.head == "neg":
        return _atomic(formula.args[0])
    return formula.head == "quotient" and all(isinstance(arg, Number) for arg in formula.args)


def _settled(formula: Formula) -> bool:
    """A condition on bare numbers: nobody writes "true" in its place."""
    return (
        isinstance(formula, Apply) and formula.head in CONDITIONS and all(map(_ready, formula.args))
    )


def _ready(formula: Formula) -> bool:
    return _atomic(formula) or _settled(formula)


def unfold(formula: Formula, functions: Mapping[str, Function]) -> Formula:
    """The formula with the outermost call of a named function written out: σ(z) as 1/(1 + e^{-z})."""
    if not isinstance(formula, Apply) or formula.head not in functions:
        return formula
    function = functions[formula.head]
    return substitute(function.body, dict(zip(function.parameters, formula.args, strict=True)))
