"""The publishers that the report cites: who asserts a relation, who published what; never a list of sites to crawl."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gazetteer.block import GazetteerError, check_keys, check_lines, read_list, show_path

PREFIX = "src-"
_FILE = Path(__file__).parent / "data" / "sources.yaml"
_KEYS = frozenset({"id", "name", "domain", "kind", "languages", "crawl", "lines"})


@dataclass(frozen=True, slots=True)
class Source:
    """One publisher; `lines` are the report's footnotes that cite it, `crawl` is the report's author's advice."""

    id: str
    name: str
    kind: str
    languages: tuple[str, ...]
    crawl: str
    lines: tuple[int, ...]
    domain: str = ""


@cache
def load_sources() -> Mapping[str, Source]:
    """The shipped sources by id."""
    return read_sources(_FILE)


def read_sources(path: Path) -> Mapping[str, Source]:
    """The sources of one file by id; raises GazetteerError for what is misspelt, doubled or without a line."""
    sources: dict[str, Source] = {}
    for raw in read_list(path):
        source = _make_source(raw, show_path(path))
        if source.id in sources:
            raise GazetteerError(f"{show_path(path)}: entry '{source.id}': duplicate id")
        sources[source.id] = source
    return sources


def _make_source(raw: Any, file: str) -> Source:
    where = f"{file}: entry '{raw.get('id') if isinstance(raw, dict) else raw}'"
    check_keys(where, raw, _KEYS, ("id", "name", "kind", "languages", "crawl", "lines"))
    if not str(raw["id"]).startswith(PREFIX):
        raise GazetteerError(f"{where}: the id of a source starts with '{PREFIX}'")
    fields = raw | {"languages": tuple(raw["languages"]), "lines": check_lines(where, raw["lines"])}
    return Source(**fields)
