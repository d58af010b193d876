"""The pictures of the manual: they show the figures and the settings of today."""

from __future__ import annotations

import pytest
from benchmarks import pictures


def test_the_manual_has_the_pictures_that_are_drawn_now() -> None:
    """A change of the dial, of the price or of the benchmarks wants `python benchmarks/pictures.py`."""
    stale = [n for n, p in pictures.drawn().items() if (pictures.IMAGES / n).read_text("utf-8") != p]
    assert stale == []


def test_the_tree_is_one_that_would_grow() -> None:
    for place in range(len(pictures.PATH) - 1):
        up, down, other = pictures.PATH[place], pictures.PATH[place + 1], pictures.OTHERS[place]
        assert up.patients == down.patients + other.patients
        assert up.diabetic == down.diabetic + other.diabetic
        assert pictures.gain(place) > pictures.BALANCED.price(pictures.PATH[0].patients)
        assert min(down.patients, other.patients) >= pictures.BALANCED.smallest_leaf


def test_what_a_leaf_keeps_lies_between_its_own_share_and_that_above() -> None:
    shares = pictures.kept_shares()
    assert shares[-1] < pictures.PATH[-1].share
    assert shares[-1] == pytest.approx(0.615, abs=5e-4)
