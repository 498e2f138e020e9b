"""What `make bench` does with figures, on small ones; and the page of the docs is what the JSON says."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.bench import archive, growth
from tests.bench.candidate import VARIANTS, measure
from tests.bench.jobs import summarise
from tests.bench.pages import Sheet, find_data, generate, load_sheets, thin, write_folder
from tests.bench.report import make_page, per_thousand, share
from tests.bench.rounds import PEERS, run_rounds, take_medians

DOCS = Path(__file__).parents[1] / "docs"


def make_row(speed: float, **changes: Any) -> dict[str, Any]:
    row = {"pages_per_cpu_s": speed, "peak_rss_mb": 100, "cpu_seconds": 1.0, "f1": 0.9, "pages": 10, "characters": 50_000,
           "encoded": 2, "stages_cpu_s": {"read": 0.1, "extract": 0.5, "save": 0.2, "find_names": 0.2}}  # fmt: skip
    return row | changes


def test_ratios_are_taken_round_by_round() -> None:
    # A slow round of both says nothing about either: of the medians alone the ratio would be 4, not 2.
    rounds = [{"cascade": make_row(speed * 2), "a": make_row(speed)} for speed in (1.0, 2.0, 8.0)]
    rounds[1]["a"]["pages_per_cpu_s"] = 2.0
    medians = take_medians(rounds)
    assert medians["cascade"]["times"] == {"a": 2.0}
    assert "times" not in medians["a"]


def test_a_candidate_that_did_not_run_says_why_and_has_no_ratio() -> None:
    rounds = [{"cascade": make_row(2.0), "b": {"not_run": "XABAR_BENCH_PYTHON is not set"}}]
    medians = take_medians(rounds)
    assert medians["b"] == {"not_run": "XABAR_BENCH_PYTHON is not set"}
    assert medians["cascade"]["times"] == {}
    assert "not run: XABAR_BENCH_PYTHON is not set" in make_page({"ends": {"rounds": 1, "medians": medians}})


def test_without_evaluation_data_the_pages_are_ours_and_the_references_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XABAR_EVAL_DATA", raising=False)
    assert find_data() is None
    words, sheets = load_sheets(None)
    assert "generated" in words
    assert len({sheet.html for sheet in sheets}) == len(sheets) == 300
    found = run_rounds(sheets[:1], 1, tuple(PEERS))
    assert {row["not_run"] for row in found[0].values()} == {"XABAR_EVAL_DATA is not set"}


def test_pages_are_thinned_evenly() -> None:
    sheets = [Sheet(str(number), b"") for number in range(100)]
    assert [sheet.name for sheet in thin(sheets, 4)] == ["0", "25", "50", "75"]
    assert thin(sheets, 0) == sheets


def test_shares_and_costs_are_of_the_text_that_was_read() -> None:
    row = make_row(1.0)
    assert per_thousand(row, "save") == 4000
    assert share(row, ["save"]) == pytest.approx(0.2)


def test_a_candidate_reads_stores_and_counts_every_stage(tmp_path: Path) -> None:
    assert "screening" in VARIANTS
    write_folder(list(generate(6)), tmp_path / "pages")
    row = measure(tmp_path / "pages", "screening", tmp_path / "texts.json")
    assert row["pages"] == 6
    assert {"read", "extract", "detect_language", "find_entities", "classify", "cluster", "save"} <= row["stages_cpu_s"].keys()
    assert "find_names" not in row["stages_cpu_s"]
    assert row["characters"] == sum(map(len, json.loads((tmp_path / "texts.json").read_text("utf-8")).values())) > 1000
    assert sum(row["stages_cpu_s"].values()) == pytest.approx(row["cpu_seconds"], abs=0.01)


def test_growth_fills_an_archive_and_asks_it(tmp_path: Path) -> None:
    found = growth.measure(1100, 64, tmp_path / "x.db")
    assert [row["documents"] for row in found["growth"]] == [1000, 1100]
    assert all(row["save_us"] > 0 for row in found["growth"])
    assert {"queue, first page", "decide"} <= found["questions_ms"].keys()
    assert "1,100" in make_page({"growth": found})


def test_two_processes_are_compared_within_a_round() -> None:
    chance = random.Random(1)  # noqa: S311  no secret
    rounds = []
    for _ in range(3):
        load = chance.uniform(0.2, 1)
        one = {"pages": 9, "pages_per_s": 10 * load, "cpu_seconds": 10.0, "writer_cpu_seconds": 10.0, "peak_mb": 200}
        rounds.append({1: one, 2: one | {"pages_per_s": 19 * load, "cpu_seconds": 11.0, "writer_cpu_seconds": 1.1}})
    assert summarise(rounds) == {
        "pages": 9, "times": 1.9, "cpu_ratio": 1.1, "writer_share": 0.1, "peak_mb": {1: 200, 2: 200},
    }  # fmt: skip


def test_the_page_of_the_docs_is_what_the_json_says() -> None:
    found = json.loads((DOCS / "speed.json").read_text("utf-8"))
    assert (DOCS / "speed.md").read_text("utf-8") == make_page(found), "run: make bench BENCH_ARGS=--page"


def test_ray_is_compared_with_and_without_its_start() -> None:
    found = {"processes": {"few": 10.0, "many": 110.0}, "ray": {"few": 30.0, "many": 155.0}}
    assert archive.compare(found) == {"ray_is": 0.71, "ray_is_without_start": 0.8}
    words = make_page({"archive": {"pages": 9, "segment_pages": 3, **found, **archive.compare(found)}})
    assert "at 0.71 of the rate of the processes, start included; at 0.8 by" in words


@pytest.mark.slow
def test_the_archive_part_times_the_command_and_says_that_ray_was_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SEGMENT_PAGES", 2)
    monkeypatch.setattr(archive, "find_spec", lambda _: None)
    found = archive.measure(list(generate(4)), 4)
    assert found["processes"].keys() == {"few", "many"}
    assert "Ray was not run: Ray is not installed" in make_page({"archive": found})
