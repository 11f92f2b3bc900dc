"""The library: the entries of all tables."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.checking.misconceptions import (
    activations,
    algebra,
    arithmetic,
    convolution,
    counting,
    derivatives,
    equations,
    expansions,
    generic,
    learning,
    losses,
    matrices,
    networks,
    softmax,
)
from derivations.checking.misconceptions.entries import Misconception

TABLES: Mapping[str, tuple[Misconception, ...]] = {
    "Signs, terms and factors": generic.ENTRIES,
    "Laws of algebra": algebra.ENTRIES,
    "Numbers": arithmetic.ENTRIES,
    "Derivatives": derivatives.ENTRIES,
    "Derivatives of activations": activations.ENTRIES,
    "Networks": networks.ENTRIES,
    "Learning and pooling": learning.ENTRIES,
    "Losses": losses.ENTRIES,
    "Softmax and variances": softmax.ENTRIES,
    "Matrices and indices": matrices.ENTRIES,
    "Sums that are written out": expansions.ENTRIES,
    "Equations that are solved": equations.ENTRIES,
    "Convolution": convolution.ENTRIES,
    "Counting": counting.ENTRIES,
}
LIBRARY: tuple[Misconception, ...] = tuple(
    entry for entries in TABLES.values() for entry in entries
)
BY_KEY: Mapping[str, Misconception] = {entry.key: entry for entry in LIBRARY}
