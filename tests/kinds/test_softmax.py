"""Softmax with temperatures and masks, and positional encoding: against PyTorch where it is installed."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from derivations.errors import ProblemError
from derivations.formula.evaluation import precision
from derivations.steps.substitution import substitute_values
from derivations.truth.confirmation import confirm_answers, doubles
from tests.conftest import load_text, solve_text
from tests.kinds.test_optimisation import NEAR, torch
from tests.kinds.test_recurrent import flat, numbers

__all__ = ["torch"]  # a fixture

CASES = 200


def both_roads(kind: str, given: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The answers of the first road, nothing rounded, after a look at the second."""
    loaded = load_text(json.dumps({"kind": kind, "title": "t", "given": given, **more}))
    derivation = loaded.module.derive(loaded.problem)
    with precision(128):
        solution = substitute_values(derivation, loaded.module.givens(loaded.problem))
    second = loaded.module.expected(loaded.problem)
    assert {answer.name for answer in derivation.answers} == set(second)
    confirm_answers(solution, second)
    return {a.name: doubles(solution.known[a.key].true) for a in derivation.answers}


def a_vector(source: random.Random) -> dict[str, Any]:
    given: dict[str, Any] = {"z": [5 * z for z in numbers(source, source.randint(2, 4))]}
    if source.random() < 0.6:
        given["temperature"] = round(source.uniform(0.2, 5), 2)
    if source.random() < 0.4:
        given["mask"] = [source.randint(0, 1) for _ in given["z"]]
        given["mask"][0] = 1
    if source.random() < 0.5:
        given["slope"] = numbers(source, len(given["z"]))
    return given


def test_shares_and_jacobians_are_those_of_pytorch(torch: Any) -> None:
    source = random.Random("softmax")
    for _ in range(CASES):
        given = a_vector(source)
        mine = both_roads("softmax", given, ask={"jacobian": True})
        mask = torch.tensor(given.get("mask", [1] * len(given["z"])))

        def shares(z: Any, given: dict[str, Any] = given, mask: Any = mask) -> Any:
            z = z / given.get("temperature", 1)
            return torch.softmax(z.masked_fill(mask == 0, -torch.inf), 0)

        z = torch.tensor(given["z"], dtype=torch.float64)
        slopes = torch.autograd.functional.jacobian(shares, z)
        for i, p in enumerate(shares(z).tolist(), 1):
            assert abs(mine[f"p_{i}"] - p) <= NEAR
            for j, slope in enumerate(slopes[i - 1].tolist(), 1):
                assert abs(mine.get(f"dp_{i}/dz_{j}", 0.0) - slope) <= NEAR
        g = torch.tensor(given.get("slope", [0.0] * len(z)), dtype=torch.float64)
        assert abs(mine.get("L", 0.0) - (g * shares(z)).sum()) <= NEAR
        for j, slope in enumerate((g @ slopes).tolist(), 1):
            assert abs(mine.get(f"dL/dz_{j}", 0.0) - slope) <= NEAR


def test_both_roads_agree_without_pytorch() -> None:
    source = random.Random("roads")
    for _ in range(40):
        found = both_roads("softmax", a_vector(source), ask={"jacobian": True})
        assert abs(sum(p for name, p in found.items() if name.startswith("p_")) - 1) < NEAR


def test_embeddings_and_encodings_are_those_of_pytorch(torch: Any) -> None:
    source = random.Random("positions")
    for _ in range(CASES):
        vocabulary, width = source.randint(1, 4), 2 * source.randint(1, 3)
        table = numbers(source, vocabulary, width)
        tokens = [source.randint(1, vocabulary) for _ in range(source.randint(1, 5))]
        base, scaled = source.choice([10000, 100]), source.choice([True, False])
        given = {"tokens": tokens, "embeddings": table, "base": base, "scaled": scaled}
        mine = both_roads("positional-encoding", given)
        rows = torch.nn.functional.embedding(
            torch.tensor(tokens) - 1, torch.tensor(table, dtype=torch.float64)
        )
        place = torch.arange(len(tokens), dtype=torch.float64)[:, None]
        waves = base ** (torch.arange(0, width, 2, dtype=torch.float64) / width)
        angles = place / waves
        encoding = torch.stack([angles.sin(), angles.cos()], dim=2).reshape(len(tokens), width)
        whole = (width**0.5 if scaled else 1.0) * rows + encoding
        for name, theirs in (("P", encoding), ("X", rows), ("H", whole)):
            for a, b in zip(flat(mine[name]), flat(theirs.tolist()), strict=True):
                assert abs(a - b) <= NEAR


def test_the_encoding_alone() -> None:
    found = both_roads("positional-encoding", {"positions": 3, "width": 4})
    assert found["P"][0] == [0, 1, 0, 1]
    assert abs(found["P"][1][0] - 0.8414709848) < 1e-9
    assert abs(found["P"][2][2] - 0.0199986667) < 1e-9


def test_a_slope_for_each_share() -> None:
    with pytest.raises(ProblemError, match="1 entry; expected 2, one for each share"):
        solve_text(
            json.dumps({"kind": "softmax", "title": "t", "given": {"z": [1, 2], "slope": [1]}})
        )
    found = both_roads("softmax", {"z": [0, 0], "slope": [1, 0]})
    assert (found["L"], found["dL/dz_1"], found["dL/dz_2"]) == (0.5, 0.25, -0.25)
