"""The word side of the relevance model: label scheme, term lists, folding, sentences, legal notices."""

from pathlib import Path

import pytest

from models import LANGUAGES
from models.relevance.fold import fold
from models.relevance.labels import BadLabels, load_labels, parse_labels
from models.relevance.lexicon import BadTerms, load_concepts, load_lexicon, parse_concepts
from models.relevance.notice import find_notices
from models.relevance.script import make_cyrillic
from models.relevance.sentence import LONGEST_CHARACTERS, split_sentences

# --- the label scheme ---


def test_scheme_has_all_axes_in_full():
    assert {axis: len(labels) for axis, labels in load_labels().items()} == {
        "relevance": 4,
        "topics": 17,
        "genre": 8,
        "modality": 5,
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[topics.attack]", "[topics.attack]\ncolour = 'red'", "unknown key 'colour'"),
        ("[relevance.R0]", "[relevances.R0]", "axes must be"),
        ('include = "agency news"', "", "'include' is missing"),
        ('include = "agency news"', 'include = " "', "must be a line of text"),
        ("[modality.doubt]", "[genre.ninth]", "must have"),
    ],
)
def test_scheme_with_a_slip_is_refused_with_its_place(old, new, message):
    text = (Path(__file__).parents[1] / "models/relevance/labels.toml").read_text(encoding="utf-8")
    with pytest.raises(BadLabels, match=message):
        parse_labels(text.replace(old, new, 1))


# --- terms ---

TERMS = '[a]\nuz-Latn = "portlash*"\ntg = "таркиш*"\nru = "взрыв*"\nen = "blast*"\n'


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text + 'de = "Knall"\n', "unknown key 'de'"),
        (lambda text: text.replace('ru = "взрыв*"\n', ""), "no terms for ru"),
        (lambda text: text.replace("blast*", "b*"), "two letters"),
        (lambda text: text + 'unless = ["nowhere"]\n', "no concept is called 'nowhere'"),
        (lambda text: text.replace("blast*", "mosque*"), "protected word"),
        (lambda text: text.replace("portlash*", "masjid*"), "protected word"),
    ],
)
def test_bad_terms_are_refused_with_their_place(change, message):
    protected = '[faith]\nuz-Latn = "masjid*"\ntg = "масҷид*"\nru = "мечет*"\nen = "mosque*"\n'
    with pytest.raises(BadTerms, match=message):
        parse_concepts({"key": change(TERMS), "protected": protected})


def test_terms_of_all_languages_load_and_every_term_finds_itself():
    for concept in load_concepts().values():
        for language in LANGUAGES:
            for term in concept.terms[language]:
                text = term.replace(" * ", " x ").replace("*", "")
                found = {one.concept for one in load_lexicon(language).find(text)}
                assert concept.role == "protected" or concept.name in found, (concept.name, language, term)


def test_words_begin_where_words_begin():
    concepts = [found.concept for found in load_lexicon("en").find("counterblast, superterrorist; the terrorists' bombs")]
    assert concepts.count("terror") == 1


def test_words_are_found_under_any_apostrophe_and_without_diacritics():
    uz, tg = load_lexicon("uz"), load_lexicon("tg")
    for written in ("qoʻlga olindi", "qo'lga olindi", "qo‘lga olindi", "қўлга олинди"):
        assert "plot-arrest" in {found.concept for found in uz.find(fold(written))}
    assert {found.concept for found in tg.find(fold("Точикистон"))} == {found.concept for found in tg.find(fold("Тоҷикистон"))}


def test_cyrillic_is_made_from_latin():
    assert make_cyrillic("o'zbekiston* qo'lga ol*") == "ўзбекистон* қўлга ол*"
    assert make_cyrillic("ekstremi*") == "экстреми*"


def test_folding_keeps_every_offset():
    text = "İstanbul ЁЖ oʻq ҷангҷӯ 😀"
    assert len(fold(text)) == len(text)


# --- sentences and notices ---


def test_sentences_cover_the_text_without_blanks_at_their_ends():
    text = "А. Икс пришёл. Он ушёл!  «Да?» — сказал он.\nКонец в 2021 г. и всё"
    pieces = [text[start:end] for start, end in split_sentences(text)]
    assert pieces == ["А. Икс пришёл.", "Он ушёл!", "«Да?» — сказал он.", "Конец в 2021 г. и всё"]


def test_run_without_stops_is_cut_at_blanks():
    spans = split_sentences("слово " * 1000)
    assert len(spans) > 4
    assert all(end - start <= LONGEST_CHARACTERS for start, end in spans)


def test_notice_is_set_aside_and_the_name_before_it_stays():
    text = fold("ФСБ задержала сторонника «Исламского государства» (террористическая организация, запрещена в РФ).")
    ((start, end),) = find_notices(text, [text.index("запрещена")])
    assert text[start:end] == "(террористическая организация, запрещена в рф)"
