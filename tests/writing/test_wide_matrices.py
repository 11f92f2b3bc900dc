"""Matrices that are wider than the page: never too small to be read, and complete."""

from __future__ import annotations

import re

import pytest

from derivations.writing.latex import write
from derivations.writing.latex_blocks import LEGIBLE, ROOM
from derivations.writing.width import width
from tests.conftest import document_of_one, solve_text

PROBLEM = """\
kind: graph
title: A product
given:
  W: [[{first}], [{second}]]
  x: [{ones}]
define: {{y: W @ x}}
ask: {{values: [y]}}
"""
BANDS = re.compile(r"\\begin\{matrix\} (.*?) \\end\{matrix\}")


def page(columns: int) -> str:
    first = ", ".join(f"0.{n:03}1" for n in range(columns))
    second = ", ".join(f"-0.{n:03}2" for n in range(columns))
    ones = ", ".join("1" * columns)
    text = PROBLEM.format(first=first, second=second, ones=ones)
    return write(document_of_one(solve_text(text)))


@pytest.mark.parametrize("columns", [2, 8, 12])
def test_what_can_be_read_stays_whole(columns: int) -> None:
    assert r"\begin{matrix}" not in page(columns)


@pytest.mark.parametrize("columns", [24, 40])
def test_a_wider_one_stands_in_bands_with_every_column(columns: int) -> None:
    source = page(columns)
    bands = BANDS.findall(source)
    rows = [
        [cell for band in bands for cell in band.split(r" \\ ")[row].split(" & ")] for row in (0, 1)
    ]
    assert rows[0] == [f"0.{n:03}1" for n in range(columns)]
    assert rows[1] == [f"-0.{n:03}2" for n in range(columns)]
    assert all(width(band) * LEGIBLE <= ROOM for band in bands)
    assert source.count(r"\left[\begin{matrix}") == source.count(r"\end{matrix}\right]") == 1
