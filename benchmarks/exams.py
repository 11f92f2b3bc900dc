"""Exams: worked keys of a 1-2-1 network as PDF files, and memory for many students."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator

from benchmarks.networks import derived
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
title: Backpropagation by hand
text: Compute the output, the loss and its gradient for the network in the figure.
given:
  x: [0.91]
  layers:
    - {weights: [[-0.89], [0.47]], biases: [0.67, -0.38], activation: sigmoid}
    - {weights: [[0.21, 0.35]], biases: [0.16], activation: sigmoid}
  target: [0.32]
  loss: half_squared_error
ask: {gradients: true, figure: true}
rounding: {decimals: 4}
detail: brief
"""
GROUP, GROUPS, NAIVE = 100, 10, 5


def lines() -> Iterator[str]:
    """PDF files a second and core: a LaTeX run each, and a hundred in a run, split."""
    derivation, given = derived(check(yaml.parse(PROBLEM, "network"), "network"))
    givens = [{**given, "x_1": f"{0.01 * n:.2f}"} for n in range(1, GROUP + 1)]
    filling = Filling(derivation, lambda one: solve_for(derivation, one), latex.write_item)
    front = Front("Examination", course="Networks")
    booklets = [
        Booklet(
            Cover(front, f"{n:04d}", "Ada Lovelace", "ABCD-EFGH"),
            (Group("", (), (Entry("Problem 1.", "5", text),)),),
        )
        for n, text in enumerate(filling.fill(givens))
    ]
    press = Press(booklets[0])
    made = press.print(booklets[:2])
    sources = [write_document(item_of(solve_for(derivation, one))) for one in givens[:NAIVE]]
    naive = _rate(lambda: [compile_pdf(source) for source in sources], NAIVE)
    batch = _rate(lambda: [press.print(booklets) for _ in range(GROUPS)], GROUP * GROUPS)
    rows = next(iter(filling.fill(givens[:1]))).count("&")
    yield f"a file: {_pages(made[0])} pages, {rows} displayed rows, a picture of the network, {len(made[0]) >> 10} kB"
    yield f"{'a LaTeX run for each file':45} {naive:8.1f} a second    1.0"
    yield f"{'a hundred in a run, split into files':45} {batch:8.1f} a second  {batch / naive:5.1f}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    yield f"memory at most {peak} MB, with a hundred papers at hand"


def _pages(pdf: bytes) -> int:
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def _spent() -> float:
    """Processor time of this process and of the LaTeX runs that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _rate(work: Callable[[], object], count: int) -> float:
    start = _spent()
    work()
    return count / (_spent() - start)
