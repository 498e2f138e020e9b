"""`xabar digest`: what was flagged since a moment, as a page, as Markdown and as an Atom feed. Titles and counts, no texts."""

import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from pipeline.digest.chart import draw_bars
from pipeline.records import Stop
from pipeline.store import Store
from spiders.source import FLAGS

PERIOD = re.compile(r"(\d{1,4})([hd])")
FILES = ("digest.html", "digest.md", "digest.atom")
MOST_IN_CHART = 10


@dataclass
class Digest:
    """Stories by falling score, and how often each organisation, language and source stands in them."""

    since: str
    made_at: str
    stories: list[dict[str, Any]] = field(default_factory=list)
    organisations: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)


def make_digest(store: Store, since: str) -> Digest:
    """Collect it. Raises Stop when `since` is neither a day nor such as 24h or 7d."""
    begin, now = read_since(since, datetime.now(UTC)), datetime.now(UTC).isoformat(timespec="seconds")
    stories = store.stories.flagged_since(begin)
    documents = [document for story in stories for document in story["documents"]]
    return Digest(
        begin,
        now,
        stories,
        dict(Counter(name for story in stories for name in story["organisations"]).most_common()),
        dict(Counter(document["language"] for document in documents).most_common()),
        dict(Counter(document["source_name"] for document in documents).most_common()),
        dict(sorted(Counter((document["published"] or document["fetched_at"])[:10] for document in documents).items())),
    )


def read_since(text: str, now: datetime) -> str:
    """The moment that `24h`, `7d` or a day means, as the database writes it."""
    if period := PERIOD.fullmatch(text.strip()):
        hours = int(period[1]) * (24 if period[2] == "d" else 1)
        return (now - timedelta(hours=hours)).isoformat(timespec="seconds")
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Stop(f"--since {text!r} must be a day such as 2026-09-22, or 24h, or 7d") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat(timespec="seconds")


def write_digest(digest: Digest, folder: Path) -> list[Path]:
    """The three files, each whole or not at all. Raises Stop when the folder cannot be written."""
    charts = _draw(digest)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            text = (
                _environment().get_template(f"{name}.j2").render(digest=digest, charts=charts, flags=FLAGS, safe_link=_safe_link)
            )
            fresh = folder / f".{name}.{os.getpid()}"
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(folder / name)
            written.append(folder / name)
    except OSError as error:
        raise Stop(f"{folder}: cannot be written ({error.strerror}); name another folder with --out") from error
    return written


def _draw(digest: Digest) -> dict[str, Markup]:
    rows = {
        "Organisations": list(digest.organisations.items())[:MOST_IN_CHART],
        "Languages": list(digest.languages.items()),
        "Days": list(digest.days.items())[-MOST_IN_CHART:],
    }
    return {title: Markup(draw_bars(title, row)) for title, row in rows.items()}  # noqa: S704  names are escaped there


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(("html.j2", "atom.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["markdown"] = lambda text: re.sub(r"([\\`*_{}\[\]()#+\-.!|<>&])", r"\\\1", " ".join(str(text).split()))
    return made


def _safe_link(url: str) -> str:
    return url if urlsplit(url).scheme in ("http", "https") else ""
