"""Whole commands in a fresh process: processor seconds, and the most memory that one took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.course_files import lstm, resnet, ten_thousand_updates

RUNS = 3
PROBLEM = "problems/neural-networks-by-hand/sigmoid-neuron.yaml"
COMMANDS = [
    ("derivations --help", ["--help"], 0.2),
    ("derivations list", ["list"], 0.4),
    ("solve one problem to .tex", ["solve", PROBLEM, "--to", "tex"], 1.5),
    ("solve one problem to PDF", ["solve", PROBLEM], 2.0),
    ("solve all sheets to PDF", ["solve", "problems"], 40.0),
]
FILES: list[tuple[str, Callable[[Path], Path], float]] = [
    ("LSTM, width 4, 3 steps, to PDF", lstm, 2.0),
    ("10,000 updates of 2-2-2 to PDF", ten_thousand_updates, 10.0),
    ("table of an ONNX ResNet-50", resnet, 2.0),
]


def lines() -> Iterator[str]:
    """One line a command, with what it may take."""
    naive = _seconds([sys.executable, "-c", "import sympy"])[0]
    yield f"{'python -c import sympy':30} {naive:6.2f} s"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        made = [(title, ["solve", str(make(folder))], limit) for title, make, limit in FILES]
        for title, arguments, limit in [*COMMANDS, *made]:
            options = ["-o", str(folder / "out")] if arguments[0] == "solve" else []
            command = [sys.executable, "-m", "derivations", *arguments, *options]
            seconds, memory = _seconds(command)
            yield (
                f"{title:30} {seconds:6.2f} s   limit {limit:5.1f} s   "
                f"{seconds / naive:5.1f} x import sympy   peak so far {memory:4.0f} MB"
            )


def _seconds(command: list[str]) -> tuple[float, float]:
    """Processor time of the fastest run, and the largest memory of any child so far in MB."""
    best = float("inf")
    for _ in range(RUNS):
        before = os.times()
        subprocess.run(command, cwd=Path(__file__).parents[1], check=True, capture_output=True)
        after = os.times()
        spent = after.children_user - before.children_user
        best = min(best, spent + after.children_system - before.children_system)
    return best, getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024
