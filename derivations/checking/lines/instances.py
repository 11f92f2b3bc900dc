"""Numbers in the place of names: ``(W - F + 2P)/S + 1 = (32 - 5 + 0)/1 + 1`` says what W, F, P and S are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product

from derivations.checking.equality.comparing import Comparing
from derivations.checking.equality.steps import GIVEN, WRONG, Ruling
from derivations.checking.lines.worked import laid_over
from derivations.checking.names.quantities import is_named, is_plain, quantities, squared
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, Number, walk

RATES = frozenset({Name("eta"), Name("alpha")})
MOST_SIGNED = 16  # ways in which minus signs are moved
LATER = Ruling(GIVEN, "numbers of a later round")
Pair = tuple[Formula, Formula]  # a name, and the number in its place
Open = Callable[[Formula], bool]
Agrees = Callable[[Formula, Formula], bool]


def places(general: Formula, special: Formula) -> list[Pair] | None:
    """The names of a formula, each with the number that stands in its place in another one.

    None where the formulas have another form.
    """
    found: list[Pair] = []
    todo = [(general, special)]
    while todo:
        a, b = todo.pop()
        if is_named(a) and is_plain(b):
            found.append((a, b))
        elif isinstance(a, Number) or isinstance(b, Number) or not isinstance(a, Apply):
            if a != b:
                return None
        elif isinstance(b, Apply) and a.head == b.head and len(a.args) == len(b.args):
            todo += zip(a.args, b.args, strict=True)
        else:
            return None
    return found


def _is_minus(term: Formula) -> bool:
    return isinstance(term, Apply) and term.head == "neg"


def signed(general: Formula, special: Formula) -> Iterator[Formula]:
    """The other formula with a minus before a product at each of its factors: ``- 0.6 \\cdot 0.5`` in the place of w h."""
    if not isinstance(general, Apply) or not isinstance(special, Apply):
        yield special
        return
    if general.head == "neg" and special.head == "product":
        for way in signed(general.args[0], Apply("neg", (special,))):
            yield Apply("neg", (way,))
        return
    if general.head == "product" and special.head == "neg":
        inner = special.args[0]
        if isinstance(inner, Apply) and inner.head == "product" and len(inner.args) == len(general.args):  # fmt: skip
            for at, factor in enumerate(inner.args):
                turned = Apply("neg", (factor,))
                yield Apply("product", (*inner.args[:at], turned, *inner.args[at + 1 :]))
            return
    if general.head == special.head and len(general.args) == len(special.args):
        inside = [list(signed(a, b)) for a, b in zip(general.args, special.args, strict=True)]
        for args in islice(product(*inside), MOST_SIGNED):
            yield Apply(special.head, args)
    else:
        yield special


def instance(pairs: Sequence[Pair], is_open: Open, agrees: Agrees) -> dict[Formula, Formula] | None:
    """The numbers of names without value.

    None where a name would be two numbers, or where a number is not the value that a name has.

    Args:
        pairs: names with numbers in their places.
        is_open: whether a name has no value.
        agrees: whether a number may stand for a name that has a value.
    """
    found: dict[Formula, Formula] = {}
    for name, number in pairs:
        if name in RATES and _is_minus(number):
            return None
        if is_open(name):
            if found.setdefault(name, number) != number:
                return None
        elif not agrees(name, number):
            return None
    return found


def misplaced(pairs: Sequence[Pair], is_open: Open, agrees: Agrees) -> Pair | None:
    """A name with a number in its place that is not its value, where its value stands nowhere."""
    for name, number in pairs:
        known = not is_open(name)
        if known and not any(agrees(name, other) for _, other in pairs):
            return name, number
    return None


class Instances:
    """What numbers in the place of names say of them."""

    def __init__(self, comparing: Comparing) -> None:
        self.compare = comparing
        self.known = comparing.known

    def ruling(self, left: Formula, right: Formula) -> Ruling | None:
        """Names that the numbers in their place on the other side say the values of."""
        if quantities(right):
            return None
        if not any(map(self._is_open, quantities(left))):
            return self._worked_out(left, right)
        general, special = self.compare.normal(left), self.compare.normal(right)
        ways = list(filter(None, (places(general, way) for way in signed(general, special))))
        pairs = ways[0] if ways else []
        found = [instance(way, self._is_open, self._agrees) for way in ways]
        numbers = next(filter(None, found), None) or (found[0] if found else {})
        for name, number in (numbers or {}).items():
            if isinstance(name, Name):
                self.known.give(name.id, number)
                self.compare.rounds.instanced.add(name.id)
            else:  # a derivative
                self.known.claim(name, number, False)
                self.compare.rounds.slopes.add(name)
        if numbers:
            names = ", ".join(sorted(map(text, numbers)))
            return Ruling(GIVEN, f"numbers in the place of {names}")
        other = {n: v for n, v in pairs if not self._is_open(n) and not self._agrees(n, v)}
        if numbers is None and other and self.compare.rounds.are_of_later_round(other):
            self.compare.rounds.go_on(other)
            return self.ruling(left, right) or LATER
        if not numbers and self._has_turned_sign(general, special):
            return Ruling(WRONG, "the sign of a term is another one")
        beside = [misplaced(way, self._is_open, self._agrees) for way in ways]
        if numbers is None and all(beside) and (pair := beside[0]):
            expected, written = self.compare.shown(pair[0]), text(pair[1])
            why = f"{text(pair[0])} is not {written}"
            return Ruling(WRONG, why, expected, written) if expected else None
        return self._worked_out(left, right)

    def _has_turned_sign(self, general: Formula, special: Formula) -> bool:
        """``w - η g = 0.4 + 0.5 \\cdot 0.08`` where g is 0.08: a learning rate is never negative."""
        if not isinstance(general, Apply) or not isinstance(special, Apply):
            return False
        if general.head != "sum" or special.head != "sum" or len(general.args) != len(special.args):
            return False
        for at, (mine, yours) in enumerate(zip(general.args, special.args, strict=True)):
            turned = yours.args[0] if _is_minus(yours) else Apply("neg", (yours,))  # type: ignore[union-attr]
            whole = Apply("sum", (*special.args[:at], turned, *special.args[at + 1 :]))
            inside = [name for name, _ in places(mine, turned) or []]
            rates = all(n in RATES for n in inside if self._is_open(n))
            if rates and not all(map(self._is_open, inside)):
                pairs = places(general, whole)
                if pairs and instance(pairs, self._is_open, self._agrees):
                    return True
        return False

    def go_on(self, left: Formula, right: Formula) -> bool:
        """Whether the numbers are those of a later round of the problem's run; names then stand for them."""
        if not self.known.other or quantities(right):
            return False
        pairs = places(self.compare.normal(left), self.compare.normal(right)) or []
        other = {n: v for n, v in pairs if not self._is_open(n) and not self._agrees(n, v)}
        if not other or not self.compare.rounds.are_of_later_round(other):
            return False
        self.compare.rounds.go_on(other)
        return True

    def _worked_out(self, left: Formula, right: Formula) -> Ruling | None:
        """The same where some of the numbers are worked out, also in the definition of a name."""
        said = {n: f for n, f in self.known.definitions.items() if not self._has_value(Name(n))}
        general, special = self.compare.normal(left), self.compare.normal(right)
        root = squared(general)
        if root is not None and self._is_open(root) and isinstance(special, Number):
            return Ruling(GIVEN, f"the square of {text(root)}")
        ways = [laid_over(general, way, self._is_open, said) for way in signed(general, special)]
        every = [way for way in ways if way is not None and all(isinstance(n, Name) for n in way.found)]  # fmt: skip
        slips = [way.slip(self._fits) for way in every]
        if every and all(slips) and (slip := slips[0]) is not None:
            return Ruling(WRONG, f"{text(slip[0])} is not {text(slip[1])}")
        settled = (way.found for way in every if way.settled(self._fits))
        numbers = next((found for found in settled if found), {})
        if not numbers or not all(isinstance(name, Name) for name in numbers):
            return None
        for name, number in numbers.items():
            self.known.give(name.id, number)  # type: ignore[union-attr]
        names = ", ".join(sorted(map(text, numbers)))
        return Ruling(GIVEN, f"numbers in the place of {names}")

    def _has_value(self, name: Name) -> bool:
        return bool(self.compare.shown(name))

    def _fits(self, part: Formula, number: Formula) -> bool:
        rounded = any(isinstance(n, Number) and "." in n.text for n in walk(number))
        return self.compare.equal(part, "≈" if rounded else "=", number).right

    def _is_open(self, name: Formula) -> bool:
        """Whether a name or a derivative stands for nothing yet."""
        entry = isinstance(name, Apply) and name.head == "entry"
        if entry and not all(isinstance(place, Number) for place in name.args[1:]):  # type: ignore[union-attr]
            return False
        return not self.known.is_known(name) and name not in self.known.claimed

    def _agrees(self, name: Formula, number: Formula) -> bool:
        return self.compare.equal(name, "≈", number).right
