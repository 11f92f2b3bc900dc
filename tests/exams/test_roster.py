"""Rosters as people have them, and as nobody should have them."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from derivations.errors import ProblemError
from derivations.exams.roster import Student, guarded, numbered, read_roster

ADA, EMMY = Student("0012", "Ada Lovelace"), Student("0013", "Emmy Noether")
SAME = {
    "comma": b"number,name\n0012,Ada Lovelace\n0013,Emmy Noether\n",
    "semicolon": b"number;name\r\n0012;Ada Lovelace\r\n0013;Emmy Noether\r\n",
    "tab": b"Name\tID\nAda Lovelace\t0012\nEmmy Noether\t0013",
    "mark": b"\xef\xbb\xbfnumber,name\n0012,Ada Lovelace\n0013,Emmy Noether\n",
    "two names": b"Vorname;Nachname;Matrikelnummer\nAda;Lovelace;0012\nEmmy;Noether;0013\n",
    "quotes": b'"Student ID","Name"\n"0012","Ada  Lovelace"\n\n"0013"," Emmy Noether "\n',
    "Excel's hint": b"sep=;\nnumber;name\n0012;Ada Lovelace\n0013;Emmy Noether\n",
    "utf-16": "number,name\n0012,Ada Lovelace\n0013,Emmy Noether\n".encode("utf-16"),
}


@pytest.mark.parametrize("data", SAME.values(), ids=list(SAME))
def test_the_same_roster_in_many_dialects(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(data)
    assert read_roster(path) == (ADA, EMMY)


def test_excel_keeps_leading_zeros_of_texts_and_drops_point_zero(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Number", "Name"], ["0012", "Ada Lovelace"], [13.0, "Emmy Noether"]):
        sheet.append(row)
    book.save(tmp_path / "roster.xlsx")
    assert read_roster(tmp_path / "roster.xlsx") == (ADA, Student("13", "Emmy Noether"))


def test_letters_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes("number;name\n1;Zoë Müller\n".encode("cp1252"))
    assert read_roster(path) == (Student("1", "Zoë Müller"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("number\n12\n13\n12\n", ":4:1: '12' stands in row 2 already"),
        ("number\nab\nAB\n", ":3:1: 'AB' stands in row 2 already as ab; the names of files"),
        ("number\n../../x\n", ":2:1: found ../../x, expected a number that can name a file"),
        ("number\n=cmd|'/c calc'!A1\n", ":2:1: found =cmd|"),
        ("number\n.hidden\n", ":2:1: found .hidden"),
        ("number\nNUL\n", ":2:1: found NUL"),
        ("number\na..b\n", ":2:1: found a..b"),
        ("number\n12/13\n", ":2:1: found 12/13"),
        ("number\n\u202e21\n", ":2:1: found "),
        ("name,number\nAda,\n", ":2:2: the number is missing"),
        ("number,name\n1,\U0001f600\n", ":2:2: the papers' fonts have no '\U0001f600' (U+1F600)"),
        ("number,name\n1,\u5f20\u4e09\n", "(U+5F20); with 'names: blank' or 'names: none'"),
        ("number,name\n1,\u05d0\n", "(U+05D0)"),
        ("number,name\n1," + "a" * 200 + "\n", "a name of 200 characters"),
        (
            "number,name\n1,Ada\n2,Lovelace, Ada\n",
            ":3:3: found 'Ada' in column 3, but the first row names 2",
        ),
        ("who,what\n1,2\n", ":1:1: found the columns who, what; expected one called 'number'"),
        ("number,number\n1,2\n", ":1:2: the column 'number' stands twice"),
        ("number\n", ":2:1: no students"),
        ("", ":1:1: the roster is empty"),
        ('number\n"12\n', "no CSV"),
        ("number\n12\0\n", "zero bytes"),
    ],
)
def test_trouble_is_told_with_its_row_and_column(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as error:
        read_roster(path)
    assert words in str(error.value)


def test_accents_that_are_signs_of_their_own_are_joined(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("number,name\n1,Zoe\u0308 Mu\u0308ller\n", encoding="utf-8")
    assert read_roster(path) == (Student("1", "Zoë Müller"),)


def test_names_that_are_not_printed_may_be_any(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("number,name\n1,张三\n2,\U0001f600\n", encoding="utf-8")
    assert [student.name for student in read_roster(path, printed=False)] == ["张三", "\U0001f600"]


def test_separators_behind_the_last_cell_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("number;name\n1;Ada;;\n2\n", encoding="utf-8")
    assert [(s.number, s.name) for s in read_roster(path)] == [("1", "Ada"), ("2", "")]


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("number\n../x\n1\n1\n\n:\n", encoding="utf-8")
    with pytest.raises(ProblemError) as error:
        read_roster(path)
    assert [mistake.line for mistake in error.value.mistakes] == [2, 4, 6]


def test_ten_thousand_rows(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("number\n" + "\n".join(map(str, range(10_000))), encoding="utf-8")
    assert len(read_roster(path)) == 10_000


@pytest.mark.parametrize("damage", [b"PK\x03\x04 no archive", None])
def test_a_damaged_excel_file(damage: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    if damage is None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("[Content_Types].xml", "<x/>")
        damage = path.read_bytes()
    path.write_bytes(damage)
    with pytest.raises(ProblemError, match="cannot be read as an Excel file"):
        read_roster(path)


def test_an_excel_file_that_unpacks_without_end(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(300 << 20))
    with pytest.raises(ProblemError, match="MB unpacked"):
        read_roster(path)


def test_a_roster_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


def test_numbers_without_a_roster() -> None:
    assert [student.number for student in numbered(3)] == ["001", "002", "003"]
    assert numbered(1000)[-1].number == "1000"
    assert numbered(1000)[0].number == "0001"


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "\tx", "\rx"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerow([guarded(text)])
    (row,) = csv.reader(io.StringIO(written.getvalue(), newline=""))
    assert row == [f"'{text}"]
