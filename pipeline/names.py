"""Names beyond the gazetteer: the encoder reads what is worth its time, and what it finds is laid beside the gazetteer's."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from models import registry
from models.encoder.choice import find_folder
from models.encoder.encode import WINDOW_TOKENS, BrokenModel, Reading, load_encoder
from models.entities.tag import Heads, Name, Tagger
from pipeline.cascade import wants_names
from pipeline.records import Document, Mention, Stop

KINDS = ("PER", "ORG", "LOC")
AGREES, DIFFERS = "ner", "ner-differs"


def find_names(docs: Sequence[Document], *, cascade: bool = True, heads: Heads | None = None) -> list[Document]:
    """Fill `vectors` and `sense` and add names to `mentions`, for what is likely to be looked at or, without
    the cascade, for all of ours. Names are no evidence for relevance, so they are read last.

    `heads`: those that were retrained, instead of the shipped ones.
    """
    chosen = [doc for doc in docs if doc.language != "und" and (not cascade or wants_names(doc))]
    if not chosen:
        return list(docs)
    read, tag, align = _load(heads)
    whole = [f"{doc.title}\n{doc.text}" for doc in chosen]
    readings = read([(doc.language, text) for doc, text in zip(chosen, whole, strict=True)])
    done = {
        id(doc): replace(
            _fill(doc, reading, tag(reading, text, doc.language)), sense=align(reading.hidden[:WINDOW_TOKENS], doc.language)
        )
        for doc, text, reading in zip(chosen, whole, readings, strict=True)
    }
    return [done.get(id(doc), doc) for doc in docs]


def _load(heads: Heads | None) -> tuple[Callable[..., list[Reading]], Callable[..., list[Name]], Callable[..., Any]]:
    try:
        read = registry.load("encoder")
        tag = registry.load("entities") if heads is None else Tagger(load_encoder(), heads).tag
        # Another encoder has no map to vectors that mean the same in every language: its translations are not looked for.
        return read, tag, registry.load("aligner") if find_folder() is None else lambda *_: None
    except BrokenModel as error:
        raise Stop(str(error)) from error


def _fill(doc: Document, reading: Reading, names: Sequence[Name]) -> Document:
    # The title is read for its sense; names are looked for in the text, whose offsets begin after it.
    before = len(doc.title) + 1
    inside = [replace(name, start=name.start - before, end=name.end - before) for name in names if name.start >= before]
    return replace(doc, mentions=merge(doc.text, doc.mentions, inside), vectors=reading.vectors)


def merge(text: str, mentions: Sequence[Mention], names: Sequence[Name]) -> tuple[Mention, ...]:
    """The gazetteer's mentions, each saying whether the model agrees, and the names that only the model found.

    A certain mention keeps its kind and its entity. Where the model sees the same kind it may make the span longer (a
    district's name with its district). Where it sees another kind both stand, and `found_by` says that they differ; only a place
    inside an organisation's name gives way to the whole name, whose `why` keeps it.
    """
    outer = [name for name in names if name.kind == "ORG"]
    inner = [mention for mention in mentions if mention.label == "LOC" and any(_holds(name, mention) for name in outer)]
    kept = [_compare(text, mention, names) for mention in mentions if mention not in inner]
    covered = [(mention.start, mention.end, mention.label) for mention in kept]
    found = [_make_mention(text, name, inner) for name in names if not _is_covered(name, covered)]
    return tuple(sorted((*kept, *found), key=lambda mention: (mention.start, -mention.end, mention.label)))


def _holds(name: Name, mention: Mention) -> bool:
    return name.start <= mention.start and mention.end <= name.end and name.end - name.start > mention.end - mention.start


def _make_mention(text: str, name: Name, inner: Sequence[Mention]) -> Mention:
    places = ", ".join(dict.fromkeys(mention.name or mention.text for mention in inner if _holds(name, mention)))
    why = f"read as {name.kind} by the entity model" + (f"; its name holds the place {places}" if places else "")
    span = text[name.start : name.end]
    return Mention(name.start, name.end, span, name.kind, None, (AGREES,), round(name.probability, 4), why)


def count_agreement(docs: Sequence[Document]) -> Counter[str]:
    """How often gazetteer and model agree, differ, or stand alone, by `found_by`."""
    return Counter("+".join(mention.found_by) for doc in docs for mention in doc.mentions)


def _compare(text: str, mention: Mention, names: Sequence[Name]) -> Mention:
    over = [name for name in names if name.start < mention.end and mention.start < name.end]
    if mention.label not in KINDS or not over:
        return mention
    same = [name for name in over if name.kind == mention.label]
    if not same:
        return replace(mention, found_by=(*mention.found_by, DIFFERS))
    start, end = min(mention.start, same[0].start), max(mention.end, same[0].end)
    return replace(mention, start=start, end=end, text=text[start:end], found_by=(*mention.found_by, AGREES))


def _is_covered(name: Name, covered: Sequence[tuple[int, int, str]]) -> bool:
    return any(start < name.end and name.start < end and kind == name.kind for start, end, kind in covered)
