"""The dashboard: what was flagged, how the sources do, how old the queue is, how good flags and opinions are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gazetteer.own import list_known
from models.metric import find_share_interval
from pipeline.review.endpoint import Endpoint
from pipeline.review.figure import Cell, Figure, Line, end_of_week, list_weeks, stack
from pipeline.review.filter import Filter, Say
from pipeline.review.listing import is_demo
from pipeline.review.network import make_network
from pipeline.review.team import estimate_all, split_by_language
from pipeline.review.translation import find_language
from pipeline.review.visit import Visit
from pipeline.review.wording import LANGUAGES, MENTION_LABELS, PERIODS, STATES, name_language
from pipeline.store import Store
from pipeline.store.dashboard import LEAST_ITEMS, Total

ALL_WEEKS = 104  # so many are drawn at most
ORGANISATIONS, PLACES, PAIRS = 40, 60, 45
LIVE = "sources"  # what crawls change between decisions
ILL = ("degraded", "blocked", "broken", "quiet")
AGES = ((0, 0), (1, 2), (3, 7), (8, 30), (31, 90), (91, None))


@dataclass(frozen=True, slots=True)
class Period:
    """The weeks that are looked at; `since` is the first one's Monday, or empty for everything."""

    weeks: tuple[str, ...]
    since: str

    def link(self, **changes: str) -> str:
        """The queue under this filter, in this period, decided or not."""
        return "/" + Filter(decision="any", since=self.since).query(**changes)


def show_dashboard(visit: Visit) -> Response:
    """GET /dashboard"""
    store, chosen = visit.store, _read_period(visit)
    period = _find_period(store, chosen)
    sources = store.queue.sources()
    return visit.render(
        "dashboard.html",
        figures=_make_figures(visit, chosen, period),
        totals=store.dashboard.totals(),
        periods=[(code, words, code == chosen) for code, words in PERIODS.items()],
        query="" if chosen == "26" else f"?weeks={chosen}",
        is_demo=is_demo(sources),
    )


def _make_figures(visit: Visit, chosen: str, period: Period) -> list[Figure]:
    """All figures; what was counted before is shown again while nothing that is counted has changed."""
    known: dict[tuple[str, str], tuple[Any, dict[str, Figure]]] = visit.request.app.state.figures
    key, counted = (chosen, find_language(visit.request)), (visit.store.dashboard.find_state(), period, datetime.now(UTC).date())
    if key not in known or known[key][0] != counted:
        known[key] = counted, {name: make(visit.store, period, visit.say) for name, make in FIGURES.items() if name != LIVE}
    return [known[key][1].get(name) or make(visit.store, period, visit.say) for name, make in FIGURES.items()]


def download(visit: Visit) -> Response:
    """GET /dashboard/<figure>: the numbers of one figure as CSV."""
    key = visit.request.path_params["figure"]
    if key not in FIGURES:
        raise HTTPException(404, visit.say("There is no figure “%(name)s”.", name=key))
    chosen = _read_period(visit)
    figure = FIGURES[key](visit.store, _find_period(visit.store, chosen), visit.say)
    visit.record("export", {"figure": key, "weeks": chosen, "rows": len(figure.lines)})
    headers = {"Content-Disposition": f'attachment; filename="xabar-{key}.csv"'}
    return Response(b"\xef\xbb\xbf" + figure.as_csv().encode("utf-8", "replace"), media_type="text/csv", headers=headers)


def _read_period(visit: Visit) -> str:
    wanted = visit.request.query_params.get("weeks", "")
    return wanted if wanted in PERIODS else "26"


def _find_period(store: Store, chosen: str) -> Period:
    weeks = list_weeks(store.dashboard.newest_week(), ALL_WEEKS if chosen == "all" else int(chosen))
    return Period(tuple(weeks), "" if chosen == "all" or not weeks else weeks[0])


def make_languages(store: Store, period: Period, say: Say) -> Figure:
    """Flagged over time by language."""
    totals = {total.name: total for total in store.dashboard.weeks("route", period.since)}
    known = [totals[route] for route in LANGUAGES if route in totals]
    known += [total for route, total in totals.items() if route not in LANGUAGES]
    series = [(f"s{place}", say(name_language(total.name)), total.weeks) for place, total in enumerate(known)]
    links = {week: "/" + Filter(decision="any").query(since=week, until=end_of_week(week)) for week in period.weeks}
    lines = [
        Line((words, total.documents), period.link(language=total.name), spark=stack([(kind, "", total.weeks)], period.weeks))
        for (kind, words, _), total in zip(series, known, strict=True)
    ]
    return Figure(
        "languages",
        say("Flagged over time, by language"),
        say("Flagged reports by the week of their date. A column opens its week, a row its language."),
        (say("Language"), say("Reports")),
        tuple(lines),
        say("Nothing was flagged in this time."),
        columns=stack(series, period.weeks, links) if period.weeks else None,
    )


def make_organisations(store: Store, period: Period, say: Say) -> Figure:
    """Flagged over time by organisation."""
    totals = store.dashboard.weeks("ORG", period.since)[:ORGANISATIONS]
    return Figure(
        "organisations",
        say("Flagged over time, by organisation"),
        say("Flagged reports that name an organisation of the name list; one report may name several."),
        (say("Organisation"), say("Reports")),
        tuple(_name_line(total, period) for total in totals),
        say("No flagged report names an organisation in this time."),
    )


def make_network_figure(store: Store, period: Period, say: Say) -> Figure:
    """Which organisations stand in one report."""
    pairs = store.dashboard.pairs(period.since, PAIRS)
    most = max((documents for _, _, documents in pairs), default=1)
    lines = [
        Line((_name(one), _name(two), documents), period.link(entity=one, also=two), bar=documents / most)
        for one, two, documents in pairs
    ]
    return Figure(
        "together",
        say("Named together"),
        say("Organisations that stand in the same flagged report. That says nothing about a tie between them."),
        (say("Organisation"), say("and"), say("Reports")),
        tuple(lines),
        say("No flagged report names two organisations in this time."),
        network=make_network([(_name(one), _name(two), count) for one, two, count in pairs], [line.href for line in lines]),
    )


def make_places(store: Store, period: Period, say: Say) -> Figure:
    """Places from five reports up."""
    totals, few = store.dashboard.places(period.since)
    most = max((total.documents for total in totals), default=1)
    lines = [Line((_name(t.name), t.documents), period.link(entity=t.name), bar=t.documents / most) for t in totals[:PLACES]]
    return Figure(
        "places",
        say("Places"),
        say("Places named in flagged reports, from %(num)s reports up. Nationalities are not counted.", num=LEAST_ITEMS),
        (say("Place"), say("Reports")),
        tuple(lines),
        say("No place is named in %(num)s flagged reports or more in this time.", num=LEAST_ITEMS),
        foot=say("Places with fewer reports, which are not shown: %(num)s.", num=few) if few else "",
    )


def make_sources(store: Store, _: Period, say: Say) -> Figure:
    """How each source does, the ill ones first."""
    names = {id_: source["name"] for id_, source in store.queue.sources().items()}
    rows = sorted(store.visits.states(), key=lambda row: (row["state"] not in ILL, row["state"], row["source"]))
    lines = []
    for row in rows:
        cells = (names.get(row["source"], row["source"]), say(STATES.get(row["state"], row["state"])), row["reason"])
        link = "/" + Filter(decision="any", show="all").query(source=row["source"]) if row["source"] in names else ""
        lines.append(Line((*cells, (row["since"] or "")[:10], row["week"] or 0), link, kind=row["state"]))
    return Figure(
        "sources",
        say("Sources"),
        say("How each source does, as its own history tells; those that need a look stand first."),
        (say("Source"), say("State"), say("Reason"), say("Since"), say("Articles in 7 days")),
        tuple(lines),
        say("No source was visited by 'xabar update' yet."),
        shown=max(6, sum(row["state"] in ILL for row in rows)),
    )


def make_ages(store: Store, _: Period, say: Say) -> Figure:
    """How long flagged and undecided reports have waited."""
    today = datetime.now(UTC).date()
    counts = []
    for low, high in AGES:
        since = "" if high is None else (today - timedelta(days=high)).isoformat()
        until = "" if low == 0 else (today - timedelta(days=low)).isoformat()
        counts.append((low, high, since, until, store.dashboard.count_waiting(since, until)))
    most = max(1, *(count for *_, count in counts))
    lines = [
        Line((_say_age(low, high, say), count), "/" + Filter().query(since=since, until=until, order="newest"), bar=count / most)
        for low, high, since, until, count in counts
    ]
    return Figure(
        "ages",
        say("Age of the queue"),
        say("Flagged reports that nobody has decided, by the days since their date."),
        (say("Days"), say("Reports")),
        tuple(lines),
        "",
    )


def make_precision(store: Store, _: Period, say: Say) -> Figure:
    """How often a flag was right, by band of score."""
    lines = []
    for band in store.dashboard.bands():
        share, (low, high) = band.relevant / band.decided, find_share_interval(band.relevant, band.decided)
        below = band.below if band.below < 1 else 0.0
        link = "/" + Filter(decision="not-relevant", order="newest").query(least=band.least, below=below)
        cells: tuple[Cell, ...] = (f"{band.least:.1f} – {band.below:.1f}", band.decided, band.relevant, round(share, 3))
        lines.append(Line((*cells, round(low, 3), round(high, 3)), link, span=(low, share, high)))
    return Figure(
        "precision",
        say("How often a flag was right"),
        say("Of flagged reports with a verdict, the share found relevant (95 % interval). A row opens those that were not."),
        (say("Score"), say("Decided"), say("Relevant"), say("Share"), say("from"), say("to")),
        tuple(lines),
        say("Nothing flagged was decided yet."),
    )


def make_agreement(store: Store, _: Period, say: Say) -> Figure:
    """Krippendorff's alpha, whole and by language."""
    said = store.opinions.independent()
    found = [(say("All languages"), "", estimate_all(said))]
    found += [(say(name_language(route)), route, estimate_all(part)) for route, part in sorted(split_by_language(said).items())]
    lines = []
    for words, route, value in found:
        link = "/" + Filter(second="disputed", decision="any", show="all").query(language=route)
        if value.value is None or value.low is None or value.high is None:
            lines.append(Line((words, value.units, None, None, None), link))
            continue
        numbers = (round(value.value, 3), round(value.low, 3), round(value.high, 3))
        low, middle, high = (min(1.0, max(0.0, number)) for number in (value.low, value.value, value.high))
        lines.append(Line((words, value.units, *numbers), link, span=(low, middle, high)))
    return Figure(
        "agreement",
        say("Agreement of reviewers"),
        say("Krippendorff's alpha with the 95 % interval, over independent opinions. A row opens the disputes."),
        (say("Language"), say("Items"), say("Alpha"), say("from"), say("to")),
        tuple(lines) if said else (),
        say("Nothing was judged twice yet."),
        more=("/agreement", say("More on agreement")),
    )


def make_coverage(store: Store, _: Period, say: Say) -> Figure:
    """How much of the name list occurs."""
    named, lines = store.dashboard.named(), []
    for label, words in MENTION_LABELS.items():
        listed = [entity for entity in list_known().values() if entity.label == label]
        seen = sum(entity.id in named for entity in listed)
        forms = sum(len(entity.forms) for entity in listed)
        if listed:
            lines.append(Line((say(words).capitalize(), len(listed), forms, seen), bar=seen / len(listed)))
    return Figure(
        "coverage",
        say("Coverage of the name list"),
        say("Entries of the name list by label, their written forms, and how many a flagged report has named so far."),
        (say("Label"), say("Entries"), say("Forms"), say("Named")),
        tuple(lines),
        "",
    )


def _name_line(total: Total, period: Period) -> Line:
    spark = stack([("s0", "", total.weeks)], period.weeks)
    return Line((_name(total.name), total.documents), period.link(entity=total.name), spark=spark)


def _name(entity_id: str) -> str:
    known = list_known().get(entity_id)
    return known.name if known else entity_id


def _say_age(low: int, high: int | None, say: Say) -> str:
    if high is None:
        return say("more than %(num)s days", num=low - 1)
    return say("today") if not high else say("%(low)s to %(high)s days", low=low, high=high)


# The first and the last two are drawn over the whole width.
FIGURES: Mapping[str, Callable[[Store, Period, Say], Figure]] = {
    "languages": make_languages,
    "organisations": make_organisations,
    "ages": make_ages,
    "precision": make_precision,
    "agreement": make_agreement,
    "places": make_places,
    "coverage": make_coverage,
    "together": make_network_figure,
    "sources": make_sources,
}
ENDPOINTS = (Endpoint("/dashboard", show_dashboard, "reader"), Endpoint("/dashboard/{figure}", download, "reader"))
