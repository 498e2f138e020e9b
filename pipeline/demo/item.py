"""The articles of the demo newsroom: loaded strictly from items/*.yaml."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from pipeline.records import Stop

FOLDER = Path(__file__).parent / "items"
CHOICES = {
    "relevance": ("R0", "R1", "R2", "R3"),
    "date_style": ("json-ld", "meta", "time", "visible-text", "none"),
    "outcome": ("document", "too-short", "not-an-article", "unsupported-language"),
    "kind": ("article", "contact", "section"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One page of the newsroom and what a pipeline should make of it. `keep` cuts a copy after so many paragraphs."""

    slug: str
    site: str
    date_style: str
    published: datetime | None = None
    language: str = ""
    script: str = ""
    title: str = ""
    paragraphs: tuple[str, ...] = ()
    relevance: str = "R0"
    topics: tuple[str, ...] = ()
    negative_class: str | None = None
    outcome: str = "document"
    kind: str = "article"
    charset: str = "utf-8"
    copy_of: str | None = None
    keep: int | None = None

    @property
    def text(self) -> str:
        """The article's paragraphs, one a line."""
        return "\n".join(self.paragraphs)

    @property
    def words(self) -> str:
        """Key of the wording of its language and script, as in words.yaml."""
        return f"{self.language}-{self.script}"


def load_items(folder: Path = FOLDER) -> tuple[Item, ...]:
    """Every item of every file, copies filled in from their originals. Raises Stop for a slip in the data."""
    items = [_read_item(path, row) for path in sorted(folder.glob("*.yaml")) for row in yaml.safe_load(path.read_text("utf-8"))]
    by_slug = {item.slug: item for item in items}
    if len(by_slug) != len(items):
        raise Stop(f"{folder}: a slug is used twice; slugs must differ across all files")
    return tuple(_fill_copy(item, by_slug, folder) for item in items)


def _read_item(path: Path, row: dict[str, Any]) -> Item:
    place = f"{path}: item {row.get('slug')!r}"
    known = {field.name for field in fields(Item)}
    if unknown := sorted(row.keys() - known):
        raise Stop(f"{place}: unknown key {', '.join(unknown)} (known: {', '.join(sorted(known))})")
    if missing := [name for name in ("slug", "site", "date_style") if not row.get(name)]:
        raise Stop(f"{place}: {', '.join(missing)} is missing")
    published = row.get("published")
    item = Item(**row | {
        "published": datetime.fromisoformat(published) if published else None,
        "paragraphs": tuple(row.get("paragraphs", ())), "topics": tuple(row.get("topics", ())),
    })
    _check_choices(item, place)
    return item


def _check_choices(item: Item, place: str) -> None:
    for name, choices in CHOICES.items():
        if (value := getattr(item, name)) not in choices:
            raise Stop(f"{place}: unknown {name} {value!r} (known: {', '.join(choices)})")


def _fill_copy(item: Item, by_slug: dict[str, Item], folder: Path) -> Item:
    if item.copy_of is None:
        return item
    original = by_slug.get(item.copy_of)
    if original is None:
        raise Stop(f"{folder}: item {item.slug!r}: copy_of names {item.copy_of!r}, which is no slug there")
    return replace(
        original, slug=item.slug, site=item.site, published=item.published, date_style=item.date_style,
        copy_of=item.copy_of, keep=item.keep, paragraphs=original.paragraphs[: item.keep],
    )


def sort_newest_first(items: Iterable[Item]) -> tuple[Item, ...]:
    """As a front page lists them; pages without a date come last."""
    return tuple(sorted(items, key=lambda item: item.published.timestamp() if item.published else 0.0, reverse=True))
