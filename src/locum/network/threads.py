"""Work in several threads: the kernels, and most of numpy, release the interpreter lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Progress = Callable[[int, int], None]  # done, of how many

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(
    work: Callable[[int], None], jobs: Sequence[int], threads: int | None, progress: Progress | None
) -> None:
    """Run WORK for every job, in THREADS threads; None for one a processor."""
    done = 0
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        try:
            for _ in pool.map(work, jobs):
                done += 1
                if progress is not None:
                    progress(done, len(jobs))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def of_each(work: Callable[[Item], Result], items: Iterable[Item], threads: int | None) -> list[Result]:
    """What WORK makes of each item, in their order."""
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        return list(pool.map(work, items))
