"""WARC: what was received is what stands there, and a changed byte is noticed."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.evidence import EvidenceError, EvidenceWriter, find_damage, read_page
from pipeline.records import Page
from pipeline.store import Store
from tests.conftest import make_page


def archive(store: Store, *pages: Page) -> Path:
    with EvidenceWriter(store.evidence_folder) as writer:
        for page in pages:
            store.pages.save(page, *writer.append(page))
    return writer.path


def read_all(store: Store) -> list[Page]:
    return [read_page(store.evidence_folder, ref) for refs in store.pages.pending(batch=9) for ref in refs]


@settings(max_examples=40, deadline=None)
@given(bodies=st.lists(st.binary(max_size=300), min_size=1, max_size=5, unique=True))
def test_any_bytes_are_read_back_by_their_offset(bodies: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    with Store.open(tmp_path_factory.mktemp("db") / "x.db", create=True) as store:
        pages = [make_page(number, body) for number, body in enumerate(bodies)]
        archive(store, *pages)
        assert [(page.id, page.body) for page in read_all(store)] == [(page.id, page.body) for page in pages]
        assert find_damage(store) == []


def test_a_compressed_response_is_kept_as_received_and_read_unpacked(store: Store) -> None:
    page = make_page(1, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}, raw=gzip.compress(make_page(1).body))
    path = archive(store, page)
    with path.open("rb") as stream:
        record = [r.raw_stream.read() for r in ArchiveIterator(stream) if r.rec_type == "response"]
    assert record == [page.raw]
    assert read_all(store)[0].body == page.body


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip"])
def test_bytes_that_a_reader_could_not_unpack_are_kept_unpacked(store: Store, encoding: str) -> None:
    archive(store, make_page(1, headers={"Content-Encoding": encoding}, raw=b"no such packing"))
    assert read_all(store)[0].body == make_page(1).body


def test_the_file_is_warc_1_1_with_the_headers_and_digests(store: Store) -> None:
    path = archive(store, make_page(1, headers={"Content-Type": "text/html", "X-Note": "қиймат"}))
    with path.open("rb") as stream:
        info, response = [(r.rec_headers, r.http_headers) for r in ArchiveIterator(stream)]
    assert info[0].protocol == "WARC/1.1"
    assert response[0].get_header("WARC-Target-URI") == make_page(1).url
    assert response[0].get_header("WARC-Date") == "2026-09-22T10:00:00Z"
    assert response[0].get_header("WARC-Payload-Digest").startswith("sha1:")
    assert response[1].get_header("content-type") == "text/html"


def test_a_changed_byte_and_a_lost_file_are_named(store: Store) -> None:
    path = archive(store, make_page(1), make_page(2))
    first, second = next(store.pages.pending(batch=9))
    data = bytearray(path.read_bytes())
    data[second.warc_offset + 200] ^= 1
    path.write_bytes(data)
    read_page(store.evidence_folder, first)
    with pytest.raises(EvidenceError, match=r"offset \d+"):
        read_page(store.evidence_folder, second)
    assert [line.startswith(second.url) for line in find_damage(store)] == [True]
    path.unlink()
    with pytest.raises(EvidenceError, match="missing; restore it from a backup"):
        read_page(store.evidence_folder, first)
    assert len(find_damage(store)) == 2


def test_a_crawl_that_stored_nothing_leaves_no_file(store: Store) -> None:
    archive(store)
    assert not store.evidence_folder.exists()
