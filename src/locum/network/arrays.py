"""Short names for the arrays that the kernels work on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Chances = npt.NDArray[np.int32]  # millionths, or ranks in 1/10,000ths
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]  # split codes, states, classes
Cells16 = npt.NDArray[np.uint16]  # cell codes
Words = npt.NDArray[np.uint64]  # sets of split codes, 64 a word
Counts = npt.NDArray[np.int32]
Rows = npt.NDArray[np.uint32]  # numbers of rows
