"""The steps of an architecture's solution: tables, totals, conventions, memory, receptive fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derivations.formula.tree import (
    Formula,
    Name,
    apply,
    neg,
    number,
    product,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.architectures.folding import LONG, Line, folded, lines, words_of
from derivations.kinds.base.architectures.published import Published, sentence
from derivations.kinds.base.architectures.roads import IN_PLACE
from derivations.kinds.base.architectures.stages import stage_figure
from derivations.kinds.base.architectures.tables import (
    FROZEN,
    GROWING,
    MACS,
    PARAMETERS,
    Column,
    count_table,
    grows,
)
from derivations.kinds.base.assemble import display, step, words
from derivations.kinds.base.givens import bullets, one_or_bullets
from derivations.models.architecture import Architecture, Traced, View, value
from derivations.models.conventions import CONVENTIONS, certain
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.rounding import Digits, Rounding
from derivations.steps.solution import Answer, Block, Prose, Step, Table

SHORT = 12  # lines for which it is shown how each size comes about
TWO_DECIMALS = Rounding(Digits(decimals=2), keep=0)
MEGA = 2**20


class Counting:
    """Builds the steps; collects the answers.

    Args:
        problem: the fields of the kind.
    """

    def __init__(
        self, problem: Any, architecture: Architecture, nodes: Sequence[Traced], draft: Draft
    ) -> None:
        self.problem = problem
        self.architecture = architecture
        self.nodes = nodes
        self.draft = draft
        self.answers: list[Answer] = []
        every = lines(nodes, draft.detail != "full")
        few = draft.detail == "full" or (len(every) <= LONG and draft.detail != "brief")
        self.lines = every
        self.folds = folded(every, not few)
        self.totals: dict[str, str] = {}

    # ------------------------------------------------------------ answers

    def report(self, name: str, formula: Formula, shape: tuple[int, ...] = ()) -> None:
        """An answer without a line of its own."""
        key = f"answer_{len(self.answers)}"
        self.draft.define(key, formula, shape=shape)
        self.answers.append(Answer(name, key))

    def _report_layers(self) -> None:
        for one in self.nodes:
            output = one.trace.output
            self.report(f"{one.node.name}: output", vector(*map(number, output)), (len(output),))
            self.report(f"{one.node.name}: parameters", number(value(one.learned)))
            if self.problem.ask.macs:
                self.report(f"{one.node.name}: MACs", number(value(one.macs)))

    # ------------------------------------------------------------ steps

    def steps(self) -> list[Step]:
        """Everything that was asked for, in order."""
        self._report_layers()
        found = [self._counted(PARAMETERS, "Shapes and parameters", "parameters")]
        found += self._frozen()
        ask = self.problem.ask
        if ask.macs:
            found.append(self._counted(MACS, "Multiply-accumulates of one forward pass", "MACs"))
        if ask.conventions:
            found.append(self._conventions())
        if ask.memory:
            found.append(self._memory())
        if ask.receptive_field:
            found.append(self._receptive_fields())
        if self.problem.published:
            found.append(self._published())
        return found

    def _counted(self, column: Column, title: str, name: str) -> Step:
        """The table, and the sum of its last column."""
        small = len(self.lines) <= SHORT or self.draft.detail == "full"
        sizes = column is PARAMETERS and small
        table, parts = count_table(self.draft, self.folds, column, self.architecture.inputs, sizes)
        key = f"total_{column.key}"
        self.totals[name] = key
        self.draft.define(key, sum_of(*parts), shape=())
        self.answers.append(Answer(name, key))
        blocks: list[Block] = [table] if parts or column is PARAMETERS else []
        if any(grows(fold, column) for fold in self.folds):
            blocks.insert(0, Prose((Text(GROWING),)))
        if not parts:
            return step(title, *blocks, Prose((Text("There are none."),)), law="count")
        words = "parameters that are learned" if column is PARAMETERS else "all together"
        chain = self._sum(parts, Name(key))
        lead = f"The sum, {words}:" if len(parts) > 1 else f"{words.capitalize()}:"
        return step(title, *blocks, Prose((Text(lead),)), display(chain), law="count")

    def _sum(self, parts: Sequence[Name], total: Name) -> Chain:
        """``416 + 4,640 + ... = 108,874``."""
        boxed = self.draft.answer(total)
        if len(parts) == 1:
            return Chain(Term(parts[0], numbers=True), (Link("=", boxed),), "count")
        return Chain(Term(sum_of(*parts), numbers=True), (Link("=", boxed),), "count")

    def _frozen(self) -> list[Step]:
        """Parameters that are kept and not learned: running means and variances."""
        parts: list[Name] = []
        for fold in self.folds:
            for place in range(len(fold.times[0])):
                same = [value(time[place].frozen) for time in fold.times]
                if sum(same):
                    name = Name(f"{FROZEN.key}_{len(parts) + 1}")
                    formula = fold.times[0][place].frozen
                    assert formula is not None
                    if len(same) > 1:
                        alike = len(set(same)) == 1
                        formula = (
                            product(number(len(same)), number(same[0]))
                            if alike
                            else sum_of(*map(number, same))
                        )
                    self.draft.define(name, formula, shape=())
                    parts.append(name)
        key = "total_frozen"
        self.draft.define(key, sum_of(*parts), shape=())
        self.answers.append(Answer("not learned", key))
        self.draft.define("total_all", sum_of(Name("total_params"), Name(key)), shape=())
        self.answers.append(Answer("with statistics", "total_all"))
        self.totals["with statistics"] = "total_all"
        if not parts:
            return []
        norms = any(one.node.kind == "batch_norm" for one in self.nodes)
        words = (
            "Batch normalisation also keeps a mean and a variance for each channel, which are not learned:"
            if norms
            else "Kept as they are, and not learned:"
        )
        both = sum_of(Name("total_params"), Name(key))
        everything = Chain(
            Term(both, numbers=True), (Link("=", Term(Name("total_all"), numbers=True)),), "count"
        )
        lead = Prose((Text("With them, as Keras counts:"),))
        return [
            step("Parameters that are not learned", Prose((Text(words),)),
                 display(self._sum(parts, Name(key))), lead, display(everything), law="count")
        ]  # fmt: skip

    def _conventions(self) -> Step:
        """One row a tool: what it counts, and the number that it prints."""
        rows: list[tuple[tuple[Piece, ...], ...]] = []
        notes: list[tuple[Piece, ...]] = []
        for tool in self.problem.ask.conventions:
            row = CONVENTIONS[tool]
            known = certain(row, self.nodes)
            shown: tuple[Piece, ...] = (Text("–"),)
            if known:
                counts = [row.count(one) for one in self.nodes]
                self.report(tool, sum_of(*(number(count) for count in counts if count)))
                key = self.answers[-1].key
                self.totals.setdefault({"macs": "macs", "flops": "flops"}.get(tool, tool), key)
                shown = (Term(Name(key), numbers=True), Text(f" {row.unit}"))
            rows.append(((Text(row.title),), shown))
            words = row.words if known else "no number: its rule for a layer here is not certain"
            notes.append((Text(row.title, "strong"), Text(f": {words}.")))
        table = Table(((Text("Convention"),), (Text("Count"),)), tuple(rows), "lr")
        return step("Operations by convention", table, bullets(*notes), law="count")

    def _memory(self) -> Step:
        """What all layers put out, in numbers and bytes."""
        outputs = [shape for _, shape in self.architecture.inputs]
        outputs += [one.trace.output for one in self.nodes if one.node.kind not in IN_PLACE]
        runs: dict[tuple[int, ...], int] = {}
        for shape in outputs:
            runs[shape] = runs.get(shape, 0) + 1
        terms = []
        for shape, count in runs.items():
            factors = [number(size) for size in shape]
            terms.append(product(*([number(count)] if count > 1 else []), *factors))
        self.draft.define("numbers", sum_of(*terms), shape=())
        size = self.problem.bytes
        self.draft.define("bytes", product(Name("numbers"), number(size)), shape=())
        self.draft.define(
            "megabytes", quotient(Name("bytes"), number(MEGA)), shape=(), digits=TWO_DECIMALS
        )
        self.answers += [Answer(name, name) for name in ("numbers", "bytes", "megabytes")]
        self.totals["memory"] = "numbers"
        line = self.draft.line
        chains = [
            line(Name("numbers"), left=sum_of(*terms), named=False, law="count", detail="brief"),
            line(
                Name("bytes"), left=product(Name("numbers"), number(size)), named=False, law="bytes"
            ),
        ]
        text = (
            "Every layer's output is kept once, the input too; activations, dropout and changes of "
            f"shape work in place. A number takes {size} bytes."
        )
        mega = Prose((
            Text("In units of 1,048,576 bytes: "),
            Chain(
                Term(quotient(Name("bytes"), number(MEGA)), numbers=True),
                (Link("auto", Term(Name("megabytes"), numbers=True), ("megabytes",)),),
                "bytes",
            ),
            Text(" MB."),
        ))  # fmt: skip
        return step("Memory of the activations", Prose((Text(text),)), display(*chains), mega)

    def _receptive_fields(self) -> Step:
        """r + (e - 1) j for every window, from the input on."""
        rows: list[tuple[tuple[Piece, ...], ...]] = []
        jumps: dict[str, tuple[View, ...]] = {name: () for name, _ in self.architecture.inputs}
        for one in self.nodes:
            jumps[one.node.name] = one.view
            if not one.view or one.trace.reach is None:
                continue
            before = jumps[one.node.sources[0]]
            for axis, view in enumerate(one.view):
                self.report(
                    f"{one.node.name}: receptive field, axis {axis + 1}", number(int(view.size))
                )
            self.totals["receptive field"] = self.answers[-1].key
            rows.append(self._field_row(one, before))
        head = tuple(
            (Text(w),) for w in ("Layer", "Extent", "Step", "Jump before", "Receptive field")
        )
        intro = (
            r"A window of extent $e$ (with dilation $d$ it is $(k - 1)\,d + 1$) reaches $e - 1$ steps further, and "
            "each step is as long as the product of all strides before it, the jump."
        )
        table = Table(head, tuple(rows), "lcccl")
        return step("Receptive fields", Prose(words(intro)), table, law="count")

    def _field_row(self, one: Traced, before: tuple[View, ...]) -> tuple[tuple[Piece, ...], ...]:
        reach = (one.trace.reach or ())[0]
        size = int(before[0].size) if before else 1
        jump = int(before[0].jump) if before else 1
        extent = number(reach.extent)
        total = number(int(one.view[0].size))
        grown = product(_less_one(extent), number(jump))
        formula = sum_of(number(size), grown)
        words: tuple[Piece, ...] = (Text(one.node.label or words_of(one)),)
        cell: tuple[Piece, ...] = (
            (Chain(Term(formula), (Link("=", Term(total)),), "count"),)
            if size + (reach.extent - 1) * jump == int(one.view[0].size)
            else (Term(total),)
        )
        wide = len({view.size for view in one.view}) > 1
        across = " × ".join(str(int(view.size)) for view in one.view)
        cell = (*cell, Text(f" ({across})")) if wide else cell
        return (
            words,
            (Term(extent),),
            (Term(number(int(reach.step))),),
            (Term(number(jump)),),
            cell,
        )

    def _published(self) -> Step:
        names: dict[str, str] = {
            "parameters": self.totals["parameters"], "with statistics": "total_all",
            **{k: self.totals[k] for k in ("macs", "flops", "memory", "receptive field") if k in self.totals},
        }  # fmt: skip
        if "MACs" in self.totals:
            names["macs"] = self.totals["MACs"]
        counts = {what: self.draft.exact(key) for what, key in names.items()}
        published: Sequence[Published] = self.problem.published
        said = [sentence(entry, place, names, counts) for place, entry in enumerate(published)]
        return step("As others count", one_or_bullets(said))

    # ------------------------------------------------------------ statement

    def statement(self) -> list[Block]:
        """The layers in words, and the picture."""
        found: list[Block] = []
        if len(self.lines) <= SHORT:
            inputs = ", ".join("×".join(map(str, shape)) for _, shape in self.architecture.inputs)
            chain = " → ".join([f"input {inputs}", *(line.words for line in self.lines)])
            if all(_follows(a, b) for a, b in zip(self.lines, self.lines[1:], strict=False)):
                found.append(Prose((Text("Architecture: ", "strong"), Text(chain))))
        if self.problem.ask.figure:
            found.append(stage_figure(self.architecture, self.lines))
        return found


def _follows(line: Line, after: Line) -> bool:
    """Whether a line takes nothing but what comes out of the line before."""
    return after.nodes[0].node.sources == (line.nodes[-1].node.name,)


def _less_one(extent: Formula) -> Formula:

    return apply("group", sum_of(extent, neg(number(1))))
