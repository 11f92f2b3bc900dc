"""What a training puts in tables: samples, one update, and parameters and loss over the updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derivations.formula.tree import Apply, Formula, Name, partial
from derivations.kinds.base.methods import Method
from derivations.kinds.base.stepping import Naming
from derivations.steps.relations import Piece, Term, Text
from derivations.steps.solution import Table

WIDEST = 9  # columns of a table that fits on a page


def of_batch(
    names: Sequence[str], k: int, batch: Sequence[int], points: Mapping[str, Formula]
) -> list[Table]:
    """What the forward and backward pass of update k give for every sample of its batch."""
    loss = {s: Name(f"L_{s + 1}@{k}") for s in batch}
    columns: list[dict[int, Formula]] = [
        {s: Name(f"{name}@{k}s{s + 1}") for s in batch} for name in names if name != "L"
    ]
    columns.append(dict(loss))
    slopes: list[dict[int, Formula]] = [
        {s: partial(loss[s], point) for s in batch} for point in points.values()
    ]
    tables = []
    for group in (columns, slopes):
        for at in range(0, len(group), WIDEST - 2):
            chosen = group[at : at + WIDEST - 2]
            head: list[tuple[Piece, ...]] = [(Text("sample"),)]
            head += [(Term(_without_sample(of[batch[0]], k)),) for of in chosen]
            rows = []
            for s in batch:
                row: list[tuple[Piece, ...]] = [(Text(str(s + 1)),)]
                rows.append((*row, *((Term(of[s], numbers=True),) for of in chosen)))
            tables.append(Table(tuple(head), tuple(rows), "r" * len(head)))
    return tables


def _without_sample(of: Formula, k: int) -> Formula:
    """The head of a column: ∂L/∂w for ∂L₁/∂w."""
    if isinstance(of, Name):
        return Name("L") if of.id.startswith("L_") else of
    assert isinstance(of, Apply)
    return partial(Name(f"L@head{k}"), of.args[1])


def of_update(method: Method, naming: Naming, k: int, gradients: Mapping[str, Formula]) -> Table:
    """Gradient, state and new value of every parameter in update k."""
    symbols = [update.symbol for update in method.updates if update.symbol not in method.shared]
    symbols = list(dict.fromkeys(symbols))
    head: list[tuple[Piece, ...]] = [(Text("parameter"),), (Term(Name("g")),)]
    head += [(Term(Name(symbol)),) for symbol in symbols]
    rows = []
    for name in naming.parameters:
        row: list[tuple[Piece, ...]] = [
            (Term(Name(name)),),
            (Term(gradients[name], numbers=True),),
        ]
        row += [(Term(Name(naming.of(symbol, name, k)), numbers=True),) for symbol in symbols]
        rows.append(tuple(row))
    return Table(tuple(head), tuple(rows), "l" + "r" * (len(head) - 1))


def of_samples(
    samples: Sequence[tuple[Sequence[Name], Sequence[Name]]], more: Sequence[str], updates: int
) -> Table:
    """The samples, and what was computed of each after so many updates."""
    x, t = samples[0]
    head: list[tuple[Piece, ...]] = [(Text("sample"),)]
    head += [(Term(name),) for name in (*x, *t)] + [(Term(Name(name)),) for name in more]
    rows = []
    for s, (inputs, targets) in enumerate(samples, 1):
        row: list[tuple[Piece, ...]] = [(Text(str(s)),)]
        row += [(Term(name, numbers=True),) for name in (*inputs, *targets)]
        row += [(Term(Name(f"{name}@after{updates}s{s}"), numbers=True),) for name in more]
        rows.append(tuple(row))
    return Table(tuple(head), tuple(rows), "r" * len(head))


def over_updates(
    naming: Naming, columns: Sequence[tuple[str, str]], labels: Mapping[int, str], over: str
) -> list[Table]:
    """Parameters and state after the labelled updates, and in the first table the loss E.

    ``over``: what E is of the losses of all samples, ``mean`` or ``sum``.
    """
    tables = []
    for at in range(0, len(columns), WIDEST - 2):
        group, with_loss = columns[at : at + WIDEST - 2], at == 0
        head: list[tuple[Piece, ...]] = [(Text("update"),)]
        head += [(Term(Name(naming.of(symbol, name, 0))),) for symbol, name in group]
        head += [(Term(Name("E")),)] if with_loss else []
        rows = []
        for k, label in labels.items():
            names = [naming.of(symbol, name, k) for symbol, name in group]
            names += [f"E_{k}"] if with_loss else []
            row: list[tuple[Piece, ...]] = [(Text(label),)]
            row += [(Term(Name(name), numbers=True),) for name in names]
            rows.append(tuple(row))
        caption = f"E is the {over} of the losses of all samples." if with_loss else ""
        tables.append(Table(tuple(head), tuple(rows), "r" * len(head), caption=caption))
    return tables
