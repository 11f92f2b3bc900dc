"""``X`` beside samples ``x_n``, ``t`` beside ``t_n``: the matrix whose rows they are, and the column of them."""

from __future__ import annotations

from collections.abc import Iterable

from derivations.checking.names.fitting import ONE, SIZE
from derivations.checking.names.knowledge import Knowledge
from derivations.checking.names.shapes import ENTRIES, OPEN
from derivations.formula.looks import look
from derivations.formula.tree import Apply, Formula, Name, names


def stacked(knowledge: Knowledge, formulas: Iterable[Formula], stated: Iterable[str]) -> None:
    """Define such names, where a text speaks of them and does not say itself what they are.

    Args:
        knowledge: what is known of the arrays x@ and t@, which it learns from.
        formulas: all that the text says.
        stated: names that begin its lines.
    """
    indices, taken = knowledge.indices, {*stated, *knowledge.values, *knowledge.definitions}
    for samples in indices.elements:
        small = samples.removesuffix(ENTRIES)
        design = f"{small[:1].upper()}{small[1:]}"
        if len(indices.whole(samples)) != 2 or design in taken or design == small:
            continue
        beside = set().union(*(_with(formula, design) for formula in formulas)) - taken
        columns = {
            column: Name(array)
            for array, shape in indices.shapes.items()
            if shape == indices.shapes[samples]
            and (column := array.removesuffix(ENTRIES)) in beside - indices.letters
        }
        if beside and _fits(knowledge, design, samples, {design, *columns}):
            knowledge.redefine({design: Name(samples), **columns})


def _fits(knowledge: Knowledge, design: str, samples: str, mine: set[str]) -> bool:
    """Whether the shape that the text gives the matrix is that of the samples as its rows.

    ``mine``: the names that are to stand for arrays, whose shapes say nothing more.
    """
    symbol, indices = knowledge.symbols.get(design), knowledge.indices
    if symbol is None or len(symbol.shape) != 2:
        return False
    count, size = indices.whole(samples)
    counts = {count, indices.sizes.get(count.removeprefix(OPEN), count)}
    counts |= {ONE} if len(mine) > 1 else set()  # t was taken for a number
    rows, columns = symbol.shape
    return (rows in counts or _is_apart(knowledge, rows, mine)) and (
        columns == size or _is_apart(knowledge, columns, mine)
    )


def _is_apart(knowledge: Knowledge, size: str, mine: set[str]) -> bool:
    """Whether no other array has a size that was inferred for one."""
    others = (s.shape for n, s in knowledge.symbols.known.items() if n not in mine)
    indices = knowledge.indices
    shapes = (
        *others,
        *indices.shapes.values(),
        *indices.elements.values(),
        tuple(indices.sizes.values()),
    )
    return size.startswith(SIZE) and not any(size in shape for shape in shapes)


def turned(knowledge: Knowledge) -> dict[str, Formula]:
    """The same with samples as columns of such a matrix, where no line has needed them as rows."""
    arrays = {Name(array) for array in knowledge.indices.elements}
    return {
        name: Apply("transpose", (said,))
        for name, said in knowledge.definitions.items()
        if said in arrays and look(name).base.isupper() and name not in knowledge.indices.laid
    }


def arrays_of(knowledge: Knowledge) -> set[str]:
    """The arrays of samples and of targets for which such names stand."""
    shapes, said = knowledge.indices.shapes, knowledge.definitions.values()
    return {name.id for name in said if isinstance(name, Name) and name.id in shapes}


def _with(formula: Formula, name: str) -> set[str]:
    """The names of a formula, if one of them is there."""
    found = set(names(formula))
    return found if name in found else set()
