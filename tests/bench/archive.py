"""`xabar archive` on this machine's processes and on Ray, in turn: the same segments, wall time, and what a start costs.

Ray's start and the actors' are in the figure of a whole job; one segment alone, subtracted, shows the rate without them.
Ray runs where the extra `scale` is installed. Wall times mean something on an idle machine only.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.bench.pages import Sheet

SEGMENT_PAGES = 250
SOURCE = """name = "Bench"
homepage = "https://bench.example/"
country = "UZ"
languages = ["uz", "ru", "en", "tg"]
kind = "newspaper"
start = [{feed = "https://bench.example/feed"}]
allow = ["/"]
note = "bench"
"""
TIMEOUT_SECONDS = 3600


def measure(sheets: Sequence[Sheet], pages: int, jobs: int = 2) -> dict[str, Any]:
    """Seconds of one segment and of all `pages`, by processes and on Ray; `ray_is` is Ray's share of the processes' rate."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        few, many = folder / "few", folder / "many"
        write_segments(sheets, SEGMENT_PAGES, few)
        write_segments(sheets, pages, many)
        (folder / "sources").mkdir()
        (folder / "sources" / "bench.toml").write_text(SOURCE, encoding="utf-8")
        ways: dict[str, tuple[str, ...]] = {"processes": ("--jobs", str(jobs))}
        if find_spec("ray"):
            ways["ray"] = ("--address", "local")
        found: dict[str, Any] = {"pages": pages, "segment_pages": SEGMENT_PAGES, "load": round(os.getloadavg()[0], 1)}
        for name, options in ways.items():
            found[name] = {kind.name: _time(folder, kind, f"{name}-{kind.name}", options) for kind in (few, many)}
            print(json.dumps({name: found[name]}), file=sys.stderr, flush=True)
    return found | compare(found)


def compare(found: dict[str, Any]) -> dict[str, Any]:
    """Ray beside the processes: with its start, and by what each further segment takes."""
    if "ray" not in found:
        return {"not_run": "Ray is not installed (the extra scale)"}
    pool, ray = found["processes"], found["ray"]
    return {
        "ray_is": round(pool["many"] / ray["many"], 2),
        "ray_is_without_start": round((pool["many"] - pool["few"]) / (ray["many"] - ray["few"]), 2),
    }


def write_segments(sheets: Sequence[Sheet], pages: int, folder: Path) -> None:
    """WARC files of so many pages, each under an address of its own."""
    folder.mkdir(parents=True)
    for start in range(0, pages, SEGMENT_PAGES):
        with (folder / f"segment-{start // SEGMENT_PAGES:05}.warc.gz").open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for number in range(start, min(pages, start + SEGMENT_PAGES)):
                head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
                html, address = sheets[number % len(sheets)].html, f"https://bench.example/{number}"
                record = writer.create_warc_record(
                    address, "response", payload=BytesIO(html), length=len(html), http_headers=head
                )
                writer.write_record(record)


def _time(folder: Path, warcs: Path, out: str, options: Sequence[str]) -> float:
    line = [sys.executable, "-m", "pipeline.cli", "archive", str(warcs), "--out", str(folder / out), "--sources",
            str(folder / "sources"), "--source", "bench", *options]  # fmt: skip
    started = time.perf_counter()
    done = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    if done.returncode not in (0, 1):  # 1: pages were set aside, as some of the newsroom's are
        raise RuntimeError(f"xabar archive failed: {done.stderr[-400:]}")
    return round(time.perf_counter() - started, 1)
