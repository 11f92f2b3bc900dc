"""Names with a number of which the text has said what they are for any: ``δ_2 = 0.096`` behind ``δ_k = ...``."""

from __future__ import annotations

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import UNDECIDED, WRONG, Ruling
from derivations.checking.lines.instances import Instances
from derivations.checking.names.each import Said, counts, of_all, of_number
from derivations.checking.names.quantities import free, quantities
from derivations.checking.names.unwritten import HEADS
from derivations.checking.text.parts import EQUALS
from derivations.formula.tree import Apply, Formula, Name

PARAMETER = (Name("x"),)
LISTS = frozenset({"vector", "tuple"})


class General:
    """Puts numbers for the indices of what is said."""

    def __init__(self, comparing: Comparing, instances: Instances) -> None:
        self.compare = comparing
        self.known = comparing.known
        self.instances = instances
        self.said: dict[str, Formula] = {}  # what it has defined

    def ruling(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """Whether it is what is said for any index; of a name this is defined, where it decides.

        A derivative is judged at once.
        """
        known = self.known
        if isinstance(left, Apply) and known.is_new_function(Apply(left.head, PARAMETER)):
            self._function(left)
        if sign not in EQUALS or left in known.claimed or known.is_known(left):
            self._forget(left, sign, right)
            return None
        body = self._said_for_any(left, right)
        if body is None or (quantities(right) and not free(right) <= free(body)):
            return None
        ruling = self.compare.equal(body, sign, right)
        if ruling.verdict == UNDECIDED:
            ruling = self.instances.ruling(body, right) or ruling
        if not ruling.right and ruling.verdict != WRONG:
            return None
        if not isinstance(left, Name):
            return ruling
        known.define(left.id, body)
        self.said[left.id] = body
        return None

    def _function(self, call: Apply) -> None:
        """``φ_1(0.5)`` behind ``φ_j(x) = ...``: φ_1 is the function with 1 for j."""
        functions = {h: f for h, f in self.known.functions.items() if self.known.is_function_of_text(h)}  # fmt: skip
        said = [(h, f.body) for h, f in functions.items() if len(f.parameters) == len(call.args)]
        body = of_number(call.head, said)
        if body is not None:
            general = next(f for h, f in functions.items() if of_number(call.head, [(h, f.body)]) == body)  # fmt: skip
            self.known.define_anew(Apply(call.head, tuple(map(Name, general.parameters))), body)

    def _forget(self, left: Formula, sign: str, right: Formula) -> None:
        """What it has defined, where the numbers are those of another sample."""
        body = self.said.get(left.id) if isinstance(left, Name) else None
        if isinstance(left, Name) and body is not None and self.known.definitions.get(left.id) == body:  # fmt: skip
            if self.compare.equal(left, sign, right).verdict == WRONG:
                self.known.forget(left.id)

    def _said_for_any(self, left: Formula, right: Formula) -> Formula | None:
        """The formula of a name, or of a derivative by it."""
        name, said = self._lines(left)
        if name is None:
            return None
        number = of_number(name.id, said)
        listed = isinstance(right, Apply) and right.head in LISTS
        return of_all(name.id, said, len(right.args)) if number is None and listed else number  # type: ignore[union-attr]

    def _lines(self, left: Formula) -> tuple[Name | None, list[Said]]:
        """The name that counts, and what is said of such."""
        if isinstance(left, Name):
            settled = self.known.is_settled(left.id)
            given = self.known.values.keys()
            said = [(n, f) for n, f in self.known.definitions.items() if not counts(n) & given]
            return None if settled else left, said
        if not isinstance(left, Apply) or left.head not in HEADS or not isinstance(left.args[1], Name):  # fmt: skip
            return None, []
        alike = [
            (q.args[1].id, body)
            for q, body in self.known.in_letters.items()
            if isinstance(q, Apply) and q.head == left.head and q.args[0] == left.args[0]
            if isinstance(q.args[1], Name)
        ]
        return left.args[1], alike
