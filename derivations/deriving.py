"""From the name of a theorem, an expression or a small graph to a verified derivation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from derivations.calculus.differentiate import NotDifferentiable
from derivations.calculus.explaining import SIMPLIFY, explained
from derivations.calculus.in_terms import NotInTerms, in_terms_of
from derivations.calculus.pieces import Change, flat, has_inner_cases
from derivations.calculus.properties import changes_of
from derivations.calculus.reverse_pass import distinct, reverse_pass
from derivations.calculus.simplify import simplified
from derivations.calculus.tidy import constant, written
from derivations.errors import ProblemError, ReadError, VerificationError, nearest, those_known
from derivations.formula.evaluation import Function
from derivations.formula.expressions import FUNCTIONS, read_expression
from derivations.formula.looks import name_latex, name_text
from derivations.formula.printing import Notation
from derivations.formula.tree import (
    RANGES,
    Apply,
    Formula,
    Name,
    apply,
    free,
    names,
    partial,
    product,
    rewrite,
    substitute,
    walk,
)
from derivations.kinds.base import library
from derivations.kinds.base.assemble import part, step
from derivations.kinds.base.files import load
from derivations.kinds.base.functions import FUNCTION_NAMES, Functions, by_table_key
from derivations.models import activations
from derivations.pipeline import solve, solve_for
from derivations.steps.draft import Detail
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import (
    Answer,
    Block,
    Derivation,
    Display,
    Prose,
    Symbol,
    Universe,
    Verified,
)

MOST_TERMS = 1000  # of a sum between numbers
OWN = frozenset({"itself", "self", "own", "f"})
DEFINITION = re.compile(
    r"\s*(?P<name>[A-Za-z]\w*)\s*(?:\(\s*(?P<of>[A-Za-z]\w*)[\s\w,]*\)\s*)?=(?!=)(?P<body>.*)",
    re.DOTALL,
)  # z = w x + b, f(x) = x^2
OPERATOR = re.compile(r"\s*[d∂]\s*/\s*[d∂]\s*([A-Za-z]\w*)")  # d/dx x^2
WORDS = re.compile(r"[A-Za-z0-9]+([-_ ][A-Za-z0-9]+)+")  # as names of theorems are
WRITTEN_OUT = {
    "tanh": "(exp(z) - exp(-z))/(exp(z) + exp(-z))"
}  # functions without a body of their own


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: a name or an expression, and how the result is to be written."""

    what: str
    wrt: str | None = None
    in_terms: str | None = None
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Derived:
    """A verified derivation; ``missing`` says what was asked for and does not exist."""

    name: str
    verified: Verified
    missing: str = ""


def derive(asked: Asked) -> Derived:
    """The derivation of a theorem of the library, of an expression or of a graph.

    Raises:
        ProblemError: an unknown name, an expression that cannot be read or has no derivative.
        VerificationError: a line was not accepted by the judge.
    """
    name = asked.what.strip()
    options = asked.wrt is not None or asked.in_terms is not None
    if not options and (found := _in_library(name)) is not None:
        return Derived(found, solve(load(library.entry(found)), asked.detail))
    if options and name in library.entries():
        raise ProblemError.at(
            f"'{name}' is a theorem; --wrt and --in-terms-of go with an expression"
        )
    text = f"{name}(x)" if name in activations.ACTIVATIONS or name in WRITTEN_OUT else name
    try:
        return _Worked(asked, text).derived()
    except ReadError as error:
        hint = nearest(name, library.entries()) if WORDS.fullmatch(name) else ""
        where = f"column {error.position + 1} of '{name}'"
        raise ProblemError.at(f"{where}: {error.message}{hint}") from None
    except NotDifferentiable as error:
        raise ProblemError.at(f"'{name}': {error}") from None


def _in_library(name: str) -> str | None:
    """The theorem of this name; ``sigmoid`` is ``sigmoid-derivative``."""
    word = name.lower().replace("_", "-").replace(" ", "-")
    for candidate in (name, word, f"{word}-derivative"):
        if candidate in library.entries():
            return candidate
    return None


class _Worked:
    """A derivative worked out for somebody's own expression or graph."""

    def __init__(self, asked: Asked, text: str) -> None:
        self.asked = asked
        self.text = text
        self.functions = Functions()
        self.argument: str | None = None  # of the last definition, f(x) = ...
        self.definitions = dict(self._definitions(text))
        if not self.definitions:
            self._refuse_word(text)
        *_, self.output = self.definitions
        self.inputs = [
            name
            for name in dict.fromkeys(n for f in self.definitions.values() for n in free(f))
            if name not in self.definitions
        ]
        self.wrt = self._variable()
        if self.asked.in_terms is not None and len(self.definitions) > 1:
            raise ReadError("--in-terms-of goes with one expression, not with several")

    def _definitions(self, text: str) -> Iterator[tuple[str, Formula]]:
        """``z = w x + b; a = sigmoid(z); (a - t)^2``: definitions, the last with or without a name."""
        parts = [part for part in text.split(";") if part.strip()]
        known: set[str] = set()
        offset = 0
        for place, each in enumerate(parts):
            match = DEFINITION.fullmatch(each)
            name, body = (match["name"], match["body"]) if match else ("", each)
            start = offset + (match.start("body") if match else 0)
            self.argument = match["of"] if match else None
            offset += len(each) + 1
            if operator := OPERATOR.match(body):
                raise ReadError(f"write the expression alone, and --wrt {operator[1]}", start)
            try:
                formula = by_table_key(read_expression(body, FUNCTION_NAMES, known))
            except ReadError as error:
                raise ReadError(error.message, error.position + start) from None
            _check_sums(formula, start)
            if not name and place < len(parts) - 1:
                raise ReadError("expected a definition, z = w x + b", start)
            if name in known:
                raise ReadError(f"'{name}' is defined already", start)
            name = name or self._fresh(formula, known)
            known.add(name)
            yield name, formula

    def _fresh(self, formula: Formula, known: set[str]) -> str:
        """A letter for the expression."""
        taken = {*names(formula), *known}
        return next(letter for letter in ("f", "g", "h", "F", "G", "f_1") if letter not in taken)

    def _refuse_word(self, text: str) -> None:
        raise ReadError(f"found nothing to derive{nearest(text, library.entries())}")

    def _variable(self) -> str:
        """What is differentiated with respect to.

        Raises:
            ReadError: there is no variable, or it is not told which.
        """
        whole = self.definitions[self.output]
        if len(self.definitions) == 1 and isinstance(whole, Name):
            known = [*library.entries(), *activations.ACTIVATIONS]
            raise ReadError(
                f"'{whole.id}' is not a theorem of the library{nearest(whole.id, known)}"
            )
        choices = [*self.inputs, *list(self.definitions)[:-1]]
        if self.asked.wrt is not None:
            if self.asked.wrt not in choices:
                hint = nearest(self.asked.wrt, choices)
                others = those_known(hint, choices)
                raise ReadError(f"'{self.asked.wrt}' does not occur in it{hint}{others}")
            return self.asked.wrt
        if not self.inputs:
            raise ReadError("there is no variable in it")
        if len(self.inputs) == 1:
            return self.inputs[0]
        if self.argument in choices:
            return self.argument
        for usual in ("x", "z"):
            if usual in self.inputs and len(self.definitions) == 1:
                return usual
        raise ReadError(f"--wrt: choose one of {', '.join(choices)}")

    # ------------------------------------------------------------ the derivation

    def derived(self) -> Derived:
        single = len(self.definitions) == 1
        chains, missing = self._expression() if single else (self._graph(), "")
        result = chains[-1].links[-1].term.formula
        chains[-1] = _boxed(chains[-1])
        left = chains[-1].first.formula
        claim = Chain(Term(left), (Link("=", Term(result)),), "given")
        several = len(self.inputs) > 1 or not single
        symbols = tuple(Symbol(name) for name in self.inputs)
        defined = dict(self.definitions)
        if single and not several:
            defined = {f"~{self.output}": defined[self.output]}
        notes: list[Block] = [*self._kinks(), *([Prose((Text(missing + "."),))] if missing else [])]
        derivation = Derivation(
            id=self.text, kind="derivation", title=f"Derivative of {self.text}",
            heading=self._title(left), quantities=(), statement=tuple(self._statement(claim)),
            parts=(part("", step("", Display(tuple(chains)), *notes)),),
            answers=(Answer("result", formula=result),), functions=self.functions.callable(),
            notation=Notation(functions=self.functions.looks, several=several),
            solution_heading="Derivation", universe=Universe(symbols, defined),
        )  # fmt: skip
        try:
            return Derived(self.text, solve_for(derivation, {}), missing)
        except VerificationError as error:
            if error.where == ("symbols",):
                raise ReadError("the expression has no value at any point that was tried") from None
            raise

    def _title(self, left: Formula) -> tuple[Piece, ...]:
        return (Text("The derivative "), Term(left))

    def _statement(self, claim: Chain) -> Iterator[Block]:
        whole = self.definitions[self.output]
        if len(self.inputs) == 1 and len(self.definitions) == 1:
            call = apply(self.output, Name(self.wrt))
            yield Prose((Text("For"),))
            yield Display((Chain(Term(call), (Link("=", Term(whole)),), "definition"),))
        else:
            yield Prose((Text("For"),))
            yield Display(
                tuple(
                    Chain(Term(Name(name)), (Link("=", Term(formula)),), "definition")
                    for name, formula in self.definitions.items()
                )
            )
        yield Prose((Text("the derivative is"),))
        yield Display((claim,))

    # ------------------------------------------------------------ one expression

    def _expression(self) -> tuple[list[Chain], str]:
        """The chain from the definition to the result, and what could not be had."""
        formula, x = self.definitions[self.output], self.wrt
        self.functions.bodies[self.output] = Function((x,), formula)
        self.functions.looks[self.output] = (name_latex(self.output), name_text(self.output))
        single = len(self.inputs) == 1
        left: Formula = (
            apply(f"{self.output}'", Name(x)) if single else partial(Name(self.output), Name(x))
        )
        links = [Link("=", Term(apply("D", formula, Name(x))), (), "definition")]
        unfolded = self._unfolded(formula)
        if unfolded != formula:
            links.append(Link("=", Term(apply("D", unfolded, Name(x))), (), "definition"))
        slopes = self.functions.rules.slopes
        lines = explained(apply("D", unfolded, Name(x)), slopes, self.asked.detail)
        result = lines[-1][1]
        shorter = simplified(result)
        if shorter != result:
            lines.append((SIMPLIFY, shorter))
            result = shorter
        if self._changes() and has_inner_cases(result):
            plain = flat(result, self.wrt, self._changes(), self.functions.bodies)
            lines.append(("piecewise", plain))
            result = plain
        missing = ""
        if self.asked.in_terms is not None:
            try:
                lines.append(("in-terms-of", self._rewritten(result)))
            except NotInTerms as error:
                missing = f"In terms of {self.asked.in_terms}: {error}"
        if self.asked.detail == "brief":
            lines = lines[-1:]
        links += [Link("=", Term(each), (), law) for law, each in lines]
        return [Chain(Term(left), distinct(links))], missing

    def _unfolded(self, formula: Formula) -> Formula:
        """A single call of a named function, written out by its definition."""
        if not isinstance(formula, Apply) or len(formula.args) != 1:
            return formula
        if formula.head in WRITTEN_OUT:
            return substitute(read_expression(WRITTEN_OUT[formula.head]), {"z": formula.args[0]})
        if formula.head not in activations.bodies():
            return formula
        body = activations.bodies()[formula.head]
        return substitute(body.body, {body.parameters[0]: formula.args[0]})

    def _rewritten(self, result: Formula) -> Formula:
        """The result in terms of a function of x."""
        x = Name(self.wrt)
        word = self.asked.in_terms or ""
        if word in OWN or word == self.output:
            call = apply(self.output, x)
            helpers = (apply("sigmoid", x), apply("exp", x), apply("tanh", x))
            values = [(call,), *((call, helper) for helper in helpers)]
        else:
            head = _function(word)
            scaled = [x, product(read_expression("2"), x), read_expression(f"{self.wrt}/2")]
            values = [(apply(head, argument),) for argument in scaled]
        found = in_terms_of(result, self.wrt, values, self.functions.bodies, self._changes())
        heads = {value[0].head for value in values}
        used = any(isinstance(node, Apply) and node.head in heads for node in walk(found))
        if not used and self.wrt in names(found):
            raise NotInTerms("the derivative has nothing of it")
        if len(self.inputs) == 1:
            return found
        own = apply(self.output, x)
        return rewrite(found, lambda node: Name(self.output) if node == own else None)

    def _changes(self) -> list[Change]:
        """Where a function of one variable may change its form."""
        if len(self.inputs) != 1 or len(self.definitions) != 1:
            return []
        function = self.functions.bodies.get(self.output)
        if function is None:
            return []
        return list(changes_of(function, self.functions.bodies, self.functions.rules.slopes))

    def _kinks(self) -> list[Block]:
        """Where there is no derivative."""
        bends = [written(change.at) for change in self._changes() if change.bends]
        if not bends:
            return []
        pieces: list[Piece] = [
            Text("There is no derivative at "),
            Term(Name(self.wrt)),
            Text(" = "),
        ]
        for place, point in enumerate(bends):
            pieces += [Text(" and ")] if place else []
            pieces.append(Term(point))
        return [
            Prose(
                (*pieces, Text(": the values or slopes from the left and from the right differ."))
            )
        ]

    def _graph(self) -> list[Chain]:
        """The reverse pass from the output to the variable."""
        rules = self.functions.rules
        return list(reverse_pass(self.definitions, self.inputs, self.output, self.wrt, rules))


def _check_sums(formula: Formula, start: int) -> None:
    """Sums that are worked out term by term stay short."""
    for node in walk(formula):
        if isinstance(node, Apply) and node.head in RANGES:
            ends = [constant(node.args[k]) for k in (1, 2)]
            if None not in ends and ends[1] - ends[0] > MOST_TERMS:  # type: ignore[operator]
                raise ReadError(f"a sum of more than {MOST_TERMS} terms", start)


def _boxed(chain: Chain) -> Chain:
    *links, last = chain.links
    return replace(chain, links=(*links, replace(last, term=replace(last.term, boxed=True))))


def _function(word: str) -> str:
    """The head of a function by its name.

    Raises:
        ReadError: with the nearest one.
    """
    try:
        return activations.find(word)
    except ValueError as error:
        if word in FUNCTIONS:
            return word
        raise ReadError(f"--in-terms-of: {error}") from None


def statement_of(verified: Verified) -> tuple[Chain, ...]:
    """What a derivation claims: the chains of its statement that are no definitions."""
    found: list[Chain] = []
    for block in verified.solution.statement:
        if isinstance(block, Display):
            found += [chain for chain in block.chains if chain.law == "given"]
    return tuple(found)
