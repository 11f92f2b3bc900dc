"""What a report says beside a step, in words that need no knowledge of this program."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from derivations.checking.checking import NOTATION
from derivations.checking.equality.steps import (
    FOLLOWS,
    GIVEN,
    OF_SLIP,
    ROUNDED,
    UNDECIDED,
    UNREAD,
    WRONG,
    Step,
)
from derivations.checking.equality.witnesses import GIVEN_VALUES
from derivations.checking.lines.learning import DEFINED
from derivations.checking.names.quantities import is_plain
from derivations.formula.looks import name_text
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name

DIFFER = re.compile(
    r"the two sides differ(?:, at (?P<at>.*?))?(?:\.(?: (?P<said>[^\d].*))?)?", re.DOTALL
)
NUMERAL = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?")
AT = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_@]*) = ")
PERHAPS = re.compile(r"Perhaps: ([A-Z])(?=[a-z ])")
MINUS = re.compile(r"(?<= )-(?= [\w(])")  # between two terms
IN_LINE = OF_SLIP.why  # its mark says all
ASKED = "Please look at this step yourself."
THESE_NUMBERS = "With the numbers of this problem"

STYLE = "rounded: the sign should be ≈"
# What the checker says of a step, and what a reader is told: a sentence, or nothing.
SENTENCES: dict[str, str] = {
    "given anew": "A new value for a name that had one.",
    "given values": "Given values.",
    "an equation": "An equation that the next line solves.",
    "an update": "An update: old value on the right, new value on the left.",
    "a declaration": "Says where the name comes from.",
    "a condition": "A condition.",
    "with the given values": "Right for the given values; in letters it does not hold in general.",
    STYLE: "Rounded correctly, so the sign should be ≈ rather than =.",
    "names without values against numbers":
        "Letters on one side, a number on the other, and no values for the letters are known"
        " from the lines above or from the problem.",
    "what stands before it could not be read":
        "What stands before this sign could not be read, so there is nothing to compare with.",
    "no values were found at which both sides could be compared":
        "No numbers were found for which both sides have a value, so they could not be compared.",
    "the two sides are too near to each other to tell":
        "Both sides agree in so many digits that a difference, if there is one, cannot be seen.",
    "it holds at some points and not at others":
        "Holds for some values of the letters and not for others, so it depends on what is meant.",
    "it cannot be decided": "Whether this holds could not be decided.",
    "what follows is no relation": "What follows the arrow is no equation or inequality.",
    "whether it follows from the condition is not known":
        "Whether this follows from the condition could not be decided.",
    "an equation that could not be solved here": "An equation that could not be solved here.",
    "a sum over a set that is not written out has no value":
        "Over which numbers the sum runs is not said above, so this could not be checked.",
    "what is called so is another figure": "The figure that is called so is computed in another way.",
    "the two sides differ where the letters are matrices and columns":
        "Right for numbers only: where the letters are matrices and columns, the two sides differ.",
}  # fmt: skip
SILENT = frozenset({"what follows is judged by itself"})  # the sign of what follows says all
ONCE = frozenset({STYLE, "an update"})
PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"'(.+)' is not defined here"),
     lambda m: f"Nothing above says what {readable(m[1])} stands for, so this step cannot be checked."),
    (re.compile(r"(.+) is not defined here"),
     lambda m: f"Nothing above says how {m[1]} is to be computed, so this step cannot be checked."),
    (re.compile(r"shapes \((.*)\) and \((.*)\) do not fit"),
     lambda m: f"The two sides have different shapes: {_shape(m[1])} on the left, {_shape(m[2])} on the right."),
    (re.compile(r"shapes \S+ and \S+ do not fit: (\d+) columns against (\d+) rows"),
     lambda m: "These arrays cannot be multiplied: the columns of the first are not as many as the rows of the second"
     f" ({m[1]} and {m[2]}, as the sizes were read)."),
)  # fmt: skip


@dataclass(slots=True)
class Told:
    """What a report has said so far, so that it is said once.

    Attributes:
        emptied: whether a step gave zero because of a slip, and was explained.
        reasons: of steps that are right, said once for all of their kind.
        wrong: lines of the wrong steps, in order.
        slips: misconceptions, each with the first line that has it.
    """

    emptied: bool = False
    reasons: set[str] = field(default_factory=set)
    wrong: list[int] = field(default_factory=list)
    slips: dict[str, int] = field(default_factory=dict)

    def add(self, line: int, step: Step) -> None:
        """One more step with what was said of it."""
        self.emptied = self.emptied or bool(step.emptied)
        self.reasons.add(step.why)
        if step.verdict == WRONG:
            self.wrong.append(line)
            if step.misconception:
                self.slips.setdefault(step.misconception, line)


def remarks(step: Step, told: Told | None = None) -> list[str]:
    """What is said beside a step, the most important first; often nothing.

    ``told``: what was said of the steps before it.
    """
    told = told or Told()
    said = [] if step.why in SILENT | (ONCE & told.reasons) else list(_of_verdict(step, told))
    same = told.slips.get(step.misconception or "")
    if step.verdict == WRONG and same is not None:
        said.insert(1, f"The same slip as on line {same}.")
    if step.repaired:
        lines = list(dict.fromkeys(told.wrong))
        slip = f"line {lines[0]}" if len(lines) == 1 else "a step before it"
        said = [f"Right again, although {slip} is wrong. {ASKED}"]
    if step.emptied and told.emptied:
        said.append(f"0 because of the earlier slip; rightly {number(step.emptied)}.")
    elif step.emptied:
        said.append(
            f"This is 0 only because of the earlier slip; rightly it would be {number(step.emptied)}."
            " Whatever is multiplied by it is 0 as well, so the lines that follow show less than"
            " was asked for. Please look at them yourself."
        )
    if step.otherwise:
        said.append(f"By another reading, in which {step.otherwise}, this step is right. {ASKED}")
    return said


def _of_verdict(step: Step, told: Told) -> list[str]:
    if step.verdict == WRONG:
        return _wrong(step)
    if step.verdict == FOLLOWS:
        return _follows(step, told)
    if step.verdict == UNREAD:
        return [f"Could not be read: {step.why}."]
    if step.verdict == UNDECIDED:
        return [sentence(step.why)]
    if step.why == DEFINED and step.link is not None and step.link.term.formula is not None:
        return [_defined(step, step.link.term.formula)]
    if step.verdict in (GIVEN, ROUNDED) or step.why in SENTENCES:
        return [said for said in [sentence(step.why)] if said]
    return []


def _follows(step: Step, told: Told) -> list[str]:
    """Nothing within the line of a slip; else which slip is meant, where it can be but one."""
    if step.why == IN_LINE:
        return []
    lines = dict.fromkeys(told.wrong)
    if len(lines) == 1:
        return [f"Right, given the slip on line {next(iter(lines))}."]
    return ["Right, given an earlier wrong value."]


def _defined(step: Step, right: Formula) -> str:
    left = step.left.formula if step.left is not None else None
    if isinstance(left, Apply) and left.head in ("partial", "total"):
        of, by = (text(arg, NOTATION) for arg in left.args)
        return f"Taken as it stands: nothing above says how {of} is computed from {by}."
    return "Given value." if is_plain(right) else "Definition."


def _wrong(step: Step) -> list[str]:
    match = DIFFER.fullmatch(step.why)
    if match is None:
        return [sentence(step.why)] if step.why else ["The two sides are not equal."]
    told = PERHAPS.sub(lambda m: f"Perhaps {m[1].lower()}", match["said"] or "")
    told = MINUS.sub("\N{MINUS SIGN}", told)
    said = [told] if told else []
    if step.meant is not None and step.left is not None and step.left.formula is not None:
        name, meant = (text(side, NOTATION) for side in (step.left.formula, step.meant))
        if f"{name} = {meant}" not in told:
            said.append(f"It was defined as {name} = {meant}.")
    if match["at"] and step.found:
        said = said or ["The two sides are not equal."]
        said.append(
            f"{_point(match['at'], step)} the left side is {number(step.expected)},"
            f" the right side {number(step.found)}."
        )
    elif step.found:
        said.append(f"Expected {number(step.expected)}, found {number(step.found)}.")
    else:
        said.append("The two sides are not equal.")
    return said


def _point(at: str, step: Step) -> str:
    """Where two sides have the values that are told: ``With the numbers of this problem (w = 2, b = -1)``."""
    given = at.startswith(GIVEN_VALUES)
    pairs = at.removeprefix(GIVEN_VALUES).strip().split(", ")
    named = [pair for pair in pairs if pair and not _is_of(pair, step)]
    point = AT.sub(lambda m: f"{readable(m['name'])} = ", number(", ".join(named)))
    if given:
        return f"{THESE_NUMBERS} ({point})" if point else THESE_NUMBERS
    return f"For instance with {point}" if point else "For instance"


def _is_of(pair: str, step: Step) -> bool:
    """Whether ``z = 0.3`` is about the name on the left, whose value the sentence tells anyway."""
    name = step.left.formula if step.left else None
    return isinstance(name, Name) and pair.startswith(f"{name.id} = ")


def sentence(why: str) -> str:
    """A reason as a sentence."""
    if why in SENTENCES:
        return SENTENCES[why]
    for pattern, words in PATTERNS:
        if match := pattern.fullmatch(why):
            return words(match)
    return (why[:1].upper() + why[1:]).rstrip(".") + "." if why else ""


def readable(name: str) -> str:
    """A name as it is typeset: ``Sigma_1`` is Σ₁."""
    return name_text(name) if re.fullmatch(r"[A-Za-z][A-Za-z0-9_@,+-]*", name) else name


def number(value: str) -> str:
    """Numbers in a text with at most six significant digits and without zeros at their ends."""

    def short(match: re.Match[str]) -> str:
        return f"{float(match[0]):.6g}"

    row = re.fullmatch(r"\[(\[[^\[\]]*\])\]", value)
    return NUMERAL.sub(short, row[1] if row else value).replace("-", "\N{MINUS SIGN}")


def _shape(sizes: str) -> str:
    parts = [part.strip() for part in sizes.split(",") if part.strip()]
    if len(parts) == 1:
        return f"{parts[0]} entr{'y' if parts[0] == '1' else 'ies'}"
    return " × ".join(parts) if parts else "a number"
