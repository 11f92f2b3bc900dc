"""``derivations list`` and ``derivations show``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from derivations.errors import ProblemError, unknown
from derivations.reading.yaml import head
from derivations.resources import folder

if TYPE_CHECKING:
    from derivations.models.activations import Activation
    from derivations.models.losses import Loss

KEYS = frozenset({"kind", "id", "title", "source"})


def list_paths(paths: list[Path] | None, as_json: bool) -> None:
    """Print kind, id and title of every problem below the paths.

    Raises:
        ProblemError: a file that is no problem, with what is wrong in it.
    """
    rows: list[dict[str, str]] = []
    for root in paths or [folder("problems")]:
        if not root.exists():
            from derivations.sheets import missing

            raise missing(root)
        before = len(rows)
        for path in problem_files(root):
            found = head(path, KEYS)
            if "kind" in found:
                rows.append(
                    {
                        "id": found.get("id", path.stem),
                        "kind": found["kind"],
                        "title": found.get("title", ""),
                        "source": found.get("source", ""),
                        "file": str(path),
                    }
                )
        if len(rows) == before:
            _nothing_in(root)
    print_rows(rows, ("id", "kind", "title"), as_json)


def _nothing_in(root: Path) -> None:
    """Say why a file has no problem in it; a folder may be empty."""
    from derivations.kinds.base.files import load
    from derivations.sheets import is_sheet

    if root.is_dir():
        return
    if is_sheet(root):
        raise ProblemError.at("a sheet; list its folder", str(root))
    load(root)


def list_tables(what: str, as_json: bool) -> None:
    """Print what problem files can name: kinds, activations, losses or layers."""
    if what not in TABLES:
        raise ProblemError.at(f"--what: {unknown(what, 'a list', ['problems', *TABLES])}")
    rows = TABLES[what]()
    print_rows(rows, tuple(rows[0]), as_json)


def _kinds() -> list[dict[str, str]]:
    from derivations.kinds import kind_module, kind_names

    return [{"kind": kind, "purpose": _first_line(kind_module(kind))} for kind in kind_names()]


def _layers() -> list[dict[str, str]]:
    from derivations.models.layers import layers

    return [
        {"layer": name, "words": ", ".join(module.TOKENS), "purpose": _first_line(module)}
        for name, module in layers().items()
    ]


def _activations() -> list[dict[str, str]]:
    from derivations.models.activations import ACTIVATIONS

    return [_row("activation", name, row) for name, row in ACTIVATIONS.items()]


def _losses() -> list[dict[str, str]]:
    from derivations.models.losses import LOSSES

    return [_row("loss", name, row) for name, row in LOSSES.items()]


def _row(word: str, name: str, row: Activation | Loss) -> dict[str, str]:
    return {word: name, "title": row.title, "value": row.value, "source": row.source}


def _first_line(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0]


TABLES: dict[str, Callable[[], list[dict[str, str]]]] = {
    "kinds": _kinds,
    "activations": _activations,
    "losses": _losses,
    "layers": _layers,
}


def print_rows(rows: list[dict[str, str]], keys: tuple[str, ...], as_json: bool) -> None:
    """Rows as a table of these keys, or all of them as JSON."""
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    widths = [max((len(row[key]) for row in rows), default=0) for key in keys]
    for row in rows:
        print("  ".join(f"{row[k]:<{w}}" for k, w in zip(keys, widths, strict=True)).rstrip())


def problem_files(root: Path) -> Iterator[Path]:
    """Every .yaml file below a folder, in order; a file itself."""
    if root.is_file():
        yield root
    else:
        yield from sorted(p for p in root.rglob("*.yaml") if not p.name.startswith("."))


def show_problem(name: str, detail: str | None, source: bool) -> None:
    """Print a problem with its solution, or its file."""
    from derivations.sheets import located

    path = located(Path(name))
    if source:
        print(path.read_text(encoding="utf-8"), end="")
        return
    from derivations.cli.solving import read_detail
    from derivations.pipeline import document_of
    from derivations.writing.text import write

    level = read_detail(detail)
    print(write(document_of(path, detail=level)), end="")
