"""How relevant a text is, what it is about, who speaks: with reasons a reader can check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from models.relevance.explain import explain, pick_evidence
from models.relevance.feature import Index, extract_features, is_general_talk, is_keyed, is_only_rule, make_index
from models.relevance.modality import find_modality
from models.relevance.reading import Hit, read
from models.relevance.voice import is_promotional
from models.relevance.weights import Weights, load_weights, squash

__all__ = ["Classifier", "Hit", "Judgement", "load_classifier"]

TOPIC_FLOOR = 0.2
# Without a key, or with the Taliban only as rulers, a text must not be called relevant, whatever the weights say.
CEILING = 0.45
# From this probability on the encoder reads the text too, whatever the ceilings above say (see gate.md); the words for an attack
# alone are enough in the languages where they are rare in ordinary news.
LOOK_CLOSER = 0.02
ABOVE_NOTHING = 1.1
ATTACK_LANGUAGES = ("uz",)
PROMOTIONAL = "extremist-promotional-content"


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
    """Linear heads over readable features. It keeps no state, so threads may share it."""

    def __init__(self, weights: Weights) -> None:
        """Use these weights."""
        self._weights = weights

    def classify(self, title: str, text: str, language: str, script: str, hits: Sequence[Hit]) -> Judgement:  # noqa: ARG002  # part of the fixed call; letters tell the script
        """Judge one text. `hits` are the gazetteer's, with offsets into `text`."""
        reading = read(title, text, language, hits)
        index = make_index(reading)
        features = extract_features(reading, index)
        keyed = is_keyed(index)
        suspicion = self._judge(features, language)
        relevant, capped = limit(suspicion, index)
        return Judgement(
            relevance=self._split(relevant, features),
            topics=self._find_topics(relevant, features) if keyed else {},
            genre=self._find_genre(features, index),
            keyed=keyed,
            closer=self._is_suspicious(suspicion, language) or (language in ATTACK_LANGUAGES and bool(index.having("attack"))),
            reasons=(*capped, *explain(reading, features, self._weights.relevant)),
            evidence=pick_evidence(reading),
            model=self._weights.name,
            modality=find_modality(index),
        )

    def _is_suspicious(self, suspicion: float, language: str) -> bool:
        """Above the line, and above what a text without any evidence gets: retraining moves that, in Tajik beyond the line."""
        return suspicion >= max(LOOK_CLOSER, ABOVE_NOTHING * self._judge({}, language))

    def _judge(self, features: Mapping[str, float], language: str) -> float:
        slope, shift = self._weights.calibration.get(language, (1.0, 0.0))
        return squash(slope * self._weights.relevant.add_up(features) + shift)

    def _split(self, relevant: float, features: Mapping[str, float]) -> dict[str, float]:
        event = squash(self._weights.event.add_up(features))
        context = squash(self._weights.context.add_up(features))
        parts = ((1 - relevant) * (1 - context), (1 - relevant) * context, relevant * (1 - event), relevant * event)
        return dict(zip(("R0", "R1", "R2", "R3"), parts, strict=True))

    def _find_topics(self, relevant: float, features: Mapping[str, float]) -> dict[str, float]:
        found = {topic: relevant * squash(head.add_up(features)) for topic, head in self._weights.topics.items()}
        ranked = sorted(found.items(), key=lambda item: -item[1])
        return {topic: probability for topic, probability in ranked if probability > TOPIC_FLOOR}

    def _find_genre(self, features: Mapping[str, float], index: Index) -> dict[str, float]:
        raw = {genre: squash(head.add_up(features)) for genre, head in self._weights.genre.items()}
        # There is no text to learn this one from, and there shall be none: a call in a group's own voice, unframed, is the rule.
        raw[PROMOTIONAL] = is_promotional(index) * 3.0
        total = sum(raw.values())
        return {genre: value / total for genre, value in sorted(raw.items(), key=lambda item: -item[1])}


def limit(relevant: float, index: Index) -> tuple[float, tuple[str, ...]]:
    """What the rules leave of a probability of R2 or R3, and why: no key, the Taliban only as rulers, general talk."""
    if not is_keyed(index):
        why = "no certain name and no word for terrorism beside an act, a place in scope or an authority: kept below 0.5"
        return min(relevant, CEILING), (why,) if relevant > CEILING else ()
    if is_only_rule(index):
        why = "the Taliban only as rulers (trade, transit, diplomacy): context, kept below 0.5"
        return min(relevant, CEILING), (why,)
    if is_general_talk(index):
        why = "no group, place, state or war zone in scope (nexus rule): general talk, kept below 0.5"
        return min(relevant, CEILING), (why,) if relevant > CEILING else ()
    return relevant, ()


@cache
def load_classifier() -> Classifier:
    """The shipped classifier, built once per process."""
    return Classifier(load_weights())
