"""Reasons in plain words, strongest first, and the sentences that carried the decision."""

from collections.abc import Mapping

from models.relevance.feature import ACTS, KEY_WORDS, NEGATIVES
from models.relevance.lexicon import load_concepts
from models.relevance.reading import TIES, Reading, Sentence
from models.relevance.weights import Head

MOST_REASONS = 6
MOST_EVIDENCE = 3
_LEAST = 0.15  # log-odds below this are not worth a line
_PHRASES = {
    "name-again": "names armed groups several times",
    "names-several": "names more than one actor in scope",
    "name-first": "names it in the first sentence",
    "taliban-violence": "the Taliban in a sentence about violence",
    "taliban-state": "the Taliban as rulers",
    "taliban-diplomacy": "the Taliban in a sentence about trade, transit or diplomacy",
    "name-unsure": "a name that may mean something else",
    "event-name": "names an event or a publication in scope",
    "tie:next": "a place or state in scope in the sentence beside the word",
    "tie:text": "a place in scope elsewhere in the text",
    "tie:none": "no place, state or group in scope beside the word",
    "tie:none-foreign": "only places out of scope",
    "tie:foreign": "places out of scope too",
    "passing": "said once or twice in a long text, far from its start",
    "notice-only": "only a legal notice matched",
}


def explain(
    reading: Reading, features: Mapping[str, float], head: Head, wording: tuple[float, str] | None = None
) -> tuple[str, ...]:
    """What weighed most for and against relevance; `wording` is the log-odds that the wording adds, and the line that says so."""
    weighed = [(head.weights.get(name, 0.0) * value, name) for name, value in features.items()]
    weighed.sort(key=lambda item: (-abs(item[0]), item[1]))
    lines = [(abs(weight), _say(name, weight > 0, reading)) for weight, name in weighed if abs(weight) >= _LEAST]
    if wording:
        place = sum(weight > abs(wording[0]) for weight, _ in lines)
        lines.insert(min(place, MOST_REASONS - 1), (abs(wording[0]), wording[1]))
    return tuple(dict.fromkeys(line for _, line in lines if line))[:MOST_REASONS]


def pick_evidence(reading: Reading, worded: tuple[int, int] | None = None) -> tuple[tuple[int, int], ...]:
    """The spans of the best sentences, strongest first; none where nothing speaks for relevance.

    `worded` is the sentence whose wording spoke most for it: it is among them where there is any evidence.
    """
    ranked = sorted(
        (
            (_rate(sentence), -sentence.span[0], sentence.span)
            for sentence in reading.sentences
            if sentence.span and (sentence.names or sentence.has(*KEY_WORDS))
        ),
        reverse=True,
    )
    best = [span for _, _, span in ranked[:MOST_EVIDENCE]]
    if best and worded and not any(start < worded[1] and worded[0] < end for start, end in best):
        best = [*best[: MOST_EVIDENCE - 1], worded]
    return tuple(best)


def _rate(sentence: Sentence) -> int:
    acts = sum(sentence.has(act) for act in ACTS)
    return 3 * min(len(sentence.names), 2) + 2 * sentence.has(*KEY_WORDS) + min(acts, 3) + sentence.has(*TIES)


def _say(name: str, raised: bool, reading: Reading) -> str:
    said = _describe(name, reading)
    return said if raised or not said else f"lowered: {said}"


def _describe(name: str, reading: Reading) -> str:
    if name in ("name", "taliban", "name-acts"):
        return _describe_name(name, reading)
    kind, _, concept = name.partition(":")
    if kind in ("word", "tie", "against") and concept in (*KEY_WORDS, *TIES, "war-zone", *NEGATIVES):
        about = load_concepts()[concept].about
        word = _first_word(reading, concept)
        return f"{about}: '{word}'" if kind != "against" else f"sentence about {about}: '{word}'"
    if name in ("word-acts", "word-acts-tied"):
        return _describe_act(reading)
    if name == "share":
        carrying = sum(bool(sentence.names) or sentence.has(*KEY_WORDS) for sentence in reading.sentences)
        return f"{carrying} of {len(reading.sentences)} sentences carry it"
    if name == "violence-in-place":
        return f"attack in a place in scope: '{_first_word(reading, 'attack')}', '{_first_word(reading, 'place')}'"
    if kind in ("act", "do", "top", "many", "frame"):
        word = _first_word(reading, concept)
        return f"words on {load_concepts()[concept].about}: '{word}'" if word else ""
    return _PHRASES.get(name, name)


def _describe_name(name: str, reading: Reading) -> str:
    said = ""
    for sentence in reading.sentences:
        wanted = sentence.names if name == "taliban" else sentence.armed_names
        act = next((act for act in ACTS if sentence.has(act)), None)
        if wanted:
            hit = wanted[0]
            named = f"names '{reading.text[hit.start : hit.end]}' ({hit.name or hit.entity_id}; {hit.source})"
            said = said if said and not act else f"{named} in a sentence about {load_concepts()[act].about}" if act else named
        if said and act:
            break
    return said


def _describe_act(reading: Reading) -> str:
    said = ""
    for sentence in reading.sentences:
        word = next((sentence.words[key] for key in KEY_WORDS if key in sentence.words), None)
        act = next((act for act in ACTS if sentence.has(act)), None)
        tie = next((sentence.words[tie] for tie in TIES if tie in sentence.words), None)
        if word and act and (tie or not said):
            said = f"'{word}' in a sentence about {load_concepts()[act].about}" + (f", with '{tie}'" if tie else "")
            if tie:
                break
    return said


def _first_word(reading: Reading, concept: str) -> str:
    return next((sentence.words[concept] for sentence in reading.sentences if concept in sentence.words), "")
