"""The operator's own names outside matching: in exports, on the dashboard, among the proposals, in corrections."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gazetteer import own
from pipeline.cli import app
from pipeline.corrected import list_entities
from pipeline.entities import find_entities, use_lists
from pipeline.records import Document, Stop
from pipeline.review.dashboard import make_coverage
from pipeline.store import Store
from tests.conftest import FETCHED, make_page
from tests.test_gazetteer_own import YAML


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "names.yaml").write_text(YAML, "utf-8")
    (tmp_path / "my.toml").write_text('[gazetteer]\nlists = ["own"]\n', "utf-8")
    yield tmp_path
    use_lists([])


def fill(path: Path, lists: list[Path]) -> None:
    page = make_page(1)
    doc = Document(page.id, page.url, "sinov", FETCHED, "", "The Invented Lake Front met the Taliban.", language="en",
                   script="Latn", language_confidence=1.0, flagged=True, score=0.9, cluster_id="one")  # fmt: skip
    with Store.open(path, create=True) as store:
        store.pages.save(page, "x.warc.gz", 0)
        store.documents.save(find_entities([replace(doc)], lists=lists))


def test_an_export_names_the_operators_own_organisations(folder: Path) -> None:
    fill(folder / "x.db", [folder / "own"])
    options = ["--db", str(folder / "x.db"), "--config", str(folder / "my.toml"), "--out", str(folder / "x.json")]
    run = CliRunner().invoke(app, ["export", "--format", "stix", *options])
    assert run.exit_code == 0, run.output
    written = json.loads((folder / "x.json").read_text("utf-8"))
    assert "Invented Lake Front" in {thing.get("name") for thing in written["objects"]}
    assert "own-lake-front" in list_entities()


def test_the_dashboard_counts_own_names_and_proposals_are_compared_with_them(folder: Path) -> None:
    fill(folder / "x.db", [folder / "own"])
    with Store.open(folder / "x.db") as store:
        before = make_coverage(store, None, lambda words, **_: words)  # type: ignore[arg-type]
        use_lists([folder / "own"])
        after = make_coverage(store, None, lambda words, **_: words)  # type: ignore[arg-type]
    listed = [{line.cells[0]: line.cells[1:] for line in figure.lines} for figure in (before, after)]
    grown = [label for label in listed[0] if listed[0][label] != listed[1][label]]
    assert len(grown) == 1
    entries, _, seen = zip(listed[0][grown[0]], listed[1][grown[0]], strict=True)
    assert entries[1] == entries[0] + 2
    assert seen[1] == seen[0] + 1
    assert own.match_known().find("The Invented Lake Front met.", "en")[0].entity_id == "own-lake-front"


def test_a_list_that_cannot_be_read_stops_the_command_before_it_begins(folder: Path) -> None:
    (folder / "own" / "names.yaml").write_text("- id: [", "utf-8")
    with pytest.raises(Stop, match=r"names\.yaml"):
        use_lists([folder / "own"])
