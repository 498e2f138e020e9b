"""Agreement coefficients against worked examples that were published, and against what they must be."""

import random
from statistics import stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.agreement import estimate_alpha, estimate_kappa, find_alpha, pair_up

# K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units, gaps; nominal alpha
# .743. "." stands for a gap.
FOUR_OBSERVERS = ("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 .")
# The same paper, section A: two observers, ten units of 0 and 1; alpha .095.
TWO_OBSERVERS = ("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
# The same paper, section B: two observers, twelve units of five values; alpha .692.
FIVE_VALUES = ("a a b b d c c c e d d a", "b a b b b c c c e d d d")


def make_units(rows: tuple[str, ...]) -> list[list[str]]:
    return [[value for value in column if value != "."] for column in zip(*(row.split() for row in rows), strict=True)]


@pytest.mark.parametrize(("rows", "alpha"), [(FOUR_OBSERVERS, 0.743), (TWO_OBSERVERS, 0.095), (FIVE_VALUES, 0.692)])
def test_alpha_is_what_krippendorff_computed(rows: tuple[str, ...], alpha: float) -> None:
    found = find_alpha(make_units(rows))
    assert found is not None
    assert round(found, 3) == alpha


def test_kappa_and_its_interval_are_those_of_worked_tables() -> None:
    # 50 grant proposals, two readers: 20 both yes, 5 and 10 apart, 15 both no; kappa 0.40.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert estimate_kappa(pairs).value == pytest.approx(0.4)
    # The table of Fleiss, Cohen and Everitt (1969), 200 units: kappa .429.
    table = {(0, 0): 106, (0, 1): 10, (0, 2): 4, (1, 0): 22, (1, 1): 28, (1, 2): 10, (2, 0): 2, (2, 1): 12, (2, 2): 6}
    cells = [cell for cell, count in table.items() for _ in range(count)]
    found = estimate_kappa(cells)
    assert found.value == pytest.approx(0.429, abs=0.0005)
    assert found.high is not None
    assert found.low is not None
    # Their formula of the standard error against resampling, which knows no formula.
    chance = random.Random(1)  # noqa: S311  a resample, no secret
    resampled = [estimate_kappa(chance.choices(cells, k=200)).value or 0.0 for _ in range(1000)]
    assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(stdev(resampled), rel=0.05)


def test_nothing_to_compare_gives_no_number() -> None:
    assert find_alpha([]) is None
    assert find_alpha([["a"], ["b"]]) is None
    assert find_alpha([["a", "a"], ["a", "a"]]) is None, "where one value is all there is, agreement says nothing"
    assert estimate_kappa([]).value is None
    assert estimate_kappa([("a", "a")] * 9).value is None
    assert estimate_alpha([["a"]]).value is None


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=12))
def test_alpha_is_at_most_one_and_one_only_without_a_difference(units: list[list[str]]) -> None:
    alpha = find_alpha(units)
    if alpha is not None:
        assert alpha <= 1
        assert (alpha == pytest.approx(1)) is all(len(set(unit)) <= 1 for unit in units)


def test_the_interval_holds_the_value_and_is_the_same_each_time() -> None:
    estimate = estimate_alpha(make_units(FOUR_OBSERVERS) * 3)
    assert estimate == estimate_alpha(make_units(FOUR_OBSERVERS) * 3)
    assert estimate.value is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < estimate.value < estimate.high <= 1
    assert estimate.units == 33


def test_reviewers_are_paired_on_what_both_judged() -> None:
    said = [("d1", "b", "x"), ("d1", "a", "y"), ("d2", "a", "x"), ("d3", "a", "x"), ("d3", "b", "x"), ("d3", "c", "y")]
    assert pair_up(said) == {("a", "b"): [("y", "x"), ("x", "x")], ("a", "c"): [("x", "y")], ("b", "c"): [("x", "y")]}
