"""Heads that learn from analysts' corrections: near the ones they start from, on the frozen encoder, kept as JSON.

What is not labelled teaches nothing: a person outside the gazetteer is never stored, so where the head to start from sees one
and no label stands, the words count neither as a name nor as none.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.encoder.choice import find_file
from models.encoder.corpus import Sentence
from models.encoder.encode import BrokenModel, Encoder, find_name, load_encoder
from models.entities.decode import label_words
from models.entities.refit import BATCH, Head, Matrix, States, make_loss
from models.entities.tag import HEADS, Heads, Tagger, load_heads, match_words
from models.entities.word import find_words

PULL = 1e-3  # as for the shipped heads
STEPS = 200
Show = Callable[[int, int], None]


def read_labelled(
    sentences: Sequence[tuple[Sentence, float]],
    start: Heads | None,
    show: Show = lambda *_: None,
    encoder: Encoder | None = None,
) -> list[States]:
    """Sentences with their weights, each read once by the encoder; words of persons that `start` sees unlabelled are left out."""
    encoder, found = encoder or load_encoder(), []
    tagger = Tagger(encoder, start) if start else None
    for first in range(0, len(sentences), BATCH):
        batch = sentences[first : first + BATCH]
        readings = encoder.read([(item.language, item.text) for item, _ in batch])
        for (item, weight), reading in zip(batch, readings, strict=True):
            words, tokens = match_words(find_words(item.text), reading.offsets)
            labels = label_words([begin for begin, _ in words], item.spans)
            names = tagger.tag(reading, item.text, item.language) if tagger else []
            persons = [name for name in names if name.kind == "PER"]
            kept = [
                place
                for place, (begin, _) in enumerate(words)
                if labels[place] or not any(name.start <= begin < name.end for name in persons)
            ]
            if kept:
                chosen = [words[place] for place in kept]
                states = reading.hidden[[tokens[place] for place in kept]]
                found.append(States(item, chosen, states, [labels[place] for place in kept], weight))
        show(min(first + BATCH, len(sentences)), len(sentences))
    return found


def fit_heads(read: Sequence[States], start: Heads, pull: float = PULL) -> dict[str, Head]:
    """The heads again; one whose language has no sentence stays as it was."""
    heads = dict(start)
    for language in start:
        own = [item for item in read if item.sentence.language == language]
        if own:
            heads[language] = _fit(own, start[language], pull)
    return heads


def dump_heads(heads: Heads, **facts: str) -> str:
    """Heads as JSON, with the name of the encoder that they stand on."""
    packed = {language: {"weight": _pack(weight), "bias": _pack(bias)} for language, (weight, bias) in sorted(heads.items())}
    return json.dumps({"encoder": find_name(), "heads": packed} | facts, indent=1, sort_keys=True) + "\n"


def parse_heads(artefact: str) -> dict[str, Head]:
    """The heads of a text that `dump_heads` made. Raises BrokenModel beside another encoder: its states mean something else."""
    data = json.loads(artefact)
    if data["encoder"] != find_name():
        raise BrokenModel(f"these entity heads were trained on {data['encoder']} and not on {find_name()}; train them again")
    return {language: (_unpack(head["weight"]), _unpack(head["bias"])) for language, head in data["heads"].items()}


def load_shipped() -> dict[str, Head]:
    """The heads that come with xabar."""
    return load_heads(find_file(HEADS))


def keep_labelled(sentence: Sentence, kinds: Sequence[str]) -> Sentence:
    """The sentence with the spans of these kinds, of overlapping ones the longest."""
    kept: list[tuple[int, int, str]] = []
    for span in sorted((span for span in sentence.spans if span[2] in kinds), key=lambda span: (span[0] - span[1], span[0])):
        if all(span[1] <= other[0] or other[1] <= span[0] for other in kept):
            kept.append(span)
    return replace(sentence, spans=tuple(sorted(kept)))


def _fit(read: Sequence[States], start: Head, pull: float) -> Head:
    """Nesterov's accelerated descent with restarts: the base install has no optimiser, and the loss is convex."""
    find_loss, old = make_loss(read, start, pull)
    here, ahead, momentum, rate = old.ravel(), old.ravel(), 1.0, 1e-2
    loss = find_loss(here)[0]
    for _ in range(STEPS):
        value, slope = find_loss(ahead)
        reached = ahead - rate * slope
        found = find_loss(reached)[0]
        if found > value - rate / 2 * float(slope @ slope):
            rate /= 2
            continue
        if found > loss:  # the momentum overshot
            ahead, momentum = here, 1.0
            continue
        following = (1 + (1 + 4 * momentum * momentum) ** 0.5) / 2
        ahead, momentum = reached + (momentum - 1) / following * (reached - here), following
        here, loss, rate = reached, found, rate * 1.1
    head: Matrix = here.reshape(old.shape)
    return head[:-1].astype(np.float32), head[-1].astype(np.float32)


def _pack(values: Matrix) -> dict[str, Any]:
    data = np.ascontiguousarray(values, dtype="<f4")
    return {"shape": list(data.shape), "float32": base64.b64encode(data.tobytes()).decode("ascii")}


def _unpack(packed: Mapping[str, Any]) -> Matrix:
    values: Matrix = np.frombuffer(base64.b64decode(packed["float32"]), "<f4").reshape(packed["shape"])
    return values
