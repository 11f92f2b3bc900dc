"""What is given for a loss with numbers: its conventions, predictions and targets, and the checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from flint import fmpq
from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from derivations.errors import nearest, those_known, unknown
from derivations.formula.numerals import exact
from derivations.kinds.base.definitions import Quantity, shape_of
from derivations.kinds.base.errors import Mistakes, Path
from derivations.kinds.base.fields import (
    NUMBER_SCHEMA,
    TEXT_SCHEMA,
    NotNegative,
    Numeral,
    OrAs,
    Strict,
    found,
    refuse,
)
from derivations.kinds.base.optimiser_fields import Bound
from derivations.models.losses import LOSSES
from derivations.models.sample_losses import SAMPLE_LOSSES, find

NUMERAL: TypeAdapter[str] = TypeAdapter(Numeral)
POSITIVE = frozenset({"positive_weight", "beta", "delta", "C"})
SHARE = frozenset({"tau", "alpha"})
LOGITS = frozenset({  # of a sigmoid
    "binary_cross_entropy", "weighted_binary_cross_entropy", "focal", "balanced_focal",
})  # fmt: skip
BASED = LOGITS
SIGNS = frozenset({"hinge", "squared_hinge"})  # targets are 1 and -1
INPUTS = ("predictions", "logits", "log_predictions", "anchor", "positive", "negative", "first", "second")  # fmt: skip
TARGETS = ("targets", "classes", "labels", "similar")


class LossField(Strict):
    """A loss by its name, with parameters and conventions: ``{name: huber, delta: 2}``."""

    model_config = ConfigDict(
        json_schema_extra={"additionalProperties": {"anyOf": [NUMBER_SCHEMA, {"type": "string"}]}}
    )
    name: str
    parameters: dict[str, str] = Field(default_factory=dict)
    conventions: dict[str, str] = Field(default_factory=dict)


def _loss(value: Any) -> Any:
    if isinstance(value, LossField):
        return value
    mapping = {"name": value} if isinstance(value, str) else value
    if not isinstance(mapping, dict) or not isinstance(mapping.get("name"), str):
        raise refuse(f"found {found(value)}, expected the name of a loss, or a mapping with 'name'")
    try:
        key = find(mapping["name"])
    except ValueError as error:
        raise refuse(str(error)) from None
    row = SAMPLE_LOSSES.get(key)
    known = row.parameters if row else LOSSES[key].parameters
    choices = row.conventions if row else {}
    parameters, conventions = dict(known), {name: next(iter(c)) for name, c in choices.items()}
    for word, entry in mapping.items():
        if word in choices:
            if str(entry) not in choices[word]:
                raise refuse(unknown(str(entry), f"a convention for '{word}'", choices[word]))
            conventions[word] = str(entry)
        elif word in known:
            parameters[word] = _parameter(word, entry)
        elif word != "name":
            names = [*known, *choices]
            hint = nearest(word, names)
            other = "; see 'balanced_focal'" if (key, word) == ("focal", "alpha") else ""
            raise refuse(f"'{word}' is no setting of {key}{hint}{those_known(hint, names)}{other}")
    return {"name": key, "parameters": parameters, "conventions": conventions}


def _parameter(word: str, value: Any) -> str:
    try:
        text = NUMERAL.validate_python(value)
    except ValidationError:
        raise refuse(f"'{word}' is {found(value)}, expected a number") from None
    number = exact(text)
    if word in POSITIVE and number <= 0:
        raise refuse(f"'{word}' is {text}, expected a number above 0")
    if word in SHARE and not 0 <= number <= 1:
        raise refuse(f"'{word}' is {text}, expected a number from 0 to 1")
    if number < 0 and word != "margin":
        raise refuse(f"'{word}' is {text}, expected a number that is not negative")
    return text


def _whole(value: Any) -> Any:
    """``1`` and ``-1`` as whole numbers; anything else is left to the field."""
    return int(value) if str(value) in ("0", "1", "-1") else value


First = Annotated[Literal[0, 1], BeforeValidator(_whole)]
Label = Annotated[Literal[1, -1], BeforeValidator(_whole)]
LossUse = Annotated[LossField, BeforeValidator(_loss), OrAs(TEXT_SCHEMA)]


def _smoothing(value: Any) -> str:
    text = NUMERAL.validate_python(value)
    if not 0 < exact(text) < 1:
        raise refuse(f"found {text}, expected a number between 0 and 1")
    return text


class Given(Strict):
    """The loss, what it compares, and how the losses are put together."""

    loss: LossUse
    predictions: Quantity | None = Field(
        None, description="one number a prediction, or a row a sample"
    )
    logits: Quantity | None = Field(None, description="instead: before the sigmoid or the softmax")
    log_predictions: Quantity | None = Field(
        None, description="instead: logarithms of probabilities"
    )
    targets: Quantity | None = Field(None, description="as the predictions")
    classes: tuple[NotNegative, ...] | None = Field(
        None, description="instead: the true class of each sample"
    )
    classes_from: First = Field(1, description="the number of the first class")
    labels: tuple[Label, ...] | None = Field(
        None, description="of pairs of vectors: 1 alike, -1 not"
    )
    anchor: Quantity | None = Field(None, description="a vector, or a row a sample")
    positive: Quantity | None = None
    negative: Quantity | None = None
    first: Quantity | None = Field(None, description="a vector, or a row a pair")
    second: Quantity | None = None
    similar: tuple[bool, ...] | None = Field(None, description="of each pair, whether it is alike")
    reduction: Literal["none", "mean", "sum", "batchmean"] = Field(
        "mean", description="how the losses are put together"
    )
    mean_over: Literal["losses", "elements"] = Field(
        "losses", description="of what a mean is taken where a loss has several elements"
    )
    base: Literal["2", "e", "10"] = Field("e", description="of the logarithms")
    label_smoothing: Annotated[Numeral, BeforeValidator(_smoothing)] | None = None
    weights: tuple[Bound, ...] | None = Field(None, description="a weight for each sample")
    class_weights: tuple[Bound, ...] | None = Field(
        None, description="a weight for each class, which the samples of the class have"
    )
    weights_in_mean: Literal["weights", "losses"] = Field(
        "weights", description="what a mean of weighted losses is divided by"
    )

    @property
    def weighted(self) -> bool:
        """Whether losses have weights."""
        return self.weights is not None or self.class_weights is not None

    def weight(self, row: int) -> tuple[str, str]:
        """The name of a sample's weight, and the weight: its own, or that of its class."""
        if self.class_weights is not None:
            assert self.classes is not None
            place = self.classes[row] - self.classes_from
            return f"w_{place + 1}", self.class_weights[place]
        assert self.weights is not None
        return f"w_{row + 1}", self.weights[row]

    @property
    def by_sample(self) -> bool:
        """Whether a loss is that of a whole sample, not of each number."""
        return self.loss.name in SAMPLE_LOSSES

    @property
    def form(self) -> str:
        """The field in which the predictions stand."""
        return next(name for name in INPUTS if getattr(self, name) is not None)

    def rows(self, field: str) -> tuple[tuple[str, ...], ...]:
        """A field as rows, one a sample; of numbers in a list each is a sample of its own."""
        value = getattr(self, field)
        if not shape_of(value):
            return ((value,),)
        if len(shape_of(value)) == 2:
            return tuple(value)
        return (value,) if self.by_sample else tuple((each,) for each in value)

    @property
    def flat(self) -> bool:
        """Whether there is one index alone: a list of numbers, or the entries of one vector."""
        return len(shape_of(getattr(self, self.form))) < 2


def entries(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every number of a field with its path."""
    if isinstance(value, tuple):
        for place, part in enumerate(value):
            yield from entries(part, (*path, place))
    else:
        yield path, value


def check(given: Given) -> None:
    """Every field is one of this loss, sizes fit, and numbers are in their domains."""
    mistakes = Mistakes()
    _check_fields(given, mistakes)
    mistakes.raise_all()
    _check_sizes(given, mistakes)
    mistakes.raise_all()
    _check_numbers(given, mistakes)
    mistakes.raise_all()


def _allowed(given: Given) -> tuple[tuple[str, ...], tuple[str, ...]]:
    name = given.loss.name
    row = SAMPLE_LOSSES.get(name)
    if row is None:
        return ("predictions", "logits") if name in LOGITS else ("predictions",), ("targets",)
    if name == "cosine":
        labelled = given.loss.conventions["form"] == "embedding"
        return row.inputs, row.targets if labelled else ("targets",)
    return row.inputs, row.targets


def _check_fields(given: Given, mistakes: Mistakes) -> None:
    name = given.loss.name
    inputs, targets = _allowed(given)
    for field in (*INPUTS, *TARGETS):
        if getattr(given, field) is not None and field not in (*inputs, *targets):
            mistakes.add(("given", field), f"has no place in {name}")
    together = name in ("triplet", "contrastive")
    for fields, all_of in ((inputs, together), (targets, together or name == "cosine")):
        here = [field for field in fields if getattr(given, field) is not None]
        if fields and (len(here) != len(fields) if all_of else len(here) != 1):
            word = " and " if all_of else " or "
            mistakes.add(("given",), f"{name} needs {word.join(map(repr, fields))}")
    row = SAMPLE_LOSSES.get(name)
    if given.base != "e" and not (row.based if row else name in BASED):
        mistakes.add(("given", "base"), f"there is no logarithm in {name} whose base is chosen")
    if given.base != "e" and given.log_predictions is not None:
        mistakes.add(("given", "base"), "log_predictions are natural logarithms")
    _check_weights(given, mistakes)
    smooth = ("binary_cross_entropy", "categorical_cross_entropy")
    if given.label_smoothing is not None and name not in smooth:
        mistakes.add(("given", "label_smoothing"), f"has no place in {name}")


def _check_weights(given: Given, mistakes: Mistakes) -> None:
    """Weights go into a mean or a sum; those of classes need classes."""
    if "weights_in_mean" in given.model_fields_set and not given.weighted:
        mistakes.add(("given", "weights_in_mean"), "there are no weights")
    if given.class_weights is not None:
        at = ("given", "class_weights")
        if given.weights is not None:
            mistakes.add(at, "expected either 'weights' or 'class_weights'")
        if given.classes is None:
            mistakes.add(at, "weights of classes need 'classes'; see also 'weights'")
        if given.label_smoothing is not None:
            mistakes.add(at, "weights of classes with smoothed targets are not worked out here")
    if given.weighted and given.reduction not in ("mean", "sum"):
        mistakes.add(
            ("given", "reduction"), "weights go into a mean or a sum; expected one of them"
        )
    if given.weighted and given.mean_over != "losses":
        mistakes.add(("given", "mean_over"), "has no place beside weights; see 'weights_in_mean'")
    form = next((name for name in INPUTS if getattr(given, name) is not None), None)
    if given.weighted and form is not None and len(given.rows(form)) == 1:
        mistakes.add(("given",), "a single loss needs no weights")


def _check_sizes(given: Given, mistakes: Mistakes) -> None:
    shape = shape_of(getattr(given, given.form))
    if given.by_sample and not shape:
        mistakes.add(("given", given.form), "found a number, expected a list, or a list of rows")
        return
    for field in (*INPUTS, "targets"):
        value = getattr(given, field)
        if value is not None and shape_of(value) != shape:
            mistakes.add(
                ("given", field), f"found {words(shape_of(value))}, expected {words(shape)}"
            )
    for field in ("classes", "labels", "similar", "weights"):
        value = getattr(given, field)
        count = len(given.rows(given.form))
        if value is not None and len(value) != count:
            mistakes.add(("given", field), f"found {len(value)}, expected {count}, one a sample")
    width = shape[-1] if shape else 1
    if given.class_weights is not None and len(given.class_weights) != width:
        mistakes.add(
            ("given", "class_weights"),
            f"found {len(given.class_weights)}, expected {width}, one a class",
        )
    for place, true in enumerate(given.classes or ()):
        first, last = given.classes_from, width - 1 + given.classes_from
        if not first <= true <= last:
            mistakes.add(
                ("given", "classes", place),
                f"found {true}, expected a class from {first} to {last}",
            )


def words(shape: Sequence[int]) -> str:
    """``3 numbers``, ``2 rows of 3``."""
    if len(shape) == 2:
        return f"{shape[0]} rows of {shape[1]}"
    return f"{shape[0]} numbers" if shape else "a number"


def _check_numbers(given: Given, mistakes: Mistakes) -> None:
    name = given.loss.name
    if name in SIGNS:
        for path, text in entries(given.targets, ("given", "targets")):
            if abs(exact(text)) != 1:
                mistakes.add(path, f"found {text}, expected 1 or -1")
    if name in LOGITS:
        _check_probabilities(given, mistakes)
    if name == "poisson":
        for path, text in entries(given.predictions, ("given", "predictions")):
            if exact(text) <= 0:
                mistakes.add(path, f"found {text}, expected a rate above 0: its logarithm is taken")
    if name in ("categorical_cross_entropy", "kl_divergence", "jensen_shannon"):
        _check_distributions(given, mistakes)
    if name == "cosine":
        for field in ("predictions", "targets"):
            for place, row in enumerate(given.rows(field)):
                if not any(exact(text) for text in row):
                    at = ("given", field) if given.flat else ("given", field, place)
                    mistakes.add(at, "a vector of length 0 has no angle")


def _check_probabilities(given: Given, mistakes: Mistakes) -> None:
    hard = not given.loss.name.endswith("binary_cross_entropy")
    targets = list(entries(given.targets, ("given", "targets")))
    for path, text in targets:
        if hard and exact(text) not in (0, 1):
            mistakes.add(path, f"found {text}, expected 0 or 1")
        elif not 0 <= exact(text) <= 1:
            mistakes.add(path, f"found {text}, expected a number from 0 to 1")
    if given.predictions is None:
        return
    for (path, text), (_, target) in zip(
        entries(given.predictions, ("given", "predictions")), targets, strict=True
    ):
        value = exact(text)
        if not 0 <= value <= 1:
            mistakes.add(path, f"found {text}, expected a probability between 0 and 1")
        elif value in (0, 1) and (given.label_smoothing or exact(target) != value):
            mistakes.add(
                path,
                f"a probability of {text} where the target is {target}: the logarithm of 0 does not exist",
            )


def _check_distributions(given: Given, mistakes: Mistakes) -> None:
    for field in ("predictions", "targets"):
        if getattr(given, field) is None:
            continue
        for place, row in enumerate(given.rows(field)):
            at: Path = ("given", field) if given.flat else ("given", field, place)
            values = [exact(text) for text in row]
            for column, value in enumerate(values):
                if not 0 <= value <= 1:
                    mistakes.add(
                        (*at, column),
                        f"found {row[column]}, expected a probability between 0 and 1",
                    )
            if sum(values) != 1:
                mistakes.add(at, f"the probabilities add up to {sum(values)}; expected 1")
    if given.predictions is None or given.loss.name == "jensen_shannon":
        return
    for place, row in enumerate(given.rows("predictions")):
        at = ("given", "predictions") if given.flat else ("given", "predictions", place)
        for column, (text, target) in enumerate(zip(row, wanted(given, place), strict=True)):
            if exact(text) == 0 and (target != 0 or given.label_smoothing):
                mistakes.add(
                    (*at, column),
                    "a probability of 0 where the target is not 0: its logarithm does not exist",
                )


def wanted(given: Given, place: int) -> list[fmpq]:
    """The target of a sample as a distribution, before smoothing."""
    width = len(given.rows(given.form)[place])
    if given.classes is not None:
        true = given.classes[place] - given.classes_from
        return [fmpq(int(k == true)) for k in range(width)]
    return [exact(text) for text in given.rows("targets")[place]]
