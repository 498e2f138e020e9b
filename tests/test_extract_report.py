"""Reports with every wound of their kind: sentences cut by pages and footnotes, hyphens, columns, scrambled addresses.

The report is invented, and so are its institutions; the wounds are those of real policy reports.
"""

from itertools import pairwise

import pytest

from pipeline.extract.article import Article
from pipeline.extract.pdf import read_pdf
from tests.report_pdf import Print, Sheet, make_report

LEFT, PITCH, SMALL = 60.0, 16.0, 8.0
PERSIAN = "گزارش آب روستاها"

BODY = [
    [
        "The council set up the programme after the dry summer, and its first office was in",
        "the district town, where the maps of all wells had been kept since the last survey.",
        "Nine villages received clean water in the first year, and the engineers of the Wat-",
        "er Union trained one keeper for every pump.^1 The keepers were chosen by the vill-",
        "agers themselves, among them the elder of Bogh-i-Surkh, who had kept the old can-",
        "als in order for twenty years. The second phase was planned for the valley of Obi-",
    ],
    [
        "Garm, where the ground water stands high. Every household pays a small fee,^2 and",
        "the money is used for repairs only.^3 The programme has no debts, and the council",
        "reads its accounts aloud twice a year in the meeting house of the district, which",
    ],
    [
        "stands beside the school. This answers the question of trust that older projects",
        "had left open.^4",
    ],
]
NOTES = [
    [("1", "Water Union, yearbook, 22.09.2026. https://water.example/yearbook/2026/wells-and-pumps-of-the-"),
     ("", "northern-valleys-part-2.html")],
    [("2", "https://council.example/fees"), ("3", PERSIAN[::-1] + " https://broken.example/")],  # drawn from left to right
    [("4", "Interview with the keeper, 3 May 2026.")],
]  # fmt: skip


def make_wounded() -> bytes:
    sheets = []
    for number, (lines, notes) in enumerate(zip(BODY, NOTES, strict=True), 1):
        sheet = Sheet([Print(LEFT, 800, "Wells and Trust", SMALL)])
        height = 760.0
        if number == 1:
            sheet.prints += [
                Print(LEFT, 770, "The Academy of Mountains", 12),
                Print(LEFT, 750, "Institute for Advanced", 12),
                Print(LEFT, 735, "Water Studies", 12),
                Print(LEFT, 700, "The current state of wells", 20),
                Print(LEFT, 676, "in the northern valleys", 20),
                Print(LEFT, 650, "22 September 2026", 10),
                Print(LEFT, 610, "How the programme began", 14, bold=True),
            ]
            height = 580.0
        if number == 3:
            sheet.prints.append(Print(LEFT, 690, "What is left to do", 14, bold=True))
            sheet.prints.append(Print(LEFT, 664, "Four villages wait for the third phase, which begins after the winter."))
        for line in lines:
            sheet.prints += print_line(line, height)
            height -= PITCH
        foot = 110.0
        for mark, note in notes:
            start = LEFT
            if mark:
                sheet.prints.append(Print(LEFT, foot + 3, mark, 5))
                start = LEFT + 5
            sheet.prints.append(Print(start, foot, note, SMALL))
            if "broken.example" in note:
                sheet.links.append((LEFT, foot - 2, LEFT + 300, foot + 9, "https://news.example/62/3951343-water"))
            foot -= 11
        sheet.prints.append(Print(290, 30, str(number), SMALL))
        sheets.append(sheet)
    return make_report(sheets)


def print_line(line: str, height: float) -> list[Print]:
    """`^1` is a raised mark."""
    prints, left = [], LEFT
    for place, part in enumerate(line.split("^")):
        if place:
            prints.append(Print(left, height + 5, part[0], 6))
            left += 4
            part = part[1:]
        prints.append(Print(left, height, part))
        left += 5.2 * len(part)
    return [item for item in prints if item.text]


@pytest.fixture(scope="module")
def article() -> Article:
    return read_pdf(make_wounded())


def test_sentences_cut_by_page_and_footnote_are_whole_again(article: Article) -> None:
    flat = " ".join(article.text.split())
    for sentence in (
        "its first office was in the district town, where",
        "The second phase was planned for the valley of Obi-Garm, where the ground water stands high.",
        "the meeting house of the district, which stands beside the school.",
        "Every household pays a small fee, and the money is used for repairs only. The programme",
    ):
        assert sentence in flat
    assert sum("which stands beside" in line for line in article.text.split("\n")) == 1, "one paragraph over the page's end"


def test_words_grow_together_and_names_keep_their_hyphens(article: Article) -> None:
    for words in ("the Water Union trained", "by the villagers themselves", "Bogh-i-Surkh", "the old canals in", "Obi-Garm"):
        assert words in article.text


def test_running_heads_numbers_and_notes_are_not_in_the_text(article: Article) -> None:
    for gone in ("Wells and Trust", "yearbook", "council.example", "Interview", "pump.1", "\n1\n", "fee,2"):
        assert gone not in article.text


def test_title_institution_and_day_come_from_the_first_page(article: Article) -> None:
    assert article.title == "The current state of wells in the northern valleys"
    assert article.institution == "The Academy of Mountains; Institute for Advanced Water Studies"
    assert (article.published, article.published_source) == ("2026-09-22", "visible-text")


def test_every_place_of_the_text_has_its_page(article: Article) -> None:
    assert [page.number for page in article.pages] == [1, 2, 3]
    assert (article.pages[0].start, article.pages[-1].end) == (0, len(article.text))
    assert all(before.end == after.start for before, after in pairwise(article.pages))
    for words, number in (("first office", 1), ("planned for the valley", 1), ("ground water", 2), ("beside the school", 3)):
        at = article.text.index(words)
        assert next(page.number for page in article.pages if page.start <= at < page.end) == number


def test_sections_are_the_headings_with_what_stands_below(article: Article) -> None:
    titles = {section.title: article.text[section.start : section.end] for section in article.sections}
    assert titles["What is left to do"].startswith("What is left to do\nFour villages")
    assert "Nine villages" in titles["How the programme began"]
    assert "Nine villages" not in titles["What is left to do"]


def test_footnotes_are_references_with_whole_addresses(article: Article) -> None:
    notes = {note.mark: note for note in article.citations}
    assert list(notes) == ["1", "2", "3", "4"]
    assert notes["1"].urls == (
        "https://water.example/yearbook/2026/wells-and-pumps-of-the-northern-valleys-part-2.html",
    )
    assert notes["2"].urls == ("https://council.example/fees",)
    assert "https://news.example/62/3951343-water" in notes["3"].urls, "what the link says, where print is scrambled"
    assert notes["3"].text.startswith(PERSIAN)
    assert [note.page for note in article.citations] == [1, 2, 2, 3]


def test_a_footnote_knows_where_it_was_called(article: Article) -> None:
    before = {note.mark: article.text[: note.anchor] for note in article.citations}
    assert before["1"].endswith("every pump.")
    assert before["2"].endswith("small fee,")
    assert before["3"].endswith("repairs only.")


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [f"left column line {number} goes on and fills it" for number in range(8)]
    right = [f"right column line {number} goes on and fills it" for number in range(8)]
    sheet = Sheet([Print(60, 780, "One heading over both columns of this page", 18)])
    for place, (one, other) in enumerate(zip(left, right, strict=True)):
        sheet.prints += [Print(60, 740 - 16 * place, one), Print(320, 740 - 16 * place, other)]
    text = " ".join(read_pdf(make_report([sheet])).text.split())
    assert text.index("left column line 7") < text.index("right column line 0")


def test_a_table_is_read_row_by_row() -> None:
    sheet = Sheet([Print(60, 780, "Wells by district", 18)])
    for place in range(8):
        sheet.prints += [Print(60, 740 - 16 * place, f"District {place}"), Print(320, 740 - 16 * place, f"{place} wells")]
    assert "District 3 3 wells" in read_pdf(make_report([sheet])).text


def test_drawing_order_does_not_matter() -> None:
    lines = [f"Line {number} of the page stands where it stands and says so" for number in range(6)]
    prints = [Print(60, 700 - 16 * place, line) for place, line in enumerate(lines)]
    text = read_pdf(make_report([Sheet(prints[::-1])])).text
    assert all(text.index(before[:7]) < text.index(after[:7]) for before, after in pairwise(lines))
