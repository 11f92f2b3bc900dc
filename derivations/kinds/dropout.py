"""Dropout with a given mask: plain and inverted, in training and in use, forward and backward."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from derivations.errors import unknown
from derivations.formula.evaluation import Kink, evaluate
from derivations.formula.numerals import exact
from derivations.formula.tree import (
    Formula,
    Name,
    Number,
    apply,
    difference,
    product,
    quotient,
    sum_of,
)
from derivations.kinds.base.assemble import (
    assemble,
    display,
    listed,
    new_draft,
    paragraph,
    part,
    step,
)
from derivations.kinds.base.definitions import shape_of
from derivations.kinds.base.errors import FieldError, Mistakes
from derivations.kinds.base.fields import Matrix, Numeral, Strict, Vector
from derivations.kinds.base.functions import ActivationField, Functions, TableFunction
from derivations.kinds.base.givens import beside, function_definition
from derivations.kinds.base.notation import letters
from derivations.kinds.base.passes import backward, forward, joined
from derivations.kinds.base.problem import Problem
from derivations.models.attention import in_rows
from derivations.steps.draft import Draft
from derivations.steps.relations import Term, Text
from derivations.steps.solution import Answer, Block, Derivation, Part, Prose
from derivations.truth.dropout import dropped

ONE = Number("1")


def _tag(value: Any) -> str:
    rows = isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple))
    return "matrix" if rows else "vector"


Array = Annotated[
    Annotated[Vector, Tag("vector")] | Annotated[Matrix, Tag("matrix")], Discriminator(_tag)
]


class Layer(Strict):
    """A layer before the dropout: f(W x + b)."""

    W: Matrix = Field(description="a row for each unit")
    b: Vector | None = None
    activation: ActivationField = TableFunction(name="identity")


class Given(Strict):
    """What is dropped, and how."""

    input: Array = Field(description="a vector, or a matrix")
    mask: Array = Field(description="1 where an entry is kept, 0 where it is dropped")
    rate: Numeral = Field("0.5", description="the probability that an entry is dropped")
    scaling: Literal["inverted", "plain"] = Field(
        "inverted", description="divided by 1 - rate in training, or multiplied by it in use"
    )
    layer: Layer | None = Field(None, description="a dense layer whose outputs are dropped")
    slope: Array | None = Field(
        None, description="the gradient of the loss by the output, for gradients"
    )


class Ask(Strict):
    """What is worked out; the output in training always is."""

    use: bool = Field(True, description="the output in use, when nothing is dropped")
    moments: bool = Field(False, description="mean and variance of the output over all masks")
    gradients: bool | tuple[str, ...] = Field(
        False, description="true, or the names by which the loss is differentiated"
    )


class Fields(Problem):
    """Dropout."""

    LETTERS = letters("", sides="weights")

    kind: Literal["dropout"]
    given: Given
    ask: Ask = Ask()


STARTER = """\
kind: dropout
title: Inverted dropout behind a layer
text: Compute the output with this mask, the output in use, and the gradients.
given:
  input: [1, 2]
  layer: {W: [[0.5, 1], [-1, 1], [2, -0.5]], b: [0.5, 0, 1], activation: relu}   # may be left out
  mask: [1, 0, 1]            # 1 where an entry is kept
  rate: 0.5                  # the probability that an entry is dropped
  scaling: inverted          # or plain
  slope: [1, -1, 0.5]        # the gradient of the loss by the output
ask: {use: true, moments: true, gradients: [W, b]}
rounding: {decimals: 4}
"""


class _Names:
    """Letters of vectors are small, those of matrices capital."""

    def __init__(self, problem: Fields) -> None:
        given = problem.given
        self.flat = len(shape_of(given.input)) == 1
        self.layer = given.layer
        self.x, self.z, self.h, self.m, self.y, self.g = (
            letter if self.flat else letter.upper() for letter in "xzhmyg"
        )
        self.input = self.x if self.layer is not None else self.h
        self.used, self.mean, self.spread = f"{self.y}_use", "mu", "v" if self.flat else "V"


def _size(value: Any) -> str:
    shape = shape_of(value)
    return f"{shape[0]} numbers" if len(shape) == 1 else f"a {shape[0]}x{shape[1]} matrix"


def _checked(problem: Fields) -> None:
    """Everything that does not fit, at once."""
    given, mistakes = problem.given, Mistakes()
    shape = shape_of(given.input)
    if given.layer is not None:
        units, width = shape_of(given.layer.W)
        if width != shape[0]:
            mistakes.add(
                ("given", "layer", "W"), f"{width} columns; expected {shape[0]}, one for each input"
            )
        if given.layer.b is not None and len(given.layer.b) != units:
            mistakes.add(
                ("given", "layer", "b"),
                f"{len(given.layer.b)} numbers; expected {units}, one a unit",
            )
        shape = (units, *shape[1:])
    wanted = f"{shape[0]} numbers" if len(shape) == 1 else f"a {shape[0]}x{shape[1]} matrix"
    for name in ("mask", "slope"):
        value = getattr(given, name)
        if value is not None and shape_of(value) != shape:
            mistakes.add(("given", name), f"found {_size(value)}, expected {wanted}")
    rows = given.mask if len(shape_of(given.mask)) == 2 else (given.mask,)
    if any(exact(str(entry)) not in (0, 1) for row in rows for entry in row):
        mistakes.add(("given", "mask"), "expected 0 and 1 only; 1 where an entry is kept")
    if not 0 <= exact(given.rate) < 1:
        mistakes.add(("given", "rate"), f"found {given.rate}, expected 0 or more and less than 1")
    _check_asked(problem, mistakes)
    mistakes.raise_all()
    if problem.ask.gradients and given.layer is not None:
        _check_kinks(problem, given.layer)


def _check_asked(problem: Fields, mistakes: Mistakes) -> None:
    asked, names = problem.ask.gradients, _Names(problem)
    if asked and problem.given.slope is None:
        mistakes.add(("ask", "gradients"), "gradients need 'slope', the one by the output")
    known = [name for name in (*_arrays(problem), names.h) if name not in (names.m, names.g)]
    for place, name in enumerate(asked if isinstance(asked, tuple) else ()):
        if name not in known:
            mistakes.add(("ask", "gradients", place), unknown(name, "an array here", known))


def _check_kinks(problem: Fields, layer: Layer) -> None:
    """The activation has a slope at every pre-activation.

    Raises:
        FieldError: it bends at one of them.
    """
    functions = Functions()
    head = functions.add(layer.activation)
    columns = problem.given.input if _tag(problem.given.input) == "matrix" else None
    inputs = [tuple(problem.given.input)] if columns is None else list(zip(*columns, strict=True))
    for x in inputs:
        for unit, row in enumerate(layer.W):
            z = exact(layer.b[unit]) if layer.b is not None else exact("0")
            z += sum((exact(w) * exact(v) for w, v in zip(row, x, strict=True)), exact("0"))
            try:
                evaluate(apply(f"{head}'", Name("z")), {"z": z}, functions.bodies)
            except Kink:
                raise FieldError(
                    ("ask", "gradients"),
                    f"there is no gradient at this place: unit {unit + 1} is at {z}, where its "
                    "activation has a kink",
                ) from None


def _arrays(problem: Fields) -> dict[str, Any]:
    given, names = problem.given, _Names(problem)
    found: dict[str, Any] = {names.input: given.input}
    if given.layer is not None:
        found["W"] = given.layer.W
        if given.layer.b is not None:
            found["b"] = given.layer.b
    found[names.m] = given.mask
    if given.slope is not None:
        found[names.g] = given.slope
    return found


def _rows(problem: Fields) -> bool:
    """Whether the samples are rows with the weights behind them, x W + b."""
    return problem.given.layer is not None and not problem.notation.weights_first


def givens(problem: Fields) -> dict[str, Any]:
    """The arrays as the sheet has them, and the rate."""
    arrays = _arrays(problem)
    if _rows(problem):
        arrays = {name: _in_rows(name, value, problem) for name, value in arrays.items()}
    return {**arrays, "p": problem.given.rate}


def _in_rows(name: str, value: Any, problem: Fields) -> Any:
    """A vector as a row, a matrix turned; biases of several samples stay a vector, as in 𝟏 bᵀ."""
    if len(shape_of(value)) == 2:
        return tuple(zip(*value, strict=True))
    return value if name == "b" and not _Names(problem).flat else (value,)


def derive(problem: Fields) -> Derivation:
    """The layer, the mask, the scale; in use; mean and variance; backwards."""
    _checked(problem)
    functions, names = Functions(), _Names(problem)
    draft = new_draft(problem, functions)
    for name, value in givens(problem).items():
        draft.given(name, shape_of(value))
    definitions = _definitions(problem, names, functions)
    blocks: list[Block] = []
    for name, formula in definitions.items():
        blocks += forward(draft, functions, name, formula, boxed=name == names.y)
    answers = [Answer(name, name) for name in definitions]
    parts = [part("Training", step("", *joined(blocks)))]
    if problem.ask.use:
        kept, h = Name("q"), Name(names.h)
        draft.define(names.used, h if _inverted(problem) else product(kept, h))
        answers.append(Answer(names.used, names.used))
        parts.append(part("In use", step("", display(draft.line(Name(names.used), boxed=True)))))
    if problem.ask.moments:
        parts.append(_moments(problem, names, draft, answers))
    if problem.ask.gradients:
        parts.append(_backward(problem, names, definitions, functions, draft, answers))
    statement = _statement(problem, names, draft, functions)
    return assemble(problem, draft, functions, parts, answers, statement)


def _identity(layer: Layer) -> bool:
    return isinstance(layer.activation, TableFunction) and layer.activation.name == "identity"


def _inverted(problem: Fields) -> bool:
    return problem.given.scaling == "inverted"


def _definitions(problem: Fields, names: _Names, functions: Functions) -> dict[str, Formula]:
    """z = W x + b, h = f(z), q = 1 - p, y = m ⊙ h/q."""
    found: dict[str, Formula] = {}
    layer = names.layer
    if layer is not None:
        z: Formula = apply("matmul", Name("W"), Name(names.x))
        b: Formula = Name("b")
        if _rows(problem):
            z = apply("matmul", Name(names.x), Name("W"))
            b = b if names.flat else in_rows(b, shape_of(problem.given.input)[1])
        z = sum_of(z, b) if layer.b is not None else z
        if _identity(layer):
            found[names.h] = z
        else:
            found[names.z] = z
            found[names.h] = apply(functions.add(layer.activation), Name(names.z))
    found["q"] = difference(ONE, Name("p"))
    kept = apply("hadamard", Name(names.m), Name(names.h))
    found[names.y] = quotient(kept, Name("q")) if _inverted(problem) else kept
    return found


def _moments(problem: Fields, names: _Names, draft: Draft, answers: list[Answer]) -> Part:
    """Each entry is h/q (or h) with the probability q, and 0 with the probability p."""
    h, q, p, mean = Name(names.h), Name("q"), Name("p"), Name(names.mean)
    square = apply("hadamard", h, h)
    value: Formula = h
    result, spread = product(q, h), product(p, q, square)
    seen: Formula = product(q, square)
    if _inverted(problem):
        value, result, spread = quotient(h, q), h, product(quotient(p, q), square)
        seen = product(q, apply("hadamard", quotient(h, q), quotient(h, q)))
    shape = draft.quantities[names.h].shape
    draft.define(names.mean, result, shape=shape)
    draft.define(names.spread, spread, shape=shape)
    zero = product(p, Number("0"))
    chains = [
        draft.line(mean, sum_of(product(q, value), zero), boxed=True, law="mean"),
        draft.line(Name(names.spread), difference(seen, apply("hadamard", mean, mean)), boxed=True),
    ]
    answers += [Answer(name, name) for name in (names.mean, names.spread)]
    words = (
        "Over all masks, an entry is kept with the probability $q$ and 0 with the probability $p$. "
        "The mean of the output, and its variance, the mean square less the square of the mean:"
    )
    return part("Mean and variance", step("", *paragraph(words), display(*chains)))


def _backward(
    problem: Fields,
    names: _Names,
    definitions: dict[str, Formula],
    functions: Functions,
    draft: Draft,
    answers: list[Answer],
) -> Part:
    """The gradient of sum(g ⊙ y), whose gradient by the output is g."""
    asked = problem.ask.gradients
    every = [name for name in _arrays(problem) if name not in (names.m, names.g)]
    wanted = list(asked) if isinstance(asked, tuple) else every
    total = apply("sum_entries", apply("hadamard", Name(names.g), Name(names.y)))
    draft.define("L", total)
    answers.append(Answer("L", "L"))
    lead = (
        Text("With "),
        Term(Name(names.g)),
        Text(" as the gradient by the output, the loss has "),
    )
    head = step("", Prose((*lead, Text("the same gradients as"))), display(draft.line(Name("L"))))
    whole = {**definitions, "L": total}
    chains = backward(draft, functions, whole, "L", wanted, frozenset(wanted))
    answers += [Answer(f"dL/d{name}", f"dL/d{name}") for name in wanted]
    return part("Backward pass", head, step("", display(*chains)))


def _statement(problem: Fields, names: _Names, draft: Draft, functions: Functions) -> list[Block]:
    """The arrays, the function, and the convention in words."""
    arrays = [Name(name) for name in _arrays(problem)]
    blocks: list[Block] = [*beside(arrays), listed([Name("p")], "Given")]
    layer = names.layer
    if layer is not None and not _identity(layer):
        blocks.append(function_definition(functions.add(layer.activation), functions))
    how = "divided by $q$ in training; in use nothing is dropped and nothing is scaled"
    if not _inverted(problem):
        how = (
            "left as they are in training; in use nothing is dropped, and all are multiplied by $q$"
        )
    title = "inverted dropout" if _inverted(problem) else "dropout"
    words = (
        f"An entry is dropped with the probability $p$, and kept with $q = 1 - p$. This is {title}: "
        f"the entries that are kept are {how}."
    )
    return [*blocks, *paragraph(words)]


def expected(problem: Fields) -> dict[str, Any]:
    """Entry by entry in plain Python, where no layer stands before the dropout."""
    given, names = problem.given, _Names(problem)
    if given.layer is not None:
        return {}
    found = dropped(
        _doubles(given.input), _doubles(given.mask), _doubles(given.rate), _inverted(problem),
        None if given.slope is None else _doubles(given.slope),
    )  # fmt: skip
    answers = {answer.name for answer in derive(problem).answers}
    named = {
        names.y: found.training, names.used: found.use, names.mean: found.mean,
        names.spread: found.variance, f"dL/d{names.h}": found.back, "L": found.loss,
    }  # fmt: skip
    return {name: value for name, value in named.items() if name in answers}


def _doubles(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_doubles(entry) for entry in value]
    number = exact(value)
    return int(number.p) / int(number.q)
