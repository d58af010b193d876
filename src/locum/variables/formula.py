"""A value that follows from other variables of the row: a total from its parts, the first of several times, a copy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from locum.errors import BadInput

HOW = ("sum", "product", "least", "greatest")


@dataclass(frozen=True)
class Formula:
    """How a variable's value is computed from those of others.

    how: "sum", constant + the sum of number * value; "product", constant * the product of value ^ number; "least" and
        "greatest", of those values that are not missing.
    of: the names of the variables; numbers: the factor or exponent of each, none for "least" and "greatest".
    """

    how: str
    of: tuple[str, ...]
    numbers: tuple[float, ...] = ()
    constant: float = 0.0

    @property
    def is_copy(self) -> bool:
        return self.how == "sum" and self.numbers == (1.0,) and self.constant == 0.0

    @property
    def inverse(self) -> tuple[float, float] | None:
        """(factor, constant) by which the one variable follows from this one, for a sum of one; else None."""
        if self.how != "sum" or len(self.of) != 1:
            return None
        return 1.0 / self.numbers[0], -self.constant / self.numbers[0]

    def entry(self) -> dict[str, Any]:
        """The formula as TOML and JSON hold it; `formula_of` gives it back."""
        if not self.numbers:
            return {self.how: list(self.of)}
        return {self.how: dict(zip(self.of, self.numbers, strict=True)), "constant": self.constant}

    def value(self, values: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
        """float64[n] from the float64[n] of each variable in OF; NaN where it cannot be computed."""
        if self.how in ("least", "greatest"):
            pick = np.fmin if self.how == "least" else np.fmax
            found = values[0]
            for other in values[1:]:
                found = pick(found, other)
            return found
        total = np.full(len(values[0]), self.constant)
        with np.errstate(all="ignore"):
            for number, other in zip(self.numbers, values, strict=True):
                if self.how == "sum":
                    total += number * other
                else:
                    total *= other**number
        total[~np.isfinite(total)] = np.nan
        return total

    def holds(
        self,
        target: npt.NDArray[np.float64],
        values: Sequence[npt.NDArray[np.float64]],
        precision: float | None,
    ) -> npt.NDArray[np.bool_]:
        """bool[n]: where TARGET is what VALUES give, to half a step of PRECISION; never where it is missing."""
        given = self.value(values)
        with np.errstate(invalid="ignore"):
            if precision is None:
                return np.abs(given - target) <= 1e-9 * np.maximum(np.abs(given), 1e-6)
            return np.abs(given - target) <= precision * 0.5001

    def words(self) -> str:
        """The formula as a person would write it."""
        if self.how in ("least", "greatest"):
            return f"the {self.how} of {', '.join(self.of)}"
        if self.how == "sum":
            parts = [
                name if n == 1 else f"-{name}" if n == -1 else f"{n:.6g} x {name}"
                for n, name in zip(self.numbers, self.of, strict=True)
            ]
            if self.constant:
                parts.append(f"{self.constant:.6g}")
            return " + ".join(parts).replace("+ -", "- ")
        parts = [name if n == 1 else f"{name}^{n:.6g}" for n, name in zip(self.numbers, self.of, strict=True)]
        return " x ".join(([f"{self.constant:.6g}"] if self.constant != 1 else []) + parts)


def formula_of(entry: object, here: str) -> Formula:
    """The formula that ENTRY, of TOML or JSON, holds. Raises BadInput that begins with HERE."""
    mend = 'write it as { sum = { part = 1, other = 1 } } or { least = ["one", "another"] }'
    given = [how for how in HOW if how in entry] if isinstance(entry, dict) else []
    if not isinstance(entry, dict) or len(given) != 1 or not set(entry) <= {given[0], "constant"}:
        raise BadInput(f"{here}: an entry of follows is not one of {', '.join(HOW)}; {mend}")
    how, parts = given[0], entry[given[0]]
    if how in ("least", "greatest"):
        if not isinstance(parts, list) or not all(isinstance(name, str) for name in parts):
            raise BadInput(f"{here}: {how} is not a list of variables; {mend}")
        if len(set(parts)) < 2 or "constant" in entry:
            raise BadInput(f"{here}: {how} needs two variables or more, and nothing else; {mend}")
        return Formula(how, tuple(parts))
    if not isinstance(parts, dict) or not parts:
        raise BadInput(f"{here}: {how} is not a table of variables with their numbers; {mend}")
    numbers = tuple(_number(number, how, here) for number in parts.values())
    if not all(numbers):
        raise BadInput(f"{here}: {how} has a variable with the number 0; take it out")
    return Formula(
        how,
        tuple(parts),
        numbers,
        _number(entry.get("constant", 1.0 if how == "product" else 0.0), "constant", here),
    )


def _number(value: object, key: str, here: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(f"{here}: {key} has something that is not a number; give one")
    return float(value)
