"""Normalisation in a problem file: the fields, which numbers share statistics, and the checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from derivations.formula.numerals import exact
from derivations.kinds.base.errors import Mistakes
from derivations.kinds.base.fields import Matrix, Numeral, Positive, Strict, Vector, Weight, refuse
from derivations.kinds.base.optimiser_fields import NUMERAL

Cell = tuple[int, int]


def _share(value: Any) -> str:
    text = NUMERAL.validate_python(value)
    if not 0 <= exact(text) <= 1:
        raise refuse(f"found {text}, expected a number from 0 to 1")
    return text


def _rows(value: Any) -> Any:
    """A row for each sample; maps that stand in lists of their own are told how they are written."""
    deep, levels = value, 0
    while isinstance(deep, list) and deep:
        deep, levels = deep[0], levels + 1
    if levels > 2:
        count = len(value[0])
        raise refuse(
            f"found {levels} levels of lists, expected a row for each sample: its channels one after the "
            f"other, all numbers in one list, with 'channels: {count}'"
        )
    return value


Rows = Annotated[Matrix, BeforeValidator(_rows)]
Share = Annotated[Numeral, BeforeValidator(_share)]


class Running(Strict):
    """Running statistics before the batch, and how a batch changes them."""

    mean: Vector
    variance: Vector
    momentum: Share = "0.1"
    momentum_of: Literal["new", "old"] = Field(
        "new", description="whether the momentum is the share of the batch or of the old value"
    )
    variance_of_batch: Literal["unbiased", "biased"] = Field(
        "unbiased", description="the divisor of the variance that goes in: n - 1, or n"
    )


class Given(Strict):
    """The layer, its input, its parameters and conventions."""

    layer: Literal["batch", "layer", "instance", "group", "rms"]
    input: Rows = Field(description="a row a sample")
    channels: Positive | None = Field(
        None, description="columns are so many channels one after the other; else each is one"
    )
    groups: Positive | None = Field(None, description="of channels, for group normalisation")
    gamma: Vector | None = Field(None, description="scales; none if left out")
    beta: Vector | None = Field(None, description="shifts; none if left out")
    epsilon: Weight = "1e-5"
    variance: Literal["biased", "unbiased"] = Field(
        "biased", description="divided by n, or by n - 1"
    )
    mode: Literal["training", "inference"] = "training"
    running: Running | None = None
    upstream: Rows | None = Field(None, description="the derivative of a loss by the output")

    @property
    def width(self) -> int:
        """Columns of the input."""
        return len(self.input[0])

    @property
    def count(self) -> int:
        """How many channels there are."""
        return self.channels or self.width

    def channel(self, column: int) -> int:
        """The channel of a column, from 0."""
        return column * self.count // self.width

    def scale(self, column: int) -> int:
        """Which entry of γ and β a column has: its own after layer and RMS normalisation."""
        return column if self.layer in ("layer", "rms") else self.channel(column)

    @property
    def by_batch(self) -> bool:
        """Whether samples share statistics."""
        return self.layer == "batch"


@dataclass(frozen=True, slots=True)
class Pool:
    """Numbers that share a mean and a variance: the suffix of their names, the words, the places."""

    index: str
    words: str
    cells: tuple[Cell, ...]
    channel: int = 0


def pools_of(given: Given, first: int = 1) -> Iterator[Pool]:
    """All of them, in reading order; their words count from ``first``."""
    rows, columns = range(len(given.input)), range(given.width)
    if given.layer == "batch":
        word = "Channel" if given.channels else "Feature"
        for c in range(given.count):
            cells = tuple((i, j) for i in rows for j in columns if given.channel(j) == c)
            yield Pool(f"_{c + 1}", f"{word} {c + first}", cells, c)
        return
    parts = {"instance": given.count, "group": given.groups or 1}.get(given.layer, 1)
    for i in rows:
        for part in range(parts):
            cells = tuple(
                (i, j) for j in columns if given.channel(j) * parts // given.count == part
            )
            several = parts > 1
            words = f"Sample {i + first}"
            if several:
                words += f", {'channel' if given.layer == 'instance' else 'group'} {part + first}"
            yield Pool(f"_{i + 1}" + (f"_{part + 1}" if several else ""), words, cells)


def check(given: Given) -> None:
    """Sizes divide and fit, and no divisor is 0."""
    mistakes = Mistakes()
    if given.width % given.count:
        mistakes.add(
            ("given", "channels"),
            f"{given.width} columns are not {given.count} channels of one size",
        )
    if given.layer == "group" and given.groups is None:
        mistakes.add(("given",), "group normalisation needs 'groups'")
    if given.groups is not None and given.layer != "group":
        mistakes.add(("given", "groups"), f"has no place in {given.layer} normalisation")
    if given.groups is not None and given.count % given.groups:
        mistakes.add(
            ("given", "groups"), f"{given.count} channels are not {given.groups} groups of one size"
        )
    mistakes.raise_all()
    width = given.width if given.layer in ("layer", "rms") else given.count
    for field in ("gamma", "beta"):
        value = getattr(given, field)
        if value is not None and len(value) != width:
            mistakes.add(("given", field), f"found {len(value)} numbers, expected {width}")
    _check_running(given, mistakes)
    shape = (len(given.input), given.width)
    if given.upstream is not None and (len(given.upstream), len(given.upstream[0])) != shape:
        mistakes.add(
            ("given", "upstream"),
            f"found {len(given.upstream)} rows of {len(given.upstream[0])}, expected {shape[0]} of {shape[1]}",
        )
    if given.layer == "rms" and given.variance == "unbiased":
        mistakes.add(("given", "variance"), "RMS normalisation has no variance")
    if given.mode == "training":
        _check_spread(given, mistakes)
    mistakes.raise_all()


def _check_running(given: Given, mistakes: Mistakes) -> None:
    if given.running is None:
        if given.mode == "inference" and given.by_batch:
            mistakes.add(("given",), "inference needs 'running', the statistics of the training")
        return
    if not given.by_batch:
        mistakes.add(("given", "running"), f"has no place in {given.layer} normalisation")
        return
    for field in ("mean", "variance"):
        values = getattr(given.running, field)
        if len(values) != given.count:
            mistakes.add(
                ("given", "running", field), f"found {len(values)} numbers, expected {given.count}"
            )
    for place, text in enumerate(given.running.variance):
        least = exact(text) + exact(given.epsilon)
        if exact(text) < 0 or (given.mode == "inference" and least == 0):
            mistakes.add(
                ("given", "running", "variance", place), f"found {text}, expected a number above 0"
            )


def _check_spread(given: Given, mistakes: Mistakes) -> None:
    unbiased = given.variance == "unbiased" or (
        given.running is not None and given.running.variance_of_batch == "unbiased"
    )
    for pool in pools_of(given):
        values = [exact(given.input[i][j]) for i, j in pool.cells]
        if unbiased and len(values) < 2:
            mistakes.add(("given", "input"), f"{pool.words}: one value has no unbiased variance")
            return
        flat = not any(values) if given.layer == "rms" else len(set(values)) == 1
        if flat and exact(given.epsilon) == 0:
            what = "only zeros" if given.layer == "rms" else "a variance of 0"
            mistakes.add(
                ("given", "epsilon"),
                f"{pool.words} has {what}; without an epsilon it is divided by 0",
            )
