"""Cutting a text for display: nothing is lost, nothing doubled, whatever the spans are."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Mention
from pipeline.review.highlight import Chunk, cut_text

SPAN = st.tuples(st.integers(-3, 45), st.integers(-3, 45))


def mention(start: int, end: int, name: str = "") -> Mention:
    return Mention(start, end, "", "ORG", None, ("ner",), 0.5, name=name)


def chunks_of(text: str, mentions: list[Mention], evidence: list[tuple[int, int]] | None = None) -> list[Chunk]:
    return [chunk for runs in cut_text(text, mentions, evidence or []) for run in runs for chunk in run.chunks]


@given(st.text("aқ \n", max_size=40), st.lists(SPAN, max_size=6), st.lists(SPAN, max_size=4))
def test_paragraphs_joined_are_the_text_and_every_mention_is_in_a_mark(
    text: str, spans: list[tuple[int, int]], evidence: list[tuple[int, int]]
) -> None:
    mentions = [mention(a, b, str(n)) for n, (a, b) in enumerate(spans)]
    paragraphs = cut_text(text, mentions, evidence)
    joined = ["".join(chunk.text for run in runs for chunk in run.chunks) for runs in paragraphs]
    assert joined == [line for line in text.split("\n") if line.strip()]
    marks = [chunk for runs in paragraphs for run in runs for chunk in run.chunks if chunk.mentions]
    assert all("".join(piece for piece, _ in chunk.pieces) == chunk.text for chunk in marks)
    assert len({chunk.number for chunk in marks}) == len(marks)
    shown = {m.name for chunk in marks for m in chunk.mentions}
    lines = text.split("\n")
    for m in mentions:
        if not 0 <= m.start < m.end <= len(text):
            assert m.name not in shown
        elif any(text[i] != "\n" and lines[text.count("\n", 0, i)].strip() for i in range(m.start, m.end)):
            assert m.name in shown


def test_touching_mentions_stay_two_and_overlapping_ones_become_one() -> None:
    touching = [c for c in chunks_of("abcdef", [mention(0, 3), mention(3, 6)]) if c.mentions]
    assert [c.text for c in touching] == ["abc", "def"]
    [overlapping] = [c for c in chunks_of("abcdef", [mention(0, 4), mention(2, 6)]) if c.mentions]
    assert overlapping.pieces == (("ab", False), ("cd", True), ("ef", False))


def test_the_longest_mention_gives_a_mark_its_colour() -> None:
    [mark] = [c for c in chunks_of("abcdef", [mention(2, 4, "short"), mention(1, 6, "long")]) if c.mentions]
    assert mark.first.name == "long"


def test_evidence_covers_its_sentence_and_takes_in_a_mention_that_crosses_its_end() -> None:
    [runs] = cut_text("One two. Three.", [mention(6, 10)], [(0, 8)])
    assert [(run.evidence, "".join(c.text for c in run.chunks)) for run in runs] == [(True, "One two. T"), (False, "hree.")]


def test_mention_across_a_line_break_is_marked_on_both_sides() -> None:
    marks = [c for c in chunks_of("ab\ncd", [mention(1, 4)]) if c.mentions]
    assert [(c.text, c.number) for c in marks] == [("b", 1), ("c", 2)]


def test_mention_at_the_very_end_and_beyond_it() -> None:
    assert [c.text for c in chunks_of("abc", [mention(2, 3), mention(2, 4), mention(3, 3)]) if c.mentions] == ["c"]
    assert cut_text("", [mention(0, 0)], [(0, 5)]) == []
