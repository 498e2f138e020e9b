"""From a reading to numbers between 0 and 1 with readable names: the only thing the model ever sees."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.relevance.lexicon import load_concepts
from models.relevance.reading import TIES, Reading

KEY_WORDS = tuple(name for name, concept in load_concepts().items() if concept.role == "key")
ACTS = tuple(name for name, concept in load_concepts().items() if concept.role == "topic")
NEGATIVES = tuple(name for name, concept in load_concepts().items() if concept.role == "negative")
FRAMES = ("diplomacy", "attribution", "analysis", "history", "court", "official", "authority")
VIOLENCE = ("clash", "attack", "suicide-attack", "plot-arrest", "recruitment", "militant", "terror", "training-camps-safe-haven")
CASES = ("plot-arrest", "trial-sentencing", "rights-abuse-misuse", "online-platform-takedown")
START = 3  # sentences, the title among them
PASSING_SENTENCES = 8
PASSING_SHARE = 0.15
_ENOUGH = 3
_GROUPS = frozenset({"organization", "armed-unit", "media-outlet"})


@dataclass(frozen=True, slots=True)
class Index:
    """Numbers of the sentences (the title among them) that have something."""

    size: int
    concepts: Mapping[str, set[int]]
    named: set[int]
    armed: set[int]
    key: set[int]
    ties: set[int]

    @property
    def ruling(self) -> set[int]:
        """Sentences that name the Taliban and no other actor."""
        return self.named - self.armed

    @property
    def evidence(self) -> set[int]:
        """Sentences that say anything for relevance."""
        return self.named | self.key

    def having(self, *concepts: str) -> set[int]:
        """Sentences with a word of any of these concepts."""
        return set().union(*(self.concepts[concept] for concept in concepts if concept in self.concepts))


def make_index(reading: Reading) -> Index:
    """Turn a reading round: from sentences to what they hold."""
    concepts: dict[str, set[int]] = {}
    for number, sentence in enumerate(reading.sentences):
        for concept in sentence.words:
            concepts.setdefault(concept, set()).add(number)
    return Index(
        size=len(reading.sentences),
        concepts=concepts,
        named={n for n, sentence in enumerate(reading.sentences) if sentence.names},
        armed={n for n, sentence in enumerate(reading.sentences) if sentence.names and sentence.armed_names},
        key=set().union(*(concepts[word] for word in KEY_WORDS if word in concepts)),
        ties=set().union(*(concepts[tie] for tie in TIES if tie in concepts)),
    )


def extract_features(reading: Reading, index: Index) -> dict[str, float]:
    """The features that are not zero, by name."""
    found = {**_name_features(reading, index), **_word_features(index), **_act_features(index)}
    evidence = index.evidence
    for concept in index.concepts:
        if concept in FRAMES:
            found[f"frame:{concept}"] = 1.0
        elif concept in NEGATIVES:
            found[f"against:{concept}"] = len(index.concepts[concept] - evidence) / index.size
    found["passing"] = is_passing(index)
    found["notice-only"] = float(reading.notices > 0 and not evidence)
    found["share"] = len(evidence) / index.size if index.size else 0.0
    return {name: float(value) for name, value in found.items() if value}


def is_keyed(index: Index) -> bool:
    """The two-key rule: a certain actor in scope, or a word for terrorism, extremism, militants or a banned group beside
    an act, a place in scope or an authority, in one sentence."""
    return bool(index.named) or not index.key.isdisjoint(index.having(*ACTS, *TIES, "authority", "war-zone"))


def is_only_rule(index: Index) -> bool:
    """The Taliban and nobody else, without violence: trade, transit, diplomacy, or a mention in passing."""
    if not index.named or index.armed or index.key or not index.ruling.isdisjoint(index.having(*VIOLENCE)):
        return False
    return "diplomacy" in index.concepts or index.ruling.isdisjoint(index.having(*ACTS))


def is_passing(index: Index) -> bool:
    """A long text that says it once or twice, far from its start."""
    few = len(index.evidence) <= index.size * PASSING_SHARE
    return bool(index.evidence) and index.size >= PASSING_SENTENCES and few and index.evidence.isdisjoint(range(START))


def is_untied(index: Index) -> bool:
    """The nexus rule: words for terrorism, but no group, place, state or war zone in scope anywhere in the text."""
    return bool(index.key) and not (index.named or index.ties or index.having("war-zone", "war-zone-travel"))


def is_general_talk(index: Index) -> bool:
    """Untied, and no case either: no arrest, trial or complaint beside the word, or only in a country out of scope."""
    return is_untied(index) and ("foreign" in index.concepts or index.key.isdisjoint(index.having(*CASES)))


def is_misuse(index: Index) -> bool:
    """A complaint that such a charge is misused, beside the word and of no country out of scope: it needs no other tie."""
    return "foreign" not in index.concepts and not index.key.isdisjoint(index.having("rights-abuse-misuse"))


def _name_features(reading: Reading, index: Index) -> dict[str, float]:
    if not index.named:
        unsure = any(hit.kind in _GROUPS for sentence in reading.sentences for hit in sentence.others)
        return {"name-unsure": unsure, "event-name": _has_event(reading)}
    armed = [hit.entity_id for n in sorted(index.armed) for hit in reading.sentences[n].armed_names]
    violent = index.ruling & index.having(*VIOLENCE)
    first = 1 if reading.sentences[0].span is None else 0
    return {
        "name": bool(armed),
        "name-again": min(max(len(armed) - 1, 0), _ENOUGH) / _ENOUGH,
        "names-several": len(set(armed)) > 1,
        "name-first": first in index.armed,
        "name-acts": not index.armed.isdisjoint(index.having(*ACTS)),
        "taliban": bool(index.ruling),
        "taliban-violence": bool(violent),
        "taliban-state": bool(index.ruling) and not violent,
        "taliban-diplomacy": bool((index.ruling & index.having("diplomacy")) - violent),
        "event-name": _has_event(reading),
    }


def _word_features(index: Index) -> dict[str, float]:
    """Ties by place count only where no name makes the tie: so a nationality beside a name weighs nothing."""
    found: dict[str, float] = {f"word:{concept}": 1.0 for concept in KEY_WORDS if concept in index.concepts}
    if index.named:
        return found
    attacked = (index.having("attack") & index.having("place")) - index.key
    found["violence-in-place"] = bool(attacked)
    if not index.key:
        return found
    neighbours = {n + step for n in index.key for step in (-1, 1)}
    acting = index.key & index.having(*ACTS)
    beside, near = index.key & index.ties, neighbours & index.ties
    war_zone = bool(index.key & index.having("war-zone"))
    foreign = "foreign" in index.concepts
    return found | {
        "tie:place": bool(index.key & index.having("place")),
        "tie:state": bool(index.key & index.having("state")),
        "tie:next": bool(near) and not beside,
        "tie:text": bool(index.ties) and not near and not beside,
        "tie:war-zone": war_zone and not index.ties,
        "tie:none": is_untied(index) and not is_misuse(index),
        "tie:none-foreign": is_untied(index) and foreign,
        "tie:foreign": bool(index.ties) and foreign,
        "word-acts": bool(acting),
        "word-acts-tied": bool(acting & index.ties),
    }


def _act_features(index: Index) -> dict[str, float]:
    """`act:` anywhere; `do:` in a sentence with evidence; `top:` in the title or the first sentence; `many:` again."""
    found: dict[str, float] = {}
    evidence = index.evidence
    for concept in ACTS:
        having = index.concepts.get(concept)
        if having:
            found[f"act:{concept}"] = 1.0
            found[f"do:{concept}"] = not having.isdisjoint(evidence)
            found[f"top:{concept}"] = 0 in having
            found[f"many:{concept}"] = min(len(having) - 1, _ENOUGH) / _ENOUGH
    return found


def _has_event(reading: Reading) -> bool:
    return any(hit.certain for sentence in reading.sentences for hit in sentence.others)
