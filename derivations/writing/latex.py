"""A document in LaTeX that stands alone: it compiles as it is wherever LaTeX is installed."""

from __future__ import annotations

from typing import Any

from derivations.formula.escape import escape_latex
from derivations.formula.printing import Notation
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.solution import Verified
from derivations.writing.latex_blocks import Blocks
from derivations.writing.templates import latex_environment, render

SUFFIX = ".tex"
HEADINGS = {1: "section", 2: "subsection", 3: "subsubsection"}


def write(document: Document) -> str:
    """The whole document."""
    return render(
        latex_environment(),
        "document.tex.j2",
        {
            "front": _front(document.front),
            "sections": [
                _section(section, document.front.numbered) for section in document.sections
            ],
        },
    )


def _front(front: Front) -> dict[str, Any]:
    byline = [escape_latex(part) for part in (front.author, front.date) if part]
    running = " ".join(part for part in (front.number, front.title) if part)
    return {
        "shown": bool(front.title),
        "title": escape_latex(front.title),
        "plain_title": escape_latex(running),
        "plain_author": escape_latex(front.author),
        "course": escape_latex(front.course),
        "number": escape_latex(front.number),
        "running": escape_latex(running),
        "byline": r"\quad$\cdot$\quad ".join(byline),
        "statement": Blocks(Notation(), {}).all(front.statement),
        "contents": front.contents,
    }


def _section(section: Section, numbered: bool) -> dict[str, Any]:
    command = HEADINGS[section.level]
    star = "" if section.number else "*"
    return {
        "title": section.title,
        "heading": rf"\{command}{star}{{{escape_latex(section.title)}}}",
        "prose": Blocks(Notation(), {}).all(section.prose),
        "problems": [_item(item, numbered) for item in section.items],
    }


def _item(item: Item, numbered: bool) -> dict[str, Any]:
    question = item.question
    blocks = Blocks(question.notation, question.given, numbered=numbered)
    shown: dict[str, Any] = {
        "place": _comment(question.place or question.id),
        "label": escape_latex(item.label),
        "title": blocks.line(question.heading),
        "marks": f"[{question.marks} marks]" if question.marks else "",
        "statement": blocks.all(question.statement),
        "hint": "\n".join(blocks.all(question.hint)).removeprefix(r"\par "),
        "note": not item.label and (item.verified is None or not item.verified.solution.parts),
        "solved": item.verified is not None and bool(item.verified.solution.parts),
        "heading": "",
        "parts": [],
        "notes": [],
    }
    if item.verified is not None:
        shown["heading"] = escape_latex(item.verified.solution.derivation.solution_heading)
        shown["parts"] = _parts(item.verified, numbered)
        shown["notes"] = blocks.all(item.verified.notes)
    return shown


def _parts(verified: Verified, numbered: bool) -> list[dict[str, Any]]:
    solution = verified.solution
    lines = {id(line.chain): line for line in verified.lines}
    blocks = Blocks(solution.derivation.notation, solution.known, lines, numbered)
    number = 0
    parts = []
    for part in solution.parts:
        steps = []
        for place, step in enumerate(part.steps, 1):
            number += bool(step.title)
            steps.append(
                {
                    "title": blocks.line(step.title),
                    "number": number,
                    "place": f"step {number or place}",
                    "blocks": blocks.all(step.blocks),
                }
            )
        parts.append({"title": blocks.line(part.title), "steps": steps})
    return parts


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() and c not in "%\\" else "?" for c in text)
