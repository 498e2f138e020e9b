"""How relevant a text is, what it is about, who speaks: with reasons a reader can check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from models.relevance.basis import load_basis
from models.relevance.explain import explain, pick_evidence
from models.relevance.feature import Index, extract_features, is_general_talk, is_keyed, is_only_rule, make_index
from models.relevance.modality import find_modality
from models.relevance.reading import Hit, read
from models.relevance.said import Said, hear
from models.relevance.voice import is_promotional
from models.relevance.weights import Heads, Weights, load_weights, squash
from models.relevance.wording import Worded

__all__ = ["Classifier", "Hit", "Judgement", "load_classifier"]

TOPIC_FLOOR, GIVEN = 0.2, 0.5
# Without a key, or with the Taliban only as rulers, a text must not be called relevant, whatever the weights say.
CEILING = 0.45
# From this probability on the encoder reads the text too, whatever the ceilings above say (see gate.md); the words for an attack
# alone are enough in the languages where they are rare in ordinary news.
LOOK_CLOSER = 0.02
ABOVE_NOTHING = 1.1
ATTACK_LANGUAGES = ("uz",)
PROMOTIONAL = "extremist-promotional-content"
# What the wording of a text weighs beside its evidence, and from which log-odds on it is a frame, and a sure one.
WORDING_SHARE = 0.5
FRAMED, SURE = 0.0, 1.0
OWN_STATE_LANGUAGES = ("uz", "tg")
WORDED = "+wording"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model says of one text.

    `relevance` and `genre` sum to 1; `closer` asks for the encoder; `evidence` are code point spans of the text. `modality` has
    the flags of labels.toml that the text carries, with the share of its evidence that says so.
    """

    relevance: dict[str, float]
    topics: dict[str, float]
    genre: dict[str, float]
    keyed: bool
    closer: bool
    reasons: tuple[str, ...]
    evidence: tuple[tuple[int, int], ...]
    model: str
    modality: dict[str, float] = field(default_factory=dict)


class Classifier:
    """Linear heads over readable features and, where the encoder has read the text, over its wording. Threads may share it."""

    def __init__(self, weights: Weights) -> None:
        """Use these weights."""
        self._weights = weights

    @property
    def reads_wording(self) -> bool:
        """Whether what the encoder read would change anything."""
        return self._weights.wording is not None

    def classify(
        self,
        title: str,
        text: str,
        language: str,
        script: str,  # noqa: ARG002  # part of the fixed call; letters tell the script
        hits: Sequence[Hit],
        worded: Worded | None = None,
    ) -> Judgement:
        """Judge one text. `hits` are the gazetteer's, with offsets into `text`; `worded` is what the encoder made of it."""
        reading = read(title, text, language, hits)
        index = make_index(reading)
        features = extract_features(reading, index)
        said = self._hear(worded)
        heads = self._weights.heads
        if said and self._weights.worded:
            heads, features = self._weights.worded, features | said.features
        suspicion = self._judge(features, language, heads, said)
        relevant, capped = limit(suspicion, index, said.log_odds if said else None, language)
        keyed = is_keyed(index) or (said is not None and is_framed(index, said.log_odds))
        return Judgement(
            relevance=_split(relevant, features, heads),
            topics=_find_topics(relevant, features, heads) if keyed else {},
            genre=_find_genre(features, index, heads),
            keyed=keyed,
            closer=self._is_suspicious(suspicion, language) or (language in ATTACK_LANGUAGES and bool(index.having("attack"))),
            reasons=(*capped, *explain(reading, features, self._weights.relevant, said.explain(text) if said else None)),
            evidence=pick_evidence(reading, said.strongest if said else None),
            model=self._weights.name + (WORDED if said else ""),
            modality=find_modality(index),
        )

    def _hear(self, worded: Worded | None) -> Said | None:
        wording = self._weights.wording
        return hear(worded, wording, load_basis(), WORDING_SHARE) if worded is not None and wording is not None else None

    def _is_suspicious(self, suspicion: float, language: str) -> bool:
        """Above the line, and above what a text without any evidence gets: retraining moves that, in Tajik beyond the line."""
        return suspicion >= max(LOOK_CLOSER, ABOVE_NOTHING * self._judge({}, language, self._weights.heads))

    def _judge(self, features: Mapping[str, float], language: str, heads: Heads, said: Said | None = None) -> float:
        slope, shift = heads.calibration.get(language, (1.0, 0.0))
        return squash(slope * (self._weights.relevant.add_up(features) + (said.share * said.log_odds if said else 0.0)) + shift)


def _split(relevant: float, features: Mapping[str, float], heads: Heads) -> dict[str, float]:
    event = squash(heads.event.add_up(features))
    context = squash(heads.context.add_up(features))
    parts = ((1 - relevant) * (1 - context), (1 - relevant) * context, relevant * (1 - event), relevant * event)
    return dict(zip(("R0", "R1", "R2", "R3"), parts, strict=True))


def _find_topics(relevant: float, features: Mapping[str, float], heads: Heads) -> dict[str, float]:
    """Topics from TOPIC_FLOOR on; from GIVEN on they count as given, as the likeliest one of a relevant text always does."""
    sure = min(1.0, relevant / GIVEN)
    found = {topic: sure * squash(head.add_up(features)) for topic, head in heads.topics.items()}
    ranked = sorted(found.items(), key=lambda item: -item[1])
    if relevant >= GIVEN and ranked[0][1] < GIVEN:
        ranked[0] = (ranked[0][0], GIVEN)
    return {topic: probability for topic, probability in ranked if probability > TOPIC_FLOOR}


def _find_genre(features: Mapping[str, float], index: Index, heads: Heads) -> dict[str, float]:
    raw = {genre: squash(head.add_up(features)) for genre, head in heads.genre.items()}
    # There is no text to learn this one from, and there shall be none: a call in a group's own voice, unframed, is the rule.
    raw[PROMOTIONAL] = is_promotional(index) * 3.0
    total = sum(raw.values())
    return {genre: value / total for genre, value in sorted(raw.items(), key=lambda item: -item[1])}


def limit(relevant: float, index: Index, wording: float | None = None, language: str = "") -> tuple[float, tuple[str, ...]]:
    """What the rules leave of a probability of R2 or R3, and why: no key, the Taliban only as rulers, general talk.

    `wording` is the log-odds of the wording, where the encoder has read it: it may be the frame that a word lacks, never the
    word itself.
    """
    if not is_keyed(index):
        if wording is not None and is_framed(index, wording):
            return relevant, ()
        why = "no certain name and no word for terrorism beside an act, a place in scope or an authority: kept below 0.5"
        return min(relevant, CEILING), (why,) if relevant > CEILING else ()
    if is_only_rule(index):
        why = "the Taliban only as rulers (trade, transit, diplomacy): context, kept below 0.5"
        return min(relevant, CEILING), (why,)
    if is_general_talk(index) and not (wording is not None and speaks_of_own_state(wording, index, language)):
        why = "no group, place, state or war zone in scope (nexus rule): general talk, kept below 0.5"
        return min(relevant, CEILING), (why,) if relevant > CEILING else ()
    return relevant, ()


def is_framed(index: Index, wording: float) -> bool:
    """A word for terrorism, extremism, militants or a banned group in a text that is worded as relevant ones are."""
    return bool(index.key) and wording >= FRAMED


def speaks_of_own_state(wording: float, index: Index, language: str) -> bool:
    """Uzbek and Tajik outlets seldom name the state whose court or parliament they write about; their wording shows it."""
    return language in OWN_STATE_LANGUAGES and "foreign" not in index.concepts and wording >= SURE


@cache
def load_classifier() -> Classifier:
    """The shipped classifier, built once per process."""
    return Classifier(load_weights())
