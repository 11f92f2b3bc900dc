"""``derivations solve``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from derivations.errors import DerivationsError, ProblemError, nearest
from derivations.pipeline import document_of
from derivations.sheets import find, is_sheet
from derivations.steps.document import Document
from derivations.steps.draft import Detail
from derivations.writing import FORMATS, writer
from derivations.writing.engine import ENGINES
from derivations.writing.files import write_file
from derivations.writing.json import entries
from derivations.writing.pdf import compile_pdf


def solve_paths(
    paths: list[Path],
    to: str,
    output: Path,
    detail: str | None,
    solutions: bool,
    engine: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Solve everything the paths stand for; the exit code.

    Raises:
        ProblemError: all mistakes of all files; nothing is written then.
    """
    formats = formats_of(to)
    if not formats and not as_json:
        raise ProblemError.at(f"--to: no format; known: {', '.join(FORMATS)}")
    level = read_detail(detail)
    if engine not in ENGINES:
        raise ProblemError.at(
            f"--engine: found {engine}, expected {', '.join(ENGINES)}{nearest(engine, ENGINES)}"
        )
    errors: list[DerivationsError] = []
    documents: list[tuple[Path, Document]] = []
    console = Console(stderr=True, quiet=quiet, no_color=None)
    with progress(console, quiet or as_json) as bar:
        found = list({path.resolve(): path for path in find(paths)}.values())
        task = bar.add_task("solving", total=len(found))
        for path in found:
            try:
                documents.append((path, document_of(path, solutions, level)))
            except DerivationsError as error:
                errors.append(error)
            bar.advance(task)
    if errors:
        for found_error in errors:
            print(found_error, file=sys.stderr)
        return max(found_error.exit_code for found_error in errors)
    if formats:
        _check_names(documents)
    if as_json:
        print(
            json.dumps(
                [entry for _, d in documents for entry in entries(d)], ensure_ascii=False, indent=1
            )
        )
    with progress(console, quiet or as_json) as bar:
        task = bar.add_task("writing", total=len(documents) * len(formats))
        for path, document in documents:
            for name in formats:
                target = write_document(name, document, output, _name(path, document), engine)
                bar.advance(task)
                if not as_json:
                    say_written(console, target)
    return 0


def say_written(console: Console, target: Path) -> None:
    """Tell which file was written."""
    console.print(f"[green]wrote[/green] {escape(str(target))}", highlight=False, soft_wrap=True)


def write_document(name: str, document: Document, folder: Path, stem: str, engine: str) -> Path:
    """Write a document in a format; the file, which is whole or not there at all."""
    target = folder / (stem + (".pdf" if name == "pdf" else str(writer(name).SUFFIX)))
    write_file(target, _content(name, document, engine, target))
    return target


def read_detail(detail: str | None) -> Detail | None:
    """The level of detail that was asked for.

    Raises:
        ProblemError: with the nearest level.
    """
    levels: tuple[Detail, ...] = get_args(Detail)
    if detail is None:
        return None
    for level in levels:
        if detail == level:
            return level
    raise ProblemError.at(
        f"--detail: found {detail}, expected brief, standard or full{nearest(detail, levels)}"
    )


def _check_names(documents: list[tuple[Path, Document]]) -> None:
    """No result is written over another one."""
    taken: dict[str, Path] = {}
    for path, document in documents:
        name = _name(path, document)
        if name in taken:
            raise ProblemError.at(
                f"its result would be called '{name}', as that of {taken[name]}; "
                "solve them apart, with another -o",
                str(path),
            )
        taken[name] = path


def formats_of(to: str) -> list[str]:
    """The formats that are asked for.

    Raises:
        ProblemError: with the nearest format.
    """
    formats = list(dict.fromkeys(name.strip() for name in to.split(",") if name.strip()))
    for name in formats:
        if name not in FORMATS:
            raise ProblemError.at(
                f"--to: '{name}' is not a format{nearest(name, FORMATS)} Known: {', '.join(FORMATS)}".replace(
                    "format Known", "format; known"
                )
            )
    return formats


def _name(path: Path, document: Document) -> str:
    whole = path.resolve()  # '.' has a name of its own
    name = whole.name if path.is_dir() else whole.parent.name if is_sheet(path) else path.stem
    return name if document.solutions else f"{name}-worksheet"


def _content(name: str, document: Document, engine: str, target: Path) -> str | bytes:
    write: Callable[[Document], str] = writer(name).write
    source = write(document)
    if name != "pdf":
        return source
    try:
        return compile_pdf(source, engine)
    except DerivationsError:
        write_file(target.with_suffix(".tex"), source)
        raise


def progress(console: Console, quiet: bool) -> Progress:
    """A bar for long work, on a terminal and where somebody looks."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
