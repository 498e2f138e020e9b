"""Boilerplate that a site repeats is learned from its pages and removed; what stories share is not."""

from dataclasses import replace
from itertools import pairwise

from pipeline.batch import process
from pipeline.extract.repeated import drop_repeated, learn
from pipeline.records import Document, PageSpan
from pipeline.run import make_road
from pipeline.store import Store
from pipeline.store.lines import MemoryLines, SiteLines
from tests.conftest import FETCHED, make_page
from tests.test_cluster import make_text

FOOT = "Бизни ижтимоий тармоқларда кузатинг ва янгиликлардан хабардор бўлинг."


def make_doc(number: int, *lines: str, source: str = "s") -> Document:
    own = [f"{make_text(100 * number + part, 40)}." for part in range(4)]
    return Document(f"d{number}", f"https://a.example/{number}", source, FETCHED, f"t{number}", "\n".join([*own, *lines]))


def strip(docs: list[Document], memory: MemoryLines) -> list[str]:
    return [item.text for item in drop_repeated(docs, memory) if isinstance(item, Document)]


def test_a_line_under_four_different_articles_is_taken_out_of_all_of_them() -> None:
    docs = [make_doc(number, FOOT) for number in range(4)]
    assert [text.count(FOOT) for text in strip(docs, MemoryLines())] == [0] * 4
    assert all(text.count("\n") == 3 for text in strip(docs, MemoryLines()))


def test_three_articles_are_not_enough_and_the_fourth_may_come_in_a_later_batch() -> None:
    memory = MemoryLines()
    assert FOOT in strip([make_doc(number, FOOT) for number in range(3)], memory)[0]
    assert FOOT not in strip([make_doc(3, FOOT)], memory)[0]


def test_the_same_article_seen_again_counts_once() -> None:
    memory = MemoryLines()
    for _ in range(5):
        assert FOOT in strip([make_doc(0, FOOT), make_doc(1, FOOT)], memory)[0]


def test_updates_of_one_story_keep_their_common_paragraphs() -> None:
    first = make_doc(0)
    updates = [
        replace(first, id=f"u{n}", url=f"https://a.example/u{n}", text=f"{first.text}\n{make_text(900 + n, 40)}.")
        for n in range(8)
    ]
    assert strip(updates, MemoryLines()) == [doc.text for doc in updates]


def test_copies_of_one_text_at_many_addresses_stay_whole() -> None:
    docs = [replace(make_doc(0, FOOT), id=f"c{n}", url=f"https://a.example/c{n}") for n in range(8)]
    assert strip(docs, MemoryLines()) == [doc.text for doc in docs]


def test_every_site_has_its_own_boilerplate_and_reports_are_left_alone() -> None:
    memory = MemoryLines()
    strip([make_doc(number, FOOT) for number in range(4)], memory)
    assert FOOT in strip([make_doc(9, FOOT, source="other")], memory)[0]
    report = replace(make_doc(10, FOOT), pages=(PageSpan(1, 0, 9),))
    assert FOOT in strip([report], memory)[0]


def test_what_is_remembered_of_a_site_is_bounded() -> None:
    lines = learn(SiteLines(), [make_doc(number, FOOT, f"{FOOT} {number // 4}") for number in range(300)])
    assert len(lines.recent) == 80
    assert len(lines.learned) <= 200


def test_the_road_learns_over_batches_and_keeps_what_it_learned(store: Store) -> None:
    def page(number: int) -> bytes:
        text = "".join(f"<p>{line}</p>" for line in make_doc(number).text.split("\n"))
        return f"<html><body><article><h1>Янгилик {number}</h1>{text}<p>{FOOT}</p></article></body></html>".encode()

    pages = [make_page(number, page(number)) for number in range(6)]
    for item in pages:
        store.pages.save(item, "x.warc.gz", 0)
    for before, after in pairwise([0, 3, 6]):
        with Store.open(store.path) as opened:
            opened.documents.save(process(pages[before:after], make_road(0.5, memory=opened.lines).stages[:2]))
    texts = [doc.text for doc in store.documents.all()]
    assert len(texts) == 6
    assert [FOOT in text for text in texts] == [True] * 3 + [False] * 3
