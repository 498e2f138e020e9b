"""The linter finds what would fire too easily, and the shipped data and page pass."""

from gazetteer.coverage import PAGE, render
from gazetteer.entries import Entity, Form, load_entities
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


def test_coverage_page_is_current():
    assert PAGE.read_text("utf-8") == render(load_entities()), "run python -m gazetteer.coverage"
