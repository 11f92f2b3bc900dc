"""Wrong problem files: every mistake at once, with place, path, what was found and what is expected.

The table is ``mistakes.txt``: a title, the file, and the exact message, ``FILE`` for its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import run

TABLE = Path(__file__).with_name("mistakes.txt")
ENTRY = re.compile(r"^=== (.*)\n((?:.*\n)*?)~~~ *\n((?:(?!===).*\n)*)", re.MULTILINE)
PLACED = re.compile(r"FILE(:\d+:\d+)?: ")


def rows() -> Iterator[tuple[str, str, str]]:
    """Title, file and message of every row."""
    yield from ENTRY.findall(TABLE.read_text(encoding="utf-8"))


ROWS = list(rows())


def test_the_table_is_read_whole() -> None:
    assert len(ROWS) >= 80
    assert len(ROWS) == TABLE.read_text(encoding="utf-8").count("\n=== ") + 1
    assert len({title for title, _, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("title", "source", "message"), ROWS, ids=[row[0] for row in ROWS])
def test_a_mistake_is_told_with_its_place(
    title: str, source: str, message: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "problem.yaml"
    path.write_text(source, encoding="utf-8")
    out = tmp_path / "out"
    done = run("solve", str(path), "--to", "tex,text", "-o", str(out))
    told = done.error.replace(str(path), "FILE")
    if request.config.getoption("--accept"):
        accept(title, told)
        message = told
    assert told == message
    assert done.code == 2
    assert done.output == ""
    assert not out.exists(), "nothing is written"
    assert message
    assert all(map(PLACED.match, message.splitlines()))


def accept(title: str, told: str) -> None:
    """Put what is told now into the table."""
    text = TABLE.read_text(encoding="utf-8")

    def with_message(match: re.Match[str]) -> str:
        if match[1] != title:
            return match[0]
        return f"=== {match[1]}\n{match[2]}~~~\n{told}"

    TABLE.write_text(ENTRY.sub(with_message, text), encoding="utf-8")
