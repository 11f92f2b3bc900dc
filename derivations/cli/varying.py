"""``derivations vary``: some variants of one problem, to be looked at before an exam is made of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from derivations.errors import ProblemError
from derivations.exams.counting import Count, count
from derivations.exams.fairness import band, rows
from derivations.exams.seeds import Stream
from derivations.exams.tolerances import tolerances
from derivations.exams.varying import Variant, Varying
from derivations.pipeline import document_of_verified, solve
from derivations.reading import yaml
from derivations.sheets import load_item, located
from derivations.steps.substitution import Given
from derivations.writing.files import write_file
from derivations.writing.json import entries

WIDEST = 60  # letters of a cell


def show_variants(
    path: Path, number: int, seed: str, students: int, output: Path | None, as_json: bool
) -> None:
    """Print variants with their answers, the fairness table, and how many there are.

    Raises:
        ProblemError: the file does not vary, or its conditions are too narrow.
    """
    path = located(path, sheets=False)
    loaded = load_item(path)
    if not loaded.problem.vary:
        message = "nothing varies; see 'vary' in docs/exams.md"
        raise ProblemError(loaded.file.mistake((), message))
    if not seed:
        raise ProblemError.at("--seed: expected a secret, found nothing")
    varying = Varying(loaded)
    found = varying.variants(
        [Stream(seed.encode(), "", loaded.problem.id, str(n)) for n in range(1, number + 1)]
    )
    counted = count(varying)
    shown = [_entry(n, one) for n, one in enumerate(found, 1)]
    if output is not None:
        for n, one in enumerate(found, 1):
            target = output / f"{path.stem}-{n}.yaml"
            write_file(target, yaml.written(one.loaded.file.root))
            print(f"wrote {target}", file=sys.stderr)
    if as_json:
        result = {"variants": shown, "distinct": counted.distinct, "exact": counted.exactly}
        print(json.dumps(result, ensure_ascii=False, indent=1))
    else:
        _print(varying, found, shown, counted)
    if students and (warning := counted.warning(students)):
        print(f"warning: {warning}", file=sys.stderr)


def _entry(number: int, one: Variant) -> dict[str, Any]:
    """A variant for programs."""
    verified = solve(one.loaded)
    (entry,) = entries(document_of_verified(verified))
    reach = tolerances(one.derivation, one.given)
    answers = [
        {
            **answer,
            "accepted": list(reach[answer["name"]].bounds) if answer["name"] in reach else None,
        }
        for answer in entry["answers"]
    ]
    return {
        "variant": number, "draws": {key: yaml.plain(node) for key, node in one.draws.items()},
        "given": dict(one.given), "answers": answers, "measures": dict(one.measures),
        "tried": one.tried,
    }  # fmt: skip


def _print(
    varying: Varying, found: Sequence[Variant], shown: Sequence[dict[str, Any]], counted: Count
) -> None:
    print(f"{varying.loaded.problem.title}: {counted.words()}")
    print(f"{counted.accepted:.0%} of the draws fulfil every condition.\n")
    for one, entry in zip(found, shown, strict=True):
        print(f"Variant {entry['variant']}")
        drawn = [f"{key} = {_text(value)}" for key, value in _drawn(varying, one).items()]
        print("  " + "\n  ".join(drawn))
        for answer in entry["answers"]:
            accepted = answer["accepted"]
            within = f"   accept {accepted[0]} to {accepted[1]}" if accepted else ""
            if answer["shown"] is not None and "(rounded on the way)" not in answer["name"]:
                print(f"  → {answer['name']}: {_text(answer['shown'])}{within}")
        print()
    columns, table = rows(found)
    lines: list[list[str]] = [columns, *([str(cell) for cell in row] for row in table)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(columns))]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    print(f"\n{band(found).words()}")


def _drawn(varying: Varying, one: Variant) -> dict[str, Any]:
    """What was drawn; of words the words."""
    drawn: dict[str, Any] = {}
    for place in varying.places.all:
        value = yaml.plain(one.draws[place.key])
        drawn[place.key] = place.domain.words[int(value)] if place.domain.words else value
    return drawn


def _text(value: Any | Given) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        text = "[" + ", ".join(map(_text, value)) + "]"
    else:
        text = str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."
