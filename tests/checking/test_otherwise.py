"""Another reading by which a wrong step is right, and the words beside steps."""

from __future__ import annotations

import pytest

from derivations.checking.checking import check
from derivations.checking.wording import SENTENCES, number, remarks, sentence


@pytest.mark.parametrize(
    ("latex", "words"),
    [
        (r"H = -0.5 \log 0.5 - 0.5 \log 0.5 = 1", "base 2"),
        (r"\log 100 = 2", "base 10"),
        (r"s = \sum_{i=1}^{3} i + 1 = 9", "belongs to the sum"),
        (r"1,234 + 1 = 2.234", "decimal point"),
        (r"1{,}234 + 1 = 2.234", "decimal point"),
        (r"\log 100 = 3", ""),
        (r"\ln 100 = 2", ""),
        (r"2 + 2 = 5", ""),
        (r"1234 + 1 = 2.234", ""),
    ],
)
def test_the_other_reading_is_told_where_the_step_holds_by_it(latex: str, words: str) -> None:
    last = check(latex).steps[-1]
    assert last.verdict == "wrong"
    assert (words in last.otherwise) if words else not last.otherwise
    assert any("By another reading" in said for said in remarks(last)) == bool(words)


def test_a_right_step_has_no_other_reading() -> None:
    assert not any(step.otherwise for step in check(r"\log 1 = 0, \sum_{i=1}^{3} i + 1 = 7").steps)


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        ("1 + 1 = 3", ["Expected 2, found 3."]),
        (r"(a + b)^2 = a^2 + b^2", None),
        (r"w = 0.5", ["Given value."]),
        (r"z = w x + b", ["Definition."]),
        (r"\frac{1}{3} = 0.333", ["Rounded correctly, so the sign should be ≈ rather than =."]),
        (r"q = \what", [r"Could not be read: '\what' has no meaning in a formula here."]),
    ],
)
def test_remarks_are_sentences(latex: str, said: list[str] | None) -> None:
    found = remarks(check(latex).steps[-1])
    if said is not None:
        assert [f"{words.partition(';')[0].rstrip('.')}." for words in found] == said
    else:
        assert found[-1].startswith("For instance with a = ")
        assert "the left side is" in found[-1]
    assert all(not words[0].islower() and words.endswith((".", "?")) for words in found)


def test_reasons_are_worded_for_people() -> None:
    assert sentence("'b_0' is not defined here").startswith("Nothing above says what b₀ stands for")
    assert sentence("shapes (2,) and (3, 1) do not fit") == (
        "The two sides have different shapes: 2 entries on the left, 3 × 1 on the right."
    )
    assert sentence("it takes too long") == "It takes too long."
    assert number("[0.700000, -1.500000]") == "[0.7, −1.5]"
    assert number("[[1.00000, 2]]") == "[1, 2]"
    assert all(words.endswith(".") for words in SENTENCES.values())


def test_what_a_name_was_defined_as_is_told() -> None:
    missing = check(r"z = w x", givens="z = w x + b").steps[0]
    assert remarks(missing)[0] == "The bias is missing: z = w·x + b."
    assert not any(words.startswith("It was defined") for words in remarks(missing))  # it says so
    wrong = check(r"z = w x + b^3", givens="z = w x + b").steps[0]
    assert wrong.verdict == "wrong"
    said = remarks(wrong)
    assert "It was defined as z = w·x + b." in said
    assert not any("z = " in words for words in said if words.startswith("For instance"))


def test_a_name_that_was_never_defined_has_no_meaning() -> None:
    assert all(step.meant is None for step in check(r"a = 1, a + 1 = 3").steps)


def test_a_last_digit_is_told_beside_the_value_above() -> None:
    """σ(0.8) is 0.690, and σ(0.9), which the slip above asks for, 0.7109."""
    steps = check(r"z = 0.5 + 0.3 = 0.9 \\ y = \sigma(z) = 0.7108").steps
    assert [step.verdict for step in steps if step.verdict == "wrong"] == ["wrong", "wrong"]
    assert "Expected 0.71095, found 0.7108." in remarks(steps[-1])
