"""A convolution worked out: sizes, padding, one position in full, the output, the gradients."""

from __future__ import annotations

from derivations.formula.tree import Formula, Name, apply, key, number, product, sum_of, vector
from derivations.kinds.base.assemble import display, step
from derivations.kinds.base.conv_fields import Layout
from derivations.kinds.base.map_loss import MapLoss, Shown, numbered, slope
from derivations.kinds.base.tensors import Tensor
from derivations.models.sliding import Place
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Display, Prose, Step

NAMED = 9  # products up to which the first position is shown in names, too
SHORT = 160  # products up to which all positions are shown
SLICES = 4  # of a padded input that are shown


class ConvRun:
    """The steps of a convolution."""

    def __init__(self, layout: Layout, draft: Draft, positions: str | None, size: bool) -> None:
        self.layout, self.draft, self.size = layout, draft, size
        self.given = layout.given
        self.answers: list[Answer] = []
        layout.x.give(draft)
        layout.k.give(draft)
        self.biases = [layout.bias(f) for f in range(len(layout.b))]
        for name in self.biases:
            draft.given(name.id)
        self.loss = MapLoss(self.given, layout.y, draft) if layout.differentiated else None
        self.positions = positions or self._by_detail()

    def _by_detail(self) -> str:
        """All positions where they are few, or where every detail is wanted."""
        if self.draft.detail != "standard":
            return "first" if self.draft.detail == "brief" else "all"
        count = sum(
            len(terms) for at in self.layout.y.places() for _, terms in self.layout.terms(at)
        )
        return "all" if count <= SHORT else "first"

    # ------------------------------------------------------------ forward

    def forward(self) -> list[Step]:
        """Size, padded input, turned kernel, positions, output."""
        steps = [self._size()] if self.size else []
        if self.layout.is_padded:
            steps.append(self._padded())
        if self.given.mode == "convolution":
            steps.append(self._turned())
        chains = self._positions()
        title = "Slide the kernel over the input"
        if self.given.transposed:
            title = "Add what every input spreads"
        if chains:
            steps.append(
                step(title, *self._lead(), Display(tuple(chains)), *self._rest(), law=self.law)
            )
        steps.append(self._output())
        self.draft.define("size", vector(*map(number, self.layout.slide.output)))
        self.answers.append(Answer("output size", "size"))
        return steps

    @property
    def law(self) -> str:
        return "transposed-convolution" if self.given.transposed else "cross-correlation"

    def _size(self) -> Step:
        layout = self.layout
        chains = [
            Chain(Term(formula), (Link("=", Term(number(n))),), self._size_law, word)
            for formula, n, word in zip(
                layout.formulas, layout.slide.output, layout.words, strict=True
            )
        ]
        if len(chains) == 2 and chains[0].first == chains[1].first:
            first = chains[0]
            chains = [Chain(first.first, first.links, self._size_law, "height and width")]
        chains = [c for c in chains if c.first != c.links[0].term] or chains
        return step("Size of the output", display(*chains), law=self._size_law)

    @property
    def _size_law(self) -> str:
        return "transposed-size" if self.given.transposed else "output-size"

    def _padded(self) -> Step:
        """Zeros around every slice."""
        layout = self.layout
        before = [edge[0] for edge in layout.slide.edges]

        def entry(at: Place) -> Formula:
            own = tuple(i - b for i, b in zip(at[2:], before, strict=True))
            inside = all(0 <= i < n for i, n in zip(own, layout.x.space, strict=True))
            return layout.x.name((*at[:2], *own)) if inside else number("0")

        for lead in layout.padded.leads():
            name = layout.padded.slice_name(lead)
            self.draft.define(
                name, layout.padded.assembled(lead, entry), "assembled", layout.padded.space
            )
            words = layout.padded.words(lead)
            self.answers.append(Answer(f"padded input{words}", name.id))
        return self._arrays("Put zeros around the input", layout.padded, "padding")

    def _turned(self) -> Step:
        """Every kernel turned by 180 degrees."""
        layout = self.layout
        turned = Tensor("K_rot", layout.k.sizes, layout.k.kept)
        for lead in turned.leads():
            name = turned.slice_name(lead)
            formula = turned.assembled(
                lead, lambda at: layout.k.name((*at[:2], *layout.turned(at[2:])))
            )
            self.draft.define(name, formula, "assembled", turned.space)
            self.answers.append(Answer(f"rotated kernel{turned.words(lead)}", name.id))
        title = "Turn the kernel by 180 degrees" if layout.axes == 2 else "Reverse the kernel"
        return self._arrays(title, turned, "rotation")

    def _arrays(self, title: str, of: Tensor, law: str) -> Step:
        leads = list(of.leads())
        blocks: list[Block] = [numbered(of, leads[:SLICES], law)]
        if len(leads) > SLICES:
            blocks.append(Prose((Text(f"The other {len(leads) - SLICES} in the same way."),)))
        return step(title, *blocks, law=law)

    def _positions(self) -> list[Chain]:
        """The first position in full, the others as sums of products."""
        chains: list[Chain] = []
        for at in self.layout.y.places():
            sums = self.layout.terms(at)
            channels = [(c, [self.layout.product(term) for term in terms]) for c, terms in sums]
            bias = [self.biases[at[1]]] if self.biases else []
            name = self.layout.y.name(at)
            every = [term for _, terms in channels for term in terms]
            self.draft.define(name, sum_of(*every, *bias) if every or bias else number("0"))
            if self.positions == "none" or (self.positions == "first" and chains) or not every:
                continue
            if chains:
                chains.append(self.draft.line(name, named=False, law=self.law, detail="brief"))
            else:
                chains += self._in_full(name, channels, bias)
        return chains

    def _in_full(
        self, name: Name, channels: list[tuple[int, list[Formula]]], bias: list[Name]
    ) -> list[Chain]:
        """One position: the sum of every channel, then all of them and the bias."""
        terms = sum(len(each) for _, each in channels)
        filled = [each for _, each in channels if each]
        if len(filled) < 2 or terms == len(filled):
            return [self.draft.line(name, named=terms <= NAMED, law=self.law)]
        groups, sums = [], []
        for each in filled:
            total = sum_of(*each)
            groups.append(apply("group", total) if len(each) > 1 else total)
            sums.append(self.draft.inside_value(total))
        new = tuple(each.id for each in sums)
        links = (
            Link("=", Term(sum_of(*groups, *bias), numbers=True)),
            Link("auto", Term(sum_of(*sums, *bias), numbers=True), new),
            Link("auto", Term(name, numbers=True), (*new, name.id)),
        )
        return [Chain(Term(name), links, self.law, "channel by channel")]

    def _lead(self) -> list[Block]:
        if self.given.transposed:
            words = (
                "Every input is multiplied by the whole kernel; what falls on one place is added."
            )
            return [Prose((Text(words),))]
        return []

    def _rest(self) -> list[Block]:
        """What was left out."""
        count = sum(1 for _ in self.layout.y.places()) - 1
        if self.positions != "first" or not count:
            return []
        words = "The other position" if count == 1 else f"The other {count} positions"
        return [Prose((Text(f"{words} in the same way."),))]

    def _output(self) -> Step:
        y, chains = self.layout.y, []
        for lead in y.leads():
            name = y.slice_name(lead)
            self.draft.define(name, y.assembled(lead), shape=y.space)
            result = self.draft.answer(name)
            chains.append(
                Chain(Term(name), (Link("auto", result, (key(result.formula),)),), self.law)
            )
            self.answers.append(Answer(f"output{y.words(lead)}", name.id))
        self.answers += [Answer(y.name(at).id, y.name(at).id) for at in y.places()]
        return step("Output", display(*chains), law=self.law)

    # ------------------------------------------------------------ backward

    def backward(self, wanted: tuple[str, ...]) -> list[Step]:
        """The gradients by kernel, bias and input, from the one by the output."""
        assert self.loss is not None
        steps = self.loss.steps()
        by_input: dict[Place, list[Formula]] = {}
        by_kernel: dict[Place, list[Formula]] = {}
        for at in self.layout.y.places():
            back = slope(self.layout.y.name(at))
            for _, terms in self.layout.terms(at):
                for term in terms:
                    if term.input is None:
                        continue
                    weight, value = self.layout.k.name(term.weight), self.layout.x.name(term.input)
                    by_input.setdefault(term.input, []).append(product(back, weight))
                    by_kernel.setdefault(term.weight, []).append(product(back, value))
        lines = {"none": 0, "first": 1}.get(self.positions)
        if lines is None and self.draft.detail != "full":
            lines = 1
        if "kernel" in wanted:
            shown = Shown("Gradient by the kernel", "kernel-gradient", WORDS["kernel"], lines)
            steps.append(self.loss.gradient(self.layout.k, by_kernel, shown))
        if "bias" in wanted and self.biases:
            steps.append(self._by_bias())
        if "input" in wanted:
            shown = Shown("Gradient by the input", "input-gradient", WORDS["input"], lines)
            steps.append(self.loss.gradient(self.layout.x, by_input, shown))
        self.answers += self.loss.answers
        return steps

    def _by_bias(self) -> Step:
        """The sum of the gradient over all places and samples."""
        assert self.loss is not None
        chains = []
        for f, name in enumerate(self.biases):
            terms = [slope(self.layout.y.name(at)) for at in self.layout.y.places() if at[1] == f]
            of = slope(name)
            self.draft.define(of, sum_of(*terms), "derived", ())
            chains.append(
                self.draft.line(
                    of, named=len(terms) <= NAMED, boxed=True, law="bias-gradient", detail="brief"
                )
            )
            self.loss.answers.append(Answer(key(of), key(of)))
        return step(
            "Gradient by the bias",
            Prose((Text(WORDS["bias"]),)),
            display(*chains),
            law="bias-gradient",
        )


WORDS = {
    "kernel": "A weight is used at every position: its gradient is the sum, over the positions, of "
    "the gradient there times the input that lay under the weight.",
    "bias": "The bias is added at every position, so the gradients of all of them are added.",
    "input": "An input goes into several outputs: its gradient is the sum, over them, of the "
    "gradient there times the weight that lay on the input.",
}
