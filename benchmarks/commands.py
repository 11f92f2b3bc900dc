"""Whole commands in a fresh process: processor seconds, and the most memory that one took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

RUNS = 3
PROBLEM = "problems/neural-networks-by-hand/sigmoid-neuron.yaml"
COMMANDS = [
    ("derivations --help", ["--help"], 0.2),
    ("derivations list", ["list"], 0.4),
    ("solve one problem to .tex", ["solve", PROBLEM, "--to", "tex"], 1.5),
    ("solve all sheets to PDF", ["solve", "problems"], 20.0),
]


def lines() -> Iterator[str]:
    """One line a command, with what it may take."""
    naive = _seconds([sys.executable, "-c", "import sympy"], None)[0]
    yield f"{'python -c import sympy':28} {naive:6.2f} s"
    for title, arguments, limit in COMMANDS:
        with tempfile.TemporaryDirectory() as folder:
            options = ["-o", folder] if arguments[0] == "solve" else []
            command = [sys.executable, "-m", "derivations", *arguments, *options]
            seconds, memory = _seconds(command, Path(__file__).parents[1])
        yield (
            f"{title:28} {seconds:6.2f} s   limit {limit:5.1f} s   "
            f"{seconds / naive:5.1f} x import sympy   peak so far {memory:4.0f} MB"
        )


def _seconds(command: list[str], folder: Path | None) -> tuple[float, float]:
    """Processor time of the fastest run, and the largest memory of any child so far in MB."""
    best = float("inf")
    for _ in range(RUNS):
        before = os.times()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        after = os.times()
        spent = after.children_user - before.children_user
        best = min(best, spent + after.children_system - before.children_system)
    return best, getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024
