"""A recurrent network step by step: lines where they are shown, tables of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from derivations.calculus.adjoints import Adjoint, adjoints
from derivations.formula.printing import Notation
from derivations.formula.shapes import Shape
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    key,
    neg,
    number,
    partial,
    power,
    product,
    quotient,
    substitute,
    sum_of,
)
from derivations.kinds.base.assemble import display, listed, part, step, words
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.functions import Functions
from derivations.kinds.base.givens import beside
from derivations.kinds.base.passes import adjoint_line, forward, joined
from derivations.kinds.base.recurrent_fields import Ask, Given, Shapes, parameters
from derivations.kinds.base.time_tables import over_time, written_rules
from derivations.models import losses
from derivations.models.cells import CELLS, Conventions, Unrolled, applied, time_step, weight
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Part, Prose, Step

SMALL = 3  # numbers of a state up to which, over as many steps, everything is shown
STEPS = 3
WIDE = 6  # columns of the matrices of a line, beyond which their products are shown instead


class Run:
    """Forward through time, the loss, and back."""

    def __init__(
        self,
        given: Given,
        ask: Ask,
        shapes: Shapes,
        by: Conventions,
        functions: Functions,
        draft: Draft,
        values: Mapping[str, Any],
        notation: Callable[[Mapping[str, Shape]], Notation],
    ) -> None:
        """``values`` are the givens by name, rows where ``by.rows``; ``notation`` that of the sheet."""
        self.given, self.ask, self.shapes, self.by = given, ask, shapes, by
        self.functions, self.draft, self.notation = functions, draft, notation
        for name, value in values.items():
            draft.given(name, shape_of(value))
        self.steps = len(given.inputs)
        self.answers: list[Answer] = []
        self.definitions: dict[str, Formula] = {}  # what gradients run through
        self.rows: dict[str, tuple[str, int]] = {}  # a name: its quantity and its time
        self.losses: list[Name] = []

    # ------------------------------------------------------------ what is shown

    @property
    def in_full(self) -> int:
        """How many steps are shown line by line."""
        if self.ask.in_full is not None:
            return self.ask.in_full
        small = self.shapes.units <= SMALL and self.steps <= STEPS
        return {"brief": 0, "standard": self.steps if small else 1, "full": self.steps}[
            self.draft.detail
        ]

    def parts(self) -> list[Part]:
        """Forward pass, loss, backward pass, gradients."""
        alone = not (self.shapes.aims() or self.by_slopes or self.ask.gradients)
        parts = [part("" if alone else "Forward pass", *self.forward())]
        if self.shapes.aims() or self.by_slopes:
            parts += self.loss()
        if self.ask.gradients:
            parts += self.backward()
        return parts

    def times(self) -> str:
        """t = 1, 2, or t = 1, ..., T, as a formula in a sentence."""
        between = r"\dots, " if self.steps > 3 else "2, " if self.steps == 3 else ""
        return f"$t = 1, {between}{self.steps}$"

    # ------------------------------------------------------------ forward

    def forward(self) -> list[Step]:
        """Each step in lines, as far as they are shown; a table over time."""
        steps: list[Step] = []
        left_out: list[int] = []
        for t in range(1, self.steps + 1):
            found = self.unrolled(t)
            blocks: list[Block] = []
            shown = t <= self.in_full
            for name, formula in found.definitions.items():
                self.definitions[name] = formula
                self.rows[name] = (found.rows[name], t)
                blocks += self.defined(name, formula, shown)
                if not name.startswith("a_") and found.rows[name] != "a":
                    self.answers.append(Answer(name, name))
            if shown:
                steps.append(step(f"Time step {t}", *joined(blocks)))
            else:
                left_out.append(t)
        if left_out:
            title = "The other steps in the same way" if steps else ""
            steps.append(step(title, *self.table(left_out)))
        return steps

    def unrolled(self, t: int) -> Unrolled:
        """The definitions of step t: cell, then output layer."""
        state: Formula = Name(self.state("h", t))
        memory = Name(self.state("c", t)) if CELLS[self.by.cell].memory else None
        found = time_step(self.by, t, Name(f"x_{t}"), state, memory)
        output = self.given.output
        if output is not None:
            V = Name(weight("V", "", self.shapes.one))
            terms = [applied(self.shapes.one, V, Name(f"h_{t}"), self.by.rows)]
            terms += [Name("b_y")] if output.b is not None else []
            if output.activation == "identity":
                found.add("y", t, sum_of(*terms))
            else:
                s = found.add("s", t, sum_of(*terms))
                rowwise = output.activation == "softmax" and self.by.rows
                head = "softmax_rows" if rowwise else output.activation
                found.add("y", t, apply(head, s))
        return found

    def state(self, letter: str, t: int) -> str:
        """The name of the state before step t; where gradients end, of its copy."""
        cut = self.ask.truncate
        if not cut or t == 1 or (t - 1) % cut:
            return f"{letter}_{t - 1}"
        copy = f"{letter}_bar_{t - 1}"
        if copy not in self.draft.quantities:
            self.draft.define(copy, apply("detach", Name(f"{letter}_{t - 1}")))
        return copy

    def defined(self, name: str, formula: Formula, shown: bool) -> list[Block]:
        """The lines of a definition, or none."""
        if not shown:
            self.draft.define(name, formula)
            return []
        if self.shapes.units + (self.shapes.width or 1) > WIDE and name.startswith("a_"):
            self.draft.define(name, formula)
            return [display(self.by_products(Name(name), formula))]
        if isinstance(formula, Apply) and formula.head == "tanh":  # not by powers of e
            self.draft.define(name, formula)
            return [display(self.draft.line(Name(name)))]
        return forward(self.draft, self.functions, name, formula)

    def by_products(self, of: Name, formula: Formula) -> Chain:
        """``a = W x + U h + b``, with the products of matrices as vectors, and the sum."""
        assert isinstance(formula, Apply)
        new: list[str] = []

        def vectors(term: Formula) -> Formula:
            if isinstance(term, Apply) and term.head == "matmul":
                name = self.draft.inside_value(term)
                new.append(name.id)
                return name
            if isinstance(term, Apply) and term.head in ("hadamard", "sum"):
                return Apply(term.head, tuple(map(vectors, term.args)))
            return term

        worked = vectors(formula)
        return Chain(
            Term(of),
            (
                Link("=", Term(formula)),
                Link("auto", Term(worked, numbers=True), tuple(new)),
                Link("auto", Term(of, numbers=True), (*new, of.id)),
            ),
            "definition",
        )

    def table(self, times: Sequence[int]) -> list[Block]:
        """The values of all quantities at these times."""
        rows: dict[str, dict[int, Formula]] = {}
        for name, (quantity, t) in self.rows.items():
            if t in times:
                rows.setdefault(quantity, {})[t] = Name(name)
        return list(
            over_time(
                [(Name(f"{row}_t"), at) for row, at in rows.items()], times, self.shapes.units
            )
        )

    # ------------------------------------------------------------ the loss

    @property
    def by_slopes(self) -> bool:
        """Whether the gradient by the last state is given, instead of targets."""
        return self.given.slope_h is not None or self.given.slope_c is not None

    def loss(self) -> list[Part]:
        """The losses of all steps that have a target, and their sum or mean."""
        blocks: list[Block] = []
        if self.by_slopes:
            return [part("Loss", step("", *self.linear_loss()))]
        alone = sum(target is not None for target in self.shapes.aims()) == 1
        for t, target in enumerate(self.shapes.aims(), 1):
            if target is None:
                continue
            name = "L" if alone else f"L_{t}"
            formula = self.loss_of(t)
            self.definitions[name] = formula
            blocks += forward(self.draft, self.functions, name, formula, alone)
            self.answers.append(Answer(name, name))
            self.losses.append(Name(name))
        if not alone:
            total = sum_of(*self.losses)
            if self.given.loss_over_time == "mean":
                total = quotient(total, number(len(self.losses)))
            self.definitions["L"] = total
            blocks += forward(self.draft, self.functions, "L", total, True)
            self.answers.append(Answer("L", "L"))
        return [part("Loss", step("", *joined(blocks)))]

    def loss_of(self, t: int) -> Formula:
        """The loss of step t, over the output or the state."""
        y: Formula = Name(f"y_{t}" if self.given.output is not None else f"h_{t}")
        target = Name(f"t_{t}")
        size = self.shapes.outputs
        if size == 1:
            return losses.value(self.given.loss, y, target)
        ones = Number("1")
        squares = power(apply("norm", difference(y, target)), 2)
        return {
            "half_squared_error": product(quotient(ones, number(2)), squares),
            "squared_error": squares,
            "mean_squared_error": product(quotient(ones, number(size)), squares),
            "cross_entropy": neg(self.inner(target, apply("ln", y))),
            "binary_cross_entropy": neg(
                sum_of(
                    self.inner(target, apply("ln", y)),
                    self.inner(difference(ones, target), apply("ln", difference(ones, y))),
                )
            ),
        }[self.given.loss]

    def inner(self, left: Formula, right: Formula) -> Formula:
        """u · v of vectors; of rows the sum of u ⊙ v."""
        if self.by.rows:
            return apply("sum_entries", apply("hadamard", left, right))
        return apply("dot", left, right)

    def linear_loss(self) -> list[Block]:
        """A loss with the slopes that are given: δ · h_T."""
        T = self.steps
        dot = product if self.shapes.one else self.inner
        terms = []
        if self.given.slope_h is not None:
            terms.append(dot(Name("delta_h"), Name(f"h_{T}")))
        if self.given.slope_c is not None:
            terms.append(dot(Name("delta_c"), Name(f"c_{T}")))
        self.definitions["L"] = sum_of(*terms)
        self.answers.append(Answer("L", "L"))
        words = (
            "Any loss whose gradient at the end is the one that is given has the same gradients as"
        )
        return [
            Prose((Text(words),)),
            *forward(self.draft, self.functions, "L", self.definitions["L"]),
        ]

    # ------------------------------------------------------------ back through time

    def backward(self) -> list[Part]:
        """The adjoints of each step, and the gradients of the parameters as sums over time."""
        asked = self.ask.gradients
        wanted = asked if isinstance(asked, tuple) else tuple(parameters(self.shapes))
        found = adjoints(
            self.definitions, "L", frozenset(wanted), self.functions.rules, self.draft.shapes()
        )
        for each in found:
            of = partial(Name("L"), Name(each.name))
            shape = self.draft.quantities[each.name].shape
            self.draft.define(of, each.formula, "derived", shape)
        inner = [each for each in found if each.name in self.rows]
        outer = [each for each in found if each.name in self.losses_names()]
        title = "Backpropagation through time"
        steps = [step("Loss", display(*map(self.line, outer)))] if outer else []
        steps += self.steps_back(inner)
        parts = [part(title, *steps)] if steps else []
        ends = {each.name: each for each in found if each.name in wanted}
        chains = [self.gradient(ends[name]) for name in wanted if name in ends]
        self.answers += [Answer(f"dL/d{name}", f"dL/d{name}") for name in wanted if name in ends]
        return [*parts, part("Gradients", step("", display(*chains)))]

    def losses_names(self) -> set[str]:
        return {name.id for name in self.losses} - {"L"}

    def steps_back(self, found: Sequence[Adjoint]) -> list[Step]:
        """From the last time step to the first, in lines or in a table."""
        steps: list[Step] = []
        by_time: dict[int, list[Adjoint]] = {}
        for each in found:
            by_time.setdefault(self.rows[each.name][1], []).append(each)
        times = sorted(by_time, reverse=True)
        # The last step has nothing behind it: the one before it shows the path through time.
        several = 0 if self.in_full == 0 else max(self.in_full, min(2, len(times)))
        for t in times[:several]:
            chains = [self.line(each) for each in by_time[t]]
            steps.append(step(f"Time step {t}", display(*chains)))
        rest = times[several:]
        if rest:
            rows: dict[str, dict[int, Formula]] = {}
            for t in rest:
                for each in by_time[t]:
                    rows.setdefault(self.rows[each.name][0], {})[t] = partial(
                        Name("L"), Name(each.name)
                    )
            heads = [(partial(Name("L"), Name(f"{row}_t")), at) for row, at in rows.items()]
            title = "The other steps in the same way" if steps else ""
            steps.append(step(title, *over_time(heads, rest, self.shapes.units)))
        return steps

    def line(self, each: Adjoint) -> Chain:
        """The line of an adjoint."""
        return adjoint_line(self.draft, each, "L", False)

    def gradient(self, each: Adjoint) -> Chain:
        """The gradient of a parameter: a term for each step; long ones without numbers."""
        of = partial(Name("L"), Name(each.name))
        short = len(each.through) * self.shapes.units <= 2 * SMALL
        if short:
            return adjoint_line(self.draft, each, "L", True)
        result = self.draft.answer(of)
        links = [Link("=", Term(each.formula)), Link("auto", result, (key(result.formula),))]
        return Chain(Term(of), tuple(links), "chain-rule")

    # ------------------------------------------------------------ what is told

    def statement(self) -> list[Block]:
        """Inputs, weights, the equations of the cell, its conventions."""
        given = {n: q.shape for n, q in self.draft.quantities.items() if q.role == "given"}
        large = [Name(n) for n in given if n[0] in "WUV" and len(given[n]) == 2 and given[n][0] > 1]
        small = [Name(n) for n in given if Name(n) not in large]
        blocks: list[Block] = [listed(small, "Given"), *beside(large), *self.equations()]
        return blocks

    def equations(self) -> list[Block]:
        """The equations of one step, with t in the place of its number."""
        if self.steps < 2 and self.in_full:
            return []
        first = self.unrolled(1)
        at_t = {name: f"{row}_t" for name, row in first.rows.items()}
        at_t |= {"x_1": "x_t", "h_0": "h_t-1", "c_0": "c_t-1"}
        pairs = [
            (Name(at_t[name]), substitute(formula, {old: Name(new) for old, new in at_t.items()}))
            for name, formula in first.definitions.items()
        ]
        shapes = {at_t.get(name, name): shape for name, shape in self.draft.shapes().items()}
        return [
            Prose(words(f"For the time steps {self.times()}:")),
            written_rules(pairs, self.notation(shapes)),
        ]
