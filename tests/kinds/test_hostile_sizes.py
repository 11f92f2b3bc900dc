"""Sizes in architectures that are no sizes: each is refused at its place, at once."""

from __future__ import annotations

import time

import pytest

from derivations.errors import ProblemError
from tests.conftest import solve_text

HUGE = "1" + "0" * 30
STRANGE = [
    HUGE, f"-{HUGE}", "-5", "0", "-0", ".nan", "NaN", ".inf", "-.inf", "true", "false", "abc", "1e400", "1e3", "2.5",
    "9" * 5000, "[]", "{a: 1}", "null", "0x10", "10**30", "5000000000", "1" + "0" * 18, "²", "''",
]  # fmt: skip
PLACES = {
    "units": "[FLATTEN, {layer: dense, units: %s}]", "filters": "[{layer: conv, filters: %s, kernel: 3}]",
    "kernel": "[{layer: conv, filters: 3, kernel: %s}]", "stride": "[{layer: conv, filters: 3, kernel: 3, stride: %s}]",
    "factor": "[{layer: upsample, factor: %s}]", "heads": "[{layer: attention, heads: %s}]",
    "recurrent": "[{layer: reshape, shape: [32, 96]}, {layer: lstm, units: %s}]",
    "entries": "[{layer: embedding, entries: %s, width: 4}]", "word": "[FLATTEN, FC-%s]",
    "times": "[{repeat: %s, layers: [CONV-3-3]}]",
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["architecture", "param-count"])
def test_a_strange_size_is_refused_at_its_place(kind: str, place: str) -> None:
    for value in STRANGE:
        layers = PLACES[place] % value
        stack = f"{{input: [32, 32, 3], layers: {layers}}}"
        given = stack if kind == "architecture" else f"{{stack: {stack}}}"
        before = time.process_time()
        with pytest.raises(ProblemError) as caught:
            solve_text(f"kind: {kind}\ntitle: A\ngiven: {given}\n")
        assert time.process_time() - before < 2, value
        assert all(m.path.startswith("given") or m.line > 1 for m in caught.value.mistakes), value
        assert len(str(caught.value)) < 1500, value


def test_an_input_of_a_strange_size_is_refused() -> None:
    """But one of some billion numbers: an input has no weights of its own."""
    for value in set(STRANGE) - {"5000000000"}:
        with pytest.raises(ProblemError):
            solve_text(
                f"kind: architecture\ntitle: A\ngiven: {{input: [{value}, 3], layers: [FC-1]}}\n"
            )


def test_the_largest_size_is_read() -> None:
    source = "kind: architecture\ntitle: A\ngiven: {{input: [2], layers: [{{layer: dense, units: {}}}]}}\n"
    known = solve_text(source.format(2**24)).solution.known
    assert any(str(value.shown) == str(3 * 2**24) for value in known.values())
    with pytest.raises(ProblemError, match="found 16777217, expected a size of at most 16777216"):
        solve_text(source.format(2**24 + 1))
    with pytest.raises(ProblemError, match="found true, expected a whole number"):
        solve_text(source.format("true"))
