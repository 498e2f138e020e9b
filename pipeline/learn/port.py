"""Everything that stands on the encoder, fitted on another one: `xabar models encoder ID FOLDER`, then XABAR_ENCODER=FOLDER.

The texts are those that are shipped with xabar, and in a folder of further labelled ones; the real texts that the shipped heads
remember by numbers about the shipped encoder's states cannot help here.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.encoder.corpus import LABELS, read_sentences
from models.encoder.hub import HubEncoder, fetch
from models.entities.adapt import fit_heads, read_labelled
from models.entities.decode import LABELS as WORD_LABELS
from models.entities.refit import Head
from models.entities.tag import HEADS, save_heads
from models.relevance.basis import PATH as BASIS
from models.relevance.basis import load_basis, read_probe
from models.relevance.weights import PATH as WEIGHTS
from models.relevance.wording import States
from pipeline.learn.ship import make_basis, read_shippable, save_basis, ship
from pipeline.learn.snapshot import TEXTS
from pipeline.records import Stop

NAMED = ("first.*.jsonl", "written.*.jsonl", "ner.*.jsonl")
PULL = 1e-5  # there is no head to stay near
Show = Callable[[str, int, int], None]


def port(name: str, folder: Path, show: Show, *, data: Path | None = None, texts: Path = TEXTS) -> HubEncoder:
    """Fetch the model, fit the heads for names and for relevance, write all of it into a new folder. Raises Stop, BrokenModel."""
    if folder.exists() and any(folder.iterdir()):
        raise Stop(f"{folder}: is in the way; name a folder that does not exist yet, or is empty")
    folder.mkdir(parents=True, exist_ok=True)
    fetch(name, folder)
    encoder = HubEncoder(folder)
    _fit_names(encoder, folder, show, texts)
    _fit_relevance(encoder, folder, show, data, texts)
    return encoder


def _fit_names(encoder: HubEncoder, folder: Path, show: Show, texts: Path) -> None:
    sentences = [(item, 1.0) for kind in NAMED for path in sorted(texts.glob(kind)) for item in read_sentences(path)]
    kept = [(item, weight) for item, weight in sentences if all(span[2] in LABELS for span in item.spans)]
    size = encoder.read([("en", "size")])[0].hidden.shape[1]
    empty: Head = (np.zeros((size, len(WORD_LABELS)), np.float32), np.zeros(len(WORD_LABELS), np.float32))
    start = dict.fromkeys(sorted({item.language for item, _ in kept}), empty)
    # All names of these texts are marked, so no person has to be left out.
    read = read_labelled(kept, None, lambda done, total: show("reading names", done, total), encoder)
    show("fitting names", 0, 1)
    save_heads(fit_heads(read, start, PULL), folder / HEADS.name)
    show("fitting names", 1, 1)


def _fit_relevance(encoder: HubEncoder, folder: Path, show: Show, data: Path | None, texts: Path) -> None:
    rows = read_shippable(data, texts)
    states = States(encoder.read, encoder.name)
    found = []
    for done, row in enumerate(rows, 1):
        found.append(states.find(row.language, row.title, row.text).state)
        show("reading wording", done, len(rows))
    save_basis(make_basis(np.stack(found), read_probe(encoder.read)), folder / BASIS.name)
    show("fitting wording", 0, 1)
    text = ship(rows, states, load_basis(folder / BASIS.name, encoder.read))
    (folder / WEIGHTS.name).write_text(text, encoding="utf-8")
    show("fitting wording", 1, 1)
