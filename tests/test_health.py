"""A source's state, learned from its own history: what is noticed, how soon, and what is no reason to worry."""

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.health import Expectation, Judgement, Observation, State, Watch
from pipeline.schedule import next_due
from tests.simulated_year import run_source

MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
TEXT = {"uz": 6, "ru": 3}


def live(watch: Watch, days: float, start: datetime = MONDAY, hours: int = 6, **changes: object) -> Judgement:
    """Healthy visits every few hours; `changes` spoil them."""
    judged, at = None, start
    while at < start + timedelta(days=days):
        judged = watch.see(good(at, **changes))
        at += timedelta(hours=hours)
    assert judged
    return judged


def good(at: datetime, **changes: object) -> Observation:
    values = {"at": at, "fetched": 9, "languages": TEXT, "lengths": (2000, 2500, 3000, 1800, 2200, 2600, 2100, 2400, 2900),
              "dated": 9, "titled": 9, "documents": 9}
    return Observation(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def watch() -> Watch:
    known = Watch(Expectation(6, 250, "UZ"))
    assert live(known, 35).state is State.OK
    return known


def after(days: float) -> datetime:
    return MONDAY + timedelta(days=35 + days)


def test_a_steady_source_is_ok_and_its_usual_week_is_learned(watch: Watch) -> None:
    assert watch.last == Judgement(State.OK, "about 252 articles a week", MONDAY)
    assert watch.usual_per_week() == pytest.approx(252, rel=0.05)
    assert watch.languages() == pytest.approx({"uz": 2 / 3, "ru": 1 / 3}, abs=0.01)


def test_a_source_that_suddenly_yields_nothing_is_broken_at_the_second_look(watch: Watch) -> None:
    first, second = (watch.see(Observation(after(day))) for day in (0.0, 0.25))
    assert not first.state.alarms
    assert second.state is State.BROKEN
    assert second.reason.startswith("nothing new since 2026-11-09 03:00, where about")


@pytest.mark.parametrize(("change", "words"), [
    ({"lengths": (200,) * 9}, "only short texts"),
    ({"lengths": (0,) * 9, "documents": 0, "languages": {}, "dated": 0, "titled": 0}, "only short texts"),
    ({"languages": {"other": 9}}, "texts in another language than usual"),
    ({"languages": {"en": 9}}, "texts in another language than usual"),
    ({"repeats": 9}, "one text again and again"),
    ({"dated": 0}, "texts without a date"),
    ({"titled": 0}, "texts without a title"),
])
def test_what_is_suddenly_different_is_noticed_at_the_next_visit(watch: Watch, change: dict[str, object], words: str) -> None:
    judged = watch.see(good(after(0), **change))
    assert judged.state is State.DEGRADED
    assert words in judged.reason
    assert watch.see(good(after(0.25))).state is State.OK


def test_what_was_always_so_is_no_change() -> None:
    odd = Watch(Expectation(6, 250, "UZ"))
    assert live(odd, 40, dated=0, titled=0, repeats=9, languages={"other": 9}).state is State.OK


def test_one_language_of_two_that_stops_is_noticed_while_the_other_goes_on(watch: Watch) -> None:
    judged = live(watch, 3, after(0), languages={"uz": 9})
    assert judged.state is State.DEGRADED
    assert "nothing in ru since" in judged.reason


def test_refusal_is_told_from_failure_and_one_failure_is_none(watch: Watch) -> None:
    assert watch.see(Observation(after(0), read=False, error="feed: HTTP 503")).state is State.OK
    assert watch.see(Observation(after(0.02), read=False, error="feed: HTTP 403")).state is State.BLOCKED
    assert watch.see(Observation(after(0.25), read=False, error="feed: is an HTML page, not a feed")).state is State.BROKEN
    assert watch.see(good(after(0.5))).state is State.OK


def test_articles_that_all_fail_are_noticed_though_the_feed_is_fine(watch: Watch) -> None:
    judged = watch.see(Observation(after(0), fetched=0, failed=9, error="HTTP 403"))
    assert judged.state is State.BLOCKED
    assert "articles cannot be fetched (HTTP 403)" in judged.reason


def test_a_source_of_which_no_article_ever_came_is_broken_although_its_feed_is_fine() -> None:
    new = Watch(Expectation(6, 250, "UZ"))
    assert new.see(Observation(MONDAY, failed=5, error="HTTP 500")).state is State.OK
    judged = new.see(Observation(MONDAY + timedelta(hours=6), failed=5, error="HTTP 500"))
    assert (judged.state, judged.reason) == (State.BROKEN, "no article has ever come: HTTP 500")
    assert new.see(good(MONDAY + timedelta(hours=12))).state is State.OK


def test_a_feast_is_no_fault() -> None:
    watch = Watch(Expectation(6, 250, "TJ"))
    start = datetime(2027, 2, 8, 9, tzinfo=UTC)
    live(watch, 41, start)
    days = [watch.see(Observation(datetime(2027, 3, 21, hour, 30, tzinfo=UTC) + timedelta(days=day)))
            for day in range(4) for hour in (3, 9, 15, 21)]
    assert {judged.state for judged in days} <= {State.OK, State.QUIET}, "Navruz lasts four days in Tajikistan"


def test_a_month_in_which_nobody_looked_is_no_fault_of_the_source(watch: Watch) -> None:
    assert watch.see(good(after(30), fetched=20)).state is State.OK
    assert live(watch, 10, after(30.25)).state is State.OK
    assert watch.usual_per_week() == pytest.approx(252, rel=0.1)


def test_twice_the_volume_is_no_fault_and_becomes_the_new_usual(watch: Watch) -> None:
    judged = live(watch, 60, after(0), fetched=18)
    assert judged.state is State.OK
    assert watch.usual_per_week() > 400


def test_the_moment_since_when_does_not_move_while_the_state_stays(watch: Watch) -> None:
    since = [watch.see(Observation(after(hours / 4), read=False, error="feed: HTTP 404")).since for hours in range(9)]
    assert since == [MONDAY, *[after(0.25)] * 8], "one look is not enough; from the second on it stays"


def test_an_operator_who_has_looked_makes_the_new_the_usual(watch: Watch) -> None:
    assert watch.see(good(after(0), dated=0)).state is State.DEGRADED
    watch.accept()
    assert live(watch, 20, after(0.25), dated=0).state is State.OK


def test_a_paused_source_never_alarms() -> None:
    paused = Watch(Expectation(6, 250, "UZ", paused="an archive"))
    assert paused.see(Observation(MONDAY, read=False, error="feed: HTTP 404")) == Judgement(State.PAUSED, "an archive", MONDAY)


def test_a_failed_visit_is_looked_at_again_soon_and_then_less_often() -> None:
    waits = [(next_due(MONDAY, 6, failed) - MONDAY).total_seconds() / 60 for failed in range(7)]
    assert waits == [360, 30, 60, 120, 240, 360, 360]


@pytest.mark.slow
def test_a_drawn_source_lives_a_simulated_year_and_each_of_its_deaths_is_noticed() -> None:
    """The full measurement is `python -m tests.simulated_year`; here one source keeps the ways of dying honest."""
    year = run_source(2)
    assert len(year.false_alarms) < 3, year.false_alarms
    assert len(year.delays) >= 7
    assert all(delay is not None and delay <= 2 for delay in year.delays.values()), year.delays
