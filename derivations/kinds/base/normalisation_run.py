"""A normalisation layer worked out: statistics, normalised values, outputs, and the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    difference,
    matrix,
    number,
    partial,
    power,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import display, listed, part, step, words
from derivations.kinds.base.givens import beside
from derivations.kinds.base.matrices import entry_name, names_of
from derivations.kinds.base.normalising import Given, Pool, pools_of
from derivations.kinds.base.notation import NotationFields
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Piece, Term, Text
from derivations.steps.solution import Answer, Block, Part, Prose, Step, Table

ONE = Number("1")


class Run:
    """The layer as quantities of a draft, and the steps that tell of them.

    Args:
        given: the layer and its numbers.
        taken: the names of all that is given.
        in_full: how many means and variances are worked out line by line.
        notation: from which number is counted, and whether samples are rows.
        draft: what gets the quantities.
    """

    def __init__(
        self,
        given: Given,
        taken: Sequence[str],
        in_full: int,
        notation: NotationFields,
        draft: Draft,
    ) -> None:
        self.given, self.draft = given, draft
        self.full = 10**9 if draft.detail == "full" else in_full
        self.answers: list[Answer] = []
        size = len(self.given.input), self.given.width
        self.size = size
        given_matrix_of = {"X": "x", **({"G": "g"} if self.given.upstream is not None else {})}
        for name in taken:
            draft.given(name)
        self.first = notation.first_index
        in_rows = notation.samples == "rows"
        for letter, entries in given_matrix_of.items():
            lines = names_of(entries, *size)
            turned = lines if in_rows else tuple(zip(*lines, strict=True))
            draft.define(letter, matrix(*turned), "assembled")
        self.arrays = [Name(letter) for letter in given_matrix_of]
        self.scalars = [Name(name) for name in taken if name[:2] not in ("x_", "g_")]

    def statement(self) -> list[Block]:
        """What is given, and the conventions in words."""
        given = self.given
        blocks: list[Block] = [listed(self.scalars, "Given"), *beside(self.arrays)]
        whose = {
            "batch": "Each feature has its mean and variance over all samples",
            "layer": "Each sample has its mean and variance over all its features",
            "instance": "Each channel of each sample has its own mean and variance",
            "group": f"The channels of each sample are normalised in {given.groups} groups",
            "rms": "Each sample is divided by the root of its mean square; no mean is taken off",
        }[given.layer]
        if given.by_batch and given.channels:
            whose = "Each channel has its mean and variance over all samples and places"
        said = [f"{whose}."]
        if given.mode == "inference" and given.running is not None:
            said = [
                "The running mean $m$ and the running variance $r$ take the place of the batch's."
            ]
        elif given.layer != "rms":
            below = _divisor(given.variance == "unbiased")
            said.append(f"The variance of $n$ numbers has the divisor {below}.")
        said.append(r"$\varepsilon$ stands under the root.")
        if given.running is not None and given.mode == "training":
            said += _conventions(given)
        if given.upstream is not None:
            said.append("$G$ holds the derivatives of a loss $L$ by the outputs.")
        return [*blocks, Prose(words(" ".join(said)))]

    def parts(self) -> list[Part]:
        """Forward, running statistics, backward."""
        pools = list(pools_of(self.given, self.first))
        forward = [self.forward(k, pool) for k, pool in enumerate(pools)]
        steps = [each for each in forward if each.blocks]
        shown = ["x_hat", *([] if self.plain else ["y"])]
        steps.append(step("The whole output", *map(self.values, shown)))
        names = names_of("x_hat" if self.plain else "y", *self.size)
        self.answers += [
            Answer(entry_name("y", i + 1, j + 1), name.id)
            for i, row in enumerate(names)
            for j, name in enumerate(row)
        ]
        backward = self.given.upstream is not None
        parts = [part("Forward" if backward else "", *steps)]
        if self.given.running is not None and self.given.mode == "training":
            parts.append(part("Running statistics", step("", display(*self.running(pools)))))
        if backward:
            parts.append(part("Backward", *self.backward(pools)))
        return parts

    @property
    def plain(self) -> bool:
        """Whether nothing is scaled or shifted."""
        return self.given.gamma is None and self.given.beta is None

    def lines(self, shown: bool, *names: str) -> list[Chain]:
        """The lines of quantities, where they are shown."""
        return [self.draft.line(Name(name)) for name in names] if shown else []

    def forward(self, place: int, pool: Pool) -> Step:
        """Mean, variance, root, and every normalised value and output."""
        shown = place < self.full
        chains: list[Chain] = []
        x = [Name(entry_name("x", i + 1, j + 1)) for i, j in pool.cells]
        n = number(len(x))
        root, mean, spread = (Name(f"{letter}{pool.index}") for letter in ("s", "mu", "v"))
        fixed = self.given.mode == "inference" and self.given.running is not None
        if fixed:
            mean, spread = Name(f"m{pool.index}"), Name(f"r{pool.index}")
        elif self.given.layer == "rms":
            self.draft.define(spread.id, quotient(sum_of(*(power(one, 2) for one in x)), n))
            chains += self.lines(shown, spread.id)
        else:
            self.draft.define(mean.id, quotient(sum_of(*x), n))
            below = n if self.given.variance == "biased" else number(len(x) - 1)
            squares = sum_of(*(power(difference(one, mean), 2) for one in x))
            self.draft.define(spread.id, quotient(squares, below))
            chains += self.lines(shown, mean.id, spread.id)
        self.draft.define(root.id, apply("sqrt", sum_of(spread, Name("epsilon"))))
        chains += self.lines(shown, root.id)
        for k, (i, j) in enumerate(pool.cells):
            chains += self.cell(
                i, j, None if self.given.layer == "rms" else mean, root, shown and k == 0
            )
        blocks = [display(*chains)] if chains else []
        return step(pool.words, *blocks)

    def cell(self, i: int, j: int, mean: Name | None, root: Name, shown: bool) -> list[Chain]:
        """One normalised value, scaled and shifted."""
        x, hat = (Name(entry_name(letter, i + 1, j + 1)) for letter in ("x", "x_hat"))
        self.draft.define(hat.id, quotient(x if mean is None else difference(x, mean), root))
        names = [hat.id]
        if not self.plain:
            k = self.given.scale(j) + 1
            out: Formula = hat
            if self.given.gamma is not None:
                out = product(Name(f"gamma_{k}"), hat)
            if self.given.beta is not None:
                out = sum_of(out, Name(f"beta_{k}"))
            names.append(entry_name("y", i + 1, j + 1))
            self.draft.define(names[-1], out)
        return self.lines(shown, *names)

    def running(self, pools: list[Pool]) -> list[Chain]:
        """The running mean and variance after the batch."""
        running = self.given.running
        assert running is not None
        chains: list[Chain] = []
        share, kept = Name("alpha"), difference(ONE, Name("alpha"))
        old, new = (kept, share) if running.momentum_of == "new" else (share, kept)
        for pool in pools:
            spread = Name(f"v{pool.index}")
            if running.variance_of_batch != self.given.variance:
                spread = Name(f"u{pool.index}")
                n, one = number(len(pool.cells)), number(len(pool.cells) - 1)
                above, below = (n, one) if self.given.variance == "biased" else (one, n)
                formula = quotient(product(above, Name(f"v{pool.index}")), below)
                self.draft.define(spread.id, formula)
                chains.append(self.draft.line(spread))
            for letter, now in (("m", Name(f"mu{pool.index}")), ("r", spread)):
                before = f"{letter}{pool.index}"
                after = f"{before}@new"
                self.draft.define(
                    after, sum_of(product(old, Name(before)), product(new, now)), "update", ()
                )
                chains.append(self.draft.line(Name(after), boxed=True, relation="←"))
                self.answers.append(Answer(f"{before}_new", after))
        return chains

    # ------------------------------------------------------------ backward

    def backward(self, pools: list[Pool]) -> list[Step]:
        """The gradient by scales, shifts and inputs."""
        rows, columns = self.size
        cells = [(i, j) for i in range(rows) for j in range(columns)]
        out = "x_hat" if self.plain else "y"
        total = [
            product(Name(entry_name("g", i + 1, j + 1)), Name(entry_name(out, i + 1, j + 1)))
            for i, j in cells
        ]
        self.draft.define("L", sum_of(*total), "defined", ())
        steps = [self.parameters(cells)] if not self.plain else []
        for place, pool in enumerate(pools):
            chains = self.inputs(pool, place < self.full)
            if chains:
                steps.append(step(pool.words, display(*chains)))
        steps.append(step("The whole gradient", self.table()))
        for i, j in cells:
            name = f"dL/d{entry_name('x', i + 1, j + 1)}"
            self.answers.append(Answer(name, name))
        return steps

    def parameters(self, cells: list[tuple[int, int]]) -> Step:
        """By each γ and β: sums over all values that have it."""
        chains: list[Chain] = []
        for letter in ("gamma", "beta"):
            for k, _ in enumerate(getattr(self.given, letter) or ()):
                terms: list[Formula] = []
                for i, j in cells:
                    if self.given.scale(j) == k:
                        g, hat = (Name(entry_name(one, i + 1, j + 1)) for one in ("g", "x_hat"))
                        terms.append(product(g, hat) if letter == "gamma" else g)
                of = partial(Name("L"), Name(f"{letter}_{k + 1}"))
                self.draft.define(of, sum_of(*terms), "derived", ())
                chains.append(self.draft.line(of, boxed=True, law="derivative"))
                name = f"dL/d{letter}_{k + 1}"
                self.answers.append(Answer(name, name))
        return step("Scales and shifts", display(*chains))

    def inputs(self, pool: Pool, shown: bool) -> list[Chain]:
        """∂L/∂x = (h − A/n − x̂ B/n)/s with h = g γ, A the sum of the h and B that of h x̂."""
        h, hats = [], []
        chains: list[Chain] = []
        for i, j in pool.cells:
            g, hat = (Name(entry_name(one, i + 1, j + 1)) for one in ("g", "x_hat"))
            hats.append(hat)
            if self.given.gamma is None:
                h.append(g)
                continue
            h.append(Name(entry_name("h", i + 1, j + 1)))
            self.draft.define(h[-1].id, product(g, Name(f"gamma_{self.given.scale(j) + 1}")))
            chains += self.lines(shown, h[-1].id)
        root, a, b = (Name(f"{letter}{pool.index}") for letter in ("s", "A", "B"))
        fixed = self.given.mode == "inference" and self.given.running is not None
        n = number(len(pool.cells))
        below = n if self.given.variance == "biased" else number(len(pool.cells) - 1)
        if not fixed:
            if self.given.layer != "rms":
                self.draft.define(a.id, sum_of(*h))
                chains += self.lines(shown, a.id)
            products = [product(one, hat) for one, hat in zip(h, hats, strict=True)]
            self.draft.define(b.id, sum_of(*products))
            chains += self.lines(shown, b.id)
        for k, (i, j) in enumerate(pool.cells):
            above: Formula = h[k]
            if not fixed:
                along = quotient(product(hats[k], b), below)
                above = difference(h[k], along)
                if self.given.layer != "rms":
                    above = sum_of(h[k], apply("neg", quotient(a, n)), apply("neg", along))
            of = partial(Name("L"), Name(entry_name("x", i + 1, j + 1)))
            self.draft.define(of, quotient(above, root), "derived", ())
            if shown and k == 0:
                chains.append(self.draft.line(of, boxed=True, law="derivative"))
        return chains

    def table(self) -> Table:
        """The derivative by every input."""
        return self.rows(lambda name: partial(Name("L"), name), "x")

    def values(self, letter: str) -> Table:
        """Every normalised value, or every output."""
        return self.rows(lambda name: name, letter)

    def rows(self, of: Callable[[Name], Formula], letter: str) -> Table:
        """A row a sample, a column a feature."""
        rows, columns = self.size
        head: list[tuple[Piece, ...]] = [(Text("sample"),)]
        head += [(Term(of(Name(f"{letter}_{j + 1}"))),) for j in range(columns)]
        body = []
        for i in range(rows):
            row: list[tuple[Piece, ...]] = [(Text(str(i + self.first)),)]
            for j in range(columns):
                row.append((Term(of(Name(entry_name(letter, i + 1, j + 1))), numbers=True),))
            body.append(tuple(row))
        return Table(tuple(head), tuple(body), "r" * len(head))


def _conventions(given: Given) -> list[str]:
    """How running statistics are carried on, in words."""
    assert given.running is not None
    whose = "the batch" if given.running.momentum_of == "new" else "the old value"
    below = _divisor(given.running.variance_of_batch == "unbiased")
    return [
        rf"The momentum $\alpha$ is the share of {whose} in the running mean $m$ and the running variance $r$, "
        f"into which the variance with the divisor {below} goes."
    ]


def _divisor(unbiased: bool) -> str:
    return "$n - 1$" if unbiased else "$n$"
