"""What gradients of a matrix go out from: a slope that is given, or a loss against a target."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    difference,
    number,
    power,
    product,
    quotient,
)
from derivations.kinds.base.assemble import display, step
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Matrix, Strict
from derivations.steps.draft import Draft
from derivations.steps.relations import Text
from derivations.steps.solution import Prose, Step
from derivations.truth.aims import Aimed

Loss = Literal["half_squared_error", "squared_error", "mean_squared_error"]
WORDS = {
    "half_squared_error": "half the sum of the squared errors",
    "squared_error": "the sum of the squared errors",
    "mean_squared_error": "the mean of the squared errors of all entries",
}


class Aim(Strict):
    """A slope, or a target with a loss."""

    slope: Matrix | None = Field(
        None, description="the gradient of the loss by the output, for gradients"
    )
    target: Matrix | None = Field(None, description="instead of a slope: what the output should be")
    loss: Loss = Field("half_squared_error", description="the loss against the target")

    @property
    def aimed(self) -> bool:
        """Whether there is something to differentiate."""
        return self.slope is not None or self.target is not None

    def aim_values(self) -> dict[str, Any]:
        """The slope or the target by its letter."""
        values = {"G": self.slope, "T": self.target}
        return {name: value for name, value in values.items() if value is not None}

    def check_aim(self, rows: int, columns: int, mistakes: Mistakes) -> None:
        """A slope or a target of the shape of the output, not both."""
        if self.slope is not None and self.target is not None:
            mistakes.add(("given", "target"), "expected either 'slope' or 'target'")
        if self.target is None and "loss" in self.model_fields_set:
            mistakes.add(("given", "loss"), "a loss needs 'target'")
        for name in ("slope", "target"):
            value = getattr(self, name)
            if value is not None and (len(value), len(value[0])) != (rows, columns):
                mistakes.add(
                    ("given", name),
                    f"found a {len(value)}x{len(value[0])} matrix, expected {rows}x{columns}, as the output",
                )


def loss_of(aim: Aim, output: str, size: int) -> Formula:
    """sum(G ⊙ Y), or the loss of Y against T; ``size`` is how many entries Y has."""
    y = Name(output)
    if aim.target is None:
        return apply("sum_entries", apply("hadamard", Name("G"), y))
    square = power(apply("norm", difference(y, Name("T"))), 2)
    if aim.loss == "squared_error":
        return square
    if aim.loss == "mean_squared_error":
        return quotient(square, number(size))
    return product(quotient(Number("1"), Number("2")), square)


def loss_step(aim: Aim, draft: Draft) -> Step:
    """What is differentiated, in words and with its line."""
    words = f"The loss is {WORDS[aim.loss]}; the square of the norm of a matrix adds the squares of all entries:"
    if aim.target is None:
        words = "With G as the gradient by the output, the loss has the same gradients as"
    line = draft.line(Name("L"), boxed=aim.target is not None)
    return step("", Prose((Text(words),)), display(line))


def second(aim: Aim, values: dict[str, Any]) -> Aimed | None:
    """For the second road, from its own doubles."""
    if not aim.aimed:
        return None
    if aim.target is None:
        return Aimed("slope", values["G"])
    return Aimed(aim.loss, values["T"])
