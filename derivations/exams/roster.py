"""A roster: who sits the exam. CSV as anybody's program writes it, or an Excel file.

The first row names the columns; ``number`` (or id, matriculation number, ...) is needed, ``name`` is
not. Every mistake is told with its row and column before anything is written.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from derivations.errors import Mistake, ProblemError
from derivations.formula.escape import unprintable

MAX_BYTES = 20 << 20
MAX_UNPACKED = 200 << 20
MAX_ROWS = 100_000
DELIMITERS = (",", ";", "\t", "|")
COLUMNS = {
    "number": (
        "number", "id", "student id", "student number", "studentid", "matriculation number",
        "matriculation", "matrikelnummer", "matr.-nr.", "matrnr", "matrikel", "registration number",
        "sis user id", "username", "user name", "student",
    ),
    "name": ("name", "full name", "fullname", "display name"),
    "first": ("first name", "firstname", "given name", "vorname", "prénom"),
    "last": ("last name", "lastname", "surname", "family name", "nachname", "nom"),
}  # fmt: skip
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")  # no file names on Windows
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody who gets a paper: the number that names its file, and a name or none."""

    number: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Table:
    """The cells of a roster as text, and how a row is called in messages."""

    file: str
    rows: Sequence[tuple[int, Sequence[str]]]

    def mistake(self, row: int, column: int, message: str) -> Mistake:
        return Mistake(self.file, row, column, "", message)


def numbered(count: int) -> tuple[Student, ...]:
    """Students without a roster: 001, 002, ...; as many digits as the last one needs, at least 3."""
    digits = max(3, len(str(count)))
    return tuple(Student(f"{number:0{digits}d}") for number in range(1, count + 1))


def read_roster(path: Path, printed: bool = True) -> tuple[Student, ...]:
    """The students of a roster, in its order.

    Args:
        printed: whether names are printed on papers, and so need letters that the fonts have.

    Raises:
        ProblemError: all mistakes, each with row and column.
    """
    table = _read(path)
    if not table.rows:
        raise ProblemError(
            table.mistake(
                1,
                1,
                "the roster is empty; expected a row with the columns' names, then a row for each student",
            )
        )
    place, head = table.rows[0]
    columns = _columns(table, place, head)
    mistakes: list[Mistake] = []
    students: list[Student] = []
    seen: dict[str, tuple[str, int]] = {}
    for row, cells in table.rows[1:]:
        student = _student(cells, columns)
        found = [
            *_surplus(table, row, cells, len(head)),
            *_number_mistakes(table, row, columns["number"] + 1, student.number, seen),
            *(_name_mistakes(table, row, columns, student.name) if printed else ()),
        ]
        mistakes += found
        students.append(student)
    if mistakes:
        raise ProblemError(*mistakes)
    if not students:
        raise ProblemError(table.mistake(place + 1, 1, "no students; expected a row for each"))
    return tuple(students)


def _student(cells: Sequence[str], columns: dict[str, int]) -> Student:
    def cell(name: str) -> str:
        place = columns.get(name)
        return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""

    name = cell("name") or " ".join(filter(None, (cell("first"), cell("last"))))
    return Student(cell("number"), name)


def _surplus(table: _Table, row: int, cells: Sequence[str], columns: int) -> Iterable[Mistake]:
    """Cells to the right of the head: most often a name in two, at a comma that is not quoted."""
    over = [place for place in range(columns, len(cells)) if cells[place].strip()]
    if over:
        yield table.mistake(
            row, over[0] + 1,
            f"found '{cells[over[0]].strip()[:40]}' in column {over[0] + 1}, but the first row names {columns}; "
            "put a text that holds the separator in quotes",
        )  # fmt: skip


def _number_mistakes(
    table: _Table, row: int, column: int, number: str, seen: dict[str, tuple[str, int]]
) -> Iterable[Mistake]:
    if not number:
        yield table.mistake(row, column, "the number is missing")
        return
    if (
        not NUMBER.fullmatch(number)
        or RESERVED.fullmatch(number)
        or ".." in number
        or number.endswith(".")
    ):
        shown = number if number.isprintable() and len(number) <= 40 else ascii(number[:40])
        yield table.mistake(
            row, column,
            f"found {shown}, expected a number that can name a file: letters, digits and . _ @ + -, "
            "at most 64, a letter or digit first",
        )  # fmt: skip
        return
    known, before = seen.setdefault(number.casefold(), (number, row))
    if before != row:
        same = "" if known == number else f" as {known}; the names of files do not tell them apart"
        yield table.mistake(row, column, f"'{number}' stands in row {before} already{same}")


def _name_mistakes(
    table: _Table, row: int, columns: dict[str, int], name: str
) -> Iterable[Mistake]:
    column = (
        min(columns[key] for key in ("name", "first", "last") if key in columns) + 1 if name else 0
    )
    if name and (strange := unprintable(name)) is not None:
        yield table.mistake(
            row, column,
            f"the papers' fonts have no '{strange if strange.isprintable() else '?'}' (U+{ord(strange):04X}); "
            "with 'names: blank' or 'names: none' in the exam file no names are printed",
        )  # fmt: skip
    elif len(name) > 100:
        yield table.mistake(row, column, f"a name of {len(name)} characters; at most 100")


def _columns(table: _Table, row: int, head: Sequence[str]) -> dict[str, int]:
    """Which column holds what."""
    names = [" ".join(cell.casefold().split()) for cell in head]
    columns = {
        key: names.index(name)
        for key, known in COLUMNS.items()
        for name in reversed(known)
        if name in names
    }
    twice = [name for name in set(names) if name and names.count(name) > 1]
    if twice:
        place = len(names) - names[::-1].index(min(twice))
        raise ProblemError(table.mistake(row, place, f"the column '{min(twice)}' stands twice"))
    if "number" not in columns:
        found = ", ".join(cell.strip() or "(empty)" for cell in head[:8])
        raise ProblemError(
            table.mistake(
                row,
                1,
                f"found the columns {found}; expected one called 'number' (or 'id'), and perhaps 'name'",
            )
        )
    return columns


# ---------------------------------------------------------------- files


def _read(path: Path) -> _Table:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ProblemError.at(f"more than {MAX_BYTES >> 20} MB is no roster", str(path))
        data = path.read_bytes()
    except OSError as error:
        raise ProblemError.at(f"cannot be read: {error.strerror}", str(path)) from None
    rows = _excel(path) if data.startswith(b"PK") else _csv(data, str(path))
    kept = [
        (place, [unicodedata.normalize("NFC", cell) for cell in cells])
        for place, cells in rows
        if any(cell.strip() for cell in cells)
    ]
    if len(kept) > MAX_ROWS:
        raise ProblemError.at(f"more than {MAX_ROWS:,} rows", str(path))
    return _Table(str(path), kept)


def _csv(data: bytes, file: str) -> list[tuple[int, list[str]]]:
    text = _decoded(data, file)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda sign: first.count(sign))
    if first.casefold().startswith("sep=") and len(first) == 5:  # Excel's own hint
        delimiter = first[4]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if not (not rows and len(cells) <= 2 and "".join(cells).casefold() in ("sep=", "sep")):
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        raise ProblemError(Mistake(file, reader.line_num, 1, "", f"no CSV: {error}")) from None
    return rows


def _decoded(data: bytes, file: str) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data:
        raise ProblemError.at("no CSV and no Excel file: there are zero bytes in it", file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _excel(path: Path) -> list[tuple[int, list[str]]]:
    import openpyxl

    try:
        with ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise ProblemError.at(f"more than {MAX_UNPACKED >> 20} MB unpacked", str(path))
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=MAX_ROWS + 2)
        return [(place, [_cell(cell) for cell in row]) for place, row in enumerate(rows, 1)]
    except (BadZipFile, KeyError, ValueError, OSError, IndexError, SyntaxError, TypeError):
        raise ProblemError.at("cannot be read as an Excel file (.xlsx)", str(path)) from None


def _cell(value: object) -> str:
    """A cell as text; a whole number without its .0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def guarded(cell: str) -> str:
    """A text for a CSV file that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith((*FORMULA, "\t", "\r")) else cell
