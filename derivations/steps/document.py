"""A document: front matter, sections, and questions with or without their solutions."""

from __future__ import annotations

from dataclasses import dataclass

from derivations.steps.solution import Block, Question, Verified


@dataclass(frozen=True, slots=True)
class Front:
    """What stands at the head of a sheet; empty fields are left out."""

    title: str
    course: str = ""
    number: str = ""
    author: str = ""
    date: str = ""
    statement: tuple[Block, ...] = ()
    contents: bool = False
    numbered: bool = False
    id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A question, with its solution on a solution sheet; ``label`` is its number."""

    label: str
    question: Question
    verified: Verified | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (or none) of level 1 to 3, words of its own, and items."""

    title: str
    level: int = 1
    number: str = ""
    prose: tuple[Block, ...] = ()
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What a writer prints."""

    front: Front
    sections: tuple[Section, ...]
    solutions: bool = True

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, in order."""
        return tuple(item for section in self.sections for item in section.items)
