"""The filters of the address: what is written is read back, whatever stands in the address."""

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from pipeline.review.filter import KNOWN, Choices, Filter, describe, read_filter
from pipeline.review.wording import DECISIONS, LANGUAGES, ORDERS, SECOND

WORDS = st.text("abқш &=?#\"'%+", max_size=12).map(lambda text: " ".join(text.split()))
CHOICES = Choices({"sinov"}, {"newspaper"}, lambda _: None)
DAYS = st.just("") | st.dates().map(lambda day: day.isoformat())
FILTERS = st.builds(
    Filter,
    language=st.sampled_from(["", *LANGUAGES]),
    source=st.sampled_from(["", "sinov"]),
    decision=st.sampled_from(list(DECISIONS)),
    show=st.sampled_from(["flagged", "all"]),
    search=WORDS,
    topic=WORDS,
    kind=st.sampled_from(["", "newspaper"]),
    least=st.sampled_from([0.0, 0.25, 0.8, 1.0]),
    below=st.sampled_from([0.0, 0.9]),
    since=DAYS,
    until=DAYS,
    reports=st.integers(1, 99),
    reviewer=WORDS,
    second=st.sampled_from(["", *SECOND]),
    order=st.sampled_from(list(ORDERS)),
    page=st.integers(1, 99),
)


@settings(deadline=None)  # a busy machine is no error
@given(FILTERS)
def test_filter_survives_its_own_address(chosen: Filter) -> None:
    query = QueryParams(chosen.query(page=chosen.page).removeprefix("?"))
    assert read_filter(query, CHOICES) == (chosen, [])


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=5), st.text(max_size=12)))
def test_any_address_gives_a_filter(query: dict[str, str]) -> None:
    chosen, _ = read_filter(query, CHOICES)
    assert chosen.page >= 1
    assert chosen.decision in DECISIONS
    assert "\0" not in chosen.search


def test_a_changed_filter_starts_at_the_first_page() -> None:
    assert Filter(language="tg", page=4).query(language="ru") == "?language=ru"
    assert Filter(language="tg", page=4).query(page=5) == "?language=tg&page=5"


def test_store_gets_language_and_script_and_nothing_unset() -> None:
    assert Filter().for_store() == {"flagged": 1, "verdict": "none"}
    assert Filter(language="uz-Cyrl", show="all", decision="any").for_store() == {
        "route": "uz-Cyrl",
        "verdict": "any",
    }
    assert Filter(order="newest", reports=3).for_store("zarina") == {
        "order": "newest",
        "reports": 3,
        "flagged": 1,
        "verdict": "none",
        "reader": "zarina",
    }
    assert Filter(language="tg").for_store() == {"route": "tg", "flagged": 1, "verdict": "none"}


def test_bands_of_scores_and_a_second_name_reach_the_store() -> None:
    names = {"taliban": "Taliban", "al-qaeda": "Al-Qaeda"}
    query = {"entity": "taliban", "also": "al-qaeda", "least": "0.8", "below": ".9"}
    chosen, ignored = read_filter(query, Choices((), (), names.get))
    assert ignored == []
    assert chosen.for_store() | query == chosen.for_store() | {"least": "0.8", "below": ".9"}
    assert (chosen.least, chosen.below) == (0.8, 0.9)
    assert [words for words, _ in describe(chosen, {})] == ["Name: Taliban", "Also named: Al-Qaeda", "Score 0.8 to 0.9"]
    assert read_filter({"least": "1e-3", "below": "2"}, Choices((), (), names.get))[1] == [
        "least “1e-3” is not a score from 0 to 1",
        "below “2” is not a score from 0 to 1",
    ]


def test_each_chip_removes_its_own_filter() -> None:
    chosen, ignored = read_filter(
        {"entity": "taliban", "source": "sinov", "show": "all"}, Choices({"sinov"}, {"newspaper"}, {"taliban": "Taliban"}.get)
    )
    assert ignored == []
    assert describe(chosen, {"sinov": "Sinov"}) == [
        ("Sinov", "?show=all&entity=taliban"),
        ("Not only flagged", "?source=sinov&entity=taliban"),
        ("Name: Taliban", "?source=sinov&show=all"),
    ]
