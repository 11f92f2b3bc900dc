"""The same exam on a Dask cluster, with other processes, and here: the same bytes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exams.test_examining import SEED, tree

pytest.importorskip("distributed")
RUN = (
    "import sys, derivations.examining as e; e.AT_ONCE = 2\n"
    "from derivations.cli.app import main; main()"
)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler and two worker processes, each started from the command line."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0"]
    quiet = ["--no-dashboard", "--host", "127.0.0.1"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
    processes = [
        subprocess.Popen([*start, *quiet, "--scheduler-file", str(file)], stderr=subprocess.DEVNULL)
    ]
    try:
        while not file.exists() or not file.read_text().strip():
            assert processes[0].poll() is None
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        processes += [
            subprocess.Popen(
                [*worker, "--no-dashboard", address], stderr=subprocess.DEVNULL, cwd=folder
            )
            for _ in range(2)
        ]
        _wait_for_workers(address, 2)
        yield address
    finally:
        for process in reversed(processes):
            process.kill()
        for process in processes:
            process.wait(30)


def _wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(count, timeout=60)  # type: ignore[no-untyped-call]


def exam(path: Path, place: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`derivations exam` for five students in groups of two."""
    command = [
        sys.executable,
        "-c",
        RUN,
        "exam",
        str(path),
        "--variants",
        "5",
        "--seed",
        SEED,
        "-q",
    ]
    return subprocess.run(
        [*command, "-o", str(place), *options], capture_output=True, text=True, check=False
    )


def test_the_cluster_other_processes_and_this_one_make_the_same_bytes(
    scheduler: str, exam_path: Path, tmp_path: Path
) -> None:
    for name, options in (
        ("here", ("--jobs", "1")),
        ("processes", ("--jobs", "2")),
        ("cluster", ("--scheduler", scheduler)),
    ):
        done = exam(exam_path, tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
    here = tree(tmp_path / "here")
    assert len(here) == 13
    assert tree(tmp_path / "processes") == here
    assert tree(tmp_path / "cluster") == here


def test_a_scheduler_that_is_not_there(exam_path: Path, tmp_path: Path) -> None:
    done = exam(exam_path, tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(tmp_path / "out") == {}
