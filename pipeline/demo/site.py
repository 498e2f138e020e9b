"""The invented outlets of the demo: what each is called, where it listens, how a crawler finds its articles."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.demo.item import Item, load_items, sort_newest_first

FOLDER = Path(__file__).parent
START_PATHS = {"feed": "/feed.xml", "sitemap": "/sitemap.xml", "listing": "/news/"}
NOTE = "Invented for the demo: this outlet does not exist and nothing it writes is real."


@dataclass(frozen=True, slots=True)
class Site:
    """One outlet, running at `base` (http://host:port, no slash). `start` holds feed, sitemap or listing."""

    id: str
    name: str
    tagline: str
    words: str
    country: str
    languages: tuple[str, ...]
    kind: str
    start: tuple[str, ...]
    layout: str
    base: str = ""
    feed_items: int | None = None
    items: tuple[Item, ...] = ()

    def find_item(self, slug: str) -> Item | None:
        """The item at /news/<slug>."""
        return next((item for item in self.items if item.slug == slug), None)

    def url_of(self, item: Item) -> str:
        """The full address of an item."""
        return f"{self.base}/news/{item.slug}"


def load_sites() -> tuple[Site, ...]:
    """The outlets with their items, newest first, none of them listening yet."""
    items = load_items()
    rows: list[dict[str, Any]] = yaml.safe_load((FOLDER / "sites.yaml").read_text("utf-8"))
    return tuple(
        Site(**row | {
            "languages": tuple(row["languages"]), "start": tuple(row["start"]),
            "items": sort_newest_first(item for item in items if item.site == row["id"]),
        }) for row in rows
    )


@cache
def load_words() -> dict[str, dict[str, Any]]:
    """Wording, months and date pattern per language and script, as `uz-Latn`."""
    words: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "words.yaml").read_text("utf-8"))
    return words


def write_source(site: Site, folder: Path) -> Path:
    """The source file of one site, as the spiders read it: <folder>/<site id>.toml."""
    starts = ", ".join(f"{{{way} = {_quote(site.base + START_PATHS[way])}}}" for way in site.start)
    lines = [
        f"name = {_quote(site.name)}",
        f"homepage = {_quote(site.base + '/')}",
        f"country = {_quote(site.country)}",
        f"languages = [{', '.join(map(_quote, site.languages))}]",
        f"kind = {_quote(site.kind)}",
        f"start = [{starts}]",
        'allow = ["/news/"]',
        f"note = {_quote(NOTE)}",
    ]
    path = folder / f"{site.id}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _quote(value: str) -> str:
    # A JSON string is a TOML basic string.
    return json.dumps(value, ensure_ascii=False)
