"""The correction of a moving average that starts at 0: ``\\hat m_2 = m_2/(1 - β²)``, as in Adam.

Kingma and Ba 2015, section 3. A text that never writes this rule uses it nevertheless, and
``\\hat m_2 = m_2/(1 - β)`` is no definition.
"""

from __future__ import annotations

from collections.abc import Mapping

from flint import fmpq

from derivations.formula.evaluation import Value
from derivations.formula.looks import look
from derivations.formula.numerals import exact
from derivations.formula.tree import Apply, Formula, Name, Number
from derivations.reading.latex.symbols import spelled

DECAYS = frozenset({"beta", "rho"})
USUAL = (fmpq(9, 10), fmpq(99, 100), fmpq(999, 1000))
ONE = Number("1")
NO_POWER = "the correction of a later step has the decay to the power of this step"


def lacks_power(left: Formula, right: Formula, values: Mapping[str, Value]) -> bool:
    """Whether the right side divides by ``1 - β`` where the left side is the average of a later step.

    Args:
        left, right: the relation.
        values: what the text gives, the decays among it.
    """
    average = _average(left)
    if average is None or not isinstance(right, Apply) or right.head != "quotient":
        return False
    above, below = right.args
    decay = _without_power(below)
    if decay is None or look(average).subscript == "1":
        return False
    if above != Name(average) and not isinstance(above, Number):
        return False
    return not isinstance(decay, Number) or _is_decay(exact(decay.text), values)


def _is_decay(number: fmpq, values: Mapping[str, Value]) -> bool:
    """Whether a number is a usual decay or one that the text gives."""
    given = (value for name, value in values.items() if look(name).base in DECAYS)
    return number in USUAL or any(isinstance(value, fmpq) and value == number for value in given)


def _average(left: Formula) -> str | None:
    """Of ``\\hat m_t`` the name m_t, where t is a number or one letter."""
    if not isinstance(left, Name):
        return None
    parts = look(left.id)
    step = parts.subscript
    plain = parts.decorations == ("hat",) and not parts.superscript
    if not plain or not (step.isdigit() or (len(step) == 1 and step.isalpha())):
        return None
    return spelled(type(parts)(parts.base, (), step, ""))


def _without_power(below: Formula) -> Formula | None:
    """Of ``1 - β`` the β; None of anything else."""
    while isinstance(below, Apply) and below.head == "group":
        below = below.args[0]
    if not isinstance(below, Apply) or below.head != "sum" or len(below.args) != 2:
        return None
    one, less = below.args
    if one != ONE or not isinstance(less, Apply) or less.head != "neg":
        return None
    decay = less.args[0]
    named = isinstance(decay, Name) and look(decay.id).base in DECAYS
    return decay if named or isinstance(decay, Number) else None
