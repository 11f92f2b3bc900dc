"""Damaged and hostile texts: crashes, things done behind our back, slowest steps, memory.

``python -m benchmarks.hostile [COUNT [SEED]]`` checks COUNT texts (100,000 if nothing is said) and
prints a table of families. Seconds are processor time. The exit code is 1 if a bound is broken.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from resource import RUSAGE_SELF, getrusage
from typing import Any

from benchmarks.damaged_texts import TABLE, Text
from benchmarks.hostile_texts import texts
from derivations.checking.checking import check
from derivations.checking.equality.steps import Step
from derivations.checking.lines.judging import Judge
from derivations.checking.reports import check_document
from derivations.errors import ReadError

COUNT, SEED = 100_000, 1
MOST_SECONDS, MOST_MEMORY = 2.0, 500  # for one step, and of the whole process in MB
EXECUTED = (
    "exec",
    "compile",
    "open",
    "import",
    "os.",
    "subprocess.",
    "socket.",
    "ctypes.",
    "shutil.",
)
OWN_FRAMES = b"_getframe()"  # what compiled libraries compile when they raise an error
SMALL = 1_000  # texts in the table of all benchmarks


@dataclass
class Events:
    """What the interpreter is made to do besides computing, counted while ``on``."""

    on: bool = False
    seen: Counter[str] = field(default_factory=Counter)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event.startswith(EXECUTED) and OWN_FRAMES not in arguments:
            self.seen[event] += 1


@dataclass
class Clock:
    """Processor seconds from one step to the next, the reading of the text before the first."""

    last: float = 0.0
    slowest: float = 0.0

    def start(self) -> None:
        self.last, self.slowest = time.process_time(), 0.0

    def step(self) -> None:
        now = time.process_time()
        self.slowest, self.last = max(self.slowest, now - self.last), now


@dataclass
class Family:
    """What became of the texts of one family."""

    count: int = 0
    steps: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    longest: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    crashes: list[tuple[str, Text]] = field(default_factory=list)
    slow: list[tuple[float, Text]] = field(default_factory=list)


EVENTS, CLOCK = Events(), Clock()


def watch() -> None:
    """Count events and time steps from here on; once in a process, for hooks stay."""
    sys.addaudithook(EVENTS)
    add = Judge._add

    def timed(self: Judge, *args: Any) -> None:
        add(self, *args)
        CLOCK.step()

    Judge._add = timed  # type: ignore[method-assign]
    for entry in TABLE[::10]:  # what is imported or compiled when it is first used
        check(entry["latex"], entry.get("givens", ""), entry.get("symbols"))


def judged(text: Text) -> list[Step]:
    """The steps of a text, as a derivation or as a document."""
    if text.document:
        return [step for section in check_document(text.latex).sections for step in section.steps]
    return list(check(text.latex, text.givens, text.symbols).steps)


def take(family: Family, text: Text) -> None:
    """Check one text, and note what became of it."""
    EVENTS.on = True
    CLOCK.start()
    start = CLOCK.last
    try:
        steps = judged(text)
    except ReadError:
        steps = []  # a declaration that is none
    except Exception as error:  # every crash is a finding, whatever it is
        family.crashes.append((f"{type(error).__name__}: {error}"[:100], text))
        steps = []
    EVENTS.on = False
    CLOCK.step()
    family.count += 1
    family.steps += len(steps)
    family.verdicts.update(step.verdict for step in steps)
    family.seconds += CLOCK.last - start
    family.longest = max(family.longest, CLOCK.last - start)
    family.slowest = max(family.slowest, CLOCK.slowest)
    if CLOCK.slowest > MOST_SECONDS:
        family.slow.append((CLOCK.slowest, text))


def families(count: int, seed: int) -> dict[str, Family]:
    """The families of so many texts."""
    found: dict[str, Family] = {}
    for name, text in texts(seed, count):
        take(found.setdefault(name, Family()), text)
    return found


def memory() -> float:
    """The most memory of this process so far, in MB."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def table(found: dict[str, Family], before: float) -> Iterator[str]:
    """A line a family, and the sums."""
    yield f"{'':22} {'texts':>7} {'steps':>8} {'seconds':>8} {'slowest step':>13} {'text':>7} {'crashes':>8}"
    for name, f in found.items():
        yield (
            f"{name:22} {f.count:7,} {f.steps:8,} {f.seconds:8.1f} {f.slowest:11.2f} s "
            f"{f.longest:5.1f} s {len(f.crashes):8}"
        )
    every = list(found.values())
    verdicts = sum((f.verdicts for f in every), Counter[str]())
    yield (
        f"{'all':22} {sum(f.count for f in every):7,} {verdicts.total():8,} "
        f"{sum(f.seconds for f in every):8.1f} {max(f.slowest for f in every):11.2f} s "
        f"{max(f.longest for f in every):5.1f} s {sum(len(f.crashes) for f in every):8}"
    )
    yield "verdicts: " + ", ".join(
        f"{count:,} {verdict}" for verdict, count in verdicts.most_common()
    )
    yield (
        f"steps over {MOST_SECONDS} s: {sum(len(f.slow) for f in every)}; "
        f"files opened, modules imported, code compiled or executed: {EVENTS.seen.total()}; "
        f"peak memory {memory():.0f} MB ({before:.0f} MB before the first text)"
    )


def broken(found: dict[str, Family]) -> Iterator[str]:
    """Every bound that does not hold, with the text that broke it."""
    for name, family in found.items():
        for message, text in family.crashes:
            yield f"crash in '{name}': {message}: {text!r:.2000}"
        for seconds, text in family.slow:
            yield f"{seconds:.1f} s in '{name}': {text!r:.2000}"
    if EVENTS.seen:
        yield f"events: {dict(EVENTS.seen)}"
    if memory() > MOST_MEMORY:
        yield f"{memory():.0f} MB"


def lines() -> Iterator[str]:
    """A small sample, for the table of all benchmarks."""
    watch()
    before = memory()
    yield from table(families(SMALL, SEED), before)


if __name__ == "__main__":
    COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    SEED = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    watch()
    AT_START = memory()
    FOUND = families(COUNT, SEED)
    print("\n".join(table(FOUND, AT_START)))
    PROBLEMS = list(broken(FOUND))
    print("\n".join(PROBLEMS))
    sys.exit(1 if PROBLEMS else 0)
