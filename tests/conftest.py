"""What the tests share: the bank, solved once for each worker, and ``--accept`` for the goldens."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from derivations.cli.app import main
from derivations.kinds.base.files import Loaded, check
from derivations.pipeline import document_of, solve
from derivations.reading import yaml
from derivations.resources import folder
from derivations.steps.document import Document, Front, Item, Section
from derivations.steps.solution import Verified, question_of
from derivations.writing.json import entries

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write the goldens anew; read the diff")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--accept") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--accept writes files that tests share; run it without -n")


@dataclass(frozen=True, slots=True)
class Bank:
    """The shipped problems: documents by the sheet's folder, solutions by ``sheet/problem``."""

    documents: Mapping[str, Document]
    verified: Mapping[str, Verified]
    entries: tuple[Mapping[str, Any], ...]

    def entry(self, source: str) -> Mapping[str, Any]:
        """The JSON entry of the problem (or sheet) that is from this source."""
        (found,) = [entry for entry in self.entries if entry["source"] == source]
        return found


@cache
def solved_bank() -> Bank:
    """Every sheet of the bank, solved and verified."""
    sheets = sorted(path.parent for path in folder("problems").glob("*/sheet.yaml"))
    assert sheets, "the bank has sheets"
    documents = {path.name: document_of(path) for path in sheets}
    verified = {
        f"{name}/{item.question.id}": item.verified
        for name, document in documents.items()
        for item in document.items
        if item.verified
    }
    found = tuple(entry for document in documents.values() for entry in entries(document))
    return Bank(documents, verified, found)


@pytest.fixture(scope="session")
def bank() -> Bank:
    """The shipped problems, solved."""
    return solved_bank()


def load_text(text: str, name: str = "problem.yaml") -> Loaded:
    """A problem from the text of its file."""
    return check(yaml.parse(text.encode("utf-8"), name), Path(name).stem)


def solve_text(text: str, name: str = "problem.yaml", detail: Any = None) -> Verified:
    """The verified solution of a problem from the text of its file."""
    return solve(load_text(text, name), detail)


@dataclass(frozen=True, slots=True)
class Run:
    """What a command did: its exit code, and what stood on its two streams."""

    code: int
    output: str
    error: str


def run(*arguments: str) -> Run:
    """The command line in this process, errors printed as ``main`` prints them."""
    output, error = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(error),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["derivations", *arguments])
        try:
            main()
            code: Any = 0
        except SystemExit as stop:
            code = stop.code or 0
    return Run(code, output.getvalue(), error.getvalue())


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with the file that holds what was accepted."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--accept"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; pytest --accept writes it"
        assert text == path.read_text(encoding="utf-8")

    return compare


def document_of_one(verified: Verified, solutions: bool = True) -> Document:
    """A document that holds one problem."""
    item = Item("", question_of(verified.solution), verified if solutions else None)
    return Document(Front("", id=item.question.id), (Section("", items=(item,)),), solutions)
