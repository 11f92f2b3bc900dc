"""Functions without their argument: ``σ' = σ(1 - σ)`` says ``σ'(z) = σ(z) (1 - σ(z))``, for every z; ``E'(y)`` of a quantity E is ∂E/∂y.

The argument is the one with which the line calls the function, or the whole text does; else that of
its definition; else a letter that the text does not use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from derivations.checking.names.layers import formulas_of
from derivations.checking.names.unwritten import HEADS
from derivations.checking.text.parts import rewritten
from derivations.formula.tree import Apply, Formula, Name, children, names, rewrite, walk
from derivations.models import activations
from derivations.reading.latex import ReadChain, Symbols

PRIME = "_prime"
FREE = ("z", "x", "u", "t", "s", "v")  # letters for the argument
ELEMENTARY = {
    "sigma": "sigmoid",
    **{n: n for n in ("tanh", "sin", "cos", "exp", "sigmoid", "softplus")},
}


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of a text that may stand without an argument.

    ``heads``: by the name that stands there; ``parameters``: from definitions; ``calls``: what the
    text calls each with; ``used``: all names; ``quantities``: names that are no functions.
    """

    heads: Mapping[str, str]
    parameters: Mapping[str, Formula]
    calls: Mapping[str, frozenset[Formula]]
    used: frozenset[str]
    quantities: frozenset[str]

    def complete(self, chain: ReadChain) -> ReadChain:
        """The line with arguments behind its functions."""
        formulas = list(formulas_of((chain,)))
        mentioned = {name for formula in formulas for name in _bare(formula)}
        here = _calls(formulas)
        arguments = {}
        for name, head in self.heads.items():
            sloped = f"{name}{PRIME}" in mentioned
            spoken = name in mentioned and (head in here or _moved(formulas, name))
            if sloped or spoken or _is_logged(formulas, name):
                arguments[name] = self._argument(head, here.get(head, frozenset()))
        if self.quantities:
            chain = rewritten(chain, lambda f: rewrite(f, self._slope))
        return rewritten(chain, lambda f: self._put(f, arguments)) if arguments else chain

    def _slope(self, node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or len(node.args) != 1 or not isinstance(node.args[0], Name):
            return None
        quantity = node.head.removesuffix("'")
        sloped = quantity != node.head and quantity in self.quantities
        return Apply("partial", (Name(quantity), node.args[0]), node.span) if sloped else None

    def _argument(self, head: str, here: frozenset[Formula]) -> Formula:
        for calls in (here, self.calls.get(head, frozenset())):
            if len(calls) == 1:
                return next(iter(calls))
        free = next((letter for letter in FREE if letter not in self.used), FREE[0])
        return self.parameters.get(head, Name(free))

    def _put(self, formula: Formula, arguments: Mapping[str, Formula]) -> Formula:
        def rule(node: Formula) -> Formula | None:
            if isinstance(node, Apply) and node.head in HEADS and len(node.args) == 2:
                of, by = node.args
                argument = arguments.get(of.id) if isinstance(of, Name) else None
                if argument is not None and by == argument and isinstance(of, Name):
                    return Apply(f"{self.heads[of.id]}'", (argument,))
                return node if isinstance(of, Name) else None
            if not isinstance(node, Name):
                return None
            name = node.id.removesuffix(PRIME)
            if name not in arguments:
                return None
            head = self.heads[name] + ("'" if node.id != name else "")
            return Apply(head, (arguments[name],), node.span)

        return rewrite(formula, rule)


def functions_of(chains: Sequence[ReadChain], known: Symbols) -> Functions:
    """The functions that a text defines or calls, and the elementary ones, as far as no quantity has the name."""
    formulas = list(formulas_of(chains))
    firsts = [chain.first.formula for chain in chains if chain.links]
    parameters: dict[str, Formula] = {
        first.head: first.args[0]
        for first in firsts
        if isinstance(first, Apply) and len(first.args) == 1 and isinstance(first.args[0], Name)
        if first.head.isidentifier() and first.head not in activations.bodies()
    }
    used = frozenset(name for formula in formulas for name in names(formula))
    stated = {first.id for first in firsts if isinstance(first, Name)}
    calls = _calls(formulas)
    heads = {**ELEMENTARY, **{head: head for head in parameters}}
    if f"sigma{PRIME}" not in used and "sigmoid" not in calls:
        del heads["sigma"]
    shown = {n for n in parameters if known.is_function(n)}
    open_ = {n: h for n, h in heads.items() if n not in stated and (known.get(n) is None or n in shown)}  # fmt: skip
    plain = {node.head for f in formulas for node in walk(f) if isinstance(node, Apply)}
    quantities = frozenset(name for name in stated if f"{name}'" in plain and name not in plain)
    return Functions(open_, parameters, calls, used, quantities)


def _calls(formulas: Iterable[Formula]) -> dict[str, frozenset[Formula]]:
    """With what each function of one argument is called."""
    found: dict[str, set[Formula]] = {}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and len(node.args) == 1:
                found.setdefault(node.head.rstrip("'"), set()).add(node.args[0])
    return {head: frozenset(args) for head, args in found.items()}


def _bare(formula: Formula) -> Iterator[str]:
    """The names of a formula; not those of what it only differentiates."""
    if isinstance(formula, Name):
        yield formula.id
    derivative = isinstance(formula, Apply) and formula.head in {*HEADS, "gradient"}
    for inner in children(formula)[1:] if derivative else children(formula):
        yield from _bare(inner)


def _is_logged(formulas: Iterable[Formula], name: str) -> bool:
    """Whether a line speaks of the logarithm of a name: ``\\ln L`` behind ``L(\\theta) = ...``."""
    return any(node == Apply("ln", (Name(name),)) for formula in formulas for node in walk(formula))


def _moved(formulas: Iterable[Formula], name: str) -> bool:
    """Whether a line speaks of the derivative of a name."""
    return any(
        isinstance(node, Apply) and node.head in HEADS and node.args[0] == Name(name)
        for formula in formulas
        for node in walk(formula)
    )
