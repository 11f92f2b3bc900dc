"""A classifier's results in a problem file: labels, scores or a confusion matrix, and its classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from flint import fmpq
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic.config import JsonDict

from derivations.errors import unknown
from derivations.formula.looks import DECORATIONS, GREEK
from derivations.formula.numerals import exact
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Matrix, Numeral, Strict, Vector, found, refuse
from derivations.kinds.base.problem import Word
from derivations.models.classification import FIGURES, MEANS

YES = frozenset({"1", "+1", "yes", "true", "positive", "pos"})  # classes that are the positive one
CLEAR = YES | {
    "0",
    "-1",
    "no",
    "false",
    "negative",
    "neg",
}  # where the other one is such a word, too
MOST_CLASSES = 20


def _label(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


def _labels(value: Any) -> Any:
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse(f"found {found(value)}, expected a list of classes, [spam, ham, spam]")
    return tuple(value)


def _figure(value: Any) -> str:
    if not isinstance(value, str) or value not in FIGURES:
        raise refuse(unknown(found(value), "a figure", FIGURES))
    return value


LABEL_SCHEMA: JsonDict = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}


def shown(label: str) -> str:
    """A class as it is printed: one that is a negative number has a minus sign."""
    return f"−{label[1:]}" if label[:1] == "-" and label[1:2].isdigit() else label


Label = Annotated[Word, BeforeValidator(_label), WithJsonSchema(LABEL_SCHEMA)]
Labels = Annotated[tuple[Label, ...], BeforeValidator(_labels)]
FigureName = Annotated[str, BeforeValidator(_figure)]


class Given(Strict):
    """Labels, or scores with a threshold, or the counts themselves."""

    actual: Labels | None = Field(None, description="the true class of every sample")
    predicted: Labels | None = Field(None, description="the predicted class of every sample")
    scores: Vector | None = Field(
        None, description="instead of predicted classes: scores of the positive class"
    )
    threshold: Numeral = Field("0.5", description="scores above it are predicted positive")
    at_threshold: Literal["positive", "negative"] = Field(
        "positive", description="what a score that is the threshold is predicted"
    )
    confusion: Matrix | None = Field(None, description="the counts instead of labels")
    rows: Literal["actual", "predicted"] = Field(
        "actual", description="what the rows of the confusion matrix are"
    )
    classes: Labels | None = Field(None, description="all classes, in order")
    positive: Label | None = Field(None, description="which of two classes is the positive one")
    beta: Numeral = Field("1", description="of f_beta: how much more recall counts than precision")
    zero_division: Literal["undefined", "zero"] = Field(
        "undefined", description="what 0/0 is: no number, or 0"
    )


class Ask(Strict):
    """Which figures are worked out."""

    figures: tuple[FigureName, ...] = Field(
        ("accuracy", "precision", "recall", "f1"), description="in the order of the sheet"
    )
    means: tuple[Literal["macro", "micro", "weighted"], ...] = Field(
        (), description="means over the classes"
    )
    per_class: bool | None = Field(
        None, description="each class against the rest, which is what is done with more than two"
    )
    in_full: Annotated[int, Field(ge=0)] = Field(
        1, description="how many classes are shown line by line"
    )


@dataclass(frozen=True)
class Case:
    """What a file gives, its classes found.

    Attributes:
        classes: in order.
        positive: the place of the positive class; None where each class is taken against the rest.
    """

    given: Given
    ask: Ask
    classes: tuple[str, ...]
    positive: int | None

    @property
    def binary(self) -> bool:
        """Whether there is a positive class and its four counts."""
        return self.positive is not None

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures asked for, each after those that it needs."""
        wanted: list[str] = []
        for name in self.ask.figures:
            needs = FIGURES[name].needs if self.binary else ()
            wanted += [*needs, name]
        return tuple(dict.fromkeys(wanted))

    @cached_property
    def actual(self) -> list[int]:
        """The place of every sample's class."""
        return [self.classes.index(label) for label in self.given.actual or ()]

    @cached_property
    def predicted(self) -> list[int]:
        """The place of every sample's predicted class."""
        given = self.given
        if given.scores is None:
            return [self.classes.index(label) for label in given.predicted or ()]
        assert self.positive is not None
        limit = exact(given.threshold)
        above = [
            exact(s) > limit or (exact(s) == limit and given.at_threshold == "positive")
            for s in given.scores
        ]
        return [self.positive if high else 1 - self.positive for high in above]

    def count(self, actual: int, predicted: int) -> fmpq:
        """How many samples of one class are predicted to be of another."""
        if self.given.confusion is not None:
            at = (actual, predicted) if self.given.rows == "actual" else (predicted, actual)
            return exact(self.given.confusion[at[0]][at[1]])
        pairs = zip(self.actual, self.predicted, strict=True)
        return fmpq(sum(pair == (actual, predicted) for pair in pairs))

    def suffix(self, place: int) -> str:
        """What a class is called in names: ``_cat``; ``__0``, a superscript, where words are letters."""
        if self.binary:
            return ""
        return f"__{self.tags[place]}" if min(map(len, self.tags)) == 1 else f"_{self.tags[place]}"

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The classes as they stand below a letter."""
        closed = {*MEANS, *DECORATIONS, *GREEK}
        plain = all(
            label.isascii() and label.isalnum() and label not in closed and len(label) <= 12
            for label in self.classes
        )
        return self.classes if plain else tuple(str(k + 1) for k in range(len(self.classes)))


def _is_number(label: str) -> bool:
    return label.removeprefix("-").replace(".", "", 1).isdigit()


def _classes(given: Given, mistakes: Mistakes) -> tuple[str, ...]:
    """The classes as they are given, else those that occur: numbers by size, words by letter."""
    if given.classes is not None:
        if len(set(given.classes)) < len(given.classes):
            mistakes.add(("given", "classes"), "a class stands here twice")
        return given.classes
    if given.confusion is not None:
        mistakes.add(("given",), "'classes' is missing: what rows and columns are")
        return ()
    seen = {*(given.actual or ()), *(given.predicted or ())}
    if all(map(_is_number, seen)):
        return tuple(sorted(seen, key=float))
    return tuple(sorted(seen))


def _check_source(given: Given, mistakes: Mistakes) -> None:
    """Either labels, or labels and scores, or counts."""
    add = mistakes.add
    if given.confusion is not None:
        for name in ("actual", "predicted", "scores"):
            if getattr(given, name) is not None:
                add(("given", name), "expected either labels or a confusion matrix")
        return
    if given.actual is None:
        add(("given",), "'actual' is missing, or a 'confusion' matrix")
    if (given.predicted is None) == (given.scores is None):
        add(("given",), "expected either 'predicted' classes or 'scores'")
    other = "predicted" if given.scores is None else "scores"
    if given.actual is not None and getattr(given, other) is not None:
        n, m = len(given.actual), len(getattr(given, other))
        if n != m:
            add(("given", other), f"found {m}, expected {n}, one for each sample")


def _check_labels(given: Given, classes: tuple[str, ...], mistakes: Mistakes) -> None:
    for name in ("actual", "predicted"):
        for place, label in enumerate(getattr(given, name) or ()):
            if label not in classes:
                mistakes.add(("given", name, place), unknown(label, "a class here", classes))
    if given.confusion is None:
        return
    k = len(classes)
    if (len(given.confusion), len(given.confusion[0])) != (k, k):
        mistakes.add(
            ("given", "confusion"),
            f"found a {len(given.confusion)}x{len(given.confusion[0])} matrix, expected {k}x{k}, "
            "a row and a column for each class",
        )


def check_counts(given: Given) -> None:
    """The entries of a confusion matrix are counts, and there are samples.

    Raises:
        FieldError: one is not, or all are 0.
    """
    mistakes = Mistakes()
    rows = given.confusion or ()
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            if exact(text).q != 1 or exact(text) < 0:
                mistakes.add(
                    ("given", "confusion", i, j), f"found {text}, expected a count, 0 or more"
                )
    if rows and not any(exact(text) for row in rows for text in row):
        mistakes.add(("given", "confusion"), "there is no sample")
    mistakes.raise_all()


def _positive(given: Given, ask: Ask, classes: tuple[str, ...], mistakes: Mistakes) -> int | None:
    """The place of the positive class."""
    several = len(classes) > 2 or bool(ask.means) or bool(ask.per_class)
    if len(classes) > 2 and ask.per_class is False:
        mistakes.add(("ask", "per_class"), "more than two classes are taken one by one")
    if several and given.scores is not None:
        mistakes.add(("given", "scores"), "scores with a threshold are for two classes")
    if several and given.positive is not None:
        mistakes.add(
            ("given", "positive"), "every class is taken against the rest; none is the positive one"
        )
    if several or len(classes) < 2:
        return None
    if given.positive is not None:
        if given.positive in classes:
            return classes.index(given.positive)
        mistakes.add(("given", "positive"), unknown(given.positive, "a class here", classes))
        return None
    words = [label.lower() for label in classes]
    if set(words) <= CLEAR and (words[0] in YES) != (words[1] in YES):
        return 0 if words[0] in YES else 1
    mistakes.add(
        ("given",), f"'positive' is missing: which of '{classes[0]}' and '{classes[1]}' it is"
    )
    return None


def resolved(given: Given, ask: Ask) -> Case:
    """The classes of a file, or all mistakes at once.

    Raises:
        FieldError: labels and classes do not fit, or nobody says which class is positive.
    """
    mistakes = Mistakes()
    _check_source(given, mistakes)
    mistakes.raise_all()
    classes = _classes(given, mistakes)
    if not mistakes.found and not 2 <= len(classes) <= MOST_CLASSES:
        at = ("given", "classes") if given.classes else ("given",)
        many, words = (f"{len(classes)} classes", "")
        if len(classes) < 2:
            many, words = ("1 class", "; name all in 'classes'")
        mistakes.add(at, f"found {many}, expected 2 to {MOST_CLASSES}{words}")
    mistakes.raise_all()
    _check_labels(given, classes, mistakes)
    positive = _positive(given, ask, classes, mistakes)
    if exact(given.beta) <= 0:
        mistakes.add(("given", "beta"), f"found {given.beta}, expected a number above 0")
    _check_figures(ask, positive is not None, mistakes)
    mistakes.raise_all()
    return Case(given, ask, classes, positive)


def _check_figures(ask: Ask, binary: bool, mistakes: Mistakes) -> None:
    if not ask.figures:
        mistakes.add(("ask", "figures"), "found none, expected at least 1")
    for place, name in enumerate(ask.figures):
        if name in ask.figures[:place]:
            mistakes.add(("ask", "figures", place), f"'{name}' stands here twice")
    if ask.means and not any(FIGURES[name].of_class for name in ask.figures):
        mistakes.add(("ask", "means"), "none of the figures is one of a class")
