"""`xabar archive` knows the operator's own names and the gate for promotional content: its rows are those of `xabar run`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from models.relevance.classify import Hit, Judgement, load_classifier
from models.relevance.wording import Worded
from pipeline import run as road
from pipeline.archive.job import find_segments, make_archive
from pipeline.archive.plan import Plan
from pipeline.archive.work import Maker
from pipeline.config import make_priority
from pipeline.gate import PROMOTIONAL
from pipeline.importing import import_files
from pipeline.records import Reason
from pipeline.store import Store
from tests.conftest import make_source_row
from tests.test_archive import SAME, InProcess, body, pick, read_sqlite, read_table, settings, write_segment, write_sources

OWN = "own-town"
STAND_IN = "NAMUNA-7"  # stands for a text in a group's own voice; no such text is written here
SAID = f"<p>Bu xatboshida {STAND_IN} yozuvi turadi, boshqa hech qanday matn keltirilmaydi.</p>"
NAMED, PROMOTED = (2, 4, 7), 5


def judge(title: str, text: str, language: str, script: str, hits: Sequence[Hit], worded: Worded | None = None) -> Judgement:
    """The shipped model, which takes the stand-in for what it stands for."""
    found = load_classifier().classify(title, text, language, script, hits, worded)
    return replace(found, genre={PROMOTIONAL: 1.0}) if STAND_IN in text else found


def write_page(number: int) -> bytes:
    more = "<p>Mehmonlar Vorkadun shahri bozorini koʻrishdi.</p>" if number in NAMED else ""
    return body(number).replace(b"</article>", f"{more}{SAID * (number == PROMOTED)}</article>".encode())


def test_own_names_and_the_gate_give_the_rows_of_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(road, "load_judge", lambda _: judge)
    own = tmp_path / "towns.csv"
    own.write_text(f"id,kind,name,writing,form\n{OWN},place,Vorkadun,uz-Latn,Vorkadun shahri\n", "utf-8")
    (tmp_path / "warcs").mkdir()
    write_segment(tmp_path / "warcs" / "a.warc.gz", range(9), write_page)
    sources = write_sources(tmp_path)
    plan = Plan(tmp_path / "out", find_segments([tmp_path / "warcs"]), sources, None, True, 8, (own,))
    assert plan.begin()
    make_archive(plan, InProcess(Maker(plan, judge)), settings(tmp_path))
    with Store.open(tmp_path / "usual.db", create=True) as store:
        store.ledger.save_sources([make_source_row()])
        import_files(store, [tmp_path / "warcs"], sources, source=None)
        priority = make_priority(settings(tmp_path).score)
        for _ in road.run(store, flag_at=0.5, batch_size=8, priority=priority, lists=(own,)):
            pass
        assert store.gate.paused() == {"sinov"}
    for table in SAME:
        expected = pick(read_sqlite(tmp_path / "usual.db", table), table)
        assert pick(read_table(plan.out, table), table) == expected, table
    mentions = read_table(plan.out, "mentions")
    assert sum(row["entity_id"] == OWN for row in mentions) == len(NAMED)
    assert len(read_table(plan.out, "documents")) == 8
    (dropped,) = [row for row in read_table(plan.out, "outcomes") if row["reason"] == Reason.PROMOTIONAL.value]
    assert dropped["stage"] == "gate"
    left = [path for path in plan.out.rglob("*") if path.is_file()]
    assert not any(STAND_IN.encode() in path.read_bytes() for path in left)
