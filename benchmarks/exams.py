"""Exams: worked keys of a 1-2-1 network as PDF files of two pages, and memory for many students."""

from __future__ import annotations

import io
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.networks import derived
from derivations.examining import AT_ONCE
from derivations.exams.filling import Filling, item_of, write_document
from derivations.kinds.base.files import check
from derivations.pipeline import solve_for
from derivations.reading import yaml
from derivations.steps.document import Front
from derivations.writing import latex
from derivations.writing.booklets import Booklet, Cover, Entry, Group, Press
from derivations.writing.pdf import compile_pdf

PROBLEM = b"""\
kind: network
title: Output, loss and gradient by hand
given:
  x: [0.91]
  layers:
    - {weights: [[-0.89], [0.47]], activation: sigmoid}
    - {weights: [[0.21, 0.35]], activation: sigmoid}
  target: [0.32]
  loss: half_squared_error
ask: {gradients: true, figure: true}
rounding: {decimals: 4}
detail: brief
"""
COUNT, NAIVE = 1000, 5
DISPLAY = re.compile(r"\\begin\{align\*\}(.*?)\\end\{align\*\}", re.DOTALL)
MATRIX = re.compile(r"\\begin\{bmatrix\}.*?\\end\{bmatrix\}", re.DOTALL)


def lines() -> Iterator[str]:
    """PDF files a second and core: a LaTeX run each, and as many in a run as exams have, split."""
    derivation, given = derived(check(yaml.parse(PROBLEM, "network"), "network"))
    givens = [{**given, "x_1": f"{0.001 * n:.3f}"} for n in range(1, COUNT + 1)]
    filling = Filling(derivation, lambda one: solve_for(derivation, one), latex.write_item)
    texts = [_numbered(*one) for one in zip(filling.fill(givens), givens, strict=True)]
    first = texts[0]
    press = Press(_booklet(0, first))
    made = press.print([_booklet(n, text) for n, text in enumerate(texts[:AT_ONCE])])
    yield (
        f"a file: {' or '.join(sorted(set(map(_pages, made))))} pages, {_equations(first)} displayed "
        f"equations, a picture of the network with its input, {len(made[0]) >> 10} kB"
    )
    sources = [write_document(item_of(solve_for(derivation, one))) for one in givens[:NAIVE]]
    naive = _rate(lambda: [compile_pdf(source) for source in sources], NAIVE)
    batch = _rate(lambda: _files(press, texts), COUNT)
    whole = _rate(lambda: _files(press, list(filling.fill(givens))), COUNT)
    yield f"{'a LaTeX run for each file':53} {naive:8.1f} a second    1.0"
    yield f"{f'{COUNT} files, {AT_ONCE} in a run, split':53} {batch:8.1f} a second  {batch / naive:5.1f}"
    yield f"{'... with filling in and verifying the numbers':53} {whole:8.1f} a second  {whole / naive:5.1f}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    yield f"memory at most {peak} MB, with {AT_ONCE} papers at hand"


def _numbered(text: str, given: Mapping[str, Any]) -> str:
    """With the input's number in the picture, which is another one in each file then."""
    label = "{$x_{1}$};%"
    assert text.count(label) == 1
    return text.replace(label, f"{{${given['x_1']}$}};%")


def _booklet(number: int, text: str) -> Booklet:
    front = Front("Examination", course="Networks")
    cover = Cover(front, f"{number:04d}", "Ada Lovelace", "ABCD-EFGH")
    return Booklet(cover, (Group("", (), (Entry("Problem 1.", "5", text),)),))


def _files(press: Press, texts: Sequence[str]) -> None:
    """Each text printed into a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, len(texts), AT_ONCE):
            some = enumerate(texts[start : start + AT_ONCE], start)
            booklets = [_booklet(number, text) for number, text in some]
            for booklet, pdf in zip(booklets, press.print(booklets), strict=True):
                (Path(folder) / f"{booklet.cover.student}.pdf").write_bytes(pdf)


def _equations(text: str) -> int:
    """Displayed lines of formulas."""
    return sum(MATRIX.sub("", display).count(r"\\") + 1 for display in DISPLAY.findall(text))


def _pages(pdf: bytes) -> str:
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return str(len(document.pages))


def _spent() -> float:
    """Processor time of this process and of the LaTeX runs that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _rate(work: Callable[[], object], count: int) -> float:
    start = _spent()
    work()
    return count / (_spent() - start)
