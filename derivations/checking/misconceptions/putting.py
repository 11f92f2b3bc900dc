"""Formulas as they are computed by hand: with the rounded numbers that a text goes on with.

A slope is computed from the output that is known, σ'(z) as a(1 - a), and where a text says a = 0.67,
that is what stands for a.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from derivations.checking.equality.rounding import numerals
from derivations.formula.tree import Apply, Formula, Name, rewrite
from derivations.models.activations import ACTIVATIONS, slope_by_output


@dataclass(frozen=True, slots=True)
class ByHand:
    """What stands for names where somebody puts numbers in.

    Attributes:
        claims: for each reading of the line, what the text goes on with.
        outputs: units' outputs by what defines them.
    """

    claims: tuple[Mapping[Formula, Formula], ...] = ()
    outputs: Mapping[Formula, Formula] = field(default_factory=dict)

    @property
    def copied(self) -> set[str]:
        """The numerals that are put in."""
        return {
            text for known in self.claims for value in known.values() for text in numerals(value)
        }

    def forms(self, formula: Formula) -> list[Formula]:
        """The formula with numbers put in, in each of the ways; empty where nothing changes."""
        found: dict[Formula, None] = {}
        for form in (formula, rewrite(formula, self._output)):
            for claims in self.claims:
                found[rewrite(form, claims.get)] = None
        found.pop(formula, None)
        return list(found)

    def _output(self, node: Formula) -> Formula | None:
        """An output by its name, and a slope by the output."""
        if not isinstance(node, Apply) or len(node.args) != 1:
            return None
        head = node.head.removesuffix("'")
        name = self.outputs.get(Apply(head, node.args))
        if name is None or node.head == head:
            return name
        return slope_by_output(head, node.args[0], name) if head in ACTIVATIONS else None


def by_hand(
    claims: Sequence[Mapping[Formula, Formula]], definitions: Mapping[str, Formula]
) -> ByHand:
    """The ways to put numbers in that a text and its definitions offer."""
    outputs = {formula: Name(name) for name, formula in definitions.items()}
    return ByHand(tuple(known for known in claims if known), outputs)
