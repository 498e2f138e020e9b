"""Several processes do what one does: the same rows, and one that dies costs the page it died of."""

import os
from pathlib import Path

import pytest

from pipeline.crew import CHUNK_CHARACTERS, CHUNK_ITEMS, Alone, Processes, count_jobs, cut
from pipeline.evidence import EvidenceWriter
from pipeline.records import Quarantined, Stop
from pipeline.run import run
from pipeline.store import Store
from tests.conftest import make_page, make_source_row
from tests.crew_work import Item, make_die, make_shout

TABLES = ["documents", "mentions", "labels", "details", "outcomes", "queue", "queue_counts", "cluster_sketches", "site_lines",
          "tellings", "same_stories"]  # fmt: skip
NEWS = "Samarqandda Oʻzbekiston islom harakati bilan bogʻliqlikda ayblangan besh kishi {} yilga qamaldi."
FOOT = "Saytdan olingan maʼlumotlardan foydalanilganda havola berilsin"


def test_answers_come_in_order_and_dead_processes_cost_their_item_only(tmp_path: Path) -> None:
    items = [Item(str(number)) for number in range(21)]
    items[6], items[17] = Item("6", "kill"), Item("17", "fault")
    items[9] = Item(str(tmp_path / "once"), "once")  # killed from outside: nothing is wrong with the item
    with Processes(2, make_shout, ("check", Item("sample"))) as crew:
        later = crew.start("extract", items[:3])
        answers = crew.start("analysis", items, urgent=True)()
        assert later() == ["extract 0", "extract 1", "extract 2"]
    broken = {place: answer for place, answer in enumerate(answers) if isinstance(answer, Quarantined)}
    assert list(broken) == [6, 17]
    assert (broken[6].id, broken[6].stage) == ("6", "analysis")
    assert "SIGKILL" in broken[6].error
    assert "SIGSEGV" in broken[17].error
    assert [answer for place, answer in enumerate(answers) if place not in broken] == [
        f"analysis {item.id}" for place, item in enumerate(items) if place not in broken
    ]


def test_stop_in_another_process_stops_this_one() -> None:
    with Processes(2, make_shout, ("check", Item("sample"))) as crew, pytest.raises(Stop, match="a model is gone"):
        crew.start("analysis", [Item("1"), Item("2", "stop")])()


def test_processes_that_do_not_survive_the_sample_stop_the_run_instead_of_quarantining_everything() -> None:
    with Processes(1, make_die, ("check", Item("sample"))) as crew, pytest.raises(Stop, match=r"exit status 7.*--jobs 1"):
        crew.start("analysis", [Item("1"), Item("2")])()


def test_work_that_cannot_be_handed_over_stops_instead_of_waiting_for_ever() -> None:
    with Processes(1, make_shout, ("check", Item("sample"))) as crew, pytest.raises(Stop, match="--jobs 1"):
        crew.start("analysis", [Item(lambda: None)])()  # type: ignore[arg-type]


def test_alone_works_when_it_is_asked() -> None:
    with Alone(make_shout) as crew:
        assert crew.start("analysis", [Item("1")])() == ["analysis 1"]


def test_chunks_are_few_items_or_few_characters() -> None:
    long = "x" * (CHUNK_CHARACTERS + 1)
    chunks = list(cut([Item("1", long), *(Item(str(n), "x") for n in range(2, 2 + CHUNK_ITEMS)), Item("9", long)]))
    assert [len(chunk) for chunk in chunks] == [1, CHUNK_ITEMS, 1]
    assert list(cut([])) == []


def test_few_pages_start_no_processes() -> None:
    assert count_jobs(4, 10) == 1
    assert count_jobs(4, 1000) == 4
    assert count_jobs(0, 1000) == (os.cpu_count() or 1)


def make_archive(path: Path) -> None:
    """Ordinary pages, relevant ones, copies, a site's repeated line, pages that end early, a record that is gone."""
    with Store.open(path, create=True) as store, EvidenceWriter(store.evidence_folder) as writer:
        store.ledger.save_sources([make_source_row()])
        for number in range(30):
            text = "".join(f"<p>{NEWS.format(number + part)}</p>" for part in range(4)) if number in (3, 16) else ""
            body = make_page(number % 20).body.replace(b"</article>", f"{text}<p>{FOOT}</p></article>".encode())
            page = make_page(number, body, source=f"site-{number % 2}")
            store.pages.save(page, *writer.append(page))
        for number, body in ((40, b"qisqa"), (41, b"\x00\x01"), (42, b"<rss version='2.0'></rss>")):
            store.pages.save(page := make_page(number, body), *writer.append(page))
        store.pages.save(make_page(43), "gone.warc.gz", 0)


def read_rows(path: Path) -> dict[str, list[tuple[str, ...]]]:
    with Store.open(path) as store:
        rows = {}
        for table in TABLES:
            found = store.documents._connection.all(f"SELECT * FROM {table} ORDER BY 1, 2")
            names = [name for name in (found[0].keys() if found else ()) if name != "at"]
            # A traceback names the frames it came through, and an error the folder: both differ.
            rows[table] = [
                tuple(str(row[name]).split("Traceback")[0].replace(str(path.parent), "") for name in names) for row in found
            ]
    return rows


@pytest.mark.slow
def test_two_processes_write_the_rows_that_one_writes(tmp_path: Path) -> None:
    rows = []
    for jobs in (1, 2):
        path = tmp_path / str(jobs) / "x.db"
        path.parent.mkdir()
        make_archive(path)
        with Store.open(path) as store:
            batches = list(run(store, flag_at=0.5, batch_size=8, jobs=jobs, persons="all"))
            assert [len(batch) for batch in batches] == [8, 8, 8, 8, 2]
        rows.append(read_rows(path))
    alone, together = rows
    assert len(alone["documents"]) == 30
    assert {row[1] for row in alone["outcomes"]} == {"document", "skipped", "quarantined"}
    assert any("ner" in str(row) for row in alone["mentions"]), "the encoder was asked"
    assert alone["site_lines"]
    for table in TABLES:
        assert alone[table] == together[table], table
