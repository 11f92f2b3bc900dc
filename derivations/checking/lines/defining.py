"""Whether a relation says what its left side stands for, instead of claiming something of it."""

from __future__ import annotations

import re
from dataclasses import replace

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.corrections import NO_POWER, lacks_power
from derivations.checking.equality.figures import (
    OTHER_FIGURE,
    another_figure,
    figure_called,
    figure_in_numbers,
)
from derivations.checking.equality.steps import FOLLOWS, GIVEN, PROVED, WRONG, Ruling
from derivations.checking.lines.descending import wrong_step
from derivations.checking.lines.inverting import of_inverse
from derivations.checking.lines.learning import ANEW, DEFINED, UPDATE, shared_entries
from derivations.checking.lines.paths import along_path
from derivations.checking.lines.samples import is_next, of_sample
from derivations.checking.names.calling import calls, is_call_of_names
from derivations.checking.names.declaring import SYMMETRIC, symmetric
from derivations.checking.names.derivatives import is_second
from derivations.checking.names.indexed import Indices
from derivations.checking.names.quantities import (
    base_of,
    free,
    is_named,
    is_plain,
    is_update,
    quantities,
    squared,
    updated,
)
from derivations.checking.names.times import is_later, later
from derivations.checking.names.unwritten import HEADS
from derivations.checking.text.parts import EQUALS, Part
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name
from derivations.reading.latex import ReadLink

IDENTITY = Name("I")
KIND = re.compile(
    r"(?:activation|function|loss|kernel|unit|layer|Aktivierung|Funktion|fonction)s?:$", re.I
)
LABEL = re.compile(r"\([^()]{2,30}\)")  # one of several functions with the same letter
HABITS = frozenset(
    {r"\sigma", "f", "g", r"\phi", r"\varphi"}
)  # letters that are functions by habit
WITH_PARAMETERS = frozenset(
    {"silu", "leaky_relu", "elu"}
)  # functions that are said anew with theirs
DEFINITION = Ruling(GIVEN, DEFINED)
ASSUMPTION = Ruling(GIVEN, "a condition")


class Defining:
    """Tells definitions, given values, updates and new rounds from claims."""

    def __init__(self, comparing: Comparing) -> None:
        self.compare = comparing
        self.known = comparing.known
        self.rounds = comparing.rounds
        self.labels: dict[str, str | None] = {}  # of functions, as "(ReLU)" behind a definition
        self.words: tuple[str, ...] = ()  # beside the line

    def ruling(self, left: Formula, link: ReadLink, part: Part, said: bool) -> Ruling | None:
        """What the first relation of a line says of its left side; None where it claims something.

        Args:
            left, link: the relation.
            part: the line it begins.
            said: whether it stands in a sentence.
        """
        right = link.term.formula
        assert right is not None
        self.words = part.notes
        named = is_named(left) and (link.sign in EQUALS or link.sign == "←")
        if named and (wrong := wrong_step(self.known, left, right)) is not None:
            return wrong
        if is_update(left, link.sign, right):
            return self._misstep(left, right) or self._by_rule(left, link.sign, right) or Ruling(GIVEN, UPDATE)  # fmt: skip
        if link.sign not in EQUALS:
            return None
        if (by_rule := self._by_rule(left, link.sign, right)) is not None:
            return by_rule
        known = self.known
        if (matrix := symmetric(left, right)) and not known.is_known(Name(matrix)):
            known.declared.domains[matrix] = SYMMETRIC
            return ASSUMPTION
        if (base := orthonormal(left, right)) and not known.is_settled("I"):
            beyond = known.declared.beyond | {base}
            known.declared = replace(known.declared, beyond=beyond)
            return ASSUMPTION
        if said and known.indices and are_indices(known.indices, left, right):
            return ASSUMPTION
        self._say_later(left)
        new = not known.is_known(self.compare.normal(left)) and left not in known.claimed
        new = (new or self._says_gradient(left, right)) and not (
            self._is_moving(left) or is_second(self.known, left)
        )
        if is_named(left) and new:
            if isinstance(left, Apply) and (path := along_path(left, right)) is not None:
                return path
            if (inverse := of_inverse(self.compare, left, right)) is not None:
                return inverse
            if left not in quantities(right):
                return self._misstep(left, right) or DEFINITION
        if (step := self._next_step(left, right)) is not None:
            known.define(*step)
            return DEFINITION
        if (root := squared(left)) is not None and not known.is_known(root):
            return DEFINITION if root not in quantities(right) else None
        if self._is_given_anew(left, right) and not self._contradicts(left, right):
            return Ruling(GIVEN, ANEW)
        body = self.compare.normal(right)
        if isinstance(left, Name) and self.rounds.is_another_round(left.id, body):
            self.rounds.start_round(left, body)
            return Ruling(PROVED, "the same formula, for other numbers")
        if (sample := of_sample(known, left, right)) is not None:
            return sample
        if is_next(self.compare, left, right):
            return None
        if _is_assignment(left, right):
            return Ruling(GIVEN, "given values")
        if isinstance(left, Apply) and known.is_new_function(left):
            self.labels[left.head] = label_of(part)
            return DEFINITION
        if isinstance(left, Apply) and self._is_another_function(left, right, part):
            known.define_anew(left, right)
            return DEFINITION
        return None

    def _by_rule(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """``w ← 0.99 \\cdot 2 - 0.05`` behind the rule of an update in names; None where that does not tell."""
        rule = self.rounds.rules.get(left.id) if isinstance(left, Name) else None
        if rule is None:
            return None
        ruling = self.compare.equal(rule, "=" if sign == "←" else sign, right)
        if ruling.right:
            return Ruling(ruling.verdict, UPDATE)
        worked = not quantities(right) and not is_plain(right) and not self.rounds.awaits(rule)
        return ruling if ruling.verdict == WRONG and worked else None

    def _say_later(self, left: Formula) -> None:
        """``e_{t+1}`` is what the text says of e_t one step later, where it says that of all in it."""
        known = self.known
        if not isinstance(left, Name) or known.is_known(left) or left in known.claimed:
            return
        said = later(left.id, known.definitions)
        ahead = {n for n in free(said) if "+" in look(n).subscript} if said is not None else set()
        if said is not None and ahead and all(known.is_known(Name(n)) for n in ahead):
            known.define(left.id, said)

    def _is_moving(self, left: Formula) -> bool:
        """Whether it is a differential that moves with others of its line."""
        return base_of(left) in self.known.moving

    def _says_gradient(self, left: Formula, right: Formula) -> bool:
        """``∂L/∂a = a - t`` where nobody has written L, nor yet said gradients of it from which this follows."""
        known = self.known
        of = known.unwritten.of(left)
        any_of = of and any(name in known.functions_of for name in known.support(Name(of)))
        return bool(any_of) and of not in known.support(right) and left not in known.claimed

    def _misstep(self, left: Formula, right: Formula) -> Ruling | None:
        """What is not the problem's step of gradient descent, or no such figure; None where it may be."""
        base = (updated(left.id) or left.id) if isinstance(left, Name) else ""
        if self.rounds.has_updated(base):
            return None  # said once more
        if lacks_power(left, right, self.known.values):
            return Ruling(WRONG, NO_POWER)
        if (figure := figure_called(left, right, self.words)) is not None:
            return another_figure(figure, right, self.known.random_worlds(figure, right))
        step, sign = self.descent(left), "="
        if step is None:
            step, sign = figure_in_numbers(self.known, left, right, self.words), "≈"
        ruling = self.compare.equal(step, sign, right) if step is not None else None
        if ruling is not None and ruling.verdict == WRONG and sign == "≈":
            return replace(ruling, why=OTHER_FIGURE)
        return ruling if ruling is not None and ruling.verdict in (WRONG, FOLLOWS) else None

    def meant(self, left: Formula | None, right: Formula | None) -> Formula | None:
        """What a name stands for although the text says it first: a step of the problem, a figure of merit."""
        if left is None or right is None:
            return None
        figure = figure_called(left, right, self.words)
        figure = figure or figure_in_numbers(self.known, left, right, self.words)
        return self.descent(left) or figure

    def descent(self, left: Formula) -> Formula | None:
        """The new value of a parameter by the problem, where the name stands for it."""
        if not isinstance(left, Name):
            return None
        steps = self.known.descents
        return steps.get(left.id) or steps.get(updated(left.id) or "")

    def _is_another_function(self, left: Apply, right: Formula, part: Part) -> bool:
        """``σ(z) = w z + b``, or one function of a list of them: the letter is used for it from here on.

        The first of them rests on parameters that the text has not yet named.
        """
        known = self.known
        if not is_call_of_names(left) or calls(known.functions, right, left.head):
            return False
        if known.is_function_of_text(left.head):
            before, label = self.labels.get(left.head), label_of(part)
            another = before is not None and label is not None and label != before
            return (another or any(map(KIND.search, part.notes))) and not self.compare.equal(left, "=", right).right  # fmt: skip
        if left.head in WITH_PARAMETERS and known.conditions:
            return False  # one branch of it
        letter = left.head in WITH_PARAMETERS or (part.first.source.strip().split("(")[0]) in HABITS
        parameters = free(right) - {arg.id for arg in left.args if isinstance(arg, Name)}
        return letter and bool(parameters) and not any(map(known.is_settled, parameters))

    def _is_given_anew(self, left: Formula, right: Formula) -> bool:
        """A name that the text itself gave a number gets another one, for the next problem."""
        name = base_of(left)
        known = self.known
        return (
            (
                name is not None
                and name in known.values
                and name not in known.definitions
                and name not in known.fixed
                and not quantities(right)
            )
            or self._is_of_another_problem(left, right)
            or self._is_next_step(left, right)
            or self._is_another_gradient(left, right)
            or self._is_another_variance(left, right)
        )

    def _is_another_gradient(self, left: Formula, right: Formula) -> bool:
        """``∂L/∂w = 0.4`` where it was 0.5, of an L that nobody has written: of another round or sample."""
        before = self.known.claimed.get(left)
        unwritten = isinstance(left, Apply) and left.head in HEADS and not self.known.derivable(left)  # fmt: skip
        if not unwritten or before is None or not is_plain(before):
            return False
        if not self.known.is_later(left) and not self.rounds.updated:
            return False  # said once more
        return is_plain(right) or self.known.in_letters.get(left) == self.compare.normal(right)

    def _is_another_variance(self, left: Formula, right: Formula) -> bool:
        """``σ^2 = 3`` where it was 1: of another batch."""
        root = squared(left)
        before = self.known.definitions.get(root.id) if isinstance(root, Name) else None
        said = isinstance(before, Apply) and before.head == "sqrt" and not quantities(before)
        return said and not quantities(right)

    def _is_next_step(self, left: Formula, right: Formula) -> bool:
        """``g = w_1 + μ v_1`` where g was ``w_0 + μ v_0``: the same formula, one step later."""
        before = self.known.definitions.get(left.id) if isinstance(left, Name) else None
        return before is not None and is_later(before, self.compare.normal(right))

    def _next_step(self, left: Formula, right: Formula) -> tuple[str, Formula] | None:
        """``w_{k+1} - w^* = (w_k - η g) - w^*`` says what w_{k+1} is, where nothing has said it."""
        if not isinstance(left, Apply) or left.head != "sum":
            return None
        for term in left.args:
            if isinstance(term, Name) and "+" in look(term.id).subscript:
                rest = [Apply("neg", (other,)) for other in left.args if other != term]
                fresh = not self.known.is_settled(term.id) and term.id not in self.known.seen
                if fresh and term.id not in free(right) and len(rest) + 1 == len(left.args):
                    return term.id, self.compare.normal(Apply("sum", (right, *rest)))
        return None

    def _contradicts(self, left: Formula, right: Formula) -> bool:
        """Whether a formula is of the same names as what the problem says in some step, and another one."""
        others = self.known.other.get(base_of(left) or "")
        said = others.definitions if others is not None else ()
        used = free(right)
        alike = [formula for formula in said if used and used <= free(formula)]
        return bool(alike) and not any(self.compare.equal(f, "=", right).right for f in alike)

    def _is_of_another_problem(self, left: Formula, right: Formula) -> bool:
        """A name is used for something else, if all that it is made of was given after it was."""
        known = self.known
        if not isinstance(left, Name) or left.id in known.fixed or not quantities(right):
            return False
        inside = known.support(right)
        if left.id in known.model and not any(map(self._is_array_of_text, inside)):
            return False
        when = known.order.get(left.id)
        if when is None or left.id in inside:
            return False
        later = all(known.order.get(name, 0) > when for name in inside)
        if not later:
            return self._has_other_parameter(left, inside, when)
        return not self.compare.equal(left, "=", right).right

    def _has_other_parameter(self, left: Name, inside: set[str], when: int) -> bool:
        """``η_t = η_0/2 (1 + \\cos(π t/T))`` where η_t was ``η_0 e^{-kt}``: T was given after that, and is no part of it."""
        known = self.known
        given = {n for n in inside & known.values.keys() if known.order.get(n, 0) > when}
        return bool(given - known.support(left) - known.definitions.keys() - known.fixed)

    def _is_array_of_text(self, name: str) -> bool:
        """An array that the text gives, and that the problem knows only by its entries, if at all."""
        known = self.known
        return isinstance(known.values.get(name), tuple) and name not in known.fixed | known.model

    def shares(self, part: Part, place: int) -> bool:
        """``p_1 = p_2 = p_3 = 0.5``: a relation of a line that gives several entries one number."""
        entries = shared_entries(part.first.formula, part.links)
        said = (self.known.is_known(e) or e in self.known.claimed for e in entries)
        return place < len(entries) and not any(said)

    def names_within(self, left: Formula, right: Formula, place: int) -> bool:
        """Whether a relation of a line says what a name is that nobody has used; it is learnt at once."""
        if self.names_anew(left, right) and isinstance(right, Name):
            self.known.define(right.id, left)
        elif place and self.names_before(left, right) and isinstance(left, Name):
            (self.known.define if quantities(right) else self.known.give)(left.id, right)
        else:
            return False
        return True

    def names_before(self, left: Formula, right: Formula) -> bool:
        """``h_1 = h_2 = σ(1.2)``: a name inside a line that is said to be what follows."""
        known = self.known
        fresh = isinstance(left, Name) and not known.is_settled(left.id)
        return fresh and left not in known.claimed and left not in quantities(right)

    def names_anew(self, left: Formula, right: Formula) -> bool:
        """``(a - t) a (1 - a) = δ``: a name that nobody has used before is defined on the right."""
        known = self.known
        return (
            isinstance(right, Name)
            and right.id not in known.seen
            and not known.is_settled(right.id)
            and right.id not in known.support(left)
            and bool(quantities(left))
        )


def label_of(part: Part) -> str | None:
    """``(ReLU)`` behind a line."""
    return next((note for note in part.notes if LABEL.fullmatch(note)), None)


def updates(part: Part) -> bool:
    left, right = part.first.formula, part.links[0].term.formula if part.links else None
    return left is not None and right is not None and is_update(left, part.links[0].sign, right)


def orthonormal(left: Formula, right: Formula) -> str:
    """Of ``V^T V = I`` the letter V; nothing of other relations."""
    if right != IDENTITY or not isinstance(left, Apply) or len(left.args) != 2:
        return ""
    one, other = left.args
    turned = one == Apply("transpose", (other,)) or other == Apply("transpose", (one,))
    plain = other if isinstance(other, Name) else one
    return look(plain.id).base if turned and isinstance(plain, Name) else ""


def _is_assignment(left: Formula, right: Formula) -> bool:
    """``(w_1, w_2) = (0.5, 1)``."""
    return (
        isinstance(left, Apply)
        and isinstance(right, Apply)
        and left.head in ("vector", "tuple")
        and len(left.args) == len(right.args)
        and all(isinstance(arg, Name) for arg in left.args)
        and not quantities(right)
    )


def are_indices(indices: Indices, *sides: Formula) -> bool:
    """``the term with k = i``."""
    return all(isinstance(side, Name) and side.id in indices.letters for side in sides)
