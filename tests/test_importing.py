"""Pages that others fetched go the road of a crawled page, and only those of the catalogue's hosts."""

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.cli import app
from pipeline.evidence import read_page
from pipeline.importing import import_files
from pipeline.records import Stop
from pipeline.store import Store
from spiders.source import load_sources
from tests.conftest import make_page

DATED = {"WARC-Date": "2026-09-01T10:00:00Z"}
TOML = """name = "Tong"
homepage = "https://tong.example/"
country = "UZ"
languages = ["uz"]
kind = "newspaper"
start = [{feed = "https://tong.example/rss"}]
allow = ["/news/"]
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> dict:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "tong.toml").write_text(TOML)
    return load_sources(tmp_path / "sources")


def write_warc(path: Path, urls: dict[str, tuple[str, str]]) -> bytes:
    """A WARC like those of CC-NEWS: address -> (status, content type)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number, (url, (status, kind)) in enumerate(urls.items()):
            body = gzip.compress(make_page(number).body)
            told = [("Content-Type", kind), ("Content-Encoding", "gzip")]
            headers = StatusAndHeaders(f"{status} OK", told, protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", payload=BytesIO(body), length=len(body),
                                                          http_headers=headers, warc_headers_dict=DATED))
    return path.read_bytes()


def stored(store: Store) -> dict[str, str]:
    return {ref.url: ref.source for refs in store.pages.pending(batch=100) for ref in refs}


def test_a_news_segment_is_filtered_to_the_catalogue_and_read_once(store: Store, catalogue: dict, tmp_path: Path) -> None:
    write_warc(tmp_path / "CC-NEWS-1.warc.gz", {
        "https://m.tong.example/news/1?utm_source=x": ("200", "text/html"),
        "https://tong.example/news/2": ("404", "text/html"),
        "https://tong.example/about": ("200", "text/html"),
        "https://tong.example/news/3.jpg": ("200", "image/jpeg"),
        "https://elsewhere.example/news/1": ("200", "text/html"),
        "https://t.me/news/1": ("200", "text/html"),
    })
    done = import_files(store, [tmp_path / "CC-NEWS-1.warc.gz"], catalogue, source=None)
    assert stored(store) == {"https://tong.example/news/1": "tong"}
    assert (done.found, done.stored, done.broken) == (6, 1, [])
    assert done.left == {"HTTP 404": 1, "outside the article paths": 1, "neither HTML nor PDF": 1, "host not in the catalogue": 2}
    [[ref]] = store.pages.pending(batch=10)
    page = read_page(store.evidence_folder, ref)
    assert page.body == make_page(0).body
    assert page.fetched_at.isoformat() == "2026-09-01T10:00:00+00:00"
    again = import_files(store, [tmp_path / "CC-NEWS-1.warc.gz"], catalogue, source=None)
    assert (again.files, again.stored, again.left) == (0, 0, {"file imported before": 1})


def test_a_torn_file_gives_what_it_has_and_is_tried_again(store: Store, catalogue: dict, tmp_path: Path) -> None:
    whole = write_warc(tmp_path / "a.warc.gz", {f"https://tong.example/news/{n}": ("200", "text/html") for n in range(3)})
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(whole[: len(whole) - 300])
    done = import_files(store, [torn], catalogue, source=None)
    assert done.stored >= 1
    torn.write_bytes(whole)
    assert import_files(store, [torn], catalogue, source=None).files == 1
    assert len(stored(store)) == 3


def test_wacz_lines_saved_pages_and_reports_all_enter(store: Store, catalogue: dict, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    warc = write_warc(tmp_path / "data.warc.gz", {"https://tong.example/news/wacz": ("200", "text/html")})
    with zipfile.ZipFile(folder / "a.wacz", "w") as bundle:
        bundle.writestr("archive/data.warc.gz", warc)
        bundle.writestr("datapackage.json", "{}")
    lines = [{"url": "https://tong.example/news/line", "title": "Sarlavha <b>", "text": "Birinchi.\nIkkinchi & uchinchi."},
             {"url": "https://nobody.example/x", "text": "x"}]
    (folder / "b.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\nnot json\n")
    saved = make_page(9).body.replace(b"<head>", b"<head><link rel='canonical' href='https://tong.example/news/saved'>")
    (folder / "c.html").write_bytes(saved)
    (folder / "d.pdf").write_bytes(b"%PDF-1.4 not much of one")
    (folder / "e.txt").write_text("x")
    done = import_files(store, [folder], catalogue, source=catalogue["tong"])
    assert set(stored(store)) == {"https://tong.example/news/wacz", "https://tong.example/news/line", "https://nobody.example/x",
                                  "https://tong.example/news/saved", "https://tong.example/news/d.pdf"}
    assert done.left == {"file of another kind": 1}
    assert len(done.broken) == 1
    assert "b.jsonl: line 3" in done.broken[0]


def test_what_is_not_there_stops(store: Store, catalogue: dict, tmp_path: Path) -> None:
    with pytest.raises(Stop, match="no such file or folder to import"):
        import_files(store, [tmp_path / "nothing"], catalogue, source=None)


def test_the_command_makes_no_database_for_what_is_not_there(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["import", str(tmp_path / "nothing"), "--db", str(tmp_path / "x.db")])
    assert isinstance(run.exception, Stop)
    assert not (tmp_path / "x.db").exists()
