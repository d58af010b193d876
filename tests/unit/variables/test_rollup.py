"""Levels rolled up: few enough groups, each of enough patients, kin with kin."""

from __future__ import annotations

import numpy as np
import pytest

from locum.variables.hierarchy import PREFIX
from locum.variables.rollup import roll_up


def grouped(weights: dict[str, float], most: int, k: int, hierarchy: str = PREFIX) -> set[frozenset[str]]:
    levels = tuple(weights)
    group = roll_up(levels, hierarchy, np.array(list(weights.values()), float), most, k)
    return {
        frozenset(level for level, g in zip(levels, group, strict=True) if g == n)
        for n in set(group.tolist())
    }


def sets(*groups: str) -> set[frozenset[str]]:
    return {frozenset(group.split()) for group in groups}


def test_common_levels_stand_alone_and_rare_ones_with_their_kin() -> None:
    weights = {"I20": 3.0, "I20.0": 50, "I20.1": 4, "I20.8": 5, "I25.1": 6, "I25.2": 2, "E11": 9, "Z00": 1}
    assert grouped(weights, most=9, k=10) == sets("I20.0", "I20 I20.1 I20.8", "I25.1 I25.2 E11 Z00")
    assert grouped(weights, most=9, k=8) == sets("I20.0", "I20 I20.1 I20.8", "I25.1 I25.2", "E11", "Z00")


def test_the_bar_rises_until_there_are_few_enough_groups() -> None:
    weights = {f"{a}{b}{c}": 10.0 + b for a in "ABCD" for b in range(5) for c in range(5)}
    assert len(grouped(weights, most=101, k=2)) == 100
    assert grouped(weights, most=21, k=2) == {
        frozenset(f"{a}{b}{c}" for c in range(5)) for a in "ABCD" for b in range(5)
    }
    assert grouped(weights, most=5, k=2) == {
        frozenset(f"{a}{b}{c}" for b in range(5) for c in range(5)) for a in "ABCD"
    }


def test_without_a_hierarchy_the_rarest_are_one_group() -> None:
    weights = {f"L{i}": float(100 - i) for i in range(50)}
    groups = grouped(weights, most=11, k=5, hierarchy="")
    assert sorted(map(len, groups)) == [1] * 10 + [40]
    assert frozenset(f"L{i}" for i in range(10, 50)) in groups


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_few_and_hold_k_but_for_what_is_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    levels = tuple(sorted({f"{chr(65 + a)}{b:02d}.{c}" for a, b, c in rng.integers(0, 26, (2000, 3))}))
    weight = np.floor(rng.pareto(0.8, len(levels)) * 3)
    for most in (1, 2, 17, 240):
        group = roll_up(levels, PREFIX, weight, most, 10)
        held = np.bincount(group, weight)
        assert len(held) <= most
        assert (held[:-1] >= 10).all()
        assert (np.bincount(group)[:-1] > 0).all()


def test_no_levels_are_no_groups() -> None:
    assert roll_up((), PREFIX, np.zeros(0), 5, 10).tolist() == []
