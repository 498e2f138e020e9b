"""`xabar export`: what leaves the archive, and that a bundle can be verified without it."""

import json
import random
import shutil
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.custody.bundle import FILES, check_bundle, make_bundle
from pipeline.evidence import EvidenceWriter
from pipeline.records import Document
from pipeline.store import Store
from tests.conftest import make_page
from tests.custody_archive import change_byte, make_archive
from tests.test_cli import one_line, xabar


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("whole") / "a")


@pytest.fixture(scope="module")
def bundle(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "b"
    with Store.open(whole) as store:
        make_bundle(store, make_page(0).id, folder)
    return folder


def exports(database: Path) -> list[dict[str, object]]:
    with Store.open(database) as store:
        rows = store._connection.all("SELECT subject FROM audit WHERE action = 'export' ORDER BY id")
        return [json.loads(row[0]) for row in rows]


def test_lines_carry_what_was_found_and_decided_but_no_text(whole: Path, tmp_path: Path) -> None:
    done = xabar("export", "--db", whole)
    assert done.returncode == 0, done.stderr.decode()
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 8
    first = rows[0]
    fields = "id url title published language labels mentions score reasons decisions custody"
    assert set(fields.split()) <= set(first)
    assert first["custody"]["body_sha256"] == make_page(0).body_sha256
    assert first["decisions"][0]["verdict"] == "relevant"
    assert first["mentions"][0]["entity_id"] == "samarqand"
    assert not any("text" in row for row in rows)
    said = {"format": "jsonl", "to": "-", "filters": {"verdict": "any"}, "bodies": False, "persons": False}
    assert exports(whole)[-1] == said


def test_choices_limit_the_lines_and_texts_come_only_when_asked_for(whole: Path, tmp_path: Path) -> None:
    assert xabar("export", "--flagged", "--decided", "--bodies", "--out", tmp_path / "e.jsonl", "--db", whole).returncode == 0
    rows = [json.loads(line) for line in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert [(row["flagged"], len(row["decisions"])) for row in rows] == [(True, 1), (True, 1)]
    assert rows[0]["text"].startswith("Самарқандда")
    assert exports(whole)[-1]["bodies"] is True
    assert [path.name for path in tmp_path.iterdir()] == ["e.jsonl"], "nothing half-written beside it"


def test_bad_input_is_one_line(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for arguments, says in (
        (["--out", tmp_path / "there"], "is in the way"),
        (["--out", tmp_path / "no" / "file"], "cannot be written"),
        (["--format", "xml"], "known: jsonl"),
        (["--bundle", "nobody", "--out", tmp_path / "b"], "document 'nobody' is not in this database"),
        (["--bundle", make_page(0).id], "takes --out FOLDER"),
        (["--bundle", make_page(0).id, "--out", tmp_path / "there"], "is in the way"),
        (["--bundle", make_page(0).id, "--out", "/proc/none"], "cannot be written"),
    ):
        assert says in one_line(xabar("export", *arguments, "--db", whole))
    assert "no custody bundle there" in one_line(xabar("verify", "--bundle", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_bundle_is_verified_without_the_database(whole: Path, tmp_path: Path) -> None:
    page = make_page(1)
    done = xabar("export", "--bundle", page.id, "--out", tmp_path / "b", "--db", whole)
    assert done.returncode == 0, done.stderr.decode()
    assert {path.name for path in (tmp_path / "b").iterdir()} == {*FILES, "manifest.json"}
    assert exports(whole)[-1] == {"format": "bundle", "to": "b", "document": page.id}
    done = xabar("verify", "--bundle", tmp_path / "b", folder=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
    assert b"the bundle is whole; its audit ends with row" in done.stdout
    with (tmp_path / "b" / "record.warc.gz").open("rb") as stream:
        [body] = [record.content_stream().read() for record in ArchiveIterator(stream)]
    assert body == page.body
    others = [make_page(n).id for n in (0, 2, 3)]
    decisions = json.loads((tmp_path / "b" / "decisions.json").read_text())
    assert [row["document_id"] for row in decisions] == [page.id]
    chain = (tmp_path / "b" / "chain.json").read_text()
    assert chain.count("қайд") == 1, "decisions on other documents stay where they are"
    assert all(f'[1, \\"{other}' not in chain for other in others)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_any_changed_byte_of_a_bundle_names_its_file(name: str, bundle: Path, tmp_path: Path) -> None:
    chance = random.Random(name)  # noqa: S311  no secret
    for number in range(20):
        folder = tmp_path / str(number)
        shutil.copytree(bundle, folder)
        what = change_byte(folder / name, chance)
        damage, _ = check_bundle(folder)
        assert damage, what
        assert str(folder) in damage[0]
        if name != "manifest.json":
            assert damage[0].startswith(f"{folder / name}: damaged")


def test_a_manifest_made_anew_does_not_hide_a_change(bundle: Path, tmp_path: Path) -> None:
    from hashlib import sha256

    for name, old, new in (
        ("text.txt", "Самарқандда", "Бухородада"),
        ("rows.json", "Самарқандда", "Бухородада"),
        ("decisions.json", "relevant", "unsure"),
        ("chain.json", "relevant", "unsure"),
        ("item.html", "Самарқандда", "Бухородада"),
    ):
        folder = tmp_path / name
        shutil.copytree(bundle, folder)
        (folder / name).write_text((folder / name).read_text().replace(old, new))
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"][name] = sha256((folder / name).read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
        [line] = check_bundle(folder)[0]
        assert line.startswith(str(folder / name)), line


def test_files_that_are_missing_or_added_are_named(bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(bundle, tmp_path / "b")
    (tmp_path / "b" / "text.txt").unlink()
    (tmp_path / "b" / "extra.txt").write_text("?")
    done = xabar("verify", "--bundle", tmp_path / "b")
    assert done.returncode == 1
    assert [line.split(": ")[0].rsplit("/")[-1] for line in done.stdout.decode().splitlines()] == ["extra.txt", "text.txt"]


def test_hostile_text_stays_text_and_nothing_is_remote(store: Store, tmp_path: Path) -> None:
    page = make_page(1, url="http://127.0.0.1/?<script>alert(1)</script>")
    with EvidenceWriter(store.evidence_folder) as writer:
        store.pages.save(page, *writer.append(page))
    hostile = "<img src=http://127.0.0.1/x onerror=alert(1)> \u202e &lt;"
    store.documents.save([Document(page.id, page.url, "s", page.fetched_at, hostile, hostile)])
    make_bundle(store, page.id, tmp_path / "b")
    html = (tmp_path / "b" / "item.html").read_text()
    for sign in ("<img", "<script", "\u202e", "href=", 'src="'):
        assert sign not in html
    assert "&lt;img src=http" in html
    assert "default-src &#x27;none&#x27;" in html or "default-src 'none'" in html
    assert check_bundle(tmp_path / "b")[0] == []
