"""Putting the numbers in: the value of every quantity, rounded and carried by the policy.

Two roads run side by side: with nothing rounded on the way (`Known.true`), and with what the
sheet's reader goes on with (`Known.carried`). Where nothing has been rounded they are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flint import arb, ctx, fmpq

from derivations.errors import ProblemError
from derivations.formula.evaluation import (
    EvaluationError,
    Function,
    Value,
    evaluate,
    precision,
)
from derivations.formula.numerals import Ambiguous, NumeralError, exact
from derivations.formula.printing import AUXILIARY, Numeral, Word, text
from derivations.formula.recursions import Diverges
from derivations.formula.tree import Apply, Formula, Number, children, is_quantity, key
from derivations.steps.plots import draw
from derivations.steps.rounding import Rounding
from derivations.steps.solution import (
    Block,
    Choice,
    Derivation,
    Items,
    Known,
    Part,
    Plot,
    Quantity,
    Reached,
    Solution,
    Step,
)
from derivations.steps.vanishing import Vanishing

FIRST_BITS, LAST_BITS = 128, 4096
MAX_BITS = 20_000  # rationals that have grown beyond this go on as balls
TINY = "{}: the value lies too near to 0 to be written"
LARGE = "{}: the value grows beyond all bounds"
ANSWER = f"{AUXILIARY}answer:"
HUGE = 10_000  # decimal digits before the point

Given = str | tuple[Any, ...]  # a numeral, or nested tuples of numerals


def substitute_values(derivation: Derivation, given: Mapping[str, Given]) -> Solution:
    """The solution for these givens; balls get more bits until every digit is certain.

    Raises:
        ProblemError: a quantity has no value: a division by 0, a logarithm of 0, an overflow.
    """
    bits = FIRST_BITS
    while True:
        try:
            with precision(bits):
                known = _values(derivation, given)
                chosen = _Chosen(derivation, known)
                parts = tuple(map(chosen.part, derivation.parts))
                return Solution(derivation, known, chosen.blocks(derivation.statement), parts)
        except Ambiguous as error:
            bits *= 2
            if bits > LAST_BITS:
                of = error.name.removeprefix(ANSWER) if isinstance(error, _Undecided) else ""
                name = f"{of}: " if of and not of.startswith(AUXILIARY) else ""
                raise ProblemError.at(
                    f"{name}a value lies so near to a boundary that its digits or its branch "
                    "cannot be decided",
                    derivation.place, derivation.id,
                ) from None  # fmt: skip


class _Undecided(Ambiguous):
    """A quantity that has no certain value with so many bits."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


def _values(derivation: Derivation, given: Mapping[str, Given]) -> dict[str, Known]:
    true: dict[str, Value] = {}
    carried: dict[str, Value] = {}
    known: dict[str, Known] = {}
    same = True  # whether both roads are still one
    vanishing = Vanishing(derivation.quantities, derivation.functions)
    for quantity in derivation.quantities:
        name = quantity.key
        if quantity.reached is not None:
            known[name] = _reached(quantity.reached, quantity, derivation, true)
        elif quantity.formula is None:
            value = read_given(given[name])
            known[name] = Known(value, value, value, given[name], True)
        else:
            try:
                exactly = evaluate(quantity.formula, true, derivation.functions)
                exactly = vanishing.with_zeros(quantity, exactly, true)
                value = exactly
                if not same:
                    value = evaluate(quantity.formula, carried, derivation.functions)
                    value = vanishing.alone(quantity, value, carried)
            except EvaluationError as error:
                if quantity.role == "inside":  # of a branch that is not taken
                    continue
                raise ProblemError.at(f"{name}: {error}", derivation.place, derivation.id) from None
            except Ambiguous:
                raise _Undecided(name) from None
            if quantity.role == "claim" and exactly is not True:
                claim = text(quantity.formula)
                raise ProblemError.at(
                    f"{name}: the claim {claim} is false", derivation.place, derivation.id
                )
            if quantity.role == "assembled":  # givens are not rounded
                shown = _as_given(quantity.formula, known)
                known[name] = Known(exactly, exactly, exactly, shown, True)
            else:
                try:
                    known[name] = _with_zeros(
                        quantity,
                        _known(quantity, _bounded(exactly), _bounded(value), derivation.rounding),
                        known,
                    )
                except (EvaluationError, NumeralError) as error:
                    told = isinstance(error, EvaluationError)
                    words = f"{name}: {error}" if told else _unwritten(value).format(name)
                    raise ProblemError.at(words, derivation.place, derivation.id) from None
                except Ambiguous:
                    raise _Undecided(name) from None
                if derivation.rounding.carry == "exact" and known[name].exact:
                    evident = _evident(quantity, known, derivation.functions)
                    known[name] = replace(known[name], evident=evident)
            same = same and _same_value(known[name])
        true[name], carried[name] = known[name].true, known[name].carried
    return known


def _unwritten(value: Value) -> str:
    """Why no numeral writes a value: one of its entries is too large, or too near to 0."""
    if isinstance(value, tuple):
        return LARGE if LARGE in map(_unwritten, value) else TINY
    large = isinstance(value, (fmpq, arb)) and bool(arb(value) > 1 or arb(value) < -1)
    return LARGE if large else TINY


def _reached(
    reached: Reached, quantity: Quantity, derivation: Derivation, values: Mapping[str, Value]
) -> Known:
    """The value to which a recursion has led; what leads there is carried unrounded."""
    name = quantity.key
    try:
        value = reached.recursion.after(reached.update, values)[reached.name]
        return _known(quantity, value, value, derivation.rounding)
    except Diverges as error:
        words = f"{reached.recursion.blame or name}: {error}"
        raise ProblemError.at(words, derivation.place, derivation.id) from None
    except EvaluationError as error:
        raise ProblemError.at(f"{name}: {error}", derivation.place, derivation.id) from None
    except Ambiguous:
        raise _Undecided(name) from None


def _as_given(formula: Formula, known: Mapping[str, Known]) -> Numeral:
    """The numerals of a vector or matrix of givens, as the givens are written."""
    if isinstance(formula, Apply):
        return tuple(_as_given(arg, known) for arg in formula.args)
    if isinstance(formula, Number):
        return formula.text
    return known[key(formula)].shown


def _evident(
    quantity: Quantity, known: Mapping[str, Known], functions: Mapping[str, Function]
) -> bool:
    """Whether the numerals on the sheet give the value that is shown: max(0, -1.3) is 0."""
    assert quantity.formula is not None
    used = _operands(quantity.formula, known)
    if all(known[name].exact for name in used):
        return True
    if any(isinstance(known[name].shown, Word) for name in used):
        return False
    shown = {name: read_given(known[name].shown) for name in used}  # type: ignore[arg-type]
    try:
        return bool(evaluate(quantity.formula, shown, functions) == known[quantity.key].carried)
    except (EvaluationError, Ambiguous):
        return False


def _operands(formula: Formula, known: Mapping[str, Known]) -> set[str]:
    """The quantities in a formula."""
    if is_quantity(formula):
        return {key(formula)} & set(known)
    return {name for part in children(formula) for name in _operands(part, known)}


def _same_value(known: Known) -> bool:
    return known.true is known.carried


def _known(quantity: Quantity, true: Value, value: Value, policy: Rounding) -> Known:
    policy = quantity.digits or policy
    if isinstance(true, (bool, str)):
        return Known(true, value, value, Word(str(value).lower()), True)
    if quantity.labels is not None:
        return Known(true, value, value, Word(quantity.labels[str(value)]), True)
    shown, exactly = show(value, policy, quantity.role, true)
    if exactly or policy.carry == "exact":
        return Known(true, value, value, shown, exactly)
    return Known(true, value, read_given(shown), shown, False)


def show(value: Value, policy: Rounding, role: str, true: Value) -> tuple[Given, bool]:
    """The numeral (or numerals) for a value, and whether they are exactly it.

    ``true`` is the value with nothing rounded on the way.
    """
    if isinstance(value, tuple):
        assert isinstance(true, tuple)
        parts = [show(part, policy, role, of) for part, of in zip(value, true, strict=True)]
        return tuple(part[0] for part in parts), all(part[1] for part in parts)
    if role == "answer":
        shown = policy.show_answer(value)
    else:
        pure = true is value or (isinstance(true, fmpq) and bool(true == value))
        shown = policy.show(value, role == "inside", pure)
    return shown.text, shown.exact


def _with_zeros(quantity: Quantity, value: Known, known: Mapping[str, Known]) -> Known:
    """Another name for a quantity has its numeral, with the zeros at the end: 0.140 stays 0.140."""
    formula = quantity.formula
    if formula is None or not is_quantity(formula) or quantity.role == "answer":
        return value
    of = known[key(formula)]
    if not value.exact or isinstance(value.shown, Word) or isinstance(of.shown, Word):
        return value
    written = read_given(of.shown)  # type: ignore[arg-type]  # numerals, as no word is among them
    return replace(value, shown=of.shown) if written == value.carried else value


def read_given(given: Given) -> Value:
    """The exact value of a numeral, or of nested tuples of numerals."""
    if isinstance(given, tuple):
        return tuple(read_given(part) for part in given)
    return exact(given)


def plain_values(
    given: Mapping[str, Given],
    definitions: Mapping[str, Formula],
    functions: Mapping[str, Function],
) -> dict[str, str]:
    """The numerals of givens and definitions, where nothing is rounded but the last digits."""
    values: dict[str, Value] = {name: read_given(value) for name, value in given.items()}
    with precision(FIRST_BITS):
        for name, formula in definitions.items():
            values[name] = evaluate(formula, values, functions)
        return {
            name: Rounding().show(value).text
            for name, value in values.items()
            if not isinstance(value, tuple)
        }


def _bounded(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(map(_bounded, value))
    if isinstance(value, fmpq):
        return arb(value) if value.height_bits() > MAX_BITS else value
    if isinstance(value, arb) and not value.is_finite() and ctx.prec < LAST_BITS:
        raise Ambiguous  # the root of a ball around 0 may have a value with more bits
    if isinstance(value, arb) and not (value.is_finite() and abs(value) < arb(10) ** HUGE):
        raise EvaluationError("the value grows beyond all bounds")
    return value


# ---------------------------------------------------------------- choices


class _Chosen:
    """Blocks as they are for these values: choices made, curves drawn."""

    def __init__(self, derivation: Derivation, known: Mapping[str, Known]) -> None:
        self.derivation = derivation
        self.known = known
        self.carried = {name: value.carried for name, value in known.items()}

    def part(self, part: Part) -> Part:
        """A part with all its steps."""
        steps = (Step(s.title, self.blocks(s.blocks), s.law) for s in part.steps)
        return Part(part.title, tuple(steps))

    def blocks(self, given: tuple[Block, ...]) -> tuple[Block, ...]:
        """The blocks that are printed."""
        chosen: list[Block] = []
        for block in given:
            if isinstance(block, Choice):
                chosen.extend(self.blocks(self.choose(block)))
            elif isinstance(block, Plot):
                chosen.append(draw(block, self.known, self.derivation.functions))
            elif isinstance(block, Items):
                chosen.append(Items(tuple(map(self.blocks, block.items)), block.numbered))
            else:
                chosen.append(block)
        return tuple(chosen)

    def choose(self, choice: Choice) -> tuple[Block, ...]:
        """The first alternative whose condition holds."""
        for condition, blocks in zip(choice.conditions, choice.alternatives, strict=True):
            if evaluate(condition, self.carried, self.derivation.functions):
                return blocks
        return ()
