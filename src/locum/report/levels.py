"""How near a check is to its limits, on one scale for all checks."""

from __future__ import annotations

from locum.evaluate.metrics import Limit, Metric, Status

ZONES = {Status.PASS: (0.0, 0.99), Status.WARN: (1.01, 1.99), Status.FAIL: (2.01, 3.0)}
"""Where each status lies on the scale."""


def level(check: Metric) -> float:
    """0: as real patients; 1: caution begins; 2: fail begins; at most 3. Never outside the zone of the status, which
    allows for chance."""
    low, high = ZONES.get(check.status, (0.0, 0.0))
    return min(max(_raw(check.limit), low), high) if check.limit else (low + high) / 2


def explained(check: Metric) -> bool:
    """Whether the figure is beyond the limit, but no more than chance explains."""
    return bool(check.limit and check.status is not Status.FAIL and level(check) < _raw(check.limit))


def nearest(check: Metric) -> tuple[bool, float]:
    """To sort by: what is nearest to its limit, or furthest beyond; what chance explains comes last."""
    return explained(check), -level(check)


def _raw(limit: Limit) -> float:
    if limit.figure <= limit.caution:
        return (limit.figure - limit.par) / max(limit.caution - limit.par, 1e-9)
    fail = limit.fail if limit.fail is not None else limit.caution + 2 * abs(limit.figure - limit.caution)
    if limit.figure <= fail:
        return 1 + (limit.figure - limit.caution) / max(fail - limit.caution, 1e-9)
    return 2 + (limit.figure - fail) / max(2 * (fail - limit.par), 1e-9)
