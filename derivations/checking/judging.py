"""The verdict on every relation of a text, from what the text itself has said before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flint import arb, fmpq

from derivations.checking.knowledge import Knowledge, base_of, free, is_named, quantities
from derivations.checking.steps import (
    FOLLOWS,
    GIVEN,
    HOLDS,
    PROVED,
    RIGHT,
    ROUNDED,
    UNDECIDED,
    UNREAD,
    WRONG,
    Step,
)
from derivations.formula.evaluation import (
    EvaluationError,
    Value,
    entries,
    evaluate,
    precision,
    shape,
)
from derivations.formula.numerals import Ambiguous, decimal_places, exact
from derivations.formula.printing import text
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    rewrite,
    substitute,
    walk,
)
from derivations.reading.latex import ReadChain, ReadLink, ReadTerm
from derivations.truth.judge import BITS, REFUTED, World, judge
from derivations.truth.judge import PROVED as SURE

EQUALS = frozenset({"=", "≈", "←", "≡", ":="})
ORDERS = frozenset({"<", ">", "≤", "≥", "≠"})
IMPLIES = frozenset({"⇒", "⇔", "→"})
SIGNS_LATEX = {"≈": r"\approx", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "⇒": r"\Rightarrow", "⇔": r"\iff",
               "←": r"\leftarrow", "∈": r"\in", "→": r"\to", "≡": r"\equiv"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict with its reason and, for a no, both values."""

    verdict: str
    why: str = ""
    expected: str = ""
    found: str = ""

    @property
    def right(self) -> bool:
        return self.verdict in RIGHT


class Judge:
    """Goes through the chains of a text and says what it finds at each relation sign."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.known = knowledge
        self.rounded: set[str] = set()  # numerals that the text rounded
        self.steps: list[Step] = []

    def chain(self, chain: ReadChain) -> None:
        """Judge every relation of a chain, and learn what it says of its first side."""
        if any(link.sign in IMPLIES for link in chain.links):
            self._implication(chain)
            return
        before, start = chain.first, len(self.steps)
        for place, link in enumerate(chain.links):
            self._add(before, link, self._link(chain, place, before, link, start))
            if link.term.formula is not None:
                before = link.term
        self._learn(chain, start)

    # ------------------------------------------------------------ one relation

    def _add(self, left: ReadTerm, link: ReadLink, ruling: Ruling) -> None:
        right = link.term
        shown = f"{left.source} {SIGNS_LATEX.get(link.sign, link.sign)} {right.source}"
        self.steps.append(
            Step(len(self.steps), shown, ruling.verdict, ruling.why, None, right.span,
                 ruling.expected, ruling.found)
        )  # fmt: skip

    def _link(
        self, chain: ReadChain, place: int, left: ReadTerm, link: ReadLink, start: int
    ) -> Ruling:
        right = link.term
        if right.formula is None:
            return Ruling(UNREAD, right.unread)
        if left.formula is None:
            return Ruling(UNREAD, left.unread)
        if link.sign == "∈":
            return Ruling(GIVEN, "a declaration")
        if place == 0 and (ruling := self._definition(left.formula, link)) is not None:
            return ruling
        if link.sign in ORDERS:
            return self._order(left.formula, link.sign, right.formula)
        ruling = self._equal(left.formula, link.sign, right.formula)
        slips = [step for step in self.steps[start:] if step.verdict == WRONG]
        first = chain.first.formula
        if place and first is not None and not ruling.right:
            direct = self._equal(first, link.sign, right.formula)
            if direct.right:
                why = "right again, though a step before it is wrong" if slips else direct.why
                return Ruling(direct.verdict, why)
        if slips and ruling.right:
            return Ruling(FOLLOWS, "right, given the step before")
        return ruling

    def _definition(self, left: Formula, link: ReadLink) -> Ruling | None:
        """The first relation of a line may say what its left side stands for."""
        right = link.term.formula
        assert right is not None
        if link.sign == "←":
            return Ruling(GIVEN, "an update")
        if link.sign not in EQUALS:
            return None
        if is_named(left) and not self.known.is_known(left) and left not in self.known.claimed:
            if isinstance(left, Apply) and (path := self._path(left, right)) is not None:
                return path
            if left not in quantities(right):
                return Ruling(GIVEN, "a definition")
        if self._is_given_anew(left, right):
            return Ruling(GIVEN, "given anew")
        if _is_assignment(left, right):
            return Ruling(GIVEN, "given values")
        if (
            isinstance(left, Apply)
            and left.args
            and left.head not in self.known.functions
            and all(isinstance(arg, Name) for arg in left.args)
            and self.known.symbols.is_function(left.head)
            and self.known.define_function(left, right)
        ):
            return Ruling(GIVEN, "a definition")
        return None

    def _is_given_anew(self, left: Formula, right: Formula) -> bool:
        """A name that the text itself gave a number gets another one, for the next problem."""
        name = base_of(left)
        known = self.known
        return (
            name is not None
            and name in known.values
            and name not in known.definitions
            and name not in known.fixed
            and not quantities(right)
        )

    def _path(self, left: Apply, right: Formula) -> Ruling | None:
        """A product of derivatives goes from one name to the other, numerators meeting denominators."""
        terms = right.args if isinstance(right, Apply) and right.head == "sum" else (right,)
        for term in terms:
            factors = (
                term.args
                if isinstance(term, Apply) and term.head in ("product", "matmul")
                else (term,)
            )
            partials = [
                f for f in factors if isinstance(f, Apply) and f.head in ("partial", "total")
            ]
            if len(partials) != len(factors) or len(partials) < 2:
                return None
            if not _connected(left, partials):
                return Ruling(
                    WRONG,
                    "the derivatives of the product do not meet: each lower name has to be the next upper one",
                )
        return Ruling(HOLDS, "the chain rule along a path")

    # ------------------------------------------------------------ equality

    def _equal(self, left: Formula, sign: str, right: Formula) -> Ruling:
        """With values where there are any, else in random worlds."""
        left, right = self._normal(left), self._normal(right)
        if left == right:
            return Ruling(PROVED, "the same formula")
        if not quantities(right) or not quantities(left):
            ruling = self._valued(left, sign, right)
            if ruling is not None:
                return ruling
        return self._in_names(left, sign, right)

    def _valued(self, left: Formula, sign: str, right: Formula) -> Ruling | None:
        """A side in numbers against the value of the other."""
        own = self.known.own_world()
        rulings: list[Ruling] = []
        for replaced, name in self._versions(left):
            world = own
            ruling = self._compare(replaced, sign, self._with_claims(right, name), world)
            if ruling is None:
                continue
            if ruling.right:
                return (
                    Ruling(FOLLOWS, "right, given the earlier value")
                    if name == "all" and ruling.verdict != UNDECIDED
                    else ruling
                )
            rulings.append(ruling)
        return rulings[0] if rulings else None

    def _versions(self, formula: Formula) -> Iterable[tuple[Formula, str]]:
        """The formula by the true values, by the values the text rounded, by all it claims."""
        yield formula, "true"
        right = self._good()
        by_right = _put(formula, right)
        if by_right != formula:
            yield by_right, "right"
        by_all = _put(formula, self.known.claimed)
        if by_all != by_right:
            yield by_all, "all"

    def _with_claims(self, formula: Formula, version: str) -> Formula:
        if version == "true":
            return formula
        return _put(formula, self._good() if version == "right" else self.known.claimed)

    def _good(self) -> Mapping[Formula, Formula]:
        """What the text claims and has right."""
        return {q: f for q, f in self.known.claimed.items() if q not in self.known.tainted}

    def _compare(self, left: Formula, sign: str, right: Formula, world: World) -> Ruling | None:
        """Two sides that have values in a world; None where they have none."""
        for bits in BITS:
            with precision(bits):
                try:
                    a = evaluate(left, world.values, world.functions)
                    b = evaluate(right, world.values, world.functions)
                except (EvaluationError, KeyError):
                    return None
                except Ambiguous:
                    continue
                if isinstance(a, (str, bool)) or isinstance(b, (str, bool)):
                    return Ruling(PROVED if a == b else WRONG)
                if shape(a) != shape(b):
                    return Ruling(WRONG, f"shapes {shape(a)} and {shape(b)} do not fit")
                verdict = judge(left, "=", right, world)
                if verdict.accepted:
                    return Ruling(PROVED if verdict.kind == SURE else HOLDS, verdict.why)
                if self._meets(left, a, sign, right, world):
                    style = "" if sign == "≈" else "rounded: the sign should be ≈"
                    return Ruling(ROUNDED, style)
                if verdict.kind == REFUTED:
                    return Ruling(WRONG, "the two sides differ", _digits(a), _digits(b))
        return Ruling(UNDECIDED, "the two sides are too near to each other to tell")

    def _meets(self, left: Formula, a: Value, sign: str, right: Formula, world: World) -> bool:
        """Whether the right side is the left one, rounded; numerals rounded before stand for balls."""
        loose = self._loose(left, self.rounded)
        mine = {n.text for n in walk(left) if isinstance(n, Number)}
        new = {n.text for n in walk(right) if isinstance(n, Number)} - mine
        if not _is_plain(right):
            new = {text for text in new if "." in text}
        elif sign == "=" and not any("." in text or "e" in text for text in new):
            return False  # 2.4 = 2 is no rounding that anybody would write so
        for side in ((left, {}), loose):
            try:
                value = evaluate(side[0], {**world.values, **side[1]}, world.functions)
                rounded, balls = self._loose(right, new)
                other = evaluate(rounded, {**world.values, **balls}, world.functions)
            except (EvaluationError, Ambiguous, KeyError):
                continue
            if all(
                arb(x).overlaps(arb(y)) for x, y in zip(entries(value), entries(other), strict=True)
            ):
                return True
        return False

    @staticmethod
    def _loose(formula: Formula, texts: set[str]) -> tuple[Formula, Mapping[str, arb]]:
        """The formula with a name for each numeral of these, and a ball for each name."""
        balls: dict[str, arb] = {}

        def rule(node: Formula) -> Formula | None:
            if not isinstance(node, Number) or node.text not in texts or "/" in node.text:
                return None
            places = decimal_places(node.text)
            half = fmpq(1, 2) * (fmpq(1, 10**places) if places >= 0 else fmpq(10**-places))
            middle = exact(node.text)
            balls[f"~{node.text}"] = arb(middle - half).union(arb(middle + half))
            return Name(f"~{node.text}")

        return rewrite(formula, rule), balls

    def _in_names(self, left: Formula, sign: str, right: Formula) -> Ruling:
        """In random worlds; then with what the text claims in the place of names."""
        ruling = self._tried(left, right)
        if ruling.right:
            return ruling
        if ruling.verdict == WRONG and not (quantities(left) and quantities(right)):
            ruling = Ruling(UNDECIDED, "names without values stand against numbers")
        for claimed, name in ((self._good(), "right"), (self.known.claimed, "all")):
            a, b = _put(left, claimed), _put(right, claimed)
            if (a, b) == (left, right):
                continue
            other = self._tried(a, b)
            if other.right:
                tainted = name == "all" and self.known.tainted
                return Ruling(FOLLOWS, "right, given the earlier step") if tainted else other
            if ruling.verdict == UNDECIDED:
                ruling = other
        return ruling

    def _tried(self, left: Formula, right: Formula) -> Ruling:
        for node in (*walk(left), *walk(right)):
            if isinstance(node, Apply) and node.head in ("partial", "total"):
                if not self.known.has_derivatives(node):
                    return Ruling(UNDECIDED, f"{text(node)} is not defined here")
        worlds = self.known.random_worlds(left, right)
        if not worlds:
            return Ruling(UNDECIDED, "no values were found at which both sides could be compared")
        sure = True
        for world in worlds:
            verdict = judge(left, "=", right, world)
            if verdict.kind == REFUTED:
                witness = _witness(world, free(left) | free(right))
                return Ruling(WRONG, f"{verdict.why}{witness}", *_both(verdict.witness))
            if not verdict.accepted:
                return Ruling(UNDECIDED, verdict.why)
            sure = sure and verdict.kind == SURE
        return Ruling(PROVED if sure else HOLDS)

    def _order(self, left: Formula, sign: str, right: Formula) -> Ruling:
        left, right = self._normal(left), self._normal(right)
        own = self.known.own_world()
        verdict = judge(left, sign, right, own)
        if verdict.accepted or verdict.kind == REFUTED:
            return Ruling(
                PROVED if verdict.accepted else WRONG, verdict.why, *_both(verdict.witness)
            )
        for claimed in (self.known.claimed,):
            again = judge(_put(left, claimed), sign, _put(right, claimed), own)
            if again.accepted or again.kind == REFUTED:
                return Ruling(PROVED if again.accepted else WRONG, again.why, *_both(again.witness))
        worlds = self.known.random_worlds(left, right)
        verdicts = [judge(left, sign, right, world) for world in worlds]
        if verdicts and all(verdict.accepted for verdict in verdicts):
            return Ruling(HOLDS, "at all points that were tried")
        if is_named(left) and not self.known.is_known(left):
            return Ruling(GIVEN, "a condition")
        if any(verdict.kind == REFUTED for verdict in verdicts):
            return Ruling(UNDECIDED, "it holds at some points and not at others")
        return Ruling(UNDECIDED, "it cannot be decided")

    # ------------------------------------------------------------ equations that are solved

    def _implication(self, chain: ReadChain) -> None:
        """``a = b ⇒ c = d``: what follows has to fulfil what stood before."""
        parts: list[list[tuple[ReadTerm, ReadLink]]] = [[]]
        before = chain.first
        order: list[tuple[ReadTerm, ReadLink, int]] = []
        for link in chain.links:
            if link.sign in IMPLIES:
                parts.append([])
                order.append((before, link, len(parts) - 1))
            else:
                parts[-1].append((before, link))
                order.append((before, link, len(parts) - 1))
            before = link.term
        rulings: dict[int, Ruling] = {}
        for place in range(1, len(parts)):
            rulings[place] = self._follows(parts[place - 1], parts[place])
        for left, link, place in order:
            if left.formula is None or link.term.formula is None:
                self._add(left, link, Ruling(UNREAD, link.term.unread or left.unread))
            elif place == 0 and link.sign not in IMPLIES:
                self._add(left, link, self._premise(left.formula, link))
            else:
                self._add(left, link, rulings[place])

    def _premise(self, left: Formula, link: ReadLink) -> Ruling:
        assert link.term.formula is not None
        ruling = self._equal(left, link.sign, link.term.formula) if link.sign in EQUALS else None
        if ruling is not None and ruling.right:
            return ruling
        return Ruling(GIVEN, "an equation")

    def _follows(
        self, premise: list[tuple[ReadTerm, ReadLink]], conclusion: list[tuple[ReadTerm, ReadLink]]
    ) -> Ruling:
        if not premise or not conclusion:
            return Ruling(UNDECIDED, "not an equation on both sides")
        (a, first), (c, second) = premise[0], conclusion[-1]
        left, right, name, value = (
            a.formula,
            first.term.formula,
            conclusion[0][0].formula,
            second.term.formula,
        )
        if left is None or right is None or name is None or value is None or c.formula is None:
            return Ruling(UNREAD, "a side could not be read")
        if isinstance(name, Name):
            solved = {name.id: value}
            ruling = self._equal(substitute(left, solved), "=", substitute(right, solved))
            if ruling.verdict == WRONG:
                return Ruling(
                    WRONG,
                    "put into the equation before, it does not fulfil it",
                    ruling.expected,
                    ruling.found,
                )
            return ruling
        return Ruling(UNDECIDED, "an equation that is not solved for a name")

    # ------------------------------------------------------------ learning

    def _learn(self, chain: ReadChain, start: int) -> None:
        """Definitions, values and claims for the lines below."""
        first = chain.first.formula
        steps = self.steps[start:]
        if first is None or not steps:
            return
        for step, link in zip(steps, chain.links, strict=True):
            if step.verdict in (ROUNDED, WRONG, FOLLOWS, GIVEN) and link.term.formula is not None:
                if _is_plain(link.term.formula) and (link.sign == "≈" or step.verdict == ROUNDED):
                    self.rounded |= {
                        n.text for n in walk(link.term.formula) if isinstance(n, Number)
                    }
        if not is_named(first) or chain.links[0].sign == "←":
            return
        sides = [self._normal(link.term.formula) for link in chain.links
                 if link.sign in EQUALS and link.term.formula is not None]  # fmt: skip
        if not sides:
            return
        wrong = any(step.verdict in (WRONG, FOLLOWS) for step in steps) and not steps[
            -1
        ].why.startswith("right again")
        if (
            steps[0].verdict == GIVEN
            and isinstance(first, Apply)
            and first.head in ("vector", "tuple")
        ):
            self._give_each(first, chain.links[0].term.formula)
            return
        name = base_of(first)
        if steps[0].why == "given anew" and name is not None:
            self.known.give(name, sides[-1] if _is_plain(sides[-1]) else sides[0])
        if steps[0].verdict == GIVEN and name is not None and not self.known.is_known(first):
            if isinstance(first, Apply):
                self._define_entries(first, sides[0])
            elif quantities(sides[0]):
                self.known.define(name, sides[0])
            else:
                self.known.give(name, sides[-1] if _is_plain(sides[-1]) else sides[0])
        plain = [side for side in sides if not quantities(side)]
        self.known.claim(first, plain[-1] if plain else sides[-1], wrong)

    def _give_each(self, names: Apply, values: Formula | None) -> None:
        """``(w_1, w_2) = (0.5, 1)``: a value for each."""
        if isinstance(values, Apply) and len(values.args) == len(names.args):
            for name, value in zip(names.args, values.args, strict=True):
                if isinstance(name, Name):
                    self.known.give(name.id, value)

    def _define_entries(self, first: Apply, body: Formula) -> None:
        """``z_k = ...`` for every k: the array by its entries."""
        array, *places = first.args
        if not isinstance(array, Name) or not all(isinstance(p, Name) for p in places):
            return
        ends = [_end(size) for size in self.known.indices.shapes.get(array.id, ())]
        if len(set(places)) != len(places) or len(ends) != len(places):
            return
        for place, end in reversed(list(zip(places, ends, strict=True))):
            body = Apply("column_of", (place, Number("1"), end, body))
        self.known.define(array.id, body)

    def _normal(self, formula: Formula) -> Formula:
        """d/dx of a formula by a name of its own, so that what it rests on moves with x."""

        def rule(node: Formula) -> Formula | None:
            if isinstance(node, Apply) and node.head == "derivative" and len(node.args) == 2:
                of, wrt = node.args
                if isinstance(wrt, Name):
                    inner = self._normal(of)
                    hidden = f"~of{len(self.known.definitions)}"
                    known = next(
                        (
                            n
                            for n, f in self.known.definitions.items()
                            if f == inner and n.startswith("~of")
                        ),
                        None,
                    )
                    if known is None:
                        self.known.define(hidden, inner)
                    return Apply("partial", (Name(known or hidden), wrt))
            return None

        return rewrite(formula, rule)


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


def _end(size: str) -> Formula:
    return Number(size) if size.isdigit() else Name(size)


def _put(formula: Formula, claimed: Mapping[Formula, Formula]) -> Formula:
    """Claims in the place of names, entries and derivatives."""
    return rewrite(formula, lambda node: claimed.get(node, node) if is_named(node) else None)


def _is_plain(formula: Formula) -> bool:
    """A numeral, or an array of numerals."""
    if isinstance(formula, Number):
        return True
    return (
        isinstance(formula, Apply)
        and formula.head in ("neg", "vector", "matrix", "row", "quotient")
        and all(map(_is_plain, formula.args))
    )


def _connected(left: Apply, partials: list[Apply]) -> bool:
    of, wrt = left.args
    steps = {factor.args for factor in partials}
    at = of
    for _ in partials:
        following = [b for a, b in steps if a == at]
        if len(following) != 1:
            return False
        at = following[0]
    return at == wrt


def _digits(value: Value) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_digits, value)) + "]"
    return arb(value).str(6, radius=False) if isinstance(value, (arb, fmpq)) else str(value)


def _both(witness: str) -> tuple[str, str]:
    left, _, right = witness.partition(" and ")
    return left, right


def _witness(world: World, used: set[str]) -> str:
    """``, at w = 2, b = -1``."""
    shown = [
        f"{name} = {_digits(world.values[name])}"
        for name in sorted(used)
        if name in world.values
        and not name.startswith("~")
        and not isinstance(world.values[name], tuple)
    ]
    return f", at {', '.join(shown[:4])}" if shown else ""
