"""The loss behind a map Y, and how its gradient goes back: given slopes, or targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    difference,
    key,
    number,
    partial,
    power,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import display, step, words
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.fields import Strict
from derivations.kinds.base.tensors import ListsOrNumber, Tensor, fits
from derivations.models.sliding import Place
from derivations.steps.draft import Draft
from derivations.steps.relations import Chain, Link, Term, Text
from derivations.steps.solution import Answer, Block, Display, Prose, Step

LOSSES: dict[str, Callable[[Formula, int], Formula]] = {  # of the sum of squares of n errors
    "half_squared_error": lambda squares, n: product(quotient(number(1), number(2)), squares),
    "squared_error": lambda squares, n: squares,
    "mean_squared_error": lambda squares, n: product(quotient(number(1), number(n)), squares),
}
SLOPES: dict[str, Callable[[Formula, int], Formula]] = {  # of one error
    "half_squared_error": lambda error, n: error,
    "squared_error": lambda error, n: product(number(2), error),
    "mean_squared_error": lambda error, n: product(quotient(number(2), number(n)), error),
}


class WithLoss(Strict):
    """What is behind the output: its gradient, or targets."""

    upstream: ListsOrNumber | None = Field(
        None, description="the gradient of the loss by the output; a number for all entries"
    )
    targets: ListsOrNumber | None = Field(None, description="targets of the output, for a loss")
    loss: Literal["half_squared_error", "squared_error", "mean_squared_error"] | None = Field(
        None, description="with targets; half_squared_error if left out"
    )


def has_loss(given: WithLoss) -> bool:
    """Whether there is something to differentiate.

    Raises:
        FieldError: a slope and targets at once, or a loss without targets.
    """
    if given.upstream is not None and given.targets is not None:
        raise FieldError(("given", "targets"), "'upstream' is given already; one of the two")
    if given.loss is not None and given.targets is None:
        raise FieldError(("given", "loss"), "a loss needs 'targets'")
    return given.upstream is not None or given.targets is not None


def loss_values(given: WithLoss, output: Tensor) -> dict[str, str]:
    """Slopes or targets by name."""
    if given.upstream is not None:
        like = _like("G", output)
        return like.values(fits(given.upstream, like, ("given", "upstream")))
    if given.targets is not None:
        like = _like("T", output)
        return like.values(fits(given.targets, like, ("given", "targets")))
    return {}


def _like(letter: str, output: Tensor) -> Tensor:
    return Tensor(letter, output.sizes, output.kept)


def slope(of: Formula) -> Formula:
    """∂L/∂of."""
    return partial(Name("L"), of)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a gradient is told: its law, a sentence, and how many of its lines stand there."""

    title: str
    law: str
    sentence: str
    lines: int | None = 1  # None: all


class MapLoss:
    """L over the entries of Y, the gradient by them, and by what they are made of."""

    def __init__(self, given: WithLoss, output: Tensor, draft: Draft) -> None:
        self.given, self.output, self.draft = given, output, draft
        self.letter = "G" if given.upstream is not None else "T"
        self.behind = _like(self.letter, output)
        self.behind.give(draft)
        self.answers: list[Answer] = []

    def statement(self) -> list[Block]:
        """The slopes or targets, and what the loss is."""
        chains = tuple(slice_of(self.behind, lead) for lead in self.behind.leads())
        said = (
            "The gradient of the loss $L$ by the output is given:"
            if self.letter == "G"
            else f"The loss is the {self.name.replace('_', ' ')} of the output from the targets:"
        )
        return [Prose(words(said)), Display(chains, abreast=True)]

    @property
    def name(self) -> str:
        return self.given.loss or "half_squared_error"

    def steps(self) -> list[Step]:
        """The loss, and its gradient by the output."""
        places = list(self.output.places())
        loss = self.formula(places)
        self.draft.define("L", loss)
        self.answers.append(Answer("L", "L"))
        for at in places:
            self.draft.define(
                slope(self.output.name(at)), self._slope(at, len(places)), "derived", ()
            )
        steps: list[Step] = []
        if self.letter == "T":
            steps.append(step("Loss", display(self._loss_line(len(places))), law="definition"))
        chains = []
        for lead in self.output.leads():
            of = self.slices(self.output, lead)
            form: Formula = self.behind.slice_name(lead)
            if self.letter == "T":
                error = difference(self.output.slice_name(lead), form)
                form = SLOPES[self.name](error, len(places))
            inside = (key(slope(self.output.name(at))) for at in places if at[:2] == lead)
            new = (*inside, key(of))
            chains.append(
                Chain(
                    Term(of),
                    (Link("=", Term(form)), Link("auto", Term(of, numbers=True), new)),
                    "derivative",
                )
            )
        return [*steps, step("Gradient by the output", display(*chains))]

    def _loss_line(self, n: int) -> Chain:
        return self.draft.line(
            Name("L"), named=n <= 4, boxed=True, law="definition", detail="brief"
        )

    def formula(self, places: Sequence[Place]) -> Formula:
        """Slopes times outputs, or the loss of all errors."""
        pairs = [(self.output.name(at), self.behind.name(at)) for at in places]
        if self.letter == "G":
            return sum_of(*(product(g, y) for y, g in pairs))
        squares = sum_of(*(power(difference(y, t), 2) for y, t in pairs))
        return LOSSES[self.name](squares, len(pairs))

    def _slope(self, at: Place, n: int) -> Formula:
        if self.letter == "G":
            return self.behind.name(at)
        return SLOPES[self.name](difference(self.output.name(at), self.behind.name(at)), n)

    def slices(self, of: Tensor, lead: Place) -> Formula:
        """The gradient by a slice, put together from the gradients by its entries."""
        whole = slope(of.slice_name(lead))
        formula = of.assembled(lead, lambda at: slope(of.name(at)))
        self.draft.define(whole, formula, "defined", of.space)
        name = f"dL/d{of.slice_name(lead).id}"
        self.answers.append(Answer(name, name))
        return whole

    def gradient(self, of: Tensor, parts: dict[Place, list[Formula]], shown: Shown) -> Step:
        """The gradient by every entry: the sum of what comes back along each way.

        The first entries stand in lines, all of them in the arrays below.
        """
        lines: list[Chain] = []
        for at in of.places():
            terms = parts.get(at, [])
            wrt = slope(of.name(at))
            self.draft.define(wrt, sum_of(*terms) if terms else Number("0"), "derived", ())
            if terms and (shown.lines is None or len(lines) < shown.lines):
                lines.append(gradient_line(self.draft, wrt, len(terms), not lines, shown.law))
        arrays = []
        for lead in of.leads():
            whole = self.slices(of, lead)
            result = self.draft.answer(whole)
            arrays.append(
                Chain(Term(whole), (Link("auto", result, (key(result.formula),)),), shown.law)
            )
        blocks: list[Block] = [Prose((Text(shown.sentence),))]
        blocks += [display(*lines)] if lines else []
        return step(shown.title, *blocks, display(*arrays), law=shown.law)


def gradient_line(draft: Draft, of: Formula, terms: int, first: bool, law: str) -> Chain:
    """A sum in names, in numbers and its value; long ones and later ones without the names."""
    return draft.line(of, named=first and terms <= 9, law=law, detail="brief")


def slice_of(of: Tensor, lead: Place) -> Chain:
    """``X_2 = its numbers``."""
    name = of.slice_name(lead)
    return Chain(Term(name), (Link("=", Term(name, numbers=True)),))


def numbered(tensor: Tensor, leads: Iterable[Place], law: str) -> Display:
    """Slices with their values."""
    return Display(
        tuple(
            Chain(Term(name), (Link("auto", Term(name, numbers=True), (name.id,)),), law)
            for name in map(tensor.slice_name, leads)
        ),
        abreast=True,
    )
