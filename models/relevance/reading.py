"""What a text holds, sentence by sentence: names, words by concept, legal notices. No weights, no verdict."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from models.relevance.fold import fold
from models.relevance.lexicon import Lexicon, load_lexicon
from models.relevance.notice import find_notices
from models.relevance.sentence import split_sentences

ACTOR_KINDS = frozenset({"organization", "armed-unit", "media-outlet", "publication", "person"})
TIES = ("place", "state")
NOTICE_WORD = "notice-word"
TALIBAN = frozenset({"taliban", "islamic-emirate-of-afghanistan"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A gazetteer hit, given by the caller; offsets are code points of the text, `name` and `source` are for the reasons."""

    start: int
    end: int
    entity_id: str
    kind: str
    certain: bool
    name: str = ""
    source: str = "gazetteer"


@dataclass(slots=True)
class Sentence:
    """One sentence (or the title, whose span is None) with what was found in it."""

    span: tuple[int, int] | None
    words: dict[str, str]  # concept -> first word of it, as written
    names: tuple[Hit, ...] = ()  # certain actors
    others: tuple[Hit, ...] = ()  # every other hit

    @property
    def armed_names(self) -> list[Hit]:
        """The certain actors that are not the Taliban as rulers."""
        return [hit for hit in self.names if hit.entity_id not in TALIBAN]

    def has(self, *concepts: str) -> bool:
        """Whether a word of any of these concepts stands here."""
        return not self.words.keys().isdisjoint(concepts)


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole text, read. `names` are the entity ids of certain actors, in order; `notices` counts legal notices."""

    text: str
    sentences: tuple[Sentence, ...]
    notices: int

    @property
    def names(self) -> list[Hit]:
        """All certain actors, in order."""
        return [hit for sentence in self.sentences for hit in sentence.names]


def read(title: str, text: str, language: str, hits: Sequence[Hit]) -> Reading:
    """Read title and text with the terms of `language` and the caller's gazetteer hits."""
    lexicon = load_lexicon(language)
    sentences = [Sentence(span, {}) for span in split_sentences(text)]
    notices = _fill(sentences, text, lexicon, hits)
    if title.strip():
        heading = Sentence(None, {})
        notices += _fill([heading], title, lexicon, ())
        sentences.insert(0, heading)
    excused = lexicon.excused.keys()
    for sentence in sentences:
        if not excused.isdisjoint(sentence.words):
            _drop_excused(sentence, lexicon)
    if any(sentence.has(*TIES) for sentence in sentences):
        for sentence in sentences:
            _mark_travel(sentence)
    return Reading(text, tuple(sentences), notices)


def _fill(sentences: list[Sentence], text: str, lexicon: Lexicon, hits: Sequence[Hit]) -> int:
    """Put words and hits into their sentences; return how many legal notices were set aside."""
    if not sentences:
        return 0
    folded = fold(text)
    found = lexicon.find(folded)
    notices = find_notices(folded, [one.start for one in found if one.concept == NOTICE_WORD])
    starts = [sentence.span[0] if sentence.span else 0 for sentence in sentences]
    for start, end, concept in found:
        words = sentences[max(bisect_right(starts, start) - 1, 0)].words
        if concept not in words and not (notices and _is_inside(start, notices)):
            words[concept] = text[start:end]
    for hit in hits:
        if not _is_inside(hit.start, notices):
            _add_hit(sentences[max(bisect_right(starts, hit.start) - 1, 0)], hit)
    return len(notices)


def _add_hit(sentence: Sentence, hit: Hit) -> None:
    if hit.certain and hit.kind in ACTOR_KINDS:
        sentence.names = (*sentence.names, hit)
    else:
        sentence.others = (*sentence.others, hit)


def _is_inside(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def _mark_travel(sentence: Sentence) -> None:
    """Leaving for Syria or Iraq, or coming back, in a text tied to our area, says war zone without the word."""
    if sentence.has("war-zone") and sentence.has("foreign-fighter-travel", "repatriation-returnees"):
        sentence.words.setdefault("war-zone-travel", sentence.words["war-zone"])


def _drop_excused(sentence: Sentence, lexicon: Lexicon) -> None:
    """A word does not count beside what its concept names under `unless`: militants in a film."""
    for concept, excuses in lexicon.excused.items():
        if concept in sentence.words and sentence.has(*excuses):
            del sentence.words[concept]
