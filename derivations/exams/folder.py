"""The folder of an exam: papers and keys apart, written whole, resumed after any interruption.

    papers/NUMBER.pdf       what the students get
    keys/NUMBER.pdf         what the graders get; nobody else may look into this folder
    keys/answers.csv, fairness.csv, manifest.json, secret.txt
    keys/.run/              while the batch runs: what it is, and a file for each finished group

A group of students is finished when its file is there, and that is written last. So a batch can
be killed at any moment: whatever has no such file is made again, to the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from derivations.errors import DerivationsError, ProblemError
from derivations.writing.files import TEMPORARY, WriteError, write_file

PAPERS, KEYS = "papers", "keys"
SECRET, MANIFEST = "secret.txt", "manifest.json"


class Busy(DerivationsError):
    """Another run is at work in the folder."""


class ExamFolder:
    """An exam's folder, held by one run at a time.

    Args:
        path: the folder; made where there is none.
        run: what the batch is: whatever decides its bytes. A folder with another batch is refused.
        resume: go on with a batch that was interrupted.

    Raises:
        Busy: another run holds it.
        ProblemError: another batch, or one that is finished, lies there.
        WriteError: it cannot be written.
    """

    def __init__(self, path: Path, run: Mapping[str, Any], resume: bool) -> None:
        self.path, self.run = path, run
        self.papers, self.keys = path / PAPERS, path / KEYS
        self.state = self.keys / ".run"
        self.lock = FileLock(self.state / "lock")
        self.resume = resume
        self.finished = False  # there is nothing left to do

    def __enter__(self) -> ExamFolder:
        try:
            self.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.state.mkdir(exist_ok=True)
            self.papers.mkdir(exist_ok=True)
            self.lock.acquire(timeout=0)
        except Timeout:
            raise Busy(
                f"{self.path}: another run is at work in this folder; wait for it, or choose another -o"
            ) from None
        except OSError as error:
            raise WriteError(f"{self.path}: cannot be written: {error.strerror}") from None
        try:
            self._begin()
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._let_go()

    def _let_go(self) -> None:
        """Another run may begin; nothing is left where nothing was made."""
        self.lock.release()
        begun = (self.state / "run.json").exists() and any(self.papers.iterdir())
        if not begun and self.state.is_dir():
            shutil.rmtree(self.state)

    def _begin(self) -> None:
        known = self.state / "run.json"
        if known.is_file():
            self._check(json.loads(known.read_text("utf-8")))
            self._sweep()
            return
        if (self.keys / MANIFEST).is_file():
            made = json.loads((self.keys / MANIFEST).read_text("utf-8")).get("run", {})
            self.finished = self.resume and made == self.run
        if not self.finished and (any(self.papers.iterdir()) or any(self.keys.glob("*.pdf"))):
            raise ProblemError.at(
                "an exam lies here already; delete the folder or choose another -o", str(self.path)
            )
        if self.finished:
            return
        write_file(known, json.dumps(self.run, indent=1) + "\n")

    def _check(self, known: Mapping[str, Any]) -> None:
        """Whether it is the same batch, and to be gone on with."""
        others = [name for name in self.run if known.get(name) != self.run[name]]
        if others:
            raise ProblemError.at(
                f"another batch was begun here; it differs in: {', '.join(others)}. "
                "Delete the folder or choose another -o",
                str(self.path),
            )
        if not self.resume:
            raise ProblemError.at(
                "this batch was begun here and not finished; go on with --resume, "
                "or delete the folder",
                str(self.path),
            )

    def _sweep(self) -> None:
        """Remove what a killed run was just writing."""
        for folder in (self.papers, self.keys, self.state):
            for left in folder.glob(f".*{TEMPORARY}"):
                left.unlink(missing_ok=True)

    def kept(self, group: int) -> Any | None:
        """What a finished group noted, or None."""
        try:
            return json.loads(self._mark(group).read_text("utf-8"))
        except FileNotFoundError:
            return None

    def keep(
        self, group: int, papers: Mapping[str, bytes], keys: Mapping[str, bytes], notes: Any
    ) -> None:
        """Write the PDFs of a group, by students' numbers, and then that it is finished."""
        for number in papers:
            write_file(self.papers / f"{number}.pdf", papers[number])
            write_file(self.keys / f"{number}.pdf", keys[number], private=True)
        write_file(self._mark(group), json.dumps(notes), private=True)

    def finish(self, files: Mapping[str, str]) -> None:
        """Write the tables into the folder of keys; after that the batch is done."""
        for name, text in files.items():
            write_file(self.keys / name, text, private=True)
        (self.state / "run.json").unlink()

    def _mark(self, group: int) -> Path:
        return self.state / f"{group:06d}.json"


def secret_of(path: Path) -> str:
    """The secret of the exam in this folder: made at random once, and kept with the keys.

    Raises:
        WriteError: it cannot be kept.
    """
    place = path / KEYS / SECRET
    if not place.is_file():
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(place, os.urandom(32).hex() + "\n", private=True)
    return place.read_text("utf-8").strip()
