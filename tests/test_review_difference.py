"""Versions of an article: what changed is shown by words where a paragraph stayed, by paragraphs where it did not."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review.difference import Part, compare_lines

LINES = st.lists(st.text("aб .,1", max_size=12), max_size=6)


def test_one_word_is_marked_and_not_its_paragraph() -> None:
    [parts] = compare_lines(["Sud uch kishini aybladi."], ["Sud besh kishini aybladi."])
    assert parts == (Part("same", "Sud "), Part("out", "uch"), Part("in", "besh"), Part("same", " kishini aybladi."))


def test_another_paragraph_is_taken_out_and_put_in_as_a_whole() -> None:
    found = compare_lines(["Title", "Суд завершён."], ["Title", "The border was closed on Monday.", "More is not known."])
    assert found[0] == (Part("same", "Title"),)
    assert [part.kind for parts in found[1:] for part in parts] == ["in", "out", "in"]


def test_a_paragraph_of_many_thousand_words_does_not_hold_the_page() -> None:
    old, new = "a b " * 20_000, "c d " * 20_000
    assert [part.kind for parts in compare_lines([old], [new]) for part in parts] == ["out", "in"]


@settings(deadline=None)
@given(LINES, LINES)
def test_the_parts_are_both_versions(before: list[str], after: list[str]) -> None:
    found = compare_lines(before, after)
    for side, lines in (("out", before), ("in", after)):
        kept = ["".join(part.text for part in parts if part.kind in ("same", side)) for parts in found]
        assert [line for line in kept if line.strip()] == [line for line in lines if line.strip()]
