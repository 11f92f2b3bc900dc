"""Files of the bank with something in them replaced or left out: solved or refused, never a crash."""

from __future__ import annotations

import random
from typing import Any

import pytest

from derivations.errors import DerivationsError, ProblemError, VerificationError
from derivations.kinds import kind_module, kind_names
from derivations.kinds.base.files import check
from derivations.pipeline import solve
from derivations.reading import yaml

VALUES = (
    "", "0", "-1", "1e9", "0.5", "x", "true", "null", "[]", "{}", "[1, 2]", "[[1], [2]]", "{a: 1}", "relu", "exp(x",
    "{z}", "1/0", "w_1", "L", "z", "same", "1e4000", "[x, y]", "text with $\\alpha$", "CONV-3-8", "2", "100000",
)  # fmt: skip
ROUNDS = 60


def paths(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a tree of mappings and lists."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(node, dict):
        inner = list(node.items())
    elif isinstance(node, list):
        inner = list(enumerate(node))
    found = [at] if at else []
    for key, value in inner:
        found += paths(value, (*at, key))
    return found


def spoilt(tree: Any, source: random.Random) -> Any:
    """The tree with one thing replaced, left out or doubled."""
    tree = copy(tree)
    *way, last = source.choice([path for path in paths(tree) if path != ("kind",)])
    place = tree
    for step in way:
        place = place[step]
    what = source.randrange(4)
    if what == 0:
        del place[last]
    elif what == 1 and isinstance(place, list):
        place.append(copy(place[last]))
    else:
        value = yaml.parse((source.choice(VALUES) or '""').encode(), "value").root
        place[last] = yaml.plain(value)
    return tree


def copy(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: copy(value) for key, value in tree.items()}
    return [copy(item) for item in tree] if isinstance(tree, list) else tree


def as_node(tree: Any) -> yaml.Node:
    """The tree as if it had been read from a file."""
    if isinstance(tree, dict):
        items = ((yaml.Scalar(str(k), True, 1, 1), as_node(v)) for k, v in tree.items())
        return yaml.Mapping(tuple(items), 1, 1)
    if isinstance(tree, list):
        return yaml.Sequence(tuple(map(as_node, tree)), 1, 1)
    if tree is None or isinstance(tree, bool):
        return yaml.Scalar(str(tree).lower() if tree is not None else "", True, 1, 1)
    return yaml.Scalar(str(tree), False, 1, 1)


@pytest.mark.parametrize("kind", kind_names())
def test_a_spoilt_file_is_solved_or_refused(kind: str) -> None:
    tree = yaml.plain(yaml.parse(kind_module(kind).STARTER.encode(), "starter.yaml").root)
    source = random.Random(kind)
    refused: list[ProblemError] = []
    for _ in range(ROUNDS):
        other = spoilt(tree, source)
        if source.random() < 0.3:
            other = spoilt(other, source)
        try:
            verified = solve(check(yaml.File("spoilt.yaml", as_node(other)), "spoilt"))
        except ProblemError as error:
            refused.append(error)
        except VerificationError as error:
            if kind != "theorem" or "spoilt.yaml:1:1: " not in str(error):  # a line of its author's
                pytest.fail(f"{other}: {str(error)[:500]}")
        except DerivationsError as error:
            pytest.fail(f"{other}: {error}")
        except Exception as error:
            pytest.fail(f"{other}: {type(error).__name__}: {error}")
        else:
            assert verified.solution
    assert len(refused) > 10
    mistakes = [mistake for error in refused for mistake in error.mistakes]
    assert all(mistake.message for mistake in mistakes)
    assert all(len(str(mistake)) < 1200 for mistake in mistakes)
