"""Candidates side by side: each in a process of its own, one after another, round after round, on the same pages.

Ours run with this Python. The references need an environment of their own: XABAR_BENCH_PYTHON names its Python, and the
evaluation data holds the scripts; without either they are "not run". BENCH_LID is the language model that the ceiling uses.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from tests.bench.pages import Sheet, find_data, write_folder
from tests.test_extract_quality import measure_f1

OURS = ("screening", "cascade", "all")
PEERS = {
    "a": ("ref_a.py",),
    "b": ("ref_b.py",),
    "ceiling": ("ceiling.py", "--gaz", "gaz50k.txt", "--opt", "ext=hyb,ner=none"),
}
TIMEOUT_SECONDS = 1800
Row = dict[str, Any]


def run_rounds(sheets: Sequence[Sheet], rounds: int, chosen: Sequence[str]) -> list[dict[str, Row]]:
    """For each round what every candidate said of itself, with `f1`; one that cannot run says why under `not_run`."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "pages"
        write_folder(sheets, folder)
        found = []
        for number in range(rounds):
            found.append({name: _run(name, folder, Path(scratch), sheets) for name in chosen})
            print(f"round {number + 1} of {rounds}: {_say(found[-1])}", file=sys.stderr, flush=True)
        return found


def take_medians(rounds: Sequence[Mapping[str, Row]], base: Sequence[str] = OURS) -> dict[str, Row]:
    """Of each candidate the medians; `times` of ours against each peer is the median of the ratios of each round."""
    done: dict[str, Row] = {}
    for name, first in rounds[0].items():
        rows = [one[name] for one in rounds if "not_run" not in one[name]]
        if not rows:
            done[name] = {"not_run": first.get("not_run", "")}
            continue
        numbers = [key for key in ("pages_per_cpu_s", "peak_rss_mb", "cpu_seconds", "f1") if rows[0].get(key) is not None]
        done[name] = {key: round(median(row[key] for row in rows), 3) for key in numbers}
        done[name] |= {key: rows[0][key] for key in ("pages", "characters", "encoded") if key in rows[0]}
        stages = rows[0]["stages_cpu_s"]
        done[name]["stages_cpu_s"] = {key: round(median(row["stages_cpu_s"].get(key, 0.0) for row in rows), 4) for key in stages}
    for name in base:
        if name in done and "not_run" not in done[name]:
            done[name]["times"] = {
                peer: round(median(one[name]["pages_per_cpu_s"] / one[peer]["pages_per_cpu_s"] for one in rounds), 2)
                for peer in done
                if peer not in base and all("not_run" not in one[peer] for one in rounds)
            }
    return done


def _run(name: str, folder: Path, scratch: Path, sheets: Sequence[Sheet]) -> Row:
    dump = scratch / "texts.json"
    command, where, why = _command(name, folder)
    if why:
        return {"not_run": why}
    done = subprocess.run(
        [*command, "--dump", str(dump)],
        cwd=where,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": _path(name)},
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"not_run": f"ended with status {done.returncode}: {last}"}
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    return row | {"f1": _measure(json.loads(dump.read_text("utf-8")), sheets)}


def _command(name: str, folder: Path) -> tuple[list[str], Path, str]:
    here = Path(__file__).parents[2]
    if name in OURS:
        return [sys.executable, "-m", "tests.bench.candidate", str(folder), "--variant", name], here, ""
    data, python = find_data(), os.environ.get("XABAR_BENCH_PYTHON")
    if data is None or not (data / "bench" / PEERS[name][0]).is_file():
        return [], here, "XABAR_EVAL_DATA is not set"
    if not python:
        return [], here, "XABAR_BENCH_PYTHON is not set"
    script, *options = PEERS[name]
    return [python, script, str(folder), *options], data / "bench", ""


def _path(name: str) -> str:
    return os.environ.get("XABAR_BENCH_PATH" if name in PEERS else "PYTHONPATH", "")


def _measure(texts: Mapping[str, str], sheets: Sequence[Sheet]) -> float | None:
    scores = [measure_f1(texts.get(Path(sheet.name).stem, ""), sheet.gold) for sheet in sheets if sheet.gold is not None]
    return round(mean(scores), 4) if scores else None


def _say(rows: Mapping[str, Row]) -> str:
    return ", ".join(f"{name} {row.get('pages_per_cpu_s', 'not run')}" for name, row in rows.items())
