"""The queue's filters as they stand in the address: read forgivingly, written back, handed to the store."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pipeline.review.wording import DECISIONS, LANGUAGES, say_code

KNOWN = ("language", "source", "decision", "show", "search", "entity", "topic", "page")
# Not filters: they only say where the reader comes from.
PASSING = ("decided", "end")
SEARCH_MAX_CHARACTERS = 200


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
    topic: str = ""
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

    def for_store(self) -> dict[str, str | int]:
        """The same as `Desk.queue` takes it."""
        chosen = {
            "route": self.language,
            "source": self.source,
            "search": self.search,
            "entity": self.entity,
            "topic": self.topic,
            "flagged": 1 if self.show == "flagged" else "",
            "verdict": self.decision,
        }
        return {name: value for name, value in chosen.items() if value != ""}


def read_filter(
    query: Mapping[str, str], sources: Collection[str], name_entity: Callable[[str], str | None]
) -> tuple[Filter, list[str]]:
    """The filter, and what was ignored in words: an unknown value never ends in an error page."""
    ignored = [f"“{name}” is not a filter" for name in query if name not in (*KNOWN, *PASSING)]
    known = {"language": LANGUAGES, "source": sources, "decision": DECISIONS, "show": ("flagged", "all")}
    values: dict[str, Any] = {}
    for name, choices in known.items():
        if value := query.get(name, "").strip():
            if value in choices:
                values[name] = value
            else:
                ignored.append(f"{name} “{value}” is unknown")
    values |= _read_entity(query.get("entity", "").strip(), name_entity, ignored)
    values |= {"search": " ".join(query.get("search", "").replace("\0", " ").split())[:SEARCH_MAX_CHARACTERS]}
    values |= {"topic": query.get("topic", "").strip()[:SEARCH_MAX_CHARACTERS]}
    values |= {"page": _read_page(query.get("page", ""), ignored)}
    return Filter(**values), ignored


def describe(chosen: Filter, source_names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The filters that are set, in words, each with the query that removes it."""
    parts = [
        (LANGUAGES.get(chosen.language, ""), chosen.query(language="")),
        (source_names.get(chosen.source, chosen.source), chosen.query(source="")),
        (DECISIONS[chosen.decision] if chosen.decision != "none" else "", chosen.query(decision="none")),
        ("Not only flagged" if chosen.show == "all" else "", chosen.query(show="flagged")),
        (f"Words: {chosen.search}" if chosen.search else "", chosen.query(search="")),
        (f"Name: {chosen.entity_name}" if chosen.entity else "", chosen.query(entity="", entity_name="")),
        (f"Topic: {say_code(chosen.topic)}" if chosen.topic else "", chosen.query(topic="")),
    ]
    return [(words, query) for words, query in parts if words]


def _read_entity(value: str, name_entity: Callable[[str], str | None], ignored: list[str]) -> dict[str, str]:
    name = name_entity(value) if value else None
    if value and name is None:
        ignored.append(f"no document mentions the name “{value}”")
    return {"entity": value, "entity_name": name} if name else {}


def _read_page(value: str, ignored: list[str]) -> int:
    if not value:
        return 1
    if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= 1_000_000:
        return int(value[:9])
    ignored.append(f"page “{value}” is not a page number")
    return 1
