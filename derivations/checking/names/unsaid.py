"""What a text leaves open about its names: a relation may hold where they are what nobody has said.

A no is a no only where every name is known. Where something that was said before is a condition, or
a name has been introduced as something that cannot be drawn, or would do as a positive number, the
relation is not decided, and the report says what it depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from derivations.checking.names.declaring import Declarations
from derivations.checking.names.fitting import LOSSES
from derivations.checking.names.indexed import DELTAS
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.taken import WORDS, symmetric_by_habit
from derivations.checking.names.turned import holds_for_arrays, turned_or_traced
from derivations.checking.names.unwritten import speaks_of_slopes
from derivations.formula.looks import look
from derivations.formula.printing import text
from derivations.formula.tree import Apply, Formula, Name, names, walk
from derivations.reading.latex.words import COMPARISONS

ADDING = "the entries of"
TAKEN = "it is taken for granted that"
COMPARED = frozenset(COMPARISONS.values())
KINDS = {"positive": ("positive",), "between 0 and 1": ("in", "0", "1")}


def doubt(known: Knowledge, *sides: Formula) -> str:
    """Why sides that differ are not known to be wrong; nothing where there is no reason."""
    used = set().union(*map(known.support, sides))
    beyond = sorted(name for name in used if look(name).base in known.declared.beyond)
    if beyond:
        return f"what '{look(beyond[0]).base}' may be is said in a way that is not understood"
    if "I" in used and not known.is_settled("I") and known.symbols.get("I") is None:
        return "whether 'I' is an identity matrix is not said"
    if known.universe is None and not speaks_of_slopes(*sides):
        for name in sorted(known.any_functions & _called(sides)):
            return f"what '{name}' is is not said"
    if known.universe is None and "kronecker" in _called(sides) and _delta_is_defined(known) and DELTAS[1] not in known.indices.arrays:  # fmt: skip
        return "whether 'δ' is Kronecker's is not said"
    if one_sided := _moments_of_one(known, sides):
        inside = " and ".join(map(text, one_sided.args))
        return f"what the {one_sided.head} of {inside} is is not said"
    if several := sorted(name for name in used if f"{name}2" in used and name.endswith("@")):
        return f"how '{several[0].removesuffix('@')}' with one index and with two belong together is not said"
    for name in _at_points(known, sides):
        return f"'{name}' may be meant at another point"
    return ""


def _told_apart(condition: Formula, sides: Sequence[Formula]) -> bool:
    """Whether the right side alone has δ_ij, which speaks of i = j and of i ≠ j: it is said of both."""
    indices = set(condition.args) if isinstance(condition, Apply) else set()
    found = [
        any(getattr(n, "head", "") == "kronecker" and set(n.args) == indices for n in walk(side))  # type: ignore[union-attr]
        for side in sides
    ]
    return found[-1] and not found[0]


def _moments_of_one(known: Knowledge, sides: tuple[Formula, ...]) -> Apply | None:
    """An expectation or variance without value of which one side alone speaks."""
    found = [known.support(side) & known.moments.keys() for side in sides]
    apart = sorted(found[0] ^ found[-1])
    open_ = [name for name in apart if not known.is_settled(name)]
    return known.moments[open_[0]] if open_ else None


def _called(sides: Iterable[Formula]) -> set[str]:
    return {node.head for side in sides for node in walk(side) if isinstance(node, Apply)}


def only_for_numbers(known: Knowledge, left: Formula, right: Formula) -> bool:
    """Whether undeclared names stand transposed or under a trace, and the sides differ for arrays of all shapes."""
    if not turned_or_traced(left, right):
        return False
    if any(known.is_settled(n) or known.symbols.get(n) for n in (*names(left), *names(right))):
        return False
    return holds_for_arrays(left, right) is False


def speaks_of_undeclared(known: Knowledge, left: Formula, right: Formula) -> bool:
    """Whether sides are slopes or products of capital letters that nobody has declared."""
    nodes = [n for side in (left, right) for n in walk(side) if isinstance(n, Apply)]
    multiplied = any(node.head in ("product", "matmul", "transpose") for node in nodes)
    letters = {n for n in (*names(left), *names(right)) if look(n).base not in LOSSES}
    capital = any(look(n).base[:1].isupper() and known.symbols.get(n) is None for n in letters)
    return capital and (multiplied or speaks_of_slopes(left, right))


def _at_points(known: Knowledge, sides: tuple[Formula, ...]) -> Iterator[str]:
    """Names of quantities that depend on others, with something in brackets behind: ``F(a - t g)``."""
    for side in sides:
        for node in walk(side):
            if isinstance(node, Apply) and node.head == "product":
                for factor, after in zip(node.args, node.args[1:], strict=False):
                    name = factor.id if isinstance(factor, Name) else ""
                    if (
                        name in known.functions_of
                        and isinstance(after, Apply)
                        and after.head == "sum"
                    ):
                        yield name


def suppositions(known: Knowledge, *sides: Formula) -> Iterator[tuple[str, Declarations]]:
    """What may be meant to hold besides, in words and as declarations."""
    used = set().union(*map(known.support, sides))
    cases = set().union(*(known.support(Name(name)) for name in _conditions(sides)))
    near = tuple(c for c in known.local if known.support(c) & used - cases)
    near = tuple(c for c in near if not _told_apart(c, sides))
    if near:
        yield f"it holds where {' and '.join(map(text, near))}", Declarations({}, near)
    if known.universe is not None:
        return
    adding = sorted(known.adding & used - known.definitions.keys() - known.values.keys())
    if adding:
        shown = ", ".join(name.removesuffix("@") for name in adding)
        yield f"{ADDING} {shown} add up to 1", Declarations(dict.fromkeys(adding, ("simplex",)))
    open_ = used - known.declared.domains.keys() - known.definitions.keys()
    yield from _taken(known, open_ - known.values.keys())
    loose = sorted(open_)
    compared = set(_compared(known, used, sides))
    loose = [name for name in loose if _is_open(known, name) and name not in compared]
    for words, domain in KINDS.items():
        if loose:
            shown = ", ".join(name.removesuffix("@") for name in loose[:4])
            yield (
                f"it holds if {shown} {'is' if len(loose) == 1 else 'are'} {words}, which is not said",
                Declarations(dict.fromkeys(loose, domain)),
            )


def _taken(known: Knowledge, used: set[str]) -> Iterator[tuple[str, Declarations]]:
    """What the text takes names for, each by itself and then all together."""
    asked = {name: domain for name, domain in known.declared.taken.items() if name in used}
    habits = symmetric_by_habit(n for n in used if len(known.shape_of(n)) == 2)
    each = [{name: domain} for name, domain in (*asked.items(), *habits.items())]
    for domains in (*each, {**habits, **asked}) if len(each) > 1 else each:
        shown = (f"{name.removesuffix('@')} {WORDS[domain]}" for name, domain in domains.items())
        yield f"{TAKEN} {' and '.join(shown)}", Declarations(domains)


def _compared(known: Knowledge, used: set[str], sides: tuple[Formula, ...]) -> Iterator[str]:
    """Names for which cases are told apart: they may be on either side."""
    formulas = (*sides, *(known.definitions[name] for name in used if name in known.definitions))
    for name in _conditions(formulas):
        yield from known.support(Name(name))


def _conditions(formulas: Iterable[Formula]) -> Iterator[str]:
    """The names in conditions of cases."""
    for formula in formulas:
        for node in walk(formula):
            if isinstance(node, Apply) and node.head in COMPARED:
                yield from names(node)


def _is_open(known: Knowledge, name: str) -> bool:
    """Whether nobody has said what numbers a name may be."""
    symbol = known.symbols.get(name)
    said = symbol is not None and (bool(symbol.domain) or symbol.kind == "index")
    settled = (known.values, known.functions, known.functions_of)
    plain = not any(name in each for each in settled) and not said
    return plain and name not in known.indices.sizes


def undefined_beside(known: Knowledge, left: Formula, right: Formula) -> str:
    """A name that only one of two sides has, and of which the text has said nothing; empty if none is."""
    mine, yours = known.support(left), known.support(right)
    if mine and not mine & yours and not any(_is_said(known, name) for name in mine):
        return f"'{min(mine)}' is not defined here"  # cos θ = ... says what θ is
    loose = {name for name in yours - mine if not known.is_settled(name)}
    return f"'{min(loose)}' is not defined here" if loose else ""


def _is_said(known: Knowledge, name: str) -> bool:
    """Whether the text has spoken of a name before, or somebody declares it."""
    return known.is_settled(name) or name in known.seen or known.symbols.get(name) is not None


def _delta_is_defined(known: Knowledge) -> bool:
    """Whether δ is a quantity of the text, so that δ_ij may be its entry."""
    names = (*known.definitions, *known.values, *known.symbols.known)
    return any(look(name).base == "delta" for name in names)
