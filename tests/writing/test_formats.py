"""Formats of LaTeX: made once, kept for a week, and of no influence on what a sheet looks like."""

from __future__ import annotations

import os
import time
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from derivations.writing import engine, formats, pdf
from derivations.writing.engine import TexError
from derivations.writing.formats import PREAMBLE_ENDS, kept_format
from derivations.writing.latex import write
from tests.conftest import document_of_one, solve_text

PREAMBLE = r"\documentclass{article}\pagestyle{empty}"
PROBLEM = """\
kind: graph
title: A neuron
given: {x: 2, w: 0.5, b: -0.3}
define: {z: w*x + b, y: sigmoid(z)}
ask: {values: [y]}
"""

pytestmark = pytest.mark.skipif(engine.embedded() is None, reason="no embedded LaTeX")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for formats."""
    monkeypatch.setattr(formats, "cache_folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def kept(cache: Path) -> list[Path]:
    return sorted(cache.iterdir())


def content(found: bytes) -> list[list[bytes]]:
    """What stands on each page, without what goes back to black before another colour."""
    with pikepdf.open(BytesIO(found)) as document:
        pages = [page.Contents.read_bytes().split(b"\n") for page in document.pages]
    return [[line for line in page if line != b"0 g 0 G"] for page in pages]


def test_a_format_is_made_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept_format(PREAMBLE)
    [path] = kept(cache)
    assert path.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(formats, "dump_format", None)  # would fail if it were called
    assert kept_format(PREAMBLE) == first


def test_another_preamble_has_a_format_of_its_own(cache: Path) -> None:
    assert kept_format(PREAMBLE) != kept_format(PREAMBLE + r"\def\x{y}")
    assert len(kept(cache)) == 2


def test_after_a_week_a_format_is_made_anew(cache: Path) -> None:
    kept_format(PREAMBLE)
    [path] = kept(cache)
    path.write_bytes(b"old")
    then = time.time() - 8 * 24 * 3600
    os.utime(path, (then, then))
    assert kept_format(PREAMBLE).data != b"old"
    assert path.read_bytes() != b"old"


def test_only_the_newest_formats_stay(cache: Path) -> None:
    for number in range(formats.KEPT + 2):
        kept_format(PREAMBLE + rf"\def\x{{{number}}}")
    assert len(kept(cache)) == formats.KEPT


def test_without_a_folder_for_caches_there_is_a_pdf(cache: Path) -> None:
    cache.write_text("a file stands in the way")
    found = pdf.compile_pdf(
        f"{PREAMBLE}\n{PREAMBLE_ENDS}\n\\begin{{document}}\\hrule\\end{{document}}"
    )
    assert found.startswith(b"%PDF")
    assert cache.read_text() == "a file stands in the way"


def test_a_sheet_looks_the_same_with_and_without_a_format(cache: Path) -> None:
    source = write(document_of_one(solve_text(PROBLEM)))
    assert PREAMBLE_ENDS in source
    plain = source.replace(PREAMBLE_ENDS, "")
    assert content(pdf.compile_pdf(source)) == content(pdf.compile_pdf(plain))
    assert len(kept(cache)) == 1


def test_the_same_bytes_with_a_format_that_is_new_or_kept(cache: Path) -> None:
    source = write(document_of_one(solve_text(PROBLEM)))
    assert pdf.compile_pdf(source) == pdf.compile_pdf(source)
    with pikepdf.open(BytesIO(pdf.compile_pdf(source))) as document:
        assert "/ID" not in document.trailer


def test_a_preamble_that_does_not_compile_is_told_with_its_line(cache: Path) -> None:
    source = f"{PREAMBLE}\\nonsense\n{PREAMBLE_ENDS}\n\\begin{{document}}x\\end{{document}}"
    with pytest.raises(TexError, match=r"Undefined control sequence.*nonsense"):
        pdf.compile_pdf(source)
    assert not cache.exists()


def test_an_error_behind_the_preamble_names_its_step(cache: Path) -> None:
    source = f"{PREAMBLE}\n{PREAMBLE_ENDS}\n\\begin{{document}}\n%@ a.yaml:3, step 2\n\\nonsense\n\\end{{document}}"
    with pytest.raises(TexError, match=r"a\.yaml:3, step 2: LaTeX: Undefined control sequence"):
        pdf.compile_pdf(source)
