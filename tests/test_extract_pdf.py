"""PDF files: text in reading order, no invented dates, and clear refusals. The files are made here, byte by byte."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from pipeline.extract import extract
from pipeline.extract.pdf import Unreadable, read_pdf
from pipeline.records import Document, Page, Reason, Skipped

LINES = [
    "Water supply in mountain villages",
    "22 September 2026",
    "Nine villages received clean drinking water this year, and the re-",
    "maining four will follow before winter, the district council says.",
    "The pipes are made in the country. Every household pays",
    "a small fee, and the money is used for repairs only.",
]


def make_pdf(pages: list[list[str]], info: str = "") -> bytes:
    """A minimal PDF with one Helvetica line under another."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        shown = "".join(f"({line}) Tj 0 -16 Td " for line in lines)
        stream = f"BT /F1 11 Tf 60 780 Td {shown}ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< {info} >>")
    body, offsets = "%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    return (
        f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R "
        f"/Info {len(objects)} 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode("latin-1")


def extract_one(body: bytes, content_type: str = "application/pdf") -> Document | Skipped:
    return extract(
        [
            Page(
                "https://un.example/report",
                "un",
                datetime(2026, 11, 24, tzinfo=UTC),
                {"Content-Type": content_type},
                body,
            )
        ]
    )[0]


def test_lines_become_paragraphs_and_cut_words_grow_together() -> None:
    article = read_pdf(make_pdf([LINES]))
    assert article.title == "Water supply in mountain villages"
    assert "and the remaining four will follow" in article.text
    assert "pays a small fee" in article.text
    assert article.text.endswith("repairs only.")


def test_printed_day_counts_and_the_creation_date_never() -> None:
    info = "/Title (Water supply in mountain villages) /CreationDate (D:20200101120000Z)"
    printed = read_pdf(make_pdf([LINES], info))
    assert (printed.published, printed.published_source) == ("2026-09-22", "visible-text")
    silent = read_pdf(make_pdf([LINES[:1] + LINES[2:]], info))
    assert (silent.published, silent.published_source) == (None, None)


def test_title_of_the_file_is_believed_only_where_it_is_printed() -> None:
    assert read_pdf(make_pdf([LINES], "/Title (Microsoft Word - draft7.doc)")).title == LINES[0]
    assert read_pdf(make_pdf([["Report 7", *LINES]], "/Title (Water supply in mountain villages)")).title == LINES[0]


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        [
            "District council yearbook",
            *(f"Sentence {line} of page {number} is a full sentence." for line in range(3)),
            str(number),
        ]
        for number in range(1, 5)
    ]
    text = read_pdf(make_pdf(pages)).text
    assert "yearbook" not in text
    assert "\n2\n" not in f"\n{text}\n"
    assert text.index("page 1") < text.index("page 2") < text.index("page 4")


def test_pdf_is_known_by_its_bytes_and_not_by_what_the_server_says() -> None:
    outcome = extract_one(make_pdf([LINES]), "text/html")
    assert isinstance(outcome, Document)
    assert (outcome.title, outcome.published) == (LINES[0], "2026-09-22")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (make_pdf([[]]), Reason.NO_TEXT_LAYER),
        (make_pdf([LINES])[:60], Reason.UNREADABLE),
        (b"%PDF-1.7\n" + b"junk " * 50, Reason.UNREADABLE),
        (make_pdf([["Closed on Friday."]]), Reason.TOO_SHORT),
    ],
)
def test_unusable_pdf_is_skipped_with_its_reason(body: bytes, reason: Reason) -> None:
    outcome = extract_one(body)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is reason


def test_encrypted_pdf_is_unreadable() -> None:
    locked = make_pdf([LINES]).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <"
        + b"00" * 32
        + b"> /U <"
        + b"11" * 32
        + b"> >> /ID [<00><00>]",
    )
    with pytest.raises(Unreadable):
        read_pdf(locked)
    outcome = extract_one(locked)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.UNREADABLE


def test_the_tests_own_pdf_is_sound() -> None:
    assert len(pypdfium2.PdfDocument(make_pdf([LINES, LINES]))) == 2


def test_a_pdf_that_asks_for_a_password_says_so() -> None:
    locked = make_pdf([LINES]).replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <"
        + b"00" * 32
        + b"> /U <"
        + b"11" * 32
        + b"> >> /ID [<00><00>]",
    )
    outcome = extract_one(locked)
    assert isinstance(outcome, Skipped)
    assert "password" in outcome.detail


def test_a_report_with_too_many_pages_is_refused_and_not_read_in_part() -> None:
    outcome = extract_one(make_pdf([LINES] * 2000))
    assert isinstance(outcome, Skipped)
    assert (outcome.reason, outcome.detail) == (Reason.TOO_LARGE, "2000 pages, the limit is 1000")


def test_a_long_report_is_read_to_its_end() -> None:
    pages = [[f"Page {number} says something of its own, and nobody else does"] for number in range(400)]
    outcome = extract_one(make_pdf(pages))
    assert isinstance(outcome, Document)
    assert outcome.page_at(outcome.text.index("Page 399 says")) == 400
