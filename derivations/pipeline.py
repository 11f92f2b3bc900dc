"""The whole way, on one screen: read, derive, substitute, verify, write.

Verification stands between substitution and writing and cannot be passed by: only `solve`
makes a `Verified`, and a document has nothing else to print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from derivations.errors import Mistake, NameTaken, ProblemError, VerificationError
from derivations.exams.options import completed
from derivations.formula.evaluation import EvaluationError
from derivations.kinds.base.errors import FieldError
from derivations.kinds.base.files import Loaded
from derivations.reading.prose import read_prose
from derivations.sheets import Sheet, is_sheet, load_item, load_sheet
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.draft import Detail
from derivations.steps.rounding import GUARDS
from derivations.steps.solution import Derivation, Verified, question_of
from derivations.steps.substitution import Given, substitute_values
from derivations.truth.verification import verify

GUARD = (0, 3, 6, 12)  # digits more inside the lines, until every line gives its printed result


def solve(loaded: Loaded, detail: Detail | None = None) -> Verified:
    """The verified solution of a problem that was read.

    Raises:
        ProblemError: the problem cannot be solved as it is written.
        VerificationError: a line or an answer was not accepted by the judge.
    """
    loaded = completed(loaded)
    problem = loaded.problem
    if detail is not None:
        problem = problem.model_copy(update={"detail": detail})
    try:
        derivation = loaded.module.derive(problem)
        given = loaded.module.givens(problem)
    except FieldError as error:
        raise loaded.refuse(error) from None
    except NameTaken as error:
        raise loaded.refuse_name(str(error)) from None
    derivation = replace(derivation, place=loaded.place)
    try:
        return solve_for(derivation, given, loaded.expected(problem))
    except ProblemError as error:
        raise loaded.placed(error) from None
    except EvaluationError as error:  # a kink, of which there is no slope to judge by
        raise ProblemError(loaded.file.mistake((), f"a value cannot be found: {error}")) from None
    except VerificationError as error:
        if not error.where:
            raise
        raise VerificationError(str(loaded.file.mistake(error.where, str(error)))) from None


def solve_for(
    derivation: Derivation, given: Mapping[str, Given], expected: Mapping[str, Any] | None = None
) -> Verified:
    """The verified solution of a derivation for given numerals.

    Raises:
        ProblemError: a quantity has no value.
        VerificationError: a line or an answer was not accepted by the judge.
    """
    for guard in GUARDS[:-1]:
        with suppress(VerificationError):
            return verify(substitute_values(_guarded(derivation, guard), given), expected)
    return verify(substitute_values(_guarded(derivation, GUARDS[-1]), given), expected)


def _guarded(derivation: Derivation, guard: int) -> Derivation:
    return replace(derivation, rounding=derivation.rounding.guarded(guard))


def document_of(path: Path, solutions: bool = True, detail: Detail | None = None) -> Document:
    """The document for a sheet or a single problem file, every problem solved and verified."""
    if is_sheet(path):
        return _sheet_document(load_sheet(path), solutions, detail)
    return document_of_verified(solve(load_item(path), detail), solutions)


def document_of_verified(verified: Verified, solutions: bool = True) -> Document:
    """The document of a single problem or derivation."""
    front = Front("", id=verified.solution.derivation.id)
    return Document(front, (Section("", items=(_item("", verified, solutions),)),), solutions)


def _sheet_document(sheet: Sheet, solutions: bool, detail: Detail | None) -> Document:
    mistakes: list[Mistake] = []
    sections = []
    number = 0
    numbers = _section_numbers(sheet)
    for fields, problems in zip(sheet.fields.sections, sheet.problems, strict=True):
        items = []
        for entry, loaded in zip(fields.items, problems, strict=True):
            try:
                verified = solve(loaded, detail)
            except ProblemError as error:
                mistakes += error.mistakes
                continue
            label = entry.label or ""
            if entry.label is None and verified.solution.parts and sheet.fields.label:
                number += 1  # notes, which have nothing to solve, are not counted
                label = f"{sheet.fields.label} {number}."
            items.append(_item(label, verified, solutions))
        prose = read_prose(fields.text)
        sections.append(Section(fields.title, fields.level, next(numbers), prose, tuple(items)))
    if mistakes:
        raise ProblemError(*mistakes)
    return Document(sheet.front, tuple(sections), solutions)


def _item(label: str, verified: Verified, solutions: bool) -> Item:
    return Item(label, question_of(verified.solution), verified if solutions else None)


def _section_numbers(sheet: Sheet) -> Iterator[str]:
    """1, 1.1, 1.1.1, ... for the sections of a numbered sheet, else nothing."""
    count = [0, 0, 0]
    for section in sheet.fields.sections:
        if not sheet.fields.numbered or not section.title:
            yield ""
            continue
        count[section.level - 1] += 1
        count[section.level :] = [0] * (3 - section.level)
        yield ".".join(str(n) for n in count[: section.level])
