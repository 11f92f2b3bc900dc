"""``derivations derive``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from rich.console import Console

from derivations.cli.listing import print_rows
from derivations.cli.solving import formats_of, read_detail, say_written, write_document
from derivations.deriving import Asked, Derived, derive
from derivations.errors import ProblemError, VerificationError
from derivations.kinds.base import library
from derivations.kinds.base.files import load
from derivations.pipeline import document_of_verified
from derivations.reading.yaml import head
from derivations.writing.json import derivation_entry, statement_latex
from derivations.writing.text import write

UNSAFE = re.compile(r"[^A-Za-z0-9]+")


def list_theorems(as_json: bool) -> None:
    """Print name, title and source of every theorem; with --json also what it states."""
    rows = []
    for name, path in library.entries().items():
        found = head(path, library.KEYS)
        rows.append(
            {"name": name, "title": found.get("title", ""), "source": found.get("source", "")}
        )
    if as_json:
        for row, path in zip(rows, library.entries().values(), strict=True):
            loaded = load(path)
            row["statement"] = statement_latex(loaded.module.derive(loaded.problem))
    print_rows(rows, ("name", "title"), as_json)


def derive_one(
    what: str,
    wrt: str | None,
    in_terms: str | None,
    to: str,
    output: Path,
    detail: str | None,
    engine: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Derive a theorem or an expression and print or write it; the exit code.

    Raises:
        ProblemError: what is asked for is not known or cannot be read.
    """
    formats = formats_of(to)
    derived = derive(Asked(what, wrt, in_terms, read_detail(detail)))
    if as_json:
        print(
            json.dumps(
                derivation_entry(derived.name, derived.verified), ensure_ascii=False, indent=1
            )
        )
    document = document_of_verified(derived.verified)
    for name in formats:
        target = write_document(name, document, output, file_name(derived), engine)
        if not as_json:
            say_written(Console(stderr=True, quiet=quiet), target)
    if not as_json and not formats:
        print(write(document), end="")
    if derived.missing:
        print(derived.missing, file=sys.stderr)
        return VerificationError.exit_code
    return 0


def file_name(derived: Derived) -> str:
    """A name for the file: the theorem's, or the expression without its signs."""
    name = UNSAFE.sub("-", derived.name).strip("-")[:60]
    if not name:
        raise ProblemError.at(f"'{derived.name}' gives no name for a file")
    return name
