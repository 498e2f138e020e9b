"""`make bench`: measure, print the table, keep the JSON, and with --page write docs/speed.md.

Parts: ends (end to end and stage by stage, beside the references), jobs, growth, crawl, start, and when asked for by name
archive (processes and Ray, long). What is not measured in a run stays in the JSON as it was, so that the long parts can be
measured apart.
"""

import argparse
import json
import os
import platform
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import archive, crawl, growth, jobs, start
from tests.bench.pages import find_data, load_sheets, thin, write_folder
from tests.bench.report import make_page
from tests.bench.rounds import OURS, PEERS, run_rounds, take_medians

PARTS = ("start", "ends", "jobs", "growth", "crawl")
LONG = ("archive",)
DOCS = Path(__file__).parents[2] / "docs"


def measure(chosen: argparse.Namespace, found: dict[str, Any]) -> dict[str, Any]:
    """The parts that were asked for, laid over what was found before."""
    words, sheets = load_sheets(find_data())
    sheets = thin(sheets, chosen.limit)
    parts = chosen.parts.split(",")
    found["machine"] = {
        "cores": os.cpu_count(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        "pages": f"{len(sheets)} of {words}",
    }  # fmt: skip
    if "start" in parts:
        found["start"] = start.measure(chosen.rounds)
    if "ends" in parts:
        rounds = run_rounds(sheets, chosen.rounds, chosen.candidates.split(","))
        found["ends"] = {"rounds": len(rounds), "medians": take_medians(rounds)}
    if "jobs" in parts:
        with tempfile.TemporaryDirectory() as folder:
            write_folder(sheets, Path(folder))
            load = os.getloadavg()[0]
            found["jobs"] = jobs.measure(Path(folder), chosen.rounds) | {"load": f"load of the machine before: {load:.1f}"}
    if "growth" in parts:
        found["growth"] = growth.measure(chosen.growth, chosen.batch)
    if "crawl" in parts:
        found["crawl"] = crawl.measure([sheet.html for sheet in sheets], chosen.rounds)
    if "archive" in parts:
        found["archive"] = archive.measure(sheets, chosen.archive)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts, apart by commas")
    parser.add_argument("--candidates", default=",".join((*OURS, *PEERS)), help="which ones run end to end, apart by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=56, help="about so many pages; 0: all")
    parser.add_argument("--growth", type=int, default=10_000, help="documents of the growth part; 1000000 takes about 20 minutes")
    parser.add_argument("--batch", type=int, default=32, help="documents in a transaction of the growth part")
    parser.add_argument("--archive", type=int, default=10_000, help="pages of the archive part")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the figures are kept")
    parser.add_argument("--page", action="store_true", help="also write docs/speed.json and docs/speed.md")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts.split(",")) - {*PARTS, *LONG}:
        parser.error(f"--parts: unknown {', '.join(sorted(unknown))} (known: {', '.join((*PARTS, *LONG))})")
    before = json.loads(chosen.json.read_text("utf-8")) if chosen.json.is_file() else {}
    found = json.loads(json.dumps(measure(chosen, before)))
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    chosen.json.write_text(text, encoding="utf-8")
    if chosen.page:
        (DOCS / "speed.json").write_text(text, encoding="utf-8")
        (DOCS / "speed.md").write_text(make_page(found), encoding="utf-8")
    print(make_page(found))


if __name__ == "__main__":
    main()
