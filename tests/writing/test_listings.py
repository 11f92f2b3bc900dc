"""Programs in typewriter letters."""

from __future__ import annotations

import pytest

from derivations.steps.solution import Listing
from derivations.writing.listings import listing


@pytest.mark.parametrize(("text", "lines"), [("a", 3), ("a\nb", 4), ("a\nb\nc\nd\ne", 5)])
def test_a_caption_stays_with_the_first_lines(text: str, lines: int) -> None:
    printed = listing(Listing(text, "Output"))
    assert printed.startswith(rf"\keep{{{lines}}}")
    assert "keep" not in listing(Listing(text))
