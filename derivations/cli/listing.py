"""``derivations list`` and ``derivations show``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from derivations.errors import ProblemError, nearest
from derivations.reading.yaml import head
from derivations.resources import folder

KEYS = frozenset({"kind", "id", "title", "source"})


def list_paths(paths: list[Path] | None, as_json: bool) -> None:
    """Print kind, id and title of every problem below the paths."""
    rows = []
    for root in paths or [folder("problems")]:
        if not root.exists():
            raise ProblemError.at("no such file or folder", str(root))
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
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    widths = [max((len(row[key]) for row in rows), default=0) for key in ("id", "kind")]
    for row in rows:
        print(f"{row['id']:<{widths[0]}}  {row['kind']:<{widths[1]}}  {row['title']}")


def problem_files(root: Path) -> Iterator[Path]:
    """Every .yaml file below a folder, in order; a file itself."""
    if root.is_file():
        yield root
    else:
        yield from sorted(p for p in root.rglob("*.yaml") if not p.name.startswith("."))


def show_problem(name: str, detail: str | None, source: bool) -> None:
    """Print a problem with its solution, or its file."""
    path = Path(name)
    if not path.exists():
        path = _shipped(name)
    if source:
        print(path.read_text(encoding="utf-8"), end="")
        return
    from derivations.cli.solving import check_detail
    from derivations.pipeline import document_of
    from derivations.writing.text import write

    check_detail(detail)
    print(write(document_of(path, detail=detail)), end="")  # type: ignore[arg-type]


def _shipped(name: str) -> Path:
    files = {}
    for path in problem_files(folder("problems")):
        files[path.parent.name if path.name == "sheet.yaml" else path.stem] = path
        found = head(path, frozenset({"id"}))
        if "id" in found:
            files[found["id"]] = path
    if name not in files:
        raise ProblemError.at(
            f"'{name}' is neither a file nor the id of a shipped problem{nearest(name, files)}"
        )
    return files[name]
