"""Embeddings of tokens, with and without positions, and the gradient by their table."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.writing import text
from tests.conftest import document_of_one, solve_text
from tests.kinds.test_attention import both_roads
from tests.kinds.test_optimisation import torch
from tests.kinds.test_recurrent import compared, numbers

__all__ = ["torch"]  # a fixture


def problem(given: dict[str, Any]) -> str:
    return json.dumps({"kind": "positional-encoding", "title": "Tokens", "given": given})


def some_tokens(source: random.Random) -> dict[str, Any]:
    count, rows, width = source.randint(1, 4), source.randint(1, 4), 2 * source.randint(1, 2)
    first = source.choice([0, 1])
    return {
        "tokens": [source.randrange(rows) + first for _ in range(count)], "tokens_from": first,
        "embeddings": numbers(source, rows, width), "scaled": source.random() < 0.5,
        "encoding": source.choice(["sinusoidal", "none"]), "slope": numbers(source, count, width),
    }  # fmt: skip


def by_pytorch(torch: Any, given: dict[str, Any], encoding: Any) -> dict[str, Any]:
    """PyTorch's own embedding, and its automatic differentiation."""
    table = torch.tensor(given["embeddings"], dtype=torch.float64, requires_grad=True)
    places = torch.tensor(given["tokens"]) - given["tokens_from"]
    rows = torch.nn.functional.embedding(places, table)
    out = rows * table.shape[1] ** 0.5 if given["scaled"] else rows
    if encoding is not None:
        out = out + torch.tensor(encoding)
    loss = (torch.tensor(given["slope"], dtype=torch.float64) * out).sum()
    loss.backward()
    return {"X": rows.tolist(), "L": loss.item(), "dL/dE": table.grad.tolist()}


def test_gradients_by_the_table_are_those_of_pytorch(torch: Any) -> None:
    source = random.Random("table")
    seen = set()
    for _ in range(200):
        given = some_tokens(source)
        mine = both_roads(problem(given))
        assert compared(mine, by_pytorch(torch, given, mine.get("P"))) == 3
        seen |= {len(set(given["tokens"])) < len(given["tokens"]), given["encoding"]}
    assert seen == {True, False, "sinusoidal", "none"}


def test_both_roads_agree_without_pytorch() -> None:
    source = random.Random("roads")
    for _ in range(20):
        given = some_tokens(source)
        assert "dL/dE" in both_roads(problem(given))
        assert solve_text(problem(given)).lines


def test_rows_of_a_repeated_token_are_added() -> None:
    given = {
        "tokens": [2, 1, 2], "embeddings": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "encoding": "none",
        "slope": [[1, 0, 2], [0, 1, 0], [0.5, 0.5, -3]],
    }  # fmt: skip
    found = both_roads(problem(given))
    assert found["X"] == [[4, 5, 6], [1, 2, 3], [4, 5, 6]]
    assert found["dL/dE"] == [[0, 1, 0], [1.5, 0.5, -1], [0, 0, 0]]
    page = text.write(document_of_one(solve_text(problem(given))))
    assert "one that does not\noccur has the gradient 0" in page


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tokens": [0], "embeddings": [[1, 2]]}, "found 0, expected 1 to 1, the rows"),
        (
            {"tokens": [2], "tokens_from": 0, "embeddings": [[1, 2], [3, 4]]},
            "found 2, expected 0 to 1",
        ),
        (
            {"tokens": [1], "embeddings": [[1, 2, 3]]},
            "a width of 3; sines and cosines need an even",
        ),
        (
            {"tokens": [1], "embeddings": [[1, 2]], "slope": [[1]]},
            "found a 1x1 matrix, expected 1x2",
        ),
        ({"positions": 2, "width": 2, "slope": [[1, 2]]}, "this is about embeddings"),
    ],
)
def test_what_does_not_fit(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_text(problem(given))
