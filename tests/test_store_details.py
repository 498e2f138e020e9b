"""What a report has beside its text is kept with it, and the versions of one article are told apart."""

from dataclasses import replace
from datetime import timedelta

from pipeline.records import Citation, Document, PageSpan, Section
from pipeline.store import Store
from tests.conftest import FETCHED, make_page

REPORT = Document(
    "r", "https://a.example/r.pdf", "a", FETCHED, "Hisobot", "Kirish. Birinchi. Ikkinchi.", language="uz",
    institution="Suv instituti", calendar="solar-hijri", pages=(PageSpan(1, 0, 18), PageSpan(2, 18, 27)),
    sections=(Section(0, 27, 1, "Kirish"), Section(8, 27, 2, "Birinchi", 0.7)),
    citations=(Citation("1", "Manba", ("https://b.example/1",), 1, 6),),
)  # fmt: skip


def save(store: Store, *docs: Document) -> None:
    for doc in docs:
        page = make_page(0, doc.id.encode(), url=doc.url)
        store.pages.save(page, "x.warc.gz", 0)
        store.documents.save([replace(doc, id=page.id)])


def test_a_report_comes_back_as_it_was_saved(store: Store) -> None:
    save(store, REPORT)
    (doc,) = store.documents.all()
    assert replace(doc, id="r") == REPORT


def test_analysed_anew_without_them_the_details_are_gone(store: Store) -> None:
    save(store, REPORT)
    (doc,) = store.documents.all()
    plain = Document(doc.id, doc.url, "a", FETCHED, "Hisobot", "Matn")
    store.documents.save([plain], replace=True)
    assert store.documents.load(doc.id) == plain


def test_a_place_of_the_text_has_a_page_and_a_section() -> None:
    assert [REPORT.page_at(offset) for offset in (0, 17, 18, 26)] == [1, 1, 2, 2]
    assert [part.title if (part := REPORT.section_at(at)) else None for at in (0, 8, 27)] == ["Kirish", "Birinchi", None]
    assert replace(REPORT, pages=()).page_at(3) is None


def test_versions_of_an_article_are_counted_from_the_oldest(store: Store) -> None:
    first = Document("1", "https://a.example/x", "a", FETCHED, "Bir", "Matn")
    later = replace(first, id="2", title="Ikki", fetched_at=FETCHED + timedelta(hours=1))
    save(store, first, later, replace(first, id="3", url="https://a.example/y"))
    newest = next(doc for doc in store.documents.all() if doc.title == "Ikki")
    assert [(row["version"], row["title"]) for row in store.documents.versions(newest.id)] == [(1, "Bir"), (2, "Ikki")]
