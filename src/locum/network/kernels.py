"""How kernels are compiled.

A new user's first fit compiles them all, so what is compiled for nothing is time that somebody waits:

* a kernel that only kernels call needs no entry from Python, which costs more than the kernel itself where its
  arguments are many arrays (`inner`);
* a literal number as an argument makes numba compile the kernel once more for that number: pass ``np.int64(0)``;
* assigning one slice to another, sums along an axis, and indexing by an array each bring a tenth of a second of error
  messages and helpers: loop instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def inner(kernel: Callable[..., Any]) -> Any:
    """A kernel that only other kernels may call."""
    compiled: Any = njit
    return compiled(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(kernel)
