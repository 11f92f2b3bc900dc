"""Plain text: width, and what every document has."""

from __future__ import annotations

import pytest

from derivations.pipeline import document_of
from derivations.resources import folder
from derivations.writing.text import COLUMNS, columns, write
from tests.conftest import Bank, document_of_one, solve_text


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("∂L/∂w", 5), ("ŷ", 1), ("y\u0302", 1), ("漢字", 4), ("", 0)]
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


def test_prose_and_displays_keep_to_the_width(bank: Bank) -> None:
    """Tables and pictures are as wide as they are; chains and paragraphs are broken."""
    seen = 0
    for document in bank.documents.values():
        for line in write(document).splitlines():
            if " = " in line and "  " not in line.strip() and "[" not in line:
                seen += 1
                assert columns(line) <= COLUMNS + 20, line
    assert seen > 300


def test_a_long_left_side_is_broken() -> None:
    layers = ", ".join(["{layer: conv, filters: 64, kernel: 3, padding: 1}"] * 20)
    verified = solve_text(
        f"kind: cnn-param-table\ntitle: t\ngiven: {{input: [224, 224, 3], layers: [{layers}]}}\n"
    )
    total = write(document_of_one(verified)).partition("Total number of parameters")[2]
    assert max(map(columns, total.splitlines())) <= COLUMNS
    assert "= ⟦703,424⟧" in total.replace("\n", " ")


def test_a_sheet_has_its_front_and_its_sections(bank: Bank) -> None:
    text = write(bank.documents["neural-networks-by-hand"])
    assert text.startswith(
        "Neural networks, a mathematical view\nTutorial 2 Neural networks and CNNs by hand\n"
    )
    assert "\n\nNeurons and small networks\n==========================\n\n" in text
    assert "Problem 1. Output of a sigmoid neuron\n-------------------------------------\n" in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_marks_and_hints_are_printed() -> None:
    verified = solve_text(
        "kind: graph\ntitle: Two\nmarks: 3\nhint: Multiply **both**.\ngiven: {x: 2}\ndefine: {L: x^2}\n"
    )
    text = write(document_of_one(verified))
    assert text.startswith("Two [3 marks]\n-------------\n")
    assert "Hint: Multiply both." in text


def test_a_worksheet_says_what_is_to_be_judged() -> None:
    text = write(document_of(folder("problems") / "neural-networks-by-hand", solutions=False))
    question = text.partition("Which of these does gradient descent learn?")[2]
    lines = question.partition("Problem")[0].strip().splitlines()
    assert len(lines) == 6
    assert lines[-1] == "- Frozen layers: weights kept from a pretrained model"
    assert not {"Yes", "No"} & set(question.partition("Problem")[0].split())


def test_a_worksheet_has_no_results() -> None:
    text = write(document_of(folder("problems") / "neural-networks-by-hand", solutions=False))
    assert "⟦" not in text
    assert "Solution" not in text
    assert "●" not in text
    for secret in ("0.705", "0.0676", "No diabetes", "0.550", "108,874", "29,754"):
        assert secret not in text
