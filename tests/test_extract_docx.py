"""Word files: text, headings, footnotes and pages; and the ways in which such a file can be hostile. Made here, part by part."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from pipeline.extract import extract
from pipeline.extract.docx import read_docx
from pipeline.records import Document, Page, Reason, Skipped

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = f"""<w:styles xmlns:w="{W}">
<w:style w:styleId="T"><w:name w:val="Title"/></w:style>
<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="H2"><w:name w:val="Teil"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>"""
NOTES = f"""<w:footnotes xmlns:w="{W}" xmlns:r="{R}"><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>
<w:footnote w:id="1"><w:p><w:r><w:t>Сув институти, </w:t></w:r><w:hyperlink r:id="x"><w:r><w:t>ҳисобот</w:t></w:r>
</w:hyperlink></w:p></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>https://b.example/2</w:t></w:r></w:p></w:footnote></w:footnotes>"""
LINKS = """<Relationships><Relationship Id="x" Target="https://a.example/1"/>
<Relationship Id="y" Target="file:///etc"/></Relationships>"""
SENTENCE = "Туманда тўққизта қишлоққа тоза ичимлик суви етиб борди ва яна тўрттаси навбатда турибди."
BODY = [
    "<w:p><w:r><w:t>Сув институти</w:t></w:r></w:p>",
    '<w:p><w:pPr><w:pStyle w:val="T"/></w:pPr><w:r><w:t>Тоғ қишлоқларида сув</w:t></w:r></w:p>',
    "<w:p><w:r><w:t>22 сентябрь 2026 йил</w:t></w:r></w:p>",
    '<w:p><w:pPr><w:pStyle w:val="H1"/></w:pPr><w:r><w:t>Кириш</w:t></w:r></w:p>',
    f'<w:p><w:r><w:t>{SENTENCE}</w:t><w:footnoteReference w:id="1"/><w:t xml:space="preserve"> Ҳар уй </w:t></w:r>'
    '<w:r><w:lastRenderedPageBreak/><w:t>кичик тўлов</w:t><w:tab/><w:t>тўлайди.</w:t></w:r></w:p>',
    '<w:p><w:pPr><w:pStyle w:val="H2"/></w:pPr><w:r><w:t>Таъмир</w:t></w:r></w:p>',
    f'<w:p><w:r><w:t>{SENTENCE}</w:t></w:r><w:del><w:r><w:t>Ўчирилган.</w:t></w:r></w:del>'
    '<w:r><w:footnoteReference w:id="2"/></w:r></w:p>',
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Жадвал катаги</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
]  # fmt: skip


def make_docx(document: str | None = None, **parts: str) -> bytes:
    whole = f'<w:document xmlns:w="{W}"><w:body>{"".join(BODY)}</w:body></w:document>' if document is None else document
    files = {"word/document.xml": whole, "word/styles.xml": STYLES, "word/footnotes.xml": NOTES}
    files |= {"word/_rels/footnotes.xml.rels": LINKS} | parts
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def extract_one(body: bytes) -> Document | Skipped:
    page = Page("https://un.example/r.docx", "un", datetime(2026, 11, 24, tzinfo=UTC), {"Content-Type": "application/zip"}, body)
    return extract([page])[0]


def test_a_word_file_becomes_a_document_with_its_structure() -> None:
    doc = extract_one(make_docx())
    assert isinstance(doc, Document)
    assert (doc.title, doc.institution) == ("Тоғ қишлоқларида сув", "Сув институти")
    assert (doc.published, doc.published_source) == ("2026-09-22", "visible-text")
    assert "Ҳар уй кичик тўлов тўлайди." in doc.text, "a sentence cut by a page is whole"
    assert "Ўчирилган" not in doc.text
    assert "Жадвал катаги" in doc.text
    assert [(part.level, part.title) for part in doc.sections] == [(1, "Кириш"), (2, "Таъмир")]
    assert doc.page_at(doc.text.index("Ҳар уй")) == 1
    assert doc.page_at(doc.text.index("кичик тўлов")) == 2


def test_footnotes_are_references_with_the_address_behind_their_link() -> None:
    first, second = read_docx(make_docx()).citations
    assert (first.text, first.urls) == ("Сув институти, ҳисобот", ("https://a.example/1",))
    assert read_docx(make_docx()).text[: first.anchor].endswith("турибди.")
    assert (second.urls, second.page) == (("https://b.example/2",), 2)


def test_without_page_breaks_there_are_no_page_numbers() -> None:
    assert read_docx(make_docx(f'<w:document xmlns:w="{W}"><w:p><w:r><w:t>Матн</w:t></w:r></w:p></w:document>')).pages == ()


BOMB = f'<!DOCTYPE d [<!ENTITY a "{"x" * 1000}"><!ENTITY b "{"&a;" * 1000}"><!ENTITY c "{"&b;" * 1000}">]><d>&c;</d>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (make_docx()[:900] + b"word/document.xml", Reason.UNREADABLE),
        (make_docx("<w:document"), Reason.UNREADABLE),
        (make_docx("<w:p>" * 5000), Reason.UNREADABLE),
        (make_docx(" " * 60_000_000), Reason.TOO_LARGE),
        (make_docx(BOMB), Reason.UNREADABLE),
        (b"PK\x03\x04" + b"\0" * 500, Reason.NOT_TEXT),
    ],
)
def test_a_broken_or_hostile_word_file_is_skipped_with_its_reason(body: bytes, reason: Reason) -> None:
    outcome = extract_one(body)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is reason
