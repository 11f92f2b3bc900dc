"""The verdict on every relation of a text, from what the text itself has said before."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.corrections import NO_POWER
from derivations.checking.equality.otherwise import otherwise
from derivations.checking.equality.random_variables import of_moments
from derivations.checking.equality.rounds import Rounds
from derivations.checking.equality.solving import FAILS, WHEREVER, Solving, is_equation
from derivations.checking.equality.steps import (
    AGAIN,
    FOLLOWS,
    GIVEN,
    OF_SLIP,
    ROUNDED,
    TOO_LONG,
    UNDECIDED,
    UNREAD,
    WRONG,
    Ruling,
    Step,
    sign_of,
)
from derivations.checking.equality.witnesses import far_apart
from derivations.checking.lines.defining import ASSUMPTION, DEFINITION, Defining, updates
from derivations.checking.lines.emptied import emptied
from derivations.checking.lines.general import General
from derivations.checking.lines.instances import Instances
from derivations.checking.lines.learning import Learning
from derivations.checking.lines.meanings import meaning
from derivations.checking.lines.ordering import Ordering
from derivations.checking.lines.paths import ADDED, STEPS, along_path
from derivations.checking.lines.premises import (
    EQUATION,
    as_premise,
    floored,
    is_claim,
    is_rounded_down,
    is_zero,
    of_arrow,
    rests_on_slope,
)
from derivations.checking.lines.repairing import repaired
from derivations.checking.lines.sentences import MAY_BE, ORDERS, Mentions, in_sentence
from derivations.checking.lines.starting import from_zero
from derivations.checking.lines.stationary import Stationary
from derivations.checking.lines.stepping import with_update
from derivations.checking.lines.unrolling import closed_form, unrolled
from derivations.checking.misconceptions.naming import named, named_of_solving
from derivations.checking.names.differentials import moving
from derivations.checking.names.distributions import adds, is_drawn
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.quantities import free, is_named, quantities, squared
from derivations.checking.names.subscripted import with_slopes
from derivations.checking.names.taken import of_length_one
from derivations.checking.text.documents import DEMANDED, DISPLAYED
from derivations.checking.text.parts import EQUALS, Equation, Part, parts_of, rewritten
from derivations.formula.tree import Apply, Formula, rewrite
from derivations.formula.work import Exhausted, at_most
from derivations.reading.latex import ReadChain, ReadLink, ReadTerm
from derivations.reading.latex.dotted import UNCLEAR

MOST_STEPS = 800  # in one text
MOST_WORK = 100_000  # operations for one relation; halved with each that takes more
LEAST_WORK = 5_000
MOST_OF_TEXT = 600_000  # operations for all relations of one text
BOUNDS = frozenset({"≤", "≥"})
IF = re.compile("if", re.IGNORECASE)
SLIPS = {ADDED: "sum-for-product", STEPS: None, NO_POWER: "bias-correction-forgotten"}
UNLEARNT = (EQUATION.why, ASSUMPTION.why, MAY_BE)  # begin reasons for which nothing is learnt


class Judge:
    """Goes through the chains of a text and says what it finds at each relation sign."""

    def __init__(self, knowledge: Knowledge, rounds: Rounds) -> None:
        self.known = knowledge
        self.compare = Comparing(knowledge, rounds)
        self.solve = Solving(self.compare)
        self.stationary = Stationary(self.solve)
        self.learn = Learning(self.compare)
        self.order = Ordering(self.compare)
        self.define = Defining(self.compare)
        self.instances = Instances(self.compare)
        self.general = General(self.compare, self.instances)
        self.mentions = Mentions(knowledge)
        self.steps: list[Step] = []
        self.limit = MOST_STEPS
        self.work = MOST_OF_TEXT  # that is left
        self.allowed = MOST_WORK
        self.premise: Part | None = None  # an equation that the next line solves,
        self.slipped = False  # and whether it comes from a slip
        self.failed: tuple[Ruling, Equation, Equation] | None = None  # what does not follow from it
        self.roots: Equation | None = None  # whose solutions lines give by names with numbers
        self.manner = DISPLAYED
        self.apart = False  # whether the next line stands in another piece of the text
        self.head: Formula | None = None  # what the line is about
        self.opening: ReadTerm | None = None  # its first term
        self.body: Formula | None = None  # what it begins by saying of it

    def chain(self, chain: ReadChain, following: ReadChain | None = None) -> None:
        """Judge every relation of a chain, and learn what it says of its first side.

        Args:
            chain: the line.
            following: the line below it, which may solve it as an equation.
        """
        chain = rewritten(chain, lambda formula: with_slopes(self.known.tied(formula), self.known))
        chain = with_update(chain, self.known, self.compare.rounds)
        parts = list(parts_of(chain))
        self.known.conditions = chain.conditions
        before, self.premise = self.premise, None
        slipped = before is not None and self.slipped
        for place, part in enumerate(parts):
            last = place + 1 == len(parts)
            start = len(self.steps)
            slipped = (
                self._part(part, before, slipped, None if last else parts[place + 1]) or slipped
            )
            if last and following is not None:
                self._look_ahead(part, next(parts_of(following)), start)
            before = part

    def _part(self, part: Part, premise: Part | None, slipped: bool, then: Part | None) -> bool:
        """Judge a part, and learn from it; whether one of its steps is wrong."""
        self.known.moving = moving(part, self.known)
        if part.first.formula is not None:
            said = part.links[0].term.formula if part.links else None
            used = frozenset() if said is None else frozenset(free(said))
            self.compare.rounds.begin(part.first.formula, updates(part), used)
        ruling = self._within(lambda: self._conclusion(premise, part, slipped))
        if part.arrow is not None:
            self._add(*part.arrow, of_arrow(part, ruling))
        self.head = self.compare.versions.about = (part.label or part.first).formula
        self.opening = part.first
        self.body = part.links[0].term.formula if part.links else None
        known = self.head is not None and self.known.is_known(self.head)
        self.compare.versions.whole = self.head if known else self.body
        start, left = len(self.steps), part.first
        for place, link in enumerate(part.links):
            if place == 0 and ruling is not None:
                found = ruling
            else:
                found = self._judged(part, place, left, link, start)
                if left.formula is not None:
                    found = in_sentence(self.known, self.manner, (left.formula, link), found)
                if then is not None and place + 1 == len(part.links) and left.formula is not None:
                    leads = self.solve.leads(part.equation(-1), then.equation(0))
                    found = as_premise(left.formula, link, found, leads)
            self._add(left, link, found)
            if found.verdict in (WRONG, FOLLOWS):
                self.compare.versions.whole = None
            if link.term.formula is not None:
                left = link.term
        steps = self.steps[start:]
        self.mentions.hear(self.manner, part, steps)
        if not any(step.why.startswith(UNLEARNT) for step in steps):
            with suppress(Exhausted), at_most(self.allowed):
                self.learn.line(ReadChain(part.first, part.links, label=part.label), steps)
        return any(step.verdict in (WRONG, FOLLOWS) for step in steps)

    def _within(self, work: Callable[[], Ruling | None]) -> Ruling | None:
        """What comes of some work, or that it is too much for the judge."""
        try:
            with at_most(self.allowed):
                return work()
        except (Exhausted, RecursionError):  # too much, or too deep
            self.allowed = max(self.allowed // 2, LEAST_WORK)
            return TOO_LONG

    # ------------------------------------------------------------ one relation

    def _add(self, left: ReadTerm, link: ReadLink, ruling: Ruling) -> None:
        right = link.term
        shown = f"{left.source} {sign_of(link)} {right.source}"
        slip, why, other = None, ruling.why, ""
        if self.failed is not None and ruling is self.failed[0]:
            slip, why = named_of_solving(*self.failed[1:], self.solve, why)
        elif ruling.verdict == WRONG and link.sign in EQUALS:
            step = self.define.meant(left.formula, right.formula)
            slip, why = (
                (SLIPS[why], why)
                if why in SLIPS
                else named(step or left.formula, link.sign, right.formula, self.compare, why)
            )
            with suppress(Exhausted), at_most(self.allowed):
                other = otherwise(left, link.sign, right, self.compare)
        self.steps.append(
            Step(len(self.steps), shown, ruling.verdict, why, slip, right.span,
                 ruling.expected, ruling.found, ruling.repaired, left, link, self.head,
                 self._emptied(right.formula, ruling), other, left is self.opening,
                 meaning(left.formula, ruling, self.known))
        )  # fmt: skip

    def _emptied(self, right: Formula | None, ruling: Ruling) -> str:
        with suppress(Exhausted), at_most(self.allowed):
            return emptied(self.head, self.body, right, ruling, self.compare)
        return ""

    def _judged(self, part: Part, place: int, left: ReadTerm, link: ReadLink, start: int) -> Ruling:
        ruling = self._within(lambda: self._link(part, place, left, link, start))
        assert ruling is not None
        return ruling

    def _link(self, part: Part, place: int, left: ReadTerm, link: ReadLink, start: int) -> Ruling:
        right = link.term
        if right.formula is None or left.formula is None:
            return Ruling(UNREAD, right.unread or left.unread)
        if len(self.steps) >= self.limit:
            return Ruling(UNDECIDED, f"not judged: more than {MOST_STEPS} relations in one text")
        if link.sign == "∈":
            return Ruling(GIVEN, "a declaration")
        if link.sign in EQUALS:
            ruling = of_moments(self.compare, left.formula, right.formula)
            if ruling is not None:
                return self._in_its_line(part, place, link, start, ruling)
        if self.define.shares(part, place):
            return DEFINITION
        if place == 0:
            if (general := self.general.ruling(left.formula, link.sign, right.formula)) is not None:
                return general
            said = self.manner != DISPLAYED
            ruling = self.define.ruling(left.formula, link, part, said)
            if ruling is not None:
                ruling = closed_form(self.compare, left.formula, right.formula, ruling)
                return self.stationary.ruling(left.formula, left.formula, link.sign, right.formula, ruling)  # fmt: skip
        if link.sign in ORDERS and any(map(IF.fullmatch, part.notes)):
            return Ruling(GIVEN, "a condition")
        if link.sign in ORDERS:
            claimed = bool(place) and link.sign in BOUNDS and not part.leads_on
            return self.order.ruling(left.formula, link.sign, right.formula, claimed)
        if link.sign == "∼" and is_drawn(left.formula, right.formula):
            return Ruling(GIVEN, "a distribution")
        if link.sign not in EQUALS:
            return Ruling(UNDECIDED, f"'{link.sign}' is no relation that can be computed")
        if self.define.names_within(left.formula, right.formula, place):
            return DEFINITION
        ruling = self._equal(part, left.formula, link.sign, right.formula)
        ruling = self.stationary.ruling(part.first.formula, left.formula, link.sign, right.formula, ruling)  # fmt: skip
        before = part.links[place - 1].term if place else left
        if (
            before.formula is None
            and not ruling.right
            and not (ruling.verdict == WRONG and UNCLEAR in before.unread)
        ):
            return Ruling(UNDECIDED, "what stands before it could not be read")
        return self._in_its_line(part, place, link, start, ruling)

    def _equal(self, part: Part, left: Formula, sign: str, right: Formula) -> Ruling:
        """Whether two sides are equal, as the words beside the line say it, too."""
        ruling = self.compare.equal(left, sign, right)
        if ruling.right:
            self.instances.ruling(left, right)
            return ruling
        if ruling.verdict == WRONG and self.instances.go_on(left, right):
            return self._equal(part, left, sign, right)
        if ruling.verdict == WRONG and self.compare.rounds.is_of_run(
            part.first.formula, left, right
        ):
            return Ruling(ROUNDED, "as the problem's run has it, where nothing was rounded before")
        if (start := from_zero(self.compare, left, sign, right)) is not None:
            return start
        if ruling.verdict == WRONG and is_rounded_down(part):
            cut = self.compare.equal(rewrite(left, floored), sign, right)
            return Ruling(cut.verdict, "quotients rounded down, as the text says") if cut.right else ruling  # fmt: skip
        derivative = isinstance(left, Apply) and left.head in ("partial", "total")
        if ruling.verdict == UNDECIDED and derivative and isinstance(left, Apply):
            path = along_path(left, right)
            return path if path is not None and (path.right or path.why == STEPS) else ruling
        if ruling.verdict == UNDECIDED and (
            adds(left, right, self.known.adding) or self._is_taken(left, right)
        ):
            return ASSUMPTION
        if ruling.verdict == UNDECIDED:
            return self.instances.ruling(left, right) or unrolled(self.compare, left, right, part) or ruling  # fmt: skip
        return ruling

    def _is_taken(self, left: Formula, right: Formula) -> bool:
        """Whether it asks for the length 1 of a vector of which the text says nothing else."""
        return of_length_one(left, right) in self.known.declared.taken

    def _in_its_line(
        self, part: Part, place: int, link: ReadLink, start: int, ruling: Ruling
    ) -> Ruling:
        """A ruling in the light of what the line said before: it follows, or is right again."""
        slips = [
            at for at, step in enumerate(self.steps[start:]) if step.verdict in (WRONG, FOLLOWS)
        ]
        if ruling.right:
            here = part.equation_at(place)
            if slips or here is None:
                return OF_SLIP if slips else ruling
            return repaired(self.compare, here, ruling)
        terms = (part.first, *(earlier.term for earlier in part.links[:place]))
        right = link.term.formula
        first = 1 if updates(part) else 0  # of an update: the name still has its old value
        apart = [
            at + 1 for at, earlier in enumerate(part.links[:place]) if earlier.sign not in EQUALS
        ]
        sources = {first, slips[0]} if slips else {first, *range(max([first, *apart]), place)}
        own = self.known.own_world()
        far = not slips and ruling.verdict == WRONG and far_apart(terms[place].formula, right, own)
        for source in sorted(sources) if place else ():
            formula = terms[source].formula
            if formula is None or right is None:
                continue
            direct = self.compare.equal(formula, link.sign, right)
            if direct.right and not (far and direct.verdict != FOLLOWS):
                why = AGAIN if slips else direct.why
                return Ruling(direct.verdict, why, repaired=bool(slips))
        open_before = any(step.verdict == UNDECIDED for step in self.steps[start:])
        left = terms[place].formula
        if ruling.verdict == WRONG and open_before and not slips and left and right:
            if link.sign == "≈" and self.compare.equal(right, "≈", left).right:
                return Ruling(
                    UNDECIDED, "more digits than what stands before it, which is undecided"
                )
        return ruling

    # ------------------------------------------------------------ equations that are solved

    def _conclusion(self, premise: Part | None, part: Part, slipped: bool) -> Ruling | None:
        """The first relation of what follows from a premise; None where it stands by itself."""
        said = part.equation(0)
        if self.roots is not None and premise is None and said is not None:
            root = self.solve.root(self.roots, said)  # λ₁ = 3, and then λ₂ = 1
            self.roots = None if root is None else self.roots
            return root
        if premise is None or not part.links:
            return None
        conditions = [pair for pair in premise.pairs() if pair[1] in ORDERS]
        then, given = part.equation(0), premise.equation(-1)
        if then is None:
            return None
        if given is not None and (root := self.solve.root(given, then)) is not None:
            self.roots = given
            return root
        if given is not None and self.solve.belong(given, then):
            ruling = self.solve.follows(given, then)
            if slipped and not ruling.right and (direct := self.stationary.holds(then)):
                return direct
            if ruling.verdict == UNDECIDED and rests_on_slope(premise, then):
                return None
            if ruling.verdict == UNDECIDED and self.compare.equal(given[0], "=", given[1]).right:
                direct = self.compare.equal(then[0], "=", then[1])  # nothing is to be solved
                ruling = ruling if direct.verdict == UNDECIDED else direct
            self.failed = (ruling, given, then) if ruling.verdict == WRONG else None
            return OF_SLIP if slipped and ruling.right else ruling
        defined = is_named(then[0]) and not self.known.is_known(then[0])
        if conditions and quantities(then[0]) and not defined:
            ruling = self.compare.equal(then[0], "=", then[1])
            ruling = ruling if ruling.right else self.solve.where(conditions, then)
            of_names = any(quantities(a) | quantities(b) for a, _, b in conditions)
            return ruling if ruling.right or of_names else None  # 0.5 > 0 ⇒ y = 1
        return None

    def _look_ahead(self, part: Part, below: Part, start: int) -> None:
        """An equation that the line below solves is no identity, and not wrong."""
        premise, then = part.equation(-1), below.equation(0)
        if premise is None or then is None or len(self.steps) == start:
            return
        ruling = self._within(lambda: self.compare.equal(premise[0], "=", premise[1]))
        assert ruling is not None
        last = self.steps[-1]
        solved = last.why == WHEREVER  # it is itself what follows from the line above
        slipped = last.verdict == FOLLOWS and (is_zero(premise) or is_zero(premise[::-1]))
        open_yet = last.verdict in (WRONG, UNDECIDED) or last.why in (EQUATION.why, WHEREVER)
        claimed = is_claim(part, premise, self.steps[start:-1])
        if not (open_yet or slipped) or last.why.startswith(FAILS) or claimed:
            return
        demanded = self.manner == DEMANDED and last.why == EQUATION.why
        asked = demanded or is_equation(premise[0], ruling)
        if not asked or not (self.solve.belong(premise, then) or self.solve.is_root(premise, then)):
            return
        name = squared(then[0]) or then[0]
        fresh = is_named(name) and not self.known.is_known(name) and name not in self.known.claimed
        meant = is_zero(premise) or (demanded and bool(quantities(then[1])))
        fresh = fresh and (not self.apart or solved or meant)
        goes_on = (solved or is_zero(premise) > is_zero(then)) and self.solve.is_of_one(premise)
        if fresh or goes_on or self._is_solved(premise, then):
            self.premise, self.slipped = part, slipped or self.solve.is_of_slip(premise)
            if not solved and not slipped:
                left = [part.first, *(link.term for link in part.links)][-2]
                self.steps.pop()
                self._add(left, part.links[-1], OF_SLIP if self.slipped else EQUATION)

    def _is_solved(self, premise: Equation, then: Equation) -> bool:
        """Whether a line follows from an equation, and is no identity."""

        def follows() -> Ruling | None:
            if self.compare.equal(then[0], "=", then[1]).right:
                return None
            return self.solve.follows(premise, then)

        return (ruling := self._within(follows)) is not None and ruling.right
