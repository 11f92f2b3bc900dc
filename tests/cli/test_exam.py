"""``derivations exam``: what it writes and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exams.conftest import write_exam


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "derivations", "exam", *options],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> str:
    """An exam's file."""
    return str(write_exam(tmp_path))


def test_a_roster_becomes_papers_and_keys(path: str, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("number;name\n0017;Ada Lovelace\n0018;Emmy Noether\n", encoding="utf-8-sig")
    done = run(
        path, "--roster", str(roster), "--seed", "2026", "-o", str(tmp_path / "out"), "--json"
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["students"] == ["0017", "0018"]
    assert (Path(made["folder"]) / "papers" / "0017.pdf").read_bytes()[:5] == b"%PDF-"
    assert "a short --seed can be guessed" in done.stderr
    manifest = json.loads((Path(made["folder"]) / "keys" / "manifest.json").read_text("utf-8"))
    assert manifest["seed"] == "2026"


def test_without_a_seed_a_secret_one_is_made_once(path: str, tmp_path: Path) -> None:
    done = run(path, "--variants", "1", "-o", str(tmp_path / "out"), "-q")
    assert done.returncode == 0, done.stderr
    keys = tmp_path / "out" / "exam" / "keys"
    secret = (keys / "secret.txt").read_text().strip()
    assert len(bytes.fromhex(secret)) == 32
    assert json.loads((keys / "manifest.json").read_text("utf-8"))["seed"] == secret


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "expected either --variants N or --roster FILE"),
        (("--variants", "2", "--roster", "r.csv"), "expected either --variants N or --roster FILE"),
        (("--variants", "0"), "--variants: found 0, expected 1 to 100,000"),
        (("--variants", "2", "--jobs", "-1"), "--jobs: found -1, expected 0 or more"),
        (("--variants", "2", "--seed", ""), "--seed: found nothing"),
        (("--variants", "2", "--engine", "word"), "--engine: found word"),
        (("--roster", "nowhere.csv"), "nowhere.csv: cannot be read"),
    ],
)
def test_options_that_cannot_be_taken(
    options: tuple[str, ...], words: str, path: str, tmp_path: Path
) -> None:
    done = run(path, *options, "-o", str(tmp_path / "out"))
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_mistake_in_a_problem_leaves_nothing_behind(path: str, tmp_path: Path) -> None:
    product = Path(path).with_name("product.yaml")
    product.write_text(product.read_text().replace("p: a*b", "p: a*c"))
    done = run(path, "--variants", "2", "--seed", "x" * 30, "-o", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "product.yaml:4:" in done.stderr or "product.yaml:5:" in done.stderr
    assert not list((tmp_path / "out").rglob("*.pdf"))


def test_solve_takes_no_exam_for_a_problem(path: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "derivations", "solve", str(Path(path).parent), "--to", "tex", "-o",
         str(tmp_path / "out"), "-q"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "neuron.tex", "product.tex", "square.tex", "sum.tex",
    ]  # fmt: skip
