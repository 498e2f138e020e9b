"""The pages that everything is measured on: real ones where the evaluation data is, else the bundled newsroom's."""

import gzip
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.demo.page import make_article
from pipeline.demo.site import load_sites
from tests.test_extract_quality import load

RELEVANT_SITE = "un-lists"
RELEVANT_SHARE = 0.05
GENERATED = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the measurement; `gold` is its text as a careful reader wrote it down, where one did."""

    name: str
    html: bytes
    gold: str | None = None


def find_data() -> Path | None:
    """The folder of evaluation data, if there is one."""
    folder = os.environ.get("XABAR_EVAL_DATA")
    return Path(folder) if folder and (Path(folder) / "newsroom" / "pages" / "manifest.jsonl").is_file() else None


def load_sheets(data: Path | None) -> tuple[str, list[Sheet]]:
    """What the pages are, in words, and the pages in an order that mixes sites and languages."""
    if data is None:
        return f"{GENERATED} pages generated from the bundled newsroom", list(generate(GENERATED))
    sheets = list(_mix(data / "newsroom" / "pages"))
    return f"{len(sheets)} real pages: the newsroom without {RELEVANT_SITE}, and relevant ones to make 5 %, seed 0", sheets


def generate(count: int) -> Iterator[Sheet]:
    """Pages written for this project, again and again with other numbers in their text, so that none is a copy."""
    bodies = [make_article(site, item).body for site in load_sites() for item in site.items]
    for number in range(count):
        body = bodies[number % len(bodies)].replace(b"</h1>", f" {number}</h1>".encode())
        yield Sheet(f"page-{number:06d}.html", body.replace(b"<p>", f"<p>{number}: ".encode()))


def thin(sheets: Sequence[Sheet], limit: int) -> list[Sheet]:
    """Every n-th page, so that about `limit` remain; 0 means all."""
    return list(sheets[:: max(1, round(len(sheets) / limit))] if limit else sheets)


def write_folder(sheets: Sequence[Sheet], folder: Path) -> None:
    """One file for each page, as the references read them."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        (folder / sheet.name).write_bytes(sheet.html)


def _mix(folder: Path) -> Iterator[Sheet]:
    rows = [row for row in load(folder / "manifest.jsonl") if row["kind"] == "html"]
    gold = {row["slug"]: row["text"] for row in load(folder / "gold_text.jsonl")}
    ordinary = [row for row in rows if row["site"] != RELEVANT_SITE]
    relevant = sorted((row for row in rows if row["site"] == RELEVANT_SITE), key=lambda row: row["slug"])
    chance = random.Random(0)  # noqa: S311  repeatable, no secret
    wanted = round(len(ordinary) * RELEVANT_SHARE / (1 - RELEVANT_SHARE))
    chosen = ordinary + chance.sample(relevant, min(wanted, len(relevant)))
    chance.shuffle(chosen)
    for place, row in enumerate(chosen):
        name = f"{place:03d}-{Path(row['slug']).stem[:60]}.html"
        yield Sheet(name, gzip.decompress((folder / row["file"]).read_bytes()), gold.get(row["slug"]))
