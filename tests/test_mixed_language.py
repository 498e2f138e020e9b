"""Pages in two languages: every passage is found, and every name is read in the language that stands around it."""

import time
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models
from gazetteer.match import load_matcher
from models.language.detect import LANGUAGES, Detection, load_detector
from models.language.evaluate import load_rows
from models.language.mixture import make_pages, measure_mixtures
from models.language.paragraph import Passage, find_languages, find_path
from pipeline.entities import find_entities
from pipeline.records import Document

PARAGRAPHS = {
    "uz-Cyrl": "Туманда янги мактаб очилди, болалар энди уйига яқин жойда ўқийди. Ота-оналар қурувчиларга миннатдорлик билдирди.",
    "uz-Latn": "Tumanda yangi maktab ochildi, bolalar endi uyiga yaqin joyda oʻqiydi. Ota-onalar quruvchilarga rahmat aytdi.",
    "tg": "Дар ноҳия мактаби нав кушода шуд ва акнун кӯдакон дар наздикии хонаи худ мехонанд. Волидон изҳори сипос карданд.",
    "ru": "В районе открыли новую школу, и теперь дети учатся рядом с домом. Родители благодарят строителей и учителей.",
    "en": "A new school has opened in the district, so the children now learn close to home. Parents thanked the builders.",
}
PAIRS = [("uz-Cyrl", "ru"), ("uz-Latn", "ru"), ("tg", "ru"), ("en", "ru"), ("uz-Cyrl", "tg"), ("uz-Latn", "uz-Cyrl")]
DETECTOR = load_detector()
UZBEK_NAME = "Толибон ва олимлар янги китоб ҳақида суҳбат қилди. Йиғилишда ёзувчилар ҳам сўзга чиқди."
TAJIK_WORD = "Толибон ва устодон дар бораи китоби нав суҳбат карданд. Дар маҷлис нависандагон низ сухан гуфтанд."
TAJIK_NAME = "ТТП бо изҳороте баромад кард. Дар изҳорот номи шаҳр зикр нашудааст ва сабабҳои он маълум нест."
RUSSIAN_TERM = "ТТП на новый станок утверждён заводом. Документ описывает размеры, вес и порядок ремонта."


def _find(text: str) -> list[Passage]:
    return find_languages(text, DETECTOR.detect(text))


def _label(passage: Passage) -> str:
    return f"uz-{passage.script}" if passage.language == "uz" else passage.language


def _read(text: str) -> list[tuple[str, str | None]]:
    """What the stage finds, with the offsets checked."""
    found = DETECTOR.detect(text)
    doc = Document("1", "https://example.org/1", "example", datetime(2026, 11, 24, tzinfo=UTC), "", text)
    (read,) = find_entities([replace(doc, language=found.language, script=found.script)])
    assert all(text[mention.start : mention.end] == mention.text for mention in read.mentions)
    return [(mention.text, mention.entity_id) for mention in read.mentions]


@pytest.mark.parametrize(("main", "other"), PAIRS)
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n \n"])
def test_paragraph_in_another_language_is_a_passage_of_its_own(main: str, other: str, gap: str) -> None:
    text = gap.join([PARAGRAPHS[main], PARAGRAPHS[other], PARAGRAPHS[main]])
    passages = _find(text)
    assert [_label(passage) for passage in passages] == [main, other, main]
    assert text[passages[1].start : passages[1].end].strip() == PARAGRAPHS[other]


@pytest.mark.parametrize("label", PARAGRAPHS)
def test_one_language_is_one_passage(label: str) -> None:
    text = "\n".join([PARAGRAPHS[label]] * 6)
    assert [_label(passage) for passage in _find(text)] == [label]


def test_neighbouring_paragraphs_of_one_language_are_one_passage() -> None:
    text = "\n".join([*[PARAGRAPHS["uz-Cyrl"]] * 3, *[PARAGRAPHS["ru"]] * 2])
    assert [_label(passage) for passage in _find(text)] == ["uz-Cyrl", "ru"]


def test_short_quotation_stays_in_the_language_around_it() -> None:
    text = f"{PARAGRAPHS['uz-Cyrl']}\n«Мы очень рады», деди ҳайдовчи. Йўл икки йилда қурилди ва узунлиги ўттиз километр.\n"
    assert [_label(passage) for passage in _find(text)] == ["uz-Cyrl"]


@pytest.mark.parametrize("line", ["24.11.2026", "Фото: Reuters", "* * *", "Ҳ. Каримов", "Все новости", "Комментарии (12)"])
def test_short_line_goes_with_its_neighbours(line: str) -> None:
    text = f"{PARAGRAPHS['uz-Cyrl']}\n{line}\n{PARAGRAPHS['uz-Cyrl']}"
    assert [_label(passage) for passage in _find(text)] == ["uz-Cyrl"]


def test_several_sentences_within_a_paragraph_make_a_passage() -> None:
    text = " ".join([PARAGRAPHS["uz-Latn"], PARAGRAPHS["ru"], PARAGRAPHS["ru"], PARAGRAPHS["uz-Latn"]])
    assert [_label(passage) for passage in _find(text)] == ["uz-Latn", "ru", "uz-Latn"]


def test_paragraph_in_a_neighbour_language_is_und() -> None:
    kazakh = "Ауылда жаңа мектеп ашылып, балалар сабаққа қуанышпен келді. Қалада жаңа жолдың құрылысы басталды."
    text = "\n".join([PARAGRAPHS["uz-Cyrl"], kazakh, PARAGRAPHS["uz-Cyrl"]])
    assert [_label(passage) for passage in _find(text)] == ["uz-Cyrl", "und", "uz-Cyrl"]


def test_homograph_is_read_in_the_language_of_its_paragraph() -> None:
    for order in ([PARAGRAPHS["uz-Cyrl"], TAJIK_WORD], [TAJIK_WORD, PARAGRAPHS["uz-Cyrl"]]):
        assert _read("\n".join(order)) == []
    for order in ([PARAGRAPHS["tg"], UZBEK_NAME], [UZBEK_NAME, PARAGRAPHS["tg"]]):
        assert _read("\n".join(order)) == [("Толибон", "taliban")]


def test_abbreviation_is_a_name_in_tajik_and_a_term_in_russian() -> None:
    assert _read("\n".join([PARAGRAPHS["ru"], TAJIK_NAME, PARAGRAPHS["ru"]])) == [("ТТП", "ttp")]
    assert _read("\n".join([PARAGRAPHS["tg"], RUSSIAN_TERM, PARAGRAPHS["tg"]])) == []


def test_offsets_hold_after_characters_beyond_the_basic_plane() -> None:
    text = f"🙂🙂 {PARAGRAPHS['tg']}\n😀 {UZBEK_NAME}\n"
    assert _read(text) == [("Толибон", "taliban")]


def test_document_in_one_language_is_matched_as_a_whole() -> None:
    text = f"{PARAGRAPHS['uz-Cyrl']}\n{UZBEK_NAME}"
    assert _read(text) == [(match.text, match.entity_id) for match in load_matcher().find(text, "uz", "Cyrl")]


def test_change_is_made_only_where_it_pays() -> None:
    weak, strong = [[0.0, -1.0], [-3.0, 0.0], [0.0, -1.0]], [[0.0, -9.0], [-9.0, 0.0], [0.0, -9.0]]
    assert find_path(weak, [4, 4, 4], 0) == [0, 0, 0]
    assert find_path(strong, [4, 4, 4], 0) == [0, 1, 0]
    assert find_path(strong, [4, 4, 4], 1) == [0, 1, 0]
    assert find_path(strong[1:2], [4], 0) == [1]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.one_of(st.sampled_from(list(PARAGRAPHS.values())), st.text(max_size=40)), max_size=8),
    st.sampled_from(["\n", " ", "\x1e", "\r\n", ""]),
)
def test_passages_cover_any_text_without_gaps(parts: list[str], gap: str) -> None:
    text = gap.join(parts)
    passages = _find(text)
    assert "".join(text[passage.start : passage.end] for passage in passages) == text
    assert {passage.language for passage in passages} <= {*LANGUAGES.values(), "und"}
    assert all(one != other for one, other in zip(map(_label, passages), map(_label, passages[1:]), strict=False))


@pytest.mark.parametrize("piece", ["а. ", "ab\n", ".» ", "слово ", "a", "\n", f"{PARAGRAPHS['ru']}\n{PARAGRAPHS['tg']}\n"])
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    main = Detection("ru", "Cyrl", 1.0, "ru")
    find_languages(piece * 10, main)
    short, long = (min(_time(piece * (size // len(piece)), main) for _ in range(3)) for size in (20_000, 200_000))
    assert long < 40 * short + 0.05


def test_mixed_pages_are_always_the_same_and_say_what_stands_where() -> None:
    texts = {label: [f"{paragraph} {number}" for number in range(9)] for label, paragraph in PARAGRAPHS.items()}
    first, second = (make_pages(texts, ("tg", "ru"), 20) for _ in range(2))
    assert first == second
    assert all({label for _, _, label in page.paragraphs} == {"tg", "ru"} for page in first)
    for page in first:
        for start, end, label in page.paragraphs:
            assert page.text[start:end].startswith(PARAGRAPHS[label])


def test_share_of_characters_routed_right_is_counted() -> None:
    rows = [(label, f"{paragraph} {number}") for label, paragraph in PARAGRAPHS.items() for number in range(12)]
    right = measure_mixtures(rows, DETECTOR.detect, find_languages)
    blind = measure_mixtures(rows, DETECTOR.detect, lambda text, found: [Passage(0, len(text), found.language, found.script)])
    assert right["tg + ru"].routed > 0.99
    assert right["tg"].split == 0.0
    assert 0.4 < blind["tg + ru"].routed < 0.9
    assert blind["tg + ru"].split == 0.0


@pytest.mark.quality
def test_mixed_pages_stand_above_their_floors(eval_data: Path) -> None:
    floors = tomllib.loads((Path(models.__file__).parent / "floors.toml").read_text(encoding="utf-8"))["language"]
    found = measure_mixtures(load_rows(eval_data / "data" / "language" / "dev.tsv"), DETECTOR.detect, find_languages)
    mixed = {name: figures for name, figures in found.items() if " + " in name}
    print({name: figures.routed for name, figures in found.items()})
    assert min(figures.routed for figures in mixed.values()) >= floors["mixed"]["routed"]
    for name, figures in found.items():
        if name not in mixed:
            assert figures.routed >= floors["mixed"]["single_routed"], name


def _time(text: str, main: Detection) -> float:
    start = time.perf_counter()
    find_languages(text, main)
    return time.perf_counter() - start
