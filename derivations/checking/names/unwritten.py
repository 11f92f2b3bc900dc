"""A loss that nobody wrote: a name that a text speaks of by its derivatives alone.

``Y = W X + B, ∂E/∂W = ∂E/∂Y X^T`` holds whatever E is, as long as E follows from Y alone. Such a
name is taken for any smooth function of the quantities by which it is differentiated, the last of
them. Where the text says a gradient of it (``∂E/∂a = a - t``), that is what the function has there.
An activation ``a = f(z)`` of which the text does not say what it is, is any function, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from derivations.checking.names.layers import family, layer_of
from derivations.checking.names.quantities import base_of
from derivations.formula.tree import Apply, Formula, Name, apply, children, sum_of, walk

HEADS = frozenset({"partial", "total", "derivative"})
ACTIVATIONS = frozenset(
    {"f", "g", "h", "F", "G", "phi", "psi", "varphi"}
)  # letters for any function
ANY = "~any:"  # begins the name of a function of what stands behind it
Inside = Callable[..., set[str]]


@dataclass(slots=True)
class Unwritten:
    """Names without a formula, each with what it is differentiated by.

    Attributes:
        by: the quantities, by name, for each.
        said: gradients that the text says, by name and quantity.
    """

    by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    said: dict[str, dict[str, Formula]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.by

    def of(self, derivative: Formula) -> str:
        """The name without a formula whose derivative this is."""
        if isinstance(derivative, Apply) and derivative.head in HEADS and len(derivative.args) == 2:
            name = base_of(derivative.args[0])
            return name if name is not None and name in self.by else ""
        return ""

    def say(self, of: str, quantity: str, gradient: Formula) -> None:
        """The text says what the gradient by a quantity is."""
        self.said.setdefault(of, {})[quantity] = gradient

    def formulas(
        self, definitions: Mapping[str, Formula], inside: Inside
    ) -> Mapping[str, tuple[Formula, tuple[str, ...]]]:
        """For each name a formula that has its gradients, and quantities of which it is any function.

        Args:
            definitions: what is defined.
            inside: the names that a definition rests on.
        """
        found = {}
        for name, by in self.by.items():
            said = self.said.get(name, {})
            layers = {_any_layer(q) for q in by} - {None}
            moved = {q for q in definitions if q in by or _any_layer(q) in layers}
            moved = {q for q in moved if not {name, q} & inside(q)}
            last = _last(moved | said.keys(), said, inside)
            if len({q.rstrip("@").lower() for q in last}) < len(last):
                continue  # Y and its entries y_i are not known to be one quantity
            terms = [linear(q, said[q]) if q in said else Name(f"{ANY}{q}") for q in last]
            if terms:
                found[name] = (sum_of(*terms), tuple(q for q in last if q not in said))
        return found


def _any_layer(quantity: str) -> tuple[str, str] | None:
    """What a quantity of layer l shares with that of layer l+1."""
    layer = layer_of(quantity)
    return (family(quantity), layer[0]) if layer is not None and layer[0] else None


def _last(moved: AbstractSet[str], said: Mapping[str, Formula], inside: Inside) -> list[str]:
    """The quantities through which all others act, as far as the text does not say the gradient before."""
    kept = [q for q in sorted(moved) if not inside(q) & said.keys() - {q}]
    return [q for q in kept if q in said or not any(q in inside(other) for other in kept)]


def linear(name: str, gradient: Formula) -> Formula:
    """A function of a quantity that has this gradient everywhere."""
    return apply("sum_entries", apply("hadamard", apply("detach", gradient), Name(name)))


def unwritten(formulas: Iterable[Formula], known: Iterable[str]) -> Unwritten:
    """The names that formulas speak of by derivatives alone.

    Args:
        formulas: all that a text says.
        known: names that stand for something.
    """
    by: dict[str, set[str]] = {}
    spoken = set(known)
    todo = list(formulas)
    while todo:
        node = todo.pop()
        if isinstance(node, Apply) and node.head in HEADS and len(node.args) == 2:
            of, wrt = node.args
            if isinstance(of, Name) and (quantity := base_of(wrt)) is not None:
                by.setdefault(of.id, set()).add(quantity)
                todo.append(wrt)
                continue
        if isinstance(node, Name):
            spoken.add(node.id)
        elif isinstance(node, Apply):
            spoken.add(node.head.rstrip("'"))  # f(x) = ... says what f is
        todo += children(node)
    return Unwritten({name: frozenset(q) for name, q in by.items() if name not in spoken})


def open_functions(formulas: Iterable[Formula], firsts: Iterable[Formula]) -> frozenset[str]:
    """Activations that a text calls and does not say; ``firsts``: with what its lines begin."""
    called: set[str] = set()
    sloped: set[str] = set()  # ∇J(w), where J is nowhere said
    said = {first.head.rstrip("'") for first in firsts if isinstance(first, Apply)}
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Name):
                said.add(node.id)
            elif isinstance(node, Apply) and len(node.args) == 1:
                called.add(node.head.rstrip("'"))
                sloped |= {node.head[:-1]} if node.head.endswith("'") else set()
            elif isinstance(node, Apply):
                said.add(node.head.rstrip("'"))
    return frozenset(called & (ACTIVATIONS | sloped) - said)


def speaks_of_slopes(*sides: Formula) -> bool:
    """Whether sides speak of derivatives, so that it does not matter what is differentiated."""
    heads = {node.head for side in sides for node in walk(side) if isinstance(node, Apply)}
    return not HEADS.isdisjoint(heads) or any(head.endswith("'") for head in heads)
