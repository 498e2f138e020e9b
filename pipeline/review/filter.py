"""The queue's filters as they stand in the address: read forgivingly, written back, handed to the store."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pipeline.review.wording import DECISIONS, LANGUAGES, ORDERS, SECOND, say_code, say_kind

KNOWN = (
    "language",
    "source",
    "kind",
    "decision",
    "show",
    "search",
    "entity",
    "also",
    "topic",
    "least",
    "below",
    "since",
    "until",
    "reports",
    "reviewer",
    "second",
    "order",
    "page",
)
# Not filters: they only say where the reader comes from.
PASSING = ("decided", "end", "undone", "saved", "names")
SEARCH_MAX_CHARACTERS = 200
SHOW = ("flagged", "all")
Say = Callable[..., str]


def say_plainly(text: str, **values: object) -> str:
    """A message in English: what `Visit.say` is without a page."""
    return text % values if values else text


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SCORE = re.compile(r"[01](?:\.\d{1,6})?|\.\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a filter may be set to in this database."""

    sources: Collection[str]
    kinds: Collection[str]
    name_entity: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of the queue the analyst works on. The default is what waits: flagged and undecided."""

    language: str = ""
    source: str = ""
    decision: str = "none"
    show: str = "flagged"
    search: str = ""
    entity: str = ""
    entity_name: str = ""
    also: str = ""
    also_name: str = ""
    least: float = 0.0
    below: float = 0.0
    topic: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    reports: int = 1
    reviewer: str = ""
    second: str = ""
    order: str = "score"
    page: int = 1

    def query(self, **changes: Any) -> str:
        """`?language=tg&page=2`, or nothing for the default. A changed filter starts at page 1 again."""
        changed = replace(self, **({"page": 1} | changes))
        default = Filter()
        values = {name: getattr(changed, name) for name in KNOWN if getattr(changed, name) != getattr(default, name)}
        return f"?{urlencode(values)}" if values else ""

    @property
    def is_default(self) -> bool:
        """Whether nothing was chosen."""
        return not self.query()

    def for_store(self, reader: str = "") -> dict[str, str | float]:
        """The same as `Queue` takes it; `reader` is whose queue it is."""
        chosen = {
            "route": self.language,
            "source": self.source,
            "kind": self.kind,
            "search": self.search,
            "entity": self.entity,
            "also": self.also,
            "least": self.least or "",
            "below": self.below or "",
            "topic": self.topic,
            "since": self.since,
            "until": self.until,
            "reports": self.reports if self.reports > 1 else "",
            "reviewer": self.reviewer,
            "second": self.second,
            "order": self.order if self.order != "score" else "",
            "flagged": 1 if self.show == "flagged" else "",
            "verdict": self.decision,
            "reader": reader,
        }
        return {name: value for name, value in chosen.items() if value != ""}


def read_filter(query: Mapping[str, str], choices: Choices, say: Say = say_plainly) -> tuple[Filter, list[str]]:
    """The filter, and what was ignored in words: an unknown value never ends in an error page."""
    ignored = [say("“%(name)s” is not a filter", name=name) for name in query if name not in (*KNOWN, *PASSING)]
    known = {"language": LANGUAGES, "source": choices.sources, "kind": choices.kinds, "decision": DECISIONS, "show": SHOW} | {
        "second": SECOND,
        "order": ORDERS,
    }
    values: dict[str, Any] = {}
    for name, possible in known.items():
        if value := query.get(name, "").strip():
            if value in possible:
                values[name] = value
            else:
                ignored.append(say("%(name)s “%(value)s” is unknown", name=name, value=value))
    for name in ("entity", "also"):
        values |= _read_entity(name, query.get(name, "").strip(), choices.name_entity, ignored, say)
    values |= {name: _read_score(query.get(name, "").strip(), name, ignored, say) for name in ("least", "below")}
    values |= {"search": " ".join(query.get("search", "").replace("\0", " ").split())[:SEARCH_MAX_CHARACTERS]}
    values |= {name: clean_line(query.get(name, ""))[:SEARCH_MAX_CHARACTERS] for name in ("topic", "reviewer")}
    values |= {name: _read_day(query.get(name, "").strip(), name, ignored, say) for name in ("since", "until")}
    values |= {name: _read_number(query.get(name, ""), name, ignored, say) for name in ("page", "reports")}
    return Filter(**values), ignored


def clean_line(value: str) -> str:
    """One line without control characters around it."""
    return value.replace("\0", " ").strip()


def describe(chosen: Filter, source_names: Mapping[str, str], say: Say = say_plainly) -> list[tuple[str, str]]:
    """The filters that are set, in words, each with the query that removes it."""
    parts = [
        (say(LANGUAGES.get(chosen.language, "")), chosen.query(language="")),
        (source_names.get(chosen.source, chosen.source), chosen.query(source="")),
        (say(say_kind(chosen.kind)), chosen.query(kind="")),
        (say(DECISIONS[chosen.decision]) if chosen.decision != "none" else "", chosen.query(decision="none")),
        (say("Not only flagged") if chosen.show == "all" else "", chosen.query(show="flagged")),
        (say("Words: %(words)s", words=chosen.search) if chosen.search else "", chosen.query(search="")),
        (say("Name: %(name)s", name=chosen.entity_name) if chosen.entity else "", chosen.query(entity="", entity_name="")),
        (say("Also named: %(name)s", name=chosen.also_name) if chosen.also else "", chosen.query(also="", also_name="")),
        (say("Topic: %(topic)s", topic=say(say_code(chosen.topic))) if chosen.topic else "", chosen.query(topic="")),
        (say("From %(day)s", day=chosen.since) if chosen.since else "", chosen.query(since="")),
        (say("Until %(day)s", day=chosen.until) if chosen.until else "", chosen.query(until="")),
        (_describe_band(chosen, say), chosen.query(least=0.0, below=0.0)),
        (say("%(num)s reports or more", num=chosen.reports) if chosen.reports > 1 else "", chosen.query(reports=1)),
        (say("Decided by %(name)s", name=chosen.reviewer) if chosen.reviewer else "", chosen.query(reviewer="")),
        (say(SECOND.get(chosen.second, "")), chosen.query(second="")),
    ]
    return [(words, query) for words, query in parts if words]


def _describe_band(chosen: Filter, say: Say) -> str:
    if not chosen.least and not chosen.below:
        return ""
    return say("Score %(low)s to %(high)s", low=f"{chosen.least:g}", high=f"{chosen.below or 1:g}")


def _read_entity(key: str, value: str, name_entity: Callable[[str], str | None], ignored: list[str], say: Say) -> dict[str, str]:
    name = name_entity(value) if value else None
    if value and name is None:
        ignored.append(say("no document mentions the name “%(name)s”", name=value))
    return {key: value, f"{key}_name": name} if name else {}


def _read_score(value: str, name: str, ignored: list[str], say: Say) -> float:
    if not value:
        return 0.0
    if SCORE.fullmatch(value) and 0 <= float(value) <= 1:
        return float(value)
    ignored.append(say("%(name)s “%(value)s” is not a score from 0 to 1", name=name, value=value))
    return 0.0


def _read_number(value: str, name: str, ignored: list[str], say: Say) -> int:
    if not value:
        return 1
    if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= 1_000_000:
        return int(value[:9])
    ignored.append(say("%(name)s “%(value)s” is not a number from 1 on", name=name, value=value))
    return 1


def _read_day(value: str, name: str, ignored: list[str], say: Say) -> str:
    if not value:
        return ""
    try:
        if DAY.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:  # 31 February
        pass
    ignored.append(say("%(name)s “%(value)s” is not a day such as 2026-09-22", name=name, value=value))
    return ""
