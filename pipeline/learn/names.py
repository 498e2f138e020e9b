"""The task entities: heads that learn from corrected names, compared with the live ones on the same frozen sentences.

A paragraph in which a reviewer added or took off a name counts as read: its names are those that stand after the corrections.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from models.encoder.corpus import Sentence, read_sentences
from models.encoder.encode import BrokenModel, load_encoder
from models.entities.adapt import PULL, dump_heads, fit_heads, keep_labelled, load_shipped, parse_heads, read_labelled
from models.entities.measure import count_spans, make_f1
from models.entities.tag import Tagger
from models.metric import draw_counts, find_interval
from models.relevance.objection import find_objections
from models.relevance.wording import States
from pipeline.corrected import apply
from pipeline.learn.snapshot import HELD_BACK, TEXTS, choose_newest
from pipeline.records import Document, Stop
from pipeline.store import Store
from pipeline.store.corrections import Correction

KINDS = ("PER", "ORG", "LOC")
SEEDS = ("first", "written")  # those whose names are marked
WEIGHTS = {"correction": 1.0, "seed": 0.02}  # of a word; there are some 90,000 words of ours
PARAMETERS = {"pull": PULL, "weights": WEIGHTS}
DIGITS = 4
Show = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph with its names. `place`: document and offsets, or file and line; `origin`: correction, seed or heldback."""

    place: str
    family: str
    origin: str
    part: str
    at: str
    sentence: Sentence = field(repr=False)

    @property
    def route(self) -> str:
        """The language, with the script where there are two."""
        return self.sentence.source

    def describe(self) -> dict[str, Any]:
        """The item without its text."""
        spans = [list(span) for span in self.sentence.spans]
        digest = sha256(self.sentence.text.encode("utf-8", "surrogatepass")).hexdigest()
        names = {name: getattr(self, name) for name in ("place", "family", "origin", "part", "at", "route")}
        return names | {"language": self.sentence.language, "spans": spans, "sha256": digest}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All items, and how many corrected documents were left out and why."""

    items: tuple[Item, ...]
    left_out: Mapping[str, int]

    def lines(self) -> list[str]:
        """One JSON line per item, without its text: offsets and hashes only."""
        return [json.dumps(item.describe(), ensure_ascii=False, sort_keys=True) for item in self.items]

    @property
    def sha256(self) -> str:
        """The hash of the lines."""
        return sha256("\n".join(self.lines()).encode()).hexdigest()

    def count(self) -> dict[str, int]:
        """How many items there are by part, origin and language."""
        return dict(sorted(Counter(f"{item.part} {item.origin} {item.route}" for item in self.items).items()))


def take_snapshot(store: Store, texts: Path = TEXTS, data: Path | None = None) -> Snapshot:  # noqa: ARG001  # the same call for every task
    """Corrected paragraphs, our own sentences to remember by, and held-back ones to measure with. Raises Stop without any."""
    left_out: Counter[str] = Counter()
    corrected = list(_read_corrected(store, left_out))
    test = choose_newest((item.route, item.family, item.at) for item in corrected)
    items = [
        *(replace(item, part="test" if item.family in test else "train") for item in corrected),
        *_read_shipped(texts, SEEDS, "seed", "train"),
        *_read_shipped(texts, HELD_BACK, "heldback", "test"),
    ]
    if not any(item.part == "test" for item in items):
        raise Stop(f"{store.path}: nothing to measure a model with; correct some names first ('xabar review', key e)")
    return Snapshot(tuple(sorted(items, key=lambda item: (item.origin, item.place))), dict(left_out))


def open_snapshot(store: Store, lines: Sequence[str], texts: Path = TEXTS, data: Path | None = None) -> Snapshot:  # noqa: ARG001  # same
    """A written snapshot with its texts again. Raises Stop when a text is gone or is another one now."""
    shipped = {item.place: item for kinds in (SEEDS, HELD_BACK) for item in _read_shipped(texts, kinds, "", "")}
    return Snapshot(tuple(_find_again(store, json.loads(line), shipped) for line in lines), {})


def train(snapshot: Snapshot, base: str, manifest: Mapping[str, Any], show: Show, states: States | None = None) -> str:  # noqa: ARG001  # same
    """The artefact: the heads as JSON, with the id of the model."""
    start = _parse(base)
    chosen = [(item.sentence, WEIGHTS[item.origin]) for item in snapshot.items if item.part == "train"]
    read = read_labelled(chosen, start, lambda done, total: show("reading", done, total))
    show("fitting", 0, 1)
    heads = fit_heads(read, start)
    show("fitting", 1, 1)
    return dump_heads(heads, trained_as=manifest["id"])


def read_shipped() -> str:
    """The artefact that comes with xabar."""
    return dump_heads(load_shipped())


def evaluate(
    snapshot: Snapshot,
    candidate: str,
    live: str,
    base: str,  # noqa: ARG001  # same
    manifest: Mapping[str, Any],
    texts: Path,  # noqa: ARG001  # same
    show: Show,
    states: States | None = None,  # noqa: ARG001  # same
) -> dict[str, Any]:
    """The report: strict span F1 of both per language, and the objections that follow."""
    items = [item for item in snapshot.items if item.part == "test"]
    taggers = [make_judge(artefact) for artefact in (candidate, live)]
    counts: list[list[tuple[int, int, int]]] = [[], []]
    for done, item in enumerate(items, 1):
        (reading,) = load_encoder().read([(item.sentence.language, item.sentence.text)])
        for own, tagger in zip(counts, taggers, strict=True):
            names = tagger.tag(reading, item.sentence.text, item.sentence.language)
            own.append(_count(item, [(name.start, name.end, name.kind) for name in names]))
        show("comparing", done, len(items))
    scores = ([round(make_f1(*count), DIGITS) for count in own] for own in counts)
    report: dict[str, Any] = {
        "languages": _compare(items, np.array(counts[0]), np.array(counts[1]), manifest["seed"]),
        "negative_classes": {},
        "pairs": {},
        "contradictions": {},
        "items": {item.place: [new, old] for item, new, old in zip(items, *scores, strict=True)},
    }
    return report | {"objections": find_objections(report)}


def make_judge(artefact: str | None) -> Tagger:
    """A tagger, ready to be asked; the shipped one for None."""
    return Tagger(load_encoder(), _parse(artefact) if artefact else load_shipped())


def tell_difference(doc: Document, one: Tagger, other: Tagger) -> dict[str, Any] | None:
    """Which organisations and places only one of two models finds in what the encoder has read; persons are not shown."""
    if not any("ner" in mention.found_by for mention in doc.mentions):
        return None
    (reading,) = load_encoder().read([(doc.language, doc.text)])
    before, after = (
        {(name.start, name.end, name.kind) for name in model.tag(reading, doc.text, doc.language) if name.kind != "PER"}
        for model in (one, other)
    )
    if before == after:
        return None
    marked = [("+", span) for span in sorted(after - before)] + [("-", span) for span in sorted(before - after)]
    why = "; ".join(f"{sign}{kind} “{doc.text[start:end]}”" for sign, (start, end, kind) in marked[:5])
    return {"before": len(before), "after": len(after), "change": len(marked), "why": why}


def _read_corrected(store: Store, left_out: Counter[str]) -> Iterator[Item]:
    found: dict[str, list[Correction]] = defaultdict(list)
    for correction in store.corrections.all("entities"):
        found[correction.document_id].append(correction)
    for document_id, corrections in found.items():
        doc = store.documents.load(document_id)
        if doc is None or not doc.text:
            left_out["document or its text is gone"] += 1
            continue
        mentions = apply(doc, corrections).doc.mentions
        route = f"{doc.language}-{doc.script}" if doc.language == "uz" else doc.language
        at = doc.published or doc.fetched_at.isoformat()
        for start, end in _find_paragraphs(doc.text, corrections):
            spans = tuple((m.start - start, m.end - start, m.label) for m in mentions if start <= m.start and m.end <= end)
            sentence = keep_labelled(Sentence(doc.text[start:end], spans, doc.language, route), KINDS)
            yield Item(f"{doc.id} {start} {end}", doc.cluster_id or doc.id, "correction", "", at, sentence)


def _find_paragraphs(text: str, corrections: Sequence[Correction]) -> list[tuple[int, int]]:
    found = set()
    for correction in corrections:
        start = text.rfind("\n", 0, correction.value["start"]) + 1
        end = text.find("\n", correction.value["start"])
        found.add((start, len(text) if end < 0 else end))
    return sorted(found)


def _read_shipped(texts: Path, kinds: Sequence[str], origin: str, part: str) -> Iterator[Item]:
    for path in sorted(path for kind in kinds for path in texts.glob(f"{kind}.*.jsonl")):
        route = path.name.split(".")[1]
        for number, sentence in enumerate(read_sentences(path)):
            own = keep_labelled(Sentence(sentence.text, sentence.spans, sentence.language, route), KINDS)
            yield Item(f"{path.name} {number}", f"{path.name} {number}", origin, part, "", own)


def _find_again(store: Store, entry: Mapping[str, Any], shipped: Mapping[str, Item]) -> Item:
    text = None
    if entry["origin"] == "correction":
        document_id, start, end = entry["place"].rsplit(" ", 2)
        doc = store.documents.load(document_id)
        text = doc.text[int(start) : int(end)] if doc else None
    elif entry["place"] in shipped:
        text = shipped[entry["place"]].sentence.text
    if text is None or sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != entry["sha256"]:
        state = "is gone" if text is None else "is another text now"
        raise Stop(f"snapshot: {entry['origin']} {entry['place']} {state}; make a new model with 'xabar models train'")
    spans = tuple((start, end, kind) for start, end, kind in entry["spans"])
    sentence = Sentence(text, spans, entry["language"], entry["route"])
    place, family, origin, part, at = (entry[name] for name in ("place", "family", "origin", "part", "at"))
    return Item(place, family, origin, part, at, sentence)


def _count(item: Item, found: Sequence[tuple[int, int, str]]) -> tuple[int, int, int]:
    """Right, found, wanted. In a corrected paragraph a person whom nobody may label is neither right nor wrong."""
    if item.origin == "correction":
        found = [span for span in found if span[2] != "PER" or span in item.sentence.spans]
    return count_spans([item.sentence.spans], [found]).get("all", (0, 0, 0))


def _compare(items: Sequence[Item], ours: Any, theirs: Any, seed: int) -> dict[str, Any]:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        groups[item.route].append(number)
    return {route: _compare_one(items, ours, theirs, chosen, seed) for route, chosen in sorted(groups.items())}


def _compare_one(items: Sequence[Item], ours: Any, theirs: Any, chosen: Sequence[int], seed: int) -> dict[str, Any]:
    families = {name: number for number, name in enumerate(dict.fromkeys(items[n].family for n in chosen))}
    drawn = draw_counts(np.array([families[items[n].family] for n in chosen]), seed)
    rated, rated_live = ([make_f1(*(counts @ own[chosen])) for counts in drawn] for own in (ours, theirs))
    value, value_live = (make_f1(*own[chosen].sum(0)) for own in (ours, theirs))
    figure = {
        "candidate": round(value, DIGITS),
        "candidate_interval": _round(find_interval(rated)),
        "live": round(value_live, DIGITS),
        "live_interval": _round(find_interval(rated_live)),
        "change": round(value - value_live, DIGITS),
        "change_interval": _round(find_interval([a - b for a, b in zip(rated, rated_live, strict=True)])),
    }
    return {"texts": len(chosen), "f1": figure}


def _round(values: Sequence[float]) -> list[float]:
    return [round(float(value), DIGITS) for value in values]


def _parse(artefact: str) -> Any:
    try:
        return parse_heads(artefact)
    except BrokenModel as error:
        raise Stop(str(error)) from error
