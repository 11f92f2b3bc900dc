"""The benchmark of variants confirms what is right, and finds what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from benchmarks import variants
from derivations.exams.varying import Varying
from derivations.kinds.base.files import load
from derivations.resources import folder
from derivations.steps.solution import Derivation
from derivations.steps.substitution import Given

NAMES = [
    "textbooks/two-samples", "cnn-homework/conv-with-padding", "cnn-worksheet/first-layer",
    "neural-networks-by-hand/diagnosis",
]  # fmt: skip


def varying(name: str) -> Varying:
    return Varying(load(folder("problems") / f"{name}.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_variants_are_confirmed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variants, "COUNT", 40)
    tally = variants.examine(varying(name), name)
    assert (tally.drawn, tally.confirmed, tally.disagreements) == (40, 40, [])


def test_a_value_that_is_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = variants.second_values

    def off(derivation: Derivation, givens: Sequence[Mapping[str, Given]]) -> dict[str, Any]:
        values = right(derivation, givens)
        values["y_pred"][17] += 1e-7
        return values

    monkeypatch.setattr(variants, "COUNT", 40)
    monkeypatch.setattr(variants, "second_values", off)
    name = "neural-networks-by-hand/diagnosis"
    tally = variants.examine(varying(name), name)
    assert tally.disagreements == [f"{name}: y_pred"]
