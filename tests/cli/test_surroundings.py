"""Terminals, disks and folders as they are: the same bytes everywhere, and never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derivations.sheets import find
from tests.conftest import Run, run

PROBLEM = """\
kind: neuron-forward
title: A neuron
given: {w: [1], x: [0.4], activation: sigmoid}
"""
FULL = Path("/dev/full")


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    """A problem whose solution has letters that no old terminal knows."""
    path = tmp_path / "neuron.yaml"
    path.write_text(PROBLEM, encoding="utf-8")
    return path


def command(*arguments: str, encoding: str = "utf-8", output: int = subprocess.PIPE) -> Run:
    """The command in a process of its own, on a terminal with an encoding."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-m", "derivations", *arguments],
        stdout=output, stderr=subprocess.PIPE, env=environment, check=False,
    )  # fmt: skip
    return Run(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_what_is_printed_is_utf_8_on_every_terminal(encoding: str, problem: Path) -> None:
    done = command("show", str(problem), encoding=encoding)
    assert done == command("show", str(problem))
    assert done.code == 0
    assert "σ" in done.output


def test_half_a_character_in_a_line_of_json_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "\\ud800", "latex": "1 = 1"}\n')
    done = command("check", "--jsonl", str(path))
    assert (done.code, done.error) == (0, "")
    assert json.loads(done.output)["id"] == "\ud800"


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("how", [["show"], ["solve", "--json"]])
def test_a_full_disk_behind_a_redirection(how: list[str], problem: Path) -> None:
    with FULL.open("wb") as full:
        done = command(*how, str(problem), output=full.fileno())
    assert done == Run(2, "", "output: No space left on device\n")


def test_a_folder_that_may_not_be_read(problem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shut = problem.parent / "shut"
    shut.mkdir()
    stat = Path.stat

    def refuse(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.parent == shut:
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refuse)
    done = run("solve", str(problem.parent), "--to", "text", "-o", str(problem.parent / "out"))
    assert done == Run(2, "", f"{shut}/sheet.yaml: Permission denied\n")
    assert not (problem.parent / "out").exists()


def test_links_that_lead_back_are_not_followed(problem: Path) -> None:
    inner = problem.parent / "inner"
    inner.mkdir()
    (inner / "other.yaml").write_text(PROBLEM, encoding="utf-8")
    (problem.parent / "here").symlink_to(problem.parent)
    (inner / "up").symlink_to(problem.parent)
    (inner / "again").symlink_to(inner)
    assert list(find([problem.parent])) == [inner / "other.yaml", problem]
