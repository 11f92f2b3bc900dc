"""Figures of a classifier as quantities of a draft, and the steps that tell of them."""

from __future__ import annotations

from dataclasses import replace

from flint import fmpq

from derivations.formula.evaluation import Value, evaluate
from derivations.formula.numerals import exact
from derivations.formula.printing import AUXILIARY
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    difference,
    number,
    power,
    product,
    quotient,
    sum_of,
    walk,
)
from derivations.kinds.base.assemble import display, step, value_of
from derivations.kinds.base.classifying import Case, shown
from derivations.kinds.base.passes import joined
from derivations.models.classification import COUNTS, FIGURES, by_figures, value
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Piece, Term, Text
from derivations.steps.rounding import Rounding
from derivations.steps.solution import Answer, Block, Prose, Step, Table

UNDEFINED = "undefined"


class Run:
    """The figures one after the other.

    ``values``: what is known by name, so that a denominator of 0 is found before it is divided by.
    """

    def __init__(self, case: Case, draft: Draft, policy: Rounding) -> None:
        self.case, self.draft, self.policy = case, draft, policy
        self.draft.rounding = replace(policy, carry="rounded")  # counts and fractions are exact
        self.in_full = 10**9 if draft.detail == "full" else case.ask.in_full
        self.values: dict[str, Value] = {"beta": exact(case.given.beta)}
        self.undefined: set[str] = set()
        self.ratios: set[str] = set()
        self.answers: list[Answer] = []
        self.ratio = replace(policy, fractions=True, answers=None)

    def steps(self) -> list[Step]:
        """The figures of the positive class, or of each class, the means, and the figures of all."""
        return self.of_two() if self.case.binary else self.of_several()

    # ------------------------------------------------------------ single figures

    def known(self, name: str, formula: Formula) -> None:
        """A count that is defined over others."""
        self.draft.define(name, formula, shape=())
        self.values[name] = evaluate(formula, self.values)

    def figure(
        self, name: str, formula: Formula, *before: Formula, shown: bool = True
    ) -> list[Block]:
        """The line of a figure: fraction and decimal; or the words that it is 0/0."""
        bad = self._empty(formula)
        if bad is None and not self._missing(formula):
            return (
                [display(self._line(name, formula, *before))]
                if shown
                else self._quiet(name, formula)
            )
        zero = bad is not None and self.case.given.zero_division == "zero"
        end: tuple[Piece, ...] = (Text("it is undefined."),)
        if zero:
            self.draft.define(name, Number("0"), shape=())
            self.values[name] = fmpq(0)
            result = Chain(Term(Name(name)), (Link("=", Term(Number("0"), boxed=True)),))
            end = (Text("by convention "), result, Text("."))
        else:
            self.undefined.add(name)
        self.answers.append(Answer(name, name) if zero else Answer(name, literal=UNDEFINED))
        return self._told(name, formula, bad, end)

    def _quiet(self, name: str, formula: Formula) -> list[Block]:
        self._define(name, formula)
        return []

    def _define(self, name: str, formula: Formula) -> None:
        self.draft.define(name, formula, shape=(), digits=self.ratio)
        self.draft.define(f"{AUXILIARY}answer:{name}", Name(name), "answer", (), digits=self.policy)
        self.values[name] = evaluate(formula, self.values)
        self.ratios.add(name)
        self.answers.append(Answer(name, name))

    def _line(self, name: str, formula: Formula, *before: Formula) -> Chain:
        self._define(name, formula)
        counted = all(n.id not in self.ratios for n in walk(formula) if isinstance(n, Name))
        line = self.draft.line(Name(name), *before, detail=None if counted else "brief")
        result = f"{AUXILIARY}answer:{name}"
        last = Link("auto", Term(Name(result), numbers=True, boxed=True), (result,))
        return replace(line, links=(*line.links, last))

    def _empty(self, formula: Formula) -> Formula | None:
        """A denominator that is 0."""
        for node in walk(formula):
            if isinstance(node, Apply) and node.head == "quotient" and not self._missing(node):
                if evaluate(node.args[1], self.values) == 0:
                    return node.args[1]
        return None

    def _missing(self, formula: Formula) -> list[Name]:
        return [n for n in walk(formula) if isinstance(n, Name) and n.id in self.undefined]

    def _told(
        self, name: str, formula: Formula, bad: Formula | None, end: tuple[Piece, ...]
    ) -> list[Block]:
        """Why a figure has no value of its own, and what it is then."""
        lead: tuple[Piece, ...] = (Term(Name(name)), Text(" "))
        if bad is None:
            without = self._missing(formula)[0]
            why = (Text("is made of "), Term(without), Text(", which is undefined; "))
            return [Prose((*lead, *why, *end))]
        root = isinstance(bad, Apply) and bad.head == "sqrt"
        inside = bad.args[0] if isinstance(bad, Apply) and root else bad
        links = (Link("=", Term(inside, numbers=True)), Link("=", Term(Number("0"))))
        chain = Chain(Term(inside), links)
        if root:  # too long for a line of text
            return [
                Prose((*lead, Text("has below its root"))),
                display(chain),
                Prose((Text("so "), *end)),
            ]
        return [Prose((*lead, Text("has the denominator "), chain, Text("; "), *end))]

    # ------------------------------------------------------------ two classes

    def of_two(self) -> list[Step]:
        """The figures of the positive class."""
        positive = self.case.positive or 0
        hits = (positive, 1 - positive)
        for name, (i, j) in zip(COUNTS, ((0, 0), (1, 0), (0, 1), (1, 1)), strict=True):
            self.values[name] = self.case.count(hits[i], hits[j])
            self.answers.append(Answer(name, name))
        blocks: list[Block] = []
        for key in self.case.figures:
            blocks += self.of_class(key, "")
        return [step("Figures", *joined(blocks))]

    def of_class(self, key: str, suffix: str, shown: bool = True) -> list[Block]:
        """A figure over the counts with this suffix, with its form over other figures."""
        row, other = FIGURES[key], by_figures(key, suffix)
        parts = [FIGURES[part].symbol + suffix for part in row.parts]
        ready = all(part in self.values for part in parts)
        sensible = ready and any(self.values[part] != 0 for part in parts)  # it would be 0/0, too
        before = (other,) if other is not None and sensible else ()
        return self.figure(row.symbol + suffix, value(key, suffix), *before, shown=shown)

    # ------------------------------------------------------------ several classes

    def of_several(self) -> list[Step]:
        """Each class against the rest, a table of all, the means, and the figures of all classes."""
        classes = range(len(self.case.classes))
        for i in classes:
            for j in classes:
                self.values[f"C_{i + 1}_{j + 1}"] = self.case.count(i, j)
                self.answers.append(Answer(f"C_{i + 1}_{j + 1}", f"C_{i + 1}_{j + 1}"))
        self.known("n", sum_of(*(Name(f"C_{i + 1}_{j + 1}") for i in classes for j in classes)))
        lead = Prose((Text("Samples in the whole table: "), value_of(Name("n")), Text(".")))
        steps = [step("", lead)]
        for k in classes:
            blocks = self.one_class(k)
            if blocks:
                steps.append(step(f"Class {shown(self.case.classes[k])}", *joined(blocks)))
        steps.append(step("All classes", self.table()))
        for mean in self.case.ask.means:
            blocks = self.mean(mean)
            steps.append(step(f"{mean.capitalize()} mean", *joined(blocks)))
        blocks = [b for key in self.overall_keys for b in self.overall(key)]
        return [*steps, step("All classes together", *joined(blocks))] if blocks else steps

    @property
    def class_keys(self) -> list[str]:
        """The figures that every class has."""
        keys = [key for key in self.case.figures if FIGURES[key].of_class]
        balanced = "balanced_accuracy" in self.case.figures and "recall" not in keys
        return [*keys, "recall"] if balanced else keys

    @property
    def overall_keys(self) -> list[str]:
        """The figures of all classes together."""
        return [key for key in self.case.figures if not FIGURES[key].of_class]

    def one_class(self, k: int) -> list[Block]:
        """The counts of a class against the rest, and its figures."""
        suffix, shown = self.case.suffix(k), k < self.in_full
        size = len(self.case.classes)
        others = [j for j in range(size) if j != k]
        formulas: dict[str, Formula] = {
            "TP": Name(f"C_{k + 1}_{k + 1}"),
            "FP": sum_of(*(Name(f"C_{j + 1}_{k + 1}") for j in others)),
            "FN": sum_of(*(Name(f"C_{k + 1}_{j + 1}") for j in others)),
        }
        three = [Name(name + suffix) for name in formulas]
        formulas["TN"] = sum_of(Name("n"), *(apply("neg", count) for count in three))
        blocks: list[Block] = []
        for name, formula in formulas.items():
            self.known(name + suffix, formula)
            if shown:
                blocks.append(display(self.draft.line(Name(name + suffix))))
        self.known(f"n{suffix}", sum_of(Name(f"TP{suffix}"), Name(f"FN{suffix}")))
        for key in self.class_keys:
            blocks += self.of_class(key, suffix, shown)
        return blocks

    def table(self) -> Table:
        """Counts, figures and the number of samples of every class."""
        keys = self.class_keys
        head: list[tuple[Piece, ...]] = [(Text("class"),)]
        head += [(Term(Name(name)),) for name in (*COUNTS, *(FIGURES[k].symbol for k in keys))]
        head.append((Text("samples"),))
        rows = []
        for k, label in enumerate(self.case.classes):
            suffix = self.case.suffix(k)
            row: list[tuple[Piece, ...]] = [(Text(shown(label)),)]
            row += [(Term(Name(name + suffix), numbers=True),) for name in COUNTS]
            row += [self.cell(FIGURES[key].symbol + suffix) for key in keys]
            rows.append((*row, (Term(Name(f"n{suffix}"), numbers=True),)))
        return Table(tuple(head), tuple(rows), "l" + "r" * (len(head) - 1))

    def cell(self, name: str) -> tuple[Piece, ...]:
        """A figure as a decimal."""
        if name in self.undefined:
            return (Text(UNDEFINED),)
        result = f"{AUXILIARY}answer:{name}"
        return (Term(Name(result if result in self.draft.quantities else name), numbers=True),)

    def mean(self, mean: str) -> list[Block]:
        """The mean of the classes' figures, alike or by their samples; or the figure of all counts."""
        suffixes = [self.case.suffix(k) for k in range(len(self.case.classes))]
        blocks: list[Block] = []
        keys = [key for key in self.case.figures if FIGURES[key].of_class]
        if mean == "micro":
            for name in COUNTS:
                self.known(f"{name}_micro", sum_of(*(Name(name + s) for s in suffixes)))
                blocks.append(display(self.draft.line(Name(f"{name}_micro"))))
            return blocks + [b for key in keys for b in self.of_class(key, "_micro")]
        for key in keys:
            each: list[Formula] = [Name(FIGURES[key].symbol + s) for s in suffixes]
            below: Formula = number(len(each))
            if mean == "weighted":
                sizes = [Name(f"n{s}") for s in suffixes]
                each = [product(n, figure) for n, figure in zip(sizes, each, strict=True)]
                below = Name("n")
            blocks += self.figure(f"{FIGURES[key].symbol}_{mean}", quotient(sum_of(*each), below))
        return blocks

    def overall(self, key: str) -> list[Block]:
        """A figure of all classes together."""
        suffixes = [self.case.suffix(k) for k in range(len(self.case.classes))]
        hits = [Name(f"TP{s}") for s in suffixes]
        symbol, n = FIGURES[key].symbol, Name("n")
        if key == "balanced_accuracy":
            recalls = [Name(f"recall{s}") for s in suffixes]
            return self.figure(symbol, quotient(sum_of(*recalls), number(len(recalls))))
        if key in ("mcc", "kappa"):
            return self.correlation(key, suffixes)
        right = sum_of(*hits)
        above = right if key == "accuracy" else difference(n, apply("group", right))
        return self.figure(symbol, quotient(above, n))

    def correlation(self, key: str, suffixes: list[str]) -> list[Block]:
        """(c n - Σ p t)/√((n² - Σ p²)(n² - Σ t²)), Gorodkin's coefficient; of κ below n² - Σ p t."""
        blocks: list[Block] = []
        predicted: dict[str, Formula] = {"c": sum_of(*(Name(f"TP{s}") for s in suffixes))}
        predicted |= {f"p{s}": sum_of(Name(f"TP{s}"), Name(f"FP{s}")) for s in suffixes}
        for name, formula in predicted.items():
            if name not in self.values:
                self.known(name, formula)
                blocks.append(display(self.draft.line(Name(name))))
        t, p, n = [Name(f"n{s}") for s in suffixes], [Name(f"p{s}") for s in suffixes], Name("n")

        def less(names: list[Name]) -> Formula:
            return difference(power(n, 2), apply("group", sum_of(*(power(x, 2) for x in names))))

        met = sum_of(*(product(x, y) for x, y in zip(p, t, strict=True)))
        above = difference(product(Name("c"), n), apply("group", met))
        below: Formula = apply("sqrt", product(less(p), less(t)))
        if key == "kappa":
            below = difference(power(n, 2), apply("group", met))
        return blocks + self.figure(FIGURES[key].symbol, quotient(above, below))
