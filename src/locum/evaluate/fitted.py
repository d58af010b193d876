"""What an attacker who holds the model can do with it, whatever model it is."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Fitted(Protocol):
    """A generator that was learned from patients, and can tell how probable it holds a record to be."""

    def log_likelihood(self, table: pa.Table, /) -> npt.NDArray[np.float64]:
        """float64[rows]: the log-probability of each row; -inf where the model can never draw it.

        Raises BadInput when TABLE does not fit the model.
        """
        ...

    def again(self, table: pa.Table, seed: int) -> Fitted:
        """The same kind of model, with the same settings, learned from TABLE instead.

        Raises BadInput when TABLE has too few patients.
        """
        ...
