"""Which headings a document has: numbers of steps, notes, titles that would stand twice."""

from __future__ import annotations

from derivations.steps.document import Item, Section
from derivations.steps.solution import Solution


def step_numbers(solution: Solution) -> list[list[str]]:
    """The number of every step, part by part; nothing for steps without title or a single one."""
    titled = sum(bool(step.title) for part in solution.parts for step in part.steps)
    numbers: list[list[str]] = []
    number = 0
    for part in solution.parts:
        numbers.append([])
        for step in part.steps:
            number += bool(step.title)
            numbers[-1].append(str(number) if step.title and titled > 1 else "")
    return numbers


def is_note(item: Item) -> bool:
    """Whether an item has nothing to solve and no number: a definition, words, a procedure."""
    return not item.label and item.question.note


def is_same_title(section: Section, item: Item) -> bool:
    """Whether the item is the section's only one and its title says what the heading said."""
    return len(section.items) == 1 and _plain(section.title) == _plain(item.question.title)


def _plain(title: str) -> str:
    return title.lower().removeprefix("a ").removeprefix("the ").removeprefix("an ")
