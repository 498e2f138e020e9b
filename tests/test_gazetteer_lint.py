"""The linter finds what would fire too easily, and the shipped data and page pass."""

from gazetteer.coverage import PAGE, render
from gazetteer.entries import Entity, Form, load_entities
from gazetteer.frequency import count_words, load_frequent, load_origin
from gazetteer.lint import lint


def make(id_, *forms):
    return Entity(id_, "organization", id_, "match", forms, file="gazetteer/data/x.yaml")


def test_shipped_data_has_no_complaints():
    assert lint() == []


def test_short_form_without_a_condition_is_a_complaint():
    assert "shorter than 4" in lint([make("a", Form("Abc", "en", "Latn"))])[0]
    assert lint([make("a", Form("ABC", "en", "Latn", case="exact"))]) == []


def test_word_for_a_people_is_never_a_form():
    complaints = lint([make("a", Form("Тоҷикон", "tg", "Cyrl"))])
    assert len(complaints) == 1
    assert "is never a form" in complaints[0]


def test_one_form_of_two_entities_needs_a_condition():
    free, bound = Form("Alpha", "en", "Latn"), Form("ALPHA", "en", "Latn", ambiguous="x", needs=("quotes",))
    assert "also a form of 'b'" in lint([make("a", free), make("b", free)])[0]
    assert lint([make("a", free), make("b", bound)]) == []


def test_ordinary_word_of_any_language_is_a_complaint():
    assert "a frequent word in en" in lint([make("a", Form("About", "en", "Latn"))])[0]
    assert "a frequent word in tg" in lint([make("a", Form("Кабул", "ru", "Cyrl"))])[0]
    assert lint([make("a", Form("Кабул", "ru", "Cyrl", not_in=("tg", "uz")))]) == []
    assert lint([make("a", Form("About", "en", "Latn", case="exact"))]) == []


def test_word_of_faith_with_an_ordinary_word_needs_a_context():
    assert "only a word for a people or a faith" in lint([make("a", Form("Muslim group", "en", "Latn"))])[0]
    assert lint([make("a", Form("Muslim group", "en", "Latn", ambiguous="x", needs=("militancy",)))]) == []
    assert lint([make("a", Form("Muslim Vorkadun", "en", "Latn"))]) == []


def test_two_letters_need_a_context_even_in_capitals_of_any_case():
    assert "two letters need a context" in lint([make("a", Form("XQ", "en", "Latn", case="exact"))])[0]
    assert lint([make("a", Form("XQ", "en", "Latn", case="exact", own=True))]) == []


def test_frequent_words_are_counted_in_lower_case_only():
    words = count_words([("en", "The Lake and the lake’s shore"), ("xx", "nothing")])
    assert words["en"] == ["and", "lake's", "shore", "the"]
    assert words["ru"] == []


def test_shipped_frequent_words_cover_every_writing_and_state_their_licence():
    assert all(len(words) > 1_000 for words in load_frequent().values())
    assert "MIT" in load_origin()
    assert "MPL-2.0" in load_origin()


def test_coverage_page_is_current():
    assert PAGE.read_text("utf-8") == render(load_entities()), "run python -m gazetteer.coverage"
