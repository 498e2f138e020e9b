"""The retraining loop from end to end: three hundred simulated decisions, a promotion, a refusal, a rollback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.relevance.compare import find_route
from models.relevance.dataset import Row
from pipeline.classify import classify
from pipeline.custody.inspection import inspect_archive
from pipeline.learn.catalogue import find_differences, list_trained
from pipeline.learn.loop import EVALUATION, MANIFEST, REPORT, SNAPSHOT, Workshop, evaluate, promote, rollback, train
from pipeline.learn.snapshot import make_snapshot, split_by_story_and_time
from pipeline.live import load_judge
from pipeline.records import Stop
from pipeline.store import Store
from tests.learn_world import (
    DECISIONS_PER_ROUTE,
    LIVE,
    ROUTES,
    World,
    count_decisions,
    decide,
    make_states,
    make_world,
    write_texts,
)

RETRAININGS = int(os.environ.get("XABAR_RETRAININGS") or 5)  # the figures of the card are of 20, with the wording
pytestmark = pytest.mark.timeout(900 if "XABAR_RETRAININGS" not in os.environ else 7200)


def be_quiet(what: str, done: int, total: int) -> None:
    assert 0 <= done <= total, what


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def texts(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_texts(tmp_path_factory.mktemp("texts") / "texts", world)


@pytest.fixture
def shop(world: World, texts: Path, tmp_path: Path) -> Iterator[Workshop]:
    with Store.open(tmp_path / "x.db", create=True) as store:
        decide(store, world, seed=1)
        yield Workshop(store, be_quiet, texts, states=make_states())


# --- what is learned from ---


def test_no_story_is_in_both_parts_and_what_measures_is_newer() -> None:
    rows = [replace(make_row(n), family=f"story-{n // 2}") for n in range(20)]
    dated = [(row, f"2026-09-{10 + n // 2 + (5 if n == 1 else 0):02}") for n, row in enumerate(rows)]
    items = split_by_story_and_time(dated)
    by_part = {part: {item.row.family for item in items if item.part == part} for part in ("train", "test")}
    assert by_part["test"] == {"story-7", "story-8", "story-9"}
    assert not by_part["train"] & by_part["test"]


def test_every_language_has_its_own_share_for_measuring(shop: Workshop) -> None:
    count = make_snapshot(shop.store, shop.texts).count()
    for route in ROUTES:
        measured = sum(number for key, number in count.items() if key.startswith(f"test decision {route} "))
        assert 14 <= measured <= 22, count


def test_corrections_of_level_topics_and_genre_are_learned(shop: Workshop) -> None:
    doc = next(doc for doc in shop.store.documents.all() if shop.store.desk.verdicts()[doc.id][0][0] == "relevant")
    shop.store.corrections.add(doc.id, "zarina", "relevance", {"relevance": "R2"})
    shop.store.corrections.add(doc.id, "zarina", "topics", {"topics": ["financing"]})
    shop.store.corrections.add(doc.id, "zarina", "genre", {"genre": "court-record"})
    row = next(item.row for item in make_snapshot(shop.store, shop.texts).items if item.row.id == doc.id)
    assert (row.relevance, row.exact, row.topics, row.topics_known, row.genre) == (
        "R2",
        True,
        ("financing",),
        True,
        "court-record",
    )


def test_snapshot_holds_no_text_and_counts_what_it_left_out(shop: Workshop) -> None:
    docs = list(shop.store.documents.all())
    shop.store.desk.decide(docs[0].id, "karim", "defer")
    verdict = shop.store.desk.verdicts()[docs[1].id][0][0]
    shop.store.desk.decide(docs[1].id, "karim", "relevant" if verdict == "not-relevant" else "not-relevant")
    snapshot = make_snapshot(shop.store, shop.texts)
    assert snapshot.left_out == {"reviewers disagree": 1}
    lines = "\n".join(snapshot.lines())
    assert docs[2].id in lines
    assert docs[2].text[:40] not in lines
    assert snapshot.sha256 == make_snapshot(shop.store, shop.texts).sha256


# --- the loop ---


def test_three_hundred_decisions_are_promoted_taken_back_and_a_second_time_refused(shop: Workshop, world: World) -> None:
    assert count_decisions(shop.store) >= 5 * DECISIONS_PER_ROUTE - 10
    model = train(shop, "relevance")
    report = evaluate(shop, model.id)
    assert report["against"] == LIVE
    assert set(report["languages"]) == set(ROUTES)
    assert promote(shop, model.id) == [] == report["objections"]
    assert shop.store.models.live("relevance") == model.id
    doc = classify([next(shop.store.documents.all())], load_judge(shop.store))[0]
    assert {label.model for label in doc.labels} == {model.id}

    with pytest.raises(Stop, match="live already"):
        promote(shop, model.id)
    assert rollback(shop.store, "relevance") == (model.id, LIVE)
    assert shop.store.models.live("relevance") == LIVE

    for document_id, verdicts in shop.store.desk.verdicts().items():
        if find_route(world.labels[document_id]) == "tg":
            turned = "relevant" if verdicts[-1][0] == "not-relevant" else "not-relevant"
            shop.store.desk.decide(document_id, "zarina", turned)
    bad = train(shop, "relevance")
    assert bad.id != model.id
    reasons = promote(shop, bad.id)
    assert any(reason.startswith("tg: ") for reason in reasons)
    assert shop.store.models.live("relevance") == LIVE
    assert [row.action for row in shop.store.models.promotions()] == ["promote", "promote", "rollback", "refuse"]
    assert [row["state"] for row in list_trained(shop.store.path)] == ["live", "was live", "refused"]


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_a_third_of_the_verdicts_turned_round_in_one_language_is_refused_naming_it(
    route: str, world: World, texts: Path, tmp_path: Path
) -> None:
    with Store.open(tmp_path / "x.db", create=True) as store:
        decide(store, world, seed=2, flipped=route, share=0.3)
        shop = Workshop(store, be_quiet, texts, states=make_states())
        reasons = promote(shop, train(shop, "relevance", seed=2).id)
        assert reasons
        assert any(reason.startswith(f"{route}: ") for reason in reasons), reasons


@pytest.mark.slow
def test_clean_decisions_are_rarely_refused(world: World, texts: Path, tmp_path: Path) -> None:
    refused = {}
    for seed in range(RETRAININGS):
        with Store.open(tmp_path / f"{seed}.db", create=True) as store:
            decide(store, world, seed=seed)
            shop = Workshop(store, be_quiet, texts, states=make_states())
            if reasons := promote(shop, train(shop, "relevance", seed=seed).id):
                refused[seed] = reasons
    print(f"refused {len(refused)} of {RETRAININGS}: {refused}")
    assert len(refused) <= max(1, RETRAININGS // 10)


def test_the_same_data_and_seed_are_the_same_model_and_a_killed_run_may_be_run_again(shop: Workshop) -> None:
    def die(what: str, done: int, total: int) -> None:
        if what == "fitting":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(replace(shop, show=die), "relevance")
    assert [model.id for model in shop.store.models.all()] == [LIVE]
    first, again = train(shop, "relevance"), train(shop, "relevance")
    assert first == again
    assert train(shop, "relevance", seed=8).id != first.id


def test_manifest_report_and_snapshot_lie_beside_the_database_and_the_audit_vouches_for_them(shop: Workshop) -> None:
    model = train(shop, "relevance")
    evaluate(shop, model.id)
    folder = shop.folder / model.id
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest == model.manifest
    assert manifest.keys() >= {"id", "task", "base", "data", "parameters", "seed", "code", "artefact_sha256"}
    assert json.loads((folder / EVALUATION).read_text(encoding="utf-8"))["model"] == model.id
    page = (folder / REPORT).read_text(encoding="utf-8")
    assert page.count("<svg") >= 10
    assert not any(word in page for word in ("<script", "http://", "https://", "&lt;svg"))
    assert [line for line in inspect_archive(shop.store.path)[0].damage if line.startswith(("models", "evaluations"))] == []


def test_a_snapshot_that_was_changed_is_not_measured_with(shop: Workshop) -> None:
    model = train(shop, "relevance")
    path = shop.folder / model.id / SNAPSHOT
    path.write_text(path.read_text(encoding="utf-8").replace('"R3"', '"R0"', 1), encoding="utf-8")
    with pytest.raises(Stop, match="not the snapshot"):
        evaluate(shop, model.id)
    path.unlink()
    with pytest.raises(Stop, match="cannot be read"):
        evaluate(shop, model.id)


def test_differences_are_documents_whose_verdict_changes_with_reasons(shop: Workshop) -> None:
    model = train(shop, "relevance")
    rows = find_differences(shop.store, LIVE, model.id, be_quiet)
    assert all((row["before"] >= 0.5) != (row["after"] >= 0.5) and row["why"] for row in rows)
    assert find_differences(shop.store, model.id, model.id, be_quiet) == []
    with pytest.raises(Stop, match="at least one trained model"):
        find_differences(shop.store, "shipped", "shipped", be_quiet)


def test_wrong_names_are_one_readable_line(shop: Workshop) -> None:
    for call, message in (
        (lambda: train(shop, "colour"), "known: relevance"),
        (lambda: evaluate(shop, "relevance-0"), "models list"),
    ):
        with pytest.raises(Stop, match=message):
            call()
    rollback(shop.store, "relevance")
    with pytest.raises(Stop, match="nothing to go back to"):
        rollback(shop.store, "relevance")


def test_the_commands_tell_the_same_story(world: World, tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    with Store.open(database, create=True) as store:
        decide(store, world, seed=3)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline.cli", "models", *arguments, "--db", str(database)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])

    trained = call("train", "--json", "--no-encoder")
    assert trained.returncode == 0, trained.stderr
    assert "fitting: 1 of 1" in trained.stderr
    model = json.loads(trained.stdout)["id"]
    promoted = call("promote", model, "--json")
    answer = json.loads(promoted.stdout)
    assert promoted.returncode == (0 if answer["promoted"] else 1)
    listed = call("list", "--json")
    assert model in {row["id"] for row in json.loads(listed.stdout)["trained"]}
    assert call("evaluate", "nonsense").returncode == 2
    assert "models list" in call("evaluate", "nonsense").stderr
    assert call("rollback").stdout.strip().endswith("is live again")


def make_row(number: int) -> Row:
    return Row(f"d{number}", "ru", "Cyrl", "", f"текст {number}", "R3", (), None, None, "sinov", f"f{number}", decided=True)
