"""Losses of a problem as quantities, one after the other, and the steps that tell of them."""

from __future__ import annotations

from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    matrix,
    number,
    partial,
    product,
    quotient,
    sum_of,
    vector,
)
from derivations.kinds.base.assemble import display, step
from derivations.kinds.base.comparisons import EXPANSIONS, Sample, Worked
from derivations.kinds.base.fields import NotationFields
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.loss_elements import CALL, LETTERS, Unit, element, entry, values_of
from derivations.kinds.base.loss_fields import INPUTS, Given
from derivations.kinds.base.passes import branches, forward, joined
from derivations.steps.draft import Draft, unfold
from derivations.steps.relations import Chain, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Display, Step, Table


class Run:
    """The losses of a problem as quantities, and the steps that tell of them."""

    def __init__(
        self,
        given: Given,
        draft: Draft,
        functions: Functions,
        gradient: bool,
        in_full: int,
        notation: NotationFields,
    ) -> None:
        self.given, self.draft, self.functions = given, draft, functions
        self.gradient = gradient
        self.first = notation.first_index
        self.in_full = 10**9 if draft.detail == "full" else in_full
        self.texts = values_of(given)
        self.answers: list[Answer] = []
        self.total = ""

    @staticmethod
    def assemble(
        given: Given, draft: Draft, in_rows: bool = True
    ) -> tuple[list[Formula], list[Formula]]:
        """The givens as vectors and matrices; and those that are single numbers."""
        arrays: list[Formula] = []
        inside: set[str] = set()
        for field in (*INPUTS, "targets"):
            if getattr(given, field) is None:
                continue
            names = [
                [entry(given, field, i, k) for k in range(len(row))]
                for i, row in enumerate(given.rows(field))
            ]
            flat = [name for row in names for name in row]
            if len(flat) == 1:
                continue
            letter = LETTERS[field]
            if given.flat:
                draft.define(letter, vector(*map(Name, flat)), "assembled")
                arrays.append(Name(letter))
            else:
                letter = letter.upper()
                lines = names if in_rows else zip(*names, strict=True)
                rows = (tuple(map(Name, row)) for row in lines)
                draft.define(letter, matrix(*rows), "assembled")
                arrays.append(Name(letter))
            inside |= set(flat)
        return arrays, [Name(name) for name in values_of(given) if name not in inside]

    def worked(self, unit: Unit) -> Worked:
        """Definitions and slopes of one loss."""
        if not self.given.by_sample:
            return element(self.given, unit, self.texts)
        sample = Sample(self.given, unit.row, unit.index, unit.loss, unit.inputs, unit.targets)
        return EXPANSIONS[self.given.loss.name](sample)

    def steps(self, units: list[Unit]) -> list[Step]:
        """The losses, what they are together, and the gradient."""
        worked = [self.worked(unit) for unit in units]
        alone = len(units) == 1
        steps: list[Step] = []
        for place, (unit, loss) in enumerate(zip(units, worked, strict=True)):
            blocks: list[Block] = []
            for name, formula in loss.definitions:
                blocks += self.defined(name, formula, place, unit, loss)
            self.answers.append(Answer(unit.loss, unit.loss))
            if place < self.in_full:
                steps.append(step("" if alone else self.title(unit), *joined(blocks)))
        if not alone:
            steps.append(
                step("All losses", self.table(units)) if self.in_full < len(units) else step("")
            )
            if self.given.reduction != "none":
                steps.append(step("Together", display(self.together(units))))
        if self.gradient:
            steps += self.gradients(units, worked)
        return [each for each in steps if each.blocks]

    def title(self, unit: Unit) -> str:
        """Which loss it is."""
        if self.given.by_sample or self.given.flat:
            word = "Sample" if self.given.by_sample else "Prediction"
            return f"{word} {unit.row + self.first}"
        return f"Sample {unit.row + self.first}, output {unit.column + self.first}"

    def defined(
        self, name: str, formula: Formula, place: int, unit: Unit, loss: Worked
    ) -> list[Block]:
        """A definition; the lines that work it out, where this loss is shown in full."""
        if place >= self.in_full:
            self.draft.define(name, formula)
            return []
        boxed = name == unit.loss
        if law := loss.laws.get(name):
            self.draft.define(name, formula)
            return [display(self.draft.line(Name(name), boxed=boxed, law=law))]
        if not isinstance(formula, Apply) or formula.head != CALL:
            return forward(self.draft, self.functions, name, formula, boxed)
        self.draft.define(name, formula)
        written = unfold(formula, self.functions.bodies)
        if isinstance(written, Apply) and written.head == "cases":
            return [branches(self.draft, Name(name), written, (formula,), boxed)]
        return [display(self.draft.line(Name(name), formula, worked=written, boxed=boxed))]

    def together(self, units: list[Unit]) -> Chain:
        """The sum or mean of the losses."""
        self.total = "L"
        total = sum_of(*(self.weighted(Name(unit.loss), unit) for unit in units))
        count = self.count(units)
        self.draft.define("L", total if count is None else quotient(total, count))
        self.answers.append(Answer("L", "L"))
        law = "definition" if count is None else "mean"
        return self.draft.line(Name("L"), boxed=True, law=law)

    def weighted(self, of: Formula, unit: Unit) -> Formula:
        """Times the weight of the sample, where there are weights."""
        return product(Name(self.given.weight(unit.row)[0]), of) if self.given.weighted else of

    def count(self, units: list[Unit]) -> Formula | None:
        """By what the sum of the losses is divided; None where it is not."""
        given = self.given
        if given.reduction == "sum":
            return None
        if given.weighted and given.weights_in_mean == "weights":
            return sum_of(*(Name(given.weight(unit.row)[0]) for unit in units))
        found = len(units)
        if given.reduction == "batchmean":
            found = units[-1].row + 1
        elif given.mean_over == "elements":
            found = sum(unit.elements for unit in units)
        return None if found == 1 else number(found)

    # ------------------------------------------------------------ the gradient

    def gradients(self, units: list[Unit], worked: list[Worked]) -> list[Step]:
        """The slopes of each loss, and of what they are together."""
        steps: list[Step] = []
        count = self.count(units) if self.total else None
        for place, (unit, loss) in enumerate(zip(units, worked, strict=True)):
            blocks: list[Block] = []
            for name, slope in loss.slopes:
                own = partial(Name(unit.loss), Name(name))
                self.draft.define(own, slope, "derived", ())
                if place < self.in_full:
                    blocks.append(self.slope(own, slope, not self.total))
                if self.total:
                    whole = partial(Name(self.total), Name(name))
                    above = self.weighted(own, unit)
                    formula = above if count is None else quotient(above, count)
                    self.draft.define(whole, formula, "derived", ())
                    if place < self.in_full:
                        line = self.draft.line(whole, boxed=True, law="chain-rule")
                        blocks.append(display(line))
                asked = partial(Name(self.total or unit.loss), Name(name))
                self.answers.append(Answer(f"d{self.total or unit.loss}/d{name}", self.key(asked)))
            if place < self.in_full:
                title = "Gradient" if len(units) == 1 else f"Gradient: {self.title(unit).lower()}"
                steps.append(step(title, *joined(blocks)))
        if self.in_full < len(units):
            steps.append(step("The whole gradient", *self.gradient_tables(units)))
        return steps

    @staticmethod
    def key(of: Apply) -> str:
        above, below = of.args
        assert isinstance(above, Name)
        assert isinstance(below, Name)
        return f"d{above.id}/d{below.id}"

    def slope(self, of: Apply, slope: Formula, boxed: bool) -> Block:
        """The line of a slope; of a piecewise one the branch that applies."""
        if isinstance(slope, Apply) and slope.head == "cases":
            return branches(self.draft, of, slope, (), boxed)
        return Display((self.draft.line(of, boxed=boxed, law="derivative"),))

    # ------------------------------------------------------------ tables

    def table(self, units: list[Unit]) -> Table:
        """Predictions, targets and losses, a row each."""
        if self.given.by_sample:
            head: list[tuple[Piece, ...]] = [(Text("sample"),), (Term(Name("L")),)]
            rows = [
                ((Text(str(unit.row + self.first)),), (Term(Name(unit.loss), numbers=True),))
                for unit in units
            ]
            return Table(tuple(head), tuple(rows), "rr")
        form = LETTERS[self.given.form]
        columns = [form, *(["y"] if form == "z" else []), "t", "L"]
        at = "i" if self.given.flat else "ij"
        head = [
            (Term(Name("i")),)
            if self.given.flat
            else (Term(Name("i")), Text(", "), Term(Name("j"))),
            *((Term(Name(f"{c}_{at}")),) for c in columns),
        ]
        body = []
        for unit in units:
            names = [unit.inputs[self.given.form][0].id]
            names += [f"y{unit.index}"] if form == "z" else []
            names += [unit.targets[0].id, unit.loss]
            row: list[tuple[Piece, ...]] = [(Text(self.place(unit)),)]
            row += [(Term(Name(name), numbers=True),) for name in names]
            body.append(tuple(row))
        return Table(tuple(head), tuple(body), "r" * len(head))

    def place(self, unit: Unit) -> str:
        """The number of a row of a table."""
        if self.given.by_sample or self.given.flat:
            return str(unit.row + self.first)
        return f"{unit.row + self.first}, {unit.column + self.first}"

    def gradient_tables(self, units: list[Unit]) -> list[Block]:
        """A row a loss, a column a prediction; a table for each input."""
        tables: list[Block] = []
        for field in units[0].inputs:
            letter = LETTERS[field]
            width = len(units[0].inputs[field])
            head: list[tuple[Piece, ...]] = [(Text(""),)]
            for k in range(width):
                by = f"{letter}_{k + 1}" if width > 1 else letter
                head.append((Term(partial(Name("L"), Name(by))),))
            body = []
            for unit in units:
                row: list[tuple[Piece, ...]] = [(Text(self.place(unit)),)]
                for name in unit.inputs[field]:
                    of = partial(Name(self.total or unit.loss), name)
                    row.append((Term(of, numbers=True),))
                body.append(tuple(row))
            tables.append(Table(tuple(head), tuple(body), "r" * len(head)))
        return tables
