"""Laws: every key that a line, a step or a rule of differentiation carries is in the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import derivations
from derivations.steps.laws import LAWS
from tests.conftest import Bank

PACKAGE = Path(derivations.__file__).parent
USED = re.compile(r'law=f?"([^"]+)"')


def keys_in_the_code() -> set[str]:
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        found |= set(USED.findall(path.read_text(encoding="utf-8")))
    assert len(found) > 15
    return found


@pytest.mark.parametrize("key", sorted(keys_in_the_code()))
def test_a_key_in_the_code_is_known(key: str) -> None:
    if "{" in key:  # {given.mode}-pooling
        ending = key.rpartition("}")[2]
        assert sum(law.endswith(ending) for law in LAWS) >= 2
    else:
        assert key in LAWS


def test_every_line_of_the_bank_has_a_known_law(bank: Bank) -> None:
    lines = [line for verified in bank.verified.values() for line in verified.lines]
    assert len(lines) > 300
    assert {line.law for line in lines} - {""} <= set(LAWS)


@pytest.mark.parametrize("key", sorted(LAWS))
def test_a_law_says_what_it_is_and_where_it_is_from(key: str) -> None:
    law = LAWS[key]
    assert law.name
    assert law.source
    assert law.sentence.endswith(".")
    assert len(law.sentence) < 110
