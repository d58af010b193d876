"""Work spread over the cores in plain threads, in a way that cannot change a result."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

T = TypeVar("T")


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_in_parts(part: Callable[[tuple[int, int]], None], count: int, length: int) -> None:
    """Call PART on (first, last) ranges of COUNT; results go to fixed places, so order cannot matter."""
    bounds = [(first, min(first + length, count)) for first in range(0, count, length)]
    with ThreadPoolExecutor(cores()) as pool:
        list(pool.map(part, bounds))


def run_each(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """The results of JOBS, each a fit of a classifier, in order.

    One OpenMP thread each: threads of one fit wait for each other actively, which on a busy machine made
    fits twenty times slower, while whole fits side by side lose nothing.
    """

    def alone(job: Callable[[], T]) -> T:
        with threadpool_limits(1, user_api="openmp"):
            return job()

    # Limits of OpenMP belong to a thread, those of a BLAS to the process.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(alone, jobs))


def run_one_by_one(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """The same on the calling thread, for jobs that change what threads share."""
    with threadpool_limits(1):
        return [job() for job in jobs]
