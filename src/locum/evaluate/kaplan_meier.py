"""Survival with censoring: who is still without the event, and who still in follow-up (Kaplan & Meier 1958)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Followed(NamedTuple):
    """Patients followed up. time: float64[n]. event: bool[n], whether it ended in the event."""

    time: Floats
    event: Bools

    def of(self, rows: Bools | npt.NDArray[np.int64]) -> Followed:
        return Followed(self.time[rows], self.event[rows])


class Curve(NamedTuple):
    """At each time asked for: the share without the event, how many are at risk, how many have had the event, and the
    variance of the log share."""

    share: Floats
    at_risk: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]
    variance: Floats

    @property
    def error(self) -> Floats:
        """Standard error of the share (Greenwood 1926)."""
        return np.asarray(self.share * np.sqrt(self.variance))


def survival(who: Followed, at: Floats) -> Curve:
    """The curve at the times AT. Those who have the event, or leave, at a time are at risk then."""
    times = np.unique(who.time[who.event])
    ended = np.sort(who.time)
    events = np.sort(who.time[who.event])
    risk = len(ended) - np.searchsorted(ended, times)
    died = np.searchsorted(events, times, side="right") - np.searchsorted(events, times)
    place = np.searchsorted(times, at, side="right")
    share = np.append(1.0, np.cumprod(1 - died / risk))[place]
    steps = died / (risk * np.maximum(risk - died, 1))
    at_risk, had = len(ended) - np.searchsorted(ended, at), np.searchsorted(events, at, side="right")
    return Curve(share, at_risk, had, np.append(0.0, np.cumsum(steps))[place])


def gap(a: Followed, b: Followed, least: int) -> float:
    """The largest vertical distance of two curves, while LEAST patients on both sides are at risk."""
    at = np.unique(np.quantile(np.concatenate([a.time, b.time]), np.linspace(0, 1, 201)))
    one, two = survival(a, at), survival(b, at)
    enough = (one.at_risk >= least) & (two.at_risk >= least)
    return float(np.abs(one.share - two.share)[enough].max(initial=0.0))


def censoring(who: Followed) -> Followed:
    """The same with leaving for the event (the reverse curve); those who have the event at a time leave before it."""
    return Followed(who.time, ~who.event)


def beyond_expected(who: Followed) -> Floats:
    """float64[n]: events less those expected of anyone followed as long (martingale residuals without covariates)."""
    order = np.lexsort((~who.event, who.time))  # those who leave at a time are at risk of its events
    hazard = np.cumsum(who.event[order] / np.arange(len(order), 0, -1))
    last = np.searchsorted(who.time[order], who.time, side="right") - 1
    return np.asarray(who.event - hazard[last])
