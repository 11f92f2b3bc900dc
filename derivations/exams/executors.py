"""Where groups are made: here, in other processes, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from derivations.errors import DerivationsError

AHEAD = 2  # groups that wait for each worker; more would only fill the memory
Group = TypeVar("Group")
Result = TypeVar("Result")


class ClusterError(DerivationsError):
    """The cluster cannot be used."""


@contextmanager
def executor(jobs: int, scheduler: str | None = None) -> Iterator[tuple[Executor | None, int]]:
    """What runs the groups, and how many at a time; None: this process.

    Args:
        jobs: processes on this machine.
        scheduler: the address of a Dask scheduler, such as tcp://10.0.0.5:8786.

    Raises:
        ClusterError: there is no scheduler, no worker, or `distributed` is not installed.
    """
    if scheduler is not None:
        with _cluster(scheduler) as found:
            yield found
    elif jobs == 1:
        yield None, 1
    else:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            yield pool, jobs


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(
            "--scheduler needs Dask; install it with: pip install 'derivations[cluster]'"
        ) from None
    try:
        client: Any = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"--scheduler: no Dask scheduler answers at {address}: {error}"
        ) from None
    with client:
        workers = sum(worker["nthreads"] for worker in client.scheduler_info()["workers"].values())
        if not workers:
            raise ClusterError(f"--scheduler: the scheduler at {address} has no workers")
        yield client.get_executor(pure=False), workers


def results(
    running: tuple[Executor | None, int],
    function: Callable[[Group], Result],
    groups: Sequence[tuple[int, Group]],
) -> Iterator[tuple[int, Result]]:
    """The result for each numbered group, as they come."""
    executor, workers = running
    if executor is None:
        for number, group in groups:
            yield number, function(group)
        return
    waiting = iter(groups)
    numbers: dict[Future[Result], int] = {}
    try:
        while True:
            while len(numbers) < AHEAD * workers and (item := next(waiting, None)) is not None:
                numbers[executor.submit(function, item[1])] = item[0]
            if not numbers:
                return
            done, _ = wait(numbers, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=numbers.__getitem__):
                yield numbers.pop(future), future.result()
    finally:
        for future in numbers:
            future.cancel()
