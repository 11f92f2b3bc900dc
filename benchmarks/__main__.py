"""``python -m benchmarks``: every table, one after the other.

Figures are processor time where nothing else is said, and the best of several runs: machines are
noisy, and only ratios within one run mean something.
"""

from __future__ import annotations

from benchmarks import commands, filling, gradients, theorems

if __name__ == "__main__":
    for table in (commands, filling, gradients, theorems):
        print(f"\n{(table.__doc__ or '').splitlines()[0]}\n", flush=True)
        for line in table.lines():
            print(f"  {line}", flush=True)
