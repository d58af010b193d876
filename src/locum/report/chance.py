"""How far chance alone moves a share."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


def interval(share: float, patients: int) -> tuple[float, float]:
    """The 95 % interval of a SHARE of so many PATIENTS (Wilson 1927); the share itself where there are none."""
    if patients <= 0:
        return share, share
    scale = 1 + Z * Z / patients
    centre = (share + Z * Z / (2 * patients)) / scale
    half = Z * math.sqrt(max(share * (1 - share), 0) / patients + Z * Z / (4 * patients**2)) / scale
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
