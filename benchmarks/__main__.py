"""``python -m benchmarks``: every table, one after the other, or those that are named.

Figures are processor time where nothing else is said, and the best of several runs: machines are
noisy, and only ratios within one run mean something.
"""

from __future__ import annotations

import sys

from benchmarks import checking, commands, exams, filling, gradients, hostile, reading, theorems

TABLES = {
    "commands": commands, "filling": filling, "exams": exams, "gradients": gradients, "theorems": theorems,
    "checking": checking, "reading": reading, "hostile": hostile,
}  # fmt: skip

if __name__ == "__main__":
    for name in sys.argv[1:] or TABLES:
        table = TABLES[name]
        print(f"\n{(table.__doc__ or '').splitlines()[0]}\n", flush=True)
        for line in table.lines():
            print(f"  {line}", flush=True)
