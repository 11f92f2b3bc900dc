"""Names with a number of which the text has said what they are for any: ``δ_2 = 0.096`` behind ``δ_k = ...``."""

from __future__ import annotations

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import UNDECIDED, WRONG
from derivations.checking.lines.instances import Instances
from derivations.checking.names.each import of_number
from derivations.checking.names.quantities import free, quantities
from derivations.checking.text.parts import EQUALS
from derivations.formula.tree import Formula, Name


class General:
    """Puts numbers for the indices of definitions."""

    def __init__(self, comparing: Comparing, instances: Instances) -> None:
        self.compare = comparing
        self.known = comparing.known
        self.instances = instances
        self.said: dict[str, Formula] = {}  # what it has defined

    def say(self, left: Formula, sign: str, right: Formula) -> None:
        """Define a name by what is said for any index, where that decides what is said of it now."""
        known = self.known
        if not isinstance(left, Name) or sign not in EQUALS:
            return
        if known.definitions.get(left.id) is not None and known.definitions[left.id] == self.said.get(left.id):  # fmt: skip
            if self.compare.equal(left, sign, right).verdict == WRONG:
                known.forget(left.id)  # another sample
            return
        if known.is_settled(left.id) or left in known.claimed:
            return
        body = of_number(left.id, known.definitions)
        if body is None or (quantities(right) and not free(right) <= free(body)):
            return
        ruling = self.compare.equal(body, sign, right)
        if ruling.verdict == UNDECIDED:
            ruling = self.instances.ruling(body, right) or ruling
        if ruling.right or ruling.verdict == WRONG:
            known.define(left.id, body)
            self.said[left.id] = body
