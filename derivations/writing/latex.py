"""A document in LaTeX that stands alone: it compiles as it is wherever LaTeX is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derivations.formula.escape import escape_latex
from derivations.formula.printing import Notation
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.solution import Part, Prose, Solution, Step, Table, Verified
from derivations.writing.headings import is_note, is_same_title, step_numbers
from derivations.writing.heights import MOST, SHORT, is_long, lead, opening
from derivations.writing.latex_blocks import Blocks
from derivations.writing.templates import latex_environment, render

SUFFIX = ".tex"
HEADINGS = {1: "section", 2: "subsection", 3: "subsubsection"}


HEAD, PART, STEP = 3.0, 1.8, 1.6  # lines that headings take


def write(document: Document, blocks: Callable[..., Blocks] = Blocks) -> str:
    """The whole document; ``blocks`` prints what stands in it."""
    sections: list[dict[str, Any]] = []
    for place, section in enumerate(document.sections):
        above = document.sections[place - 1] if place else None
        runs_on = above is not None and bool(above.title) and not (above.prose or above.items)
        shown = _section(section, document.front.numbered, blocks)
        shown["keep"] = 0 if runs_on else _lines(_run(document.sections[place:]))
        sections.append(shown)
    return render(
        latex_environment(),
        "document.tex.j2",
        {"front": _front(document.front), "sections": sections},
    )


def write_item(item: Item, blocks: Callable[..., Blocks] = Blocks) -> str:
    r"""One problem as a fragment: its number is \problemlabel, its marks are \problemmarks."""
    shown = _item(item, False, blocks)
    shown |= {"keep": _lines(_head(item)), "label": r"\problemlabel", "marks": r"\problemmarks"}
    shown["note"] = False
    return render(latex_environment(), "items.tex.j2", {"problems": [shown]})


def _front(front: Front) -> dict[str, Any]:
    byline = [escape_latex(part) for part in (front.author, front.date) if part]
    running = r"\enspace$\cdot$\enspace ".join(
        escape_latex(part) for part in (front.number, front.title) if part
    )
    return {
        "shown": bool(front.title),
        "title": escape_latex(front.title),
        "plain_title": escape_latex(" ".join(part for part in (front.number, front.title) if part)),
        "plain_author": escape_latex(front.author),
        "course": escape_latex(front.course),
        "number": escape_latex(front.number),
        "running": running,
        "byline": r"\quad$\cdot$\quad ".join(byline),
        "statement": Blocks(Notation(), {}).all(front.statement),
        "contents": front.contents,
    }


def _run(sections: Sequence[Section]) -> float:
    """Lines of a section's heading, of those that follow at once, and of what they lead to."""
    lines = 0.0
    for section in sections:
        lines += HEAD
        if section.prose:
            return lines + lead(section.prose)
        if section.items:
            return lines + _head(section.items[0])
    return lines


def _head(item: Item) -> float:
    """Lines of a problem's heading and of what it leads to."""
    following = item.question.statement
    if not following and item.verified is not None:
        return HEAD + _solution_lines(item.verified.solution)
    lines = opening(following)
    if lines < SHORT and item.verified is not None:  # a short question stays with its solution
        lines += _solution_lines(item.verified.solution)
    return HEAD + lines


def _solution_lines(solution: Solution) -> float:
    return STEP + (_part_lines(solution.parts[0]) if solution.parts else 0)


def _part_lines(part: Part) -> float:
    lines = PART if part.title else 0
    return lines + (_step_lines(part.steps[0]) if part.steps else 0)


def _step_lines(step: Step) -> float:
    return (STEP if step.title else 0) + lead(step.blocks)


def _room(lines: float, *steps: Step) -> str:
    """Lines to ask for above a heading that leads to a step: a table that may be parted needs them.

    Nothing else parts from its heading by itself.
    """
    blocks = steps[0].blocks if steps else ()
    lead = next((block for block in blocks if not isinstance(block, Prose)), None)
    return _lines(lines) if isinstance(lead, Table) and is_long(lead) else ""


def _lines(lines: float) -> str:
    return f"{min(lines, MOST):.1f}"


def _section(section: Section, numbered: bool, make: Callable[..., Blocks]) -> dict[str, Any]:
    command = HEADINGS[section.level]
    star = "" if section.number else "*"
    items = [_item(item, numbered, make) for item in section.items]
    for place, (item, shown) in enumerate(zip(section.items, items, strict=True)):
        if shown["note"] and is_same_title(section, item):
            shown["title"] = ""
        follows_heading = not place and section.title and not section.prose
        shown["keep"] = 0 if follows_heading else _lines(_head(item))
    return {
        "title": section.title,
        "heading": rf"\{command}{star}{{{escape_latex(section.title)}}}",
        "prose": Blocks(Notation(), {}).all(section.prose),
        "problems": items,
    }


def _item(item: Item, numbered: bool, make: Callable[..., Blocks]) -> dict[str, Any]:
    question = item.question
    blocks = make(question.notation, question.given, numbered=numbered)
    shown: dict[str, Any] = {
        "place": _comment(question.place or question.id),
        "label": escape_latex(item.label),
        "title": blocks.line(question.heading),
        "marks": marks_in_words(question.marks),
        "statement": blocks.all(question.statement),
        "hint": "\n".join(blocks.all(question.hint)).removeprefix(r"\para "),
        "note": is_note(item),
        "solved": item.verified is not None and bool(item.verified.solution.parts),
        "solution_keep": 0,
        "heading": "",
        "parts": [],
        "notes": [],
    }
    if item.verified is not None:
        solution = item.verified.solution
        shown["heading"] = escape_latex(solution.derivation.solution_heading)
        first = solution.parts[0].steps[:1] if solution.parts else ()
        shown["solution_keep"] = _room(_solution_lines(solution), *first)
        shown["parts"] = _parts(item.verified, numbered, make)
        shown["notes"] = blocks.all(item.verified.notes)
    return shown


def marks_in_words(marks: str) -> str:
    """[1 mark], [5 marks], or nothing."""
    return f"[{marks} mark{'' if marks == '1' else 's'}]" if marks else ""


def _parts(verified: Verified, numbered: bool, make: Callable[..., Blocks]) -> list[dict[str, Any]]:
    solution = verified.solution
    lines = {id(line.chain): line for line in verified.lines}
    blocks = make(solution.derivation.notation, solution.known, lines, numbered)
    numbers = step_numbers(solution)
    parts: list[dict[str, Any]] = []
    for number, part in enumerate(solution.parts):
        steps = []
        for place, step in enumerate(part.steps):
            steps.append(
                {
                    "title": blocks.line(step.title),
                    "number": numbers[number][place],
                    "place": f"step {numbers[number][place] or place + 1}",
                    "blocks": blocks.all(step.blocks),
                    "keep": _room(_step_lines(step), step)
                    if place or (number and not part.title)
                    else 0,
                }
            )
        keep = _room(_part_lines(part), *part.steps[:1]) if number else 0
        parts.append({"title": blocks.line(part.title), "steps": steps, "keep": keep})
    if parts and solution.parts[-1].steps:
        end = solution.parts[-1].steps[-1].blocks
        if end and not isinstance(end[-1], Prose):
            last = parts[-1]["steps"][-1]["blocks"]
            last[-1] = f"\\lastblock\n{last[-1]}"
    return parts


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() and c not in "%\\" else "?" for c in text)
