"""Solutions as they were accepted: the mathematics as text, and the LaTeX that prints it.

``pytest --accept`` writes them anew. If only ``solution.tex`` changes, the change was typographical.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from derivations.writing import latex, text
from tests.conftest import Bank, document_of_one

GOLDEN = Path(__file__).parents[1] / "golden"
NAMES = (
    "neural-networks-by-hand/sigmoid-neuron",
    "neural-networks-by-hand/relu-output",
    "neural-networks-by-hand/diagnosis",
    "neural-networks-by-hand/shared-weights",
    "neural-networks-by-hand/learning-rate",
    "neural-networks-by-hand/cifar-parameters",
    "neural-networks-by-hand/cifar-against-mnist",
    "cnn-homework/conv-without-padding",
    "cnn-homework/padding-for-same-size",
    "cnn-notes/saturation",
    "textbooks/two-samples",
    "theory-assignment/backpropagation",
)
WRITERS = {"solution.txt": text.write, "solution.tex": latex.write}


def test_every_golden_belongs_to_a_problem() -> None:
    folders = {path.name for path in GOLDEN.iterdir()}
    assert folders == {name.rpartition("/")[2] for name in NAMES}
    assert {path.name for path in GOLDEN.rglob("*") if path.is_file()} == set(WRITERS)


@pytest.mark.parametrize("file", WRITERS)
@pytest.mark.parametrize("name", NAMES)
def test_a_solution_is_as_it_was_accepted(
    bank: Bank, golden: Callable[[Path, str], None], name: str, file: str
) -> None:
    written = WRITERS[file](document_of_one(bank.verified[name]))
    body = written.partition("\\begin{document}\n")[2] or written
    place = bank.verified[name].solution.derivation.place
    golden(GOLDEN / name.rpartition("/")[2] / file, body.replace(place, f"{name}.yaml:1"))
