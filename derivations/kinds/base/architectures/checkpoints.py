"""The steps for a file of tensors: parameters by module, statistics, bytes by type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Any

from derivations.formula.tree import Formula, Name, Number, number, product, quotient, sum_of, times
from derivations.kinds.base.architectures.modules import (
    STATISTICS,
    ModuleLine,
    is_statistic,
    module_lines,
)
from derivations.kinds.base.architectures.published import sentence
from derivations.kinds.base.assemble import display, step
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.givens import one_or_bullets
from derivations.models.traces import LayerError
from derivations.reading.networks.safetensors import BITS, Checkpoint
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Prose, Step, Table
from derivations.truth.tensors import Stored, count_tensors

LONG = 30  # lines; a longer table is folded
SHORT = 12  # lines that stand in the statement
WITHOUT_LAYERS = ("macs", "receptive_field", "memory", "conventions", "figure")
KNOWN = (
    "The file says names, types and sizes of tensors; their numbers are not read. It does not say in which "
    "order layers follow and what lies between them, so nothing here speaks of outputs or operations; nor "
    "does it say which tensors are learned."
)
Cell = tuple[Piece, ...]


def check_asked(ask: Any) -> None:
    """Nothing is asked for that only layers in their order could give.

    Raises:
        FieldError: it is.
    """
    for key in WITHOUT_LAYERS:
        if getattr(ask, key):
            raise FieldError(
                ("ask", key), "a file of tensors has no layers in their order; this needs them"
            )


def lines_of(checkpoint: Checkpoint, detail: str) -> list[ModuleLine]:
    """The lines of the table: every module with ``full``, else folded where there are many.

    Raises:
        FieldError: tensors that no table can show.
    """
    try:
        every = module_lines(checkpoint.tensors, False)
        if detail == "full" or (len(every) <= LONG and detail != "brief"):
            return every
        return module_lines(checkpoint.tensors, True)
    except LayerError as error:
        raise FieldError(("given", "model"), str(error)) from None


def second_answers_of_tensors(checkpoint: Checkpoint, detail: str) -> dict[str, Any]:
    """The same answers, counted from where the bytes of the tensors stand."""
    lines = lines_of(checkpoint, detail)
    stored = [Stored(t.name, t.dtype, t.begin, t.end) for t in checkpoint.tensors]
    totals = count_tensors(stored, {line.label: line.pattern for line in lines}, STATISTICS)
    answers: dict[str, Any] = {f"{k}: parameters": n for k, n in totals.lines.items()}
    answers["parameters"] = sum(totals.lines.values())
    answers["not learned"] = totals.statistics
    answers["with statistics"] = answers["parameters"] + totals.statistics
    answers |= {f"{dtype}: bytes": size for dtype, size in totals.bytes.items()}
    answers["bytes"] = sum(totals.bytes.values())
    return answers


class Storing:
    """Builds the steps; collects the answers.

    Args:
        problem: the fields of the kind.
    """

    def __init__(self, problem: Any, checkpoint: Checkpoint, draft: Draft) -> None:
        self.problem = problem
        self.checkpoint = checkpoint
        self.draft = draft
        self.answers: list[Answer] = []
        self.lines = lines_of(checkpoint, draft.detail)

    def steps(self) -> list[Step]:
        """Parameters, statistics, bytes, and what others print."""
        found = [self._parameters(), *self._statistics(), self._bytes()]
        if self.problem.published:
            names = {"parameters": "total_params", "with statistics": "total_all"}
            counts = {what: self.draft.exact(key) for what, key in names.items()}
            said = [
                sentence(entry, place, names, counts)
                for place, entry in enumerate(self.problem.published)
            ]
            found.append(step("As others count", one_or_bullets(said)))
        return found

    def statement(self) -> list[Block]:
        """Modules and the sizes of their tensors, where they are few."""
        if len(self.lines) > SHORT or sum(len(line.held) for line in self.lines) > 4 * SHORT:
            return []
        rows = []
        for line in self.lines:
            listed: list[Piece] = []
            for name, shape in line.held:
                sizes = Term(_sizes(shape))
                listed += [Text(f"{', ' if listed else ''}{name} "), sizes]
            rows.append(((_label(line),), tuple(listed)))
        return [Table(((Text("Module"),), (Text("Tensors"),)), tuple(rows), "ll")]

    # ------------------------------------------------------------ steps

    def _parameters(self) -> Step:
        repeats = any(line.count > 1 for line in self.lines)
        rows: list[tuple[Cell, ...]] = []
        parts: list[Name] = []
        for place, line in enumerate(self.lines, 1):
            each = self._define(f"params_{place}", line.formula)
            cells: list[Cell] = [
                (_label(line),),
                (Text(line.words),),
                _worked(line.formula, each),
            ]
            together = each
            if line.count > 1:
                formula = product(number(line.count), each)
                together = self._define(f"params_all_{place}", formula)
                cells.append(_worked(formula, together, numbers=True))
            elif repeats:
                cells.append((Term(each, numbers=True),))
            parts.append(together)
            self.answers.append(Answer(f"{line.label}: parameters", together.id))
            rows.append(tuple(cells))
        head = ["Module", "Tensors", "Parameters", *(["All of them"] if repeats else [])]
        table = Table(tuple((Text(word),) for word in head), tuple(rows), "llll"[: len(head)])
        total = self._total("total_params", "parameters", parts)
        blocks: list[Block] = [Prose((Text(KNOWN),))]
        if not parts:
            return step("Parameters by module", *blocks, Prose((Text("There are none."),)))
        blocks += [table, Prose((Text("The sum, all numbers that the modules hold:"),))]
        return step("Parameters by module", *blocks, display(total), law="count")

    def _statistics(self) -> list[Step]:
        """Tensors whose names say that they are not learned; the total with them."""
        kept = [tensor for tensor in self.checkpoint.tensors if is_statistic(tensor)]
        sizes = sorted(Counter(prod(tensor.shape) for tensor in kept).items())
        parts = [
            self._define(f"kept_{size}", product(number(n), number(size))) for size, n in sizes
        ]
        chain = self._total("total_frozen", "not learned", parts)
        both = sum_of(Name("total_params"), Name("total_frozen"))
        everything = self._define("total_all", both)
        self.answers.append(Answer("with statistics", "total_all"))
        if not kept:
            return []
        names = [
            name for name in STATISTICS if any(t.name.rsplit(".", 1)[-1] == name for t in kept)
        ]
        words = (
            f"Apart stand {len(kept)} tensors with names that PyTorch gives to what batch normalisation "
            f"keeps and does not learn: {', '.join(names)}. So many have so many numbers each:"
        )
        worked = Chain(
            Term(sum_of(*(product(number(n), number(size)) for size, n in sizes))),
            (Link("=", chain.links[-1].term if chain.links else chain.first),),
            "count",
        )
        all_of_them = Chain(
            Term(both, numbers=True), (Link("=", Term(everything, numbers=True)),), "count"
        )
        return [
            step("Parameters that are not learned", Prose((Text(words),)), display(worked),
                 Prose((Text("With them:"),)), display(all_of_them), law="count")
        ]  # fmt: skip

    def _bytes(self) -> Step:
        """Numbers by type, and what they take."""
        rows: list[tuple[Cell, ...]] = []
        parts: list[Name] = []
        types = Counter(tensor.dtype for tensor in self.checkpoint.tensors)
        for dtype, count in sorted(types.items(), key=lambda item: (-BITS[item[0]], item[0])):
            held = sum(prod(t.shape) for t in self.checkpoint.tensors if t.dtype == dtype)
            size = quotient(number(BITS[dtype]), number(8))
            width = number(BITS[dtype] // 8) if BITS[dtype] % 8 == 0 else size
            formula = times(number(held), width)
            name = self._define(f"bytes_{len(parts) + 1}", formula)
            parts.append(name)
            self.answers.append(Answer(f"{dtype}: bytes", name.id))
            bits: Cell = (Term(number(BITS[dtype])),)
            rows.append(((Text(dtype),), (Term(number(count)),), bits, _worked(formula, name)))
        head = ("Type", "Tensors", "Bits", "Bytes")
        table = Table(tuple((Text(word),) for word in head), tuple(rows), "lrrl")
        chain = self._total("total_bytes", "bytes", parts)
        blocks: list[Block] = [
            table,
            Prose((Text("All together, without headers:"),)),
            display(chain),
        ]
        if (stated := self.checkpoint.stated) is not None:
            same = stated == sum(t.end - t.begin for t in self.checkpoint.tensors)
            said = "as many as the index states." if same else (
                "the index states another number,"
            )  # fmt: skip
            tail: list[Piece] = [Text(f"These are {self.checkpoint.files} files; {said}")]
            tail += [] if same else [Text(" "), Term(number(stated)), Text(".")]
            blocks.append(Prose(tuple(tail)))
        return step("Bytes by type", *blocks, law="count")

    # ------------------------------------------------------------ quantities

    def _define(self, key: str, formula: Formula) -> Name:
        self.draft.define(key, formula, shape=())
        return Name(key)

    def _total(self, key: str, answer: str, parts: Sequence[Name]) -> Chain:
        """``9,408 + 128 = 9,536``, boxed and reported."""
        whole = self._define(key, sum_of(*parts))
        self.answers.append(Answer(answer, key))
        boxed = self.draft.answer(whole)
        if len(parts) < 2:
            return Chain(boxed)
        return Chain(Term(sum_of(*parts), numbers=True), (Link("=", boxed),), "count")


def _label(line: ModuleLine) -> Text:
    return Text(line.label + (f" (× {line.count})" if line.count > 1 else ""))


def _worked(formula: Formula, name: Name, numbers: bool = False) -> Cell:
    """``64 × 3 × 7 × 7 = 9,408``, or the bare number."""
    if isinstance(formula, Number):
        return (Term(name, numbers=True),)
    return (Chain(Term(formula, numbers), (Link("=", Term(name, numbers=True)),), "count"),)


def _sizes(shape: Sequence[int]) -> Formula:
    return product(*(number(size) for size in shape)) if shape else number(1)
