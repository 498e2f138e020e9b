"""Fine-tune the pruned encoder: names in four languages, and the full model's sentence vectors to imitate.

    python -m models.encoder.train CHECKPOINT OUT --fit FILE[:WEIGHT]... --teacher TEACHER.npz [--dev FILE...] [--steps 3000]

Every sentence belongs to a convention (`make_convention`): the sets mark names differently (with or without the word "company",
with or without a shop as a place), so each convention has a correction of its own on top of the shared head. Killed and started
again it goes on from the last checkpoint. Same data, seed and number of threads give the same weights on the same processor.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from models.encoder.corpus import Sentence, load_excluded, make_key, read_sentences
from models.encoder.normalise import normalise
from models.entities.decode import LABELS, label_words, make_spans
from models.entities.measure import count_spans, make_f1
from models.entities.word import find_words

CONVENTIONS = ("uz", "tg", "ru", "en", "ru-nerel", "ru-written", "en-written")
MOST_TOKENS = 160
WINDOW = 512
TOKENS_PER_BATCH = 900
SAVE_EVERY = 100
WARM_UP_STEPS = 100
DISTIL_EVERY = 4
DISTIL_WEIGHT = 2.0
IGNORED = -100


def make_convention(source: str, language: str) -> str:
    """Which way of marking names a file follows."""
    if language == "ru":
        return "ru-nerel" if "nerel" in source else "ru" if "factrueval" in source or source.startswith("ner.") else "ru-written"
    if language == "en":
        return "en" if "uner" in source or source.startswith("ner.") else "en-written"
    return language


class Model(nn.Module):
    """The encoder with its heads: label scores per token, and a sentence vector in the space of the full model."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.head = nn.Linear(size, len(LABELS))
        self.corrections = nn.Parameter(torch.zeros(len(CONVENTIONS), len(LABELS), size))
        self.offsets = nn.Parameter(torch.zeros(len(CONVENTIONS), len(LABELS)))
        self.projection = nn.Linear(size, size)
        nn.init.eye_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)

    def forward(self, numbers: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Hidden states [batch, tokens, size]."""
        return self.encoder(input_ids=numbers, attention_mask=mask).last_hidden_state

    def label(self, hidden: torch.Tensor, conventions: torch.Tensor) -> torch.Tensor:
        """Scores [batch, tokens, labels] under each sentence's convention."""
        hidden = self.dropout(hidden)
        own = torch.einsum("bth,blh->btl", hidden, self.corrections[conventions]) + self.offsets[conventions][:, None]
        return self.head(hidden) + own

    def embed(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Unit vectors [batch, size]: mean over tokens, brought to unit length and projected."""
        weights = mask[:, :, None].float()
        pooled = nn.functional.normalize((hidden * weights).sum(1), dim=-1)
        return nn.functional.normalize(self.projection(pooled), dim=-1)


class Reader:
    """Texts and sentences to tensors, with the first token of every word."""

    def __init__(self, folder: Path, most_tokens: int = MOST_TOKENS) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(most_tokens)
        self._pad = self._tokenizer.token_to_id("<pad>")

    def read(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor, list[Any]]:
        """Numbers, mask and encodings."""
        read = self._tokenizer.encode_batch(list(texts))
        longest = max(len(item.ids) for item in read)
        numbers = torch.full((len(read), longest), self._pad)
        mask = torch.zeros((len(read), longest), dtype=torch.long)
        for row, item in enumerate(read):
            numbers[row, : len(item.ids)] = torch.tensor(item.ids)
            mask[row, : len(item.ids)] = 1
        return numbers, mask, read


def find_first_tokens(read: Any, words: Sequence[tuple[int, int]]) -> list[int | None]:
    """For each word the token that holds its first character; None where the text was cut before it."""
    holder: dict[int, int] = {}
    for token, (start, end) in enumerate(read.offsets):
        for place in range(start, end):
            holder.setdefault(place, token)
    return [holder.get(start) for start, _ in words]


def label_sentence(sentence: Sentence, text: str, origin: Sequence[int] | None) -> list[tuple[tuple[int, int], int]]:
    """Each word of the normalised text with its label."""
    words = find_words(text)
    places = [start if origin is None else origin[start] for start, _ in words]
    return list(zip(words, label_words(places, sentence.spans), strict=True))


def vary(sentence: Sentence, draw: random.Random) -> Sentence:
    """Some sentences come in lower case, in capitals or without their full stop; lengths stay."""
    chance, text = draw.random(), sentence.text
    if chance < 0.07:
        text = text.lower()
    elif chance < 0.09:
        text = text.upper()
    elif chance < 0.17 and text.endswith("."):
        text = text[:-1]
    return Sentence(text, sentence.spans, sentence.language, sentence.source) if len(text) <= len(sentence.text) else sentence


def iter_batches(sentences: Sequence[tuple[Sentence, float]], draw: random.Random) -> Iterator[list[Sentence]]:
    """For ever: sentences as often as their weight says, in batches of like length, in random order."""
    while True:
        epoch = [vary(item, draw) for item, weight in sentences for _ in range(int(weight) + (draw.random() < weight % 1))]
        epoch.sort(key=lambda item: len(item.text) + draw.random() * 20)
        batches: list[list[Sentence]] = [[]]
        for item in epoch:
            tokens = (len(item.text) // 3 + 4) * (len(batches[-1]) + 1)
            if batches[-1] and tokens > TOKENS_PER_BATCH:
                batches.append([])
            batches[-1].append(item)
        draw.shuffle(batches)
        yield from batches


def make_targets(batch: Sequence[Sentence], reader: Reader) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Numbers, mask, labels at the first token of each word (others ignored) and conventions."""
    normalised = [normalise(item.text, item.language) for item in batch]
    numbers, mask, read = reader.read([text for text, _ in normalised])
    targets = torch.full(numbers.shape, IGNORED)
    for row, (item, (text, origin)) in enumerate(zip(batch, normalised, strict=True)):
        labelled = label_sentence(item, text, origin)
        for token, (_, label) in zip(find_first_tokens(read[row], [word for word, _ in labelled]), labelled, strict=True):
            if token is not None and targets[row, token] == IGNORED:
                targets[row, token] = label
    conventions = torch.tensor([CONVENTIONS.index(make_convention(item.source, item.language)) for item in batch])
    return numbers, mask, targets, conventions


def predict(model: Model, reader: Reader, sentences: Sequence[Sentence], convention: str) -> list[list[tuple[int, int, str]]]:
    """Names of each sentence, in its own code points."""
    found = []
    model.eval()
    for first in range(0, len(sentences), 16):
        batch = sentences[first : first + 16]
        normalised = [normalise(item.text, item.language) for item in batch]
        numbers, mask, read = reader.read([text for text, _ in normalised])
        with torch.no_grad():
            rows = torch.full((len(batch),), CONVENTIONS.index(convention))
            scores = model.label(model(numbers, mask), rows).log_softmax(-1).numpy()
        for row, (text, origin) in enumerate(normalised):
            words = find_words(text)
            tokens = find_first_tokens(read[row], words)
            kept = [(word, token) for word, token in zip(words, tokens, strict=True) if token is not None]
            spans = make_spans([word for word, _ in kept], scores[row, [token for _, token in kept]])
            found.append([(a, b, kind) if origin is None else (origin[a], origin[b - 1] + 1, kind) for a, b, kind, _ in spans])
    model.train()
    return found


def evaluate(model: Model, reader: Reader, files: Sequence[Path]) -> dict[str, dict[str, float]]:
    """Strict F1 per file and kind."""
    table = {}
    for path in files:
        sentences = list(read_sentences(path))
        found = predict(model, reader, sentences, sentences[0].language)
        counts = count_spans([item.spans for item in sentences], found)
        table[path.name] = {kind: round(make_f1(*numbers), 3) for kind, numbers in counts.items()}
    return table


def load_fit(arguments: Sequence[str], excluded: frozenset[str]) -> list[tuple[Sentence, float]]:
    """Sentences with their weights; what is excluded stays out."""
    fit: list[tuple[Sentence, float]] = []
    for argument in arguments:
        name, _, weight = argument.partition(":")
        kept = [item for item in read_sentences(Path(name)) if make_key(item.text) not in excluded]
        fit.extend((item, float(weight or 1)) for item in kept)
        names = sum(len(item.spans) for item in kept)
        sys.stderr.write(f"{Path(name).name}: {len(kept)} sentences, {names} names, x {weight or 1}\n")
    return fit


class Lessons:
    """The teacher's vectors, in batches of like length."""

    def __init__(self, path: Path) -> None:
        data = np.load(path, allow_pickle=False)
        pairs = zip(data["texts"], data["languages"], strict=True)
        self._texts = [normalise(str(text), str(language))[0] for text, language in pairs]
        self._vectors = torch.from_numpy(data["embeddings"].astype(np.float32))
        self._order = sorted(range(len(self._texts)), key=lambda place: len(self._texts[place]))

    def draw(self, draw: random.Random) -> tuple[list[str], torch.Tensor]:
        """One batch."""
        start = draw.randrange(len(self._order))
        size = max(4, min(32, TOKENS_PER_BATCH * 3 // (len(self._texts[self._order[start]]) + 12)))
        places = self._order[start : start + size]
        return [self._texts[place] for place in places], self._vectors[places]


def make_optimizer(model: Model, rate: float) -> torch.optim.Optimizer:
    """AdamW; the embedding table stays as it is, heads learn four times as fast."""
    model.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    trained = [parameter for parameter in model.encoder.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": trained, "lr": rate, "weight_decay": 0.01},
            {"params": [*model.head.parameters(), *model.projection.parameters()], "lr": rate * 4, "weight_decay": 0.01},
            {"params": [model.corrections, model.offsets], "lr": rate * 2, "weight_decay": 0.05},
        ]
    )


def train(model: Model, reader: Reader, fit: list[tuple[Sentence, float]], chosen: argparse.Namespace) -> None:
    """Run to `--steps`, saving on the way."""
    optimizer = make_optimizer(model, chosen.rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / WARM_UP_STEPS, max(0.02, (chosen.steps - step) / (chosen.steps - WARM_UP_STEPS)))
    )
    draw, state = random.Random(chosen.seed), chosen.out / "state.pt"  # noqa: S311  # reproducible, not secret
    first = 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        first = saved["step"]
        for part, name in ((model, "model"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(saved[name])
        draw = random.Random(chosen.seed + first)  # noqa: S311  # same
    lessons, batches = Lessons(chosen.teacher), iter_batches(fit, draw)
    began, losses = time.monotonic(), []
    for step in range(first, chosen.steps):
        losses.append(_step(model, reader, next(batches), lessons if step % DISTIL_EVERY == 0 else None, draw))
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == chosen.steps:
            parts = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "schedule": schedule.state_dict()}
            torch.save({"step": step + 1, **parts}, state)
            means = np.nanmean(np.array(losses[-SAVE_EVERY:], dtype=np.float64), axis=0).round(4).tolist()
            pace = (time.monotonic() - began) / (step + 1 - first)
            sys.stderr.write(f"step {step + 1}: losses {means}, {pace:.2f} s a step\n")
        if chosen.dev and ((step + 1) % chosen.measure_every == 0 or step + 1 == chosen.steps):
            sys.stderr.write(json.dumps(evaluate(model, Reader(chosen.checkpoint, WINDOW), chosen.dev)) + "\n")


def _step(
    model: Model, reader: Reader, batch: list[Sentence], lessons: Lessons | None, draw: random.Random
) -> tuple[float, float]:
    numbers, mask, targets, conventions = make_targets(batch, reader)
    scores = model.label(model(numbers, mask), conventions)
    loss = nn.functional.cross_entropy(scores.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
    loss.backward()
    if lessons is None:
        return loss.item(), float("nan")
    texts, vectors = lessons.draw(draw)
    numbers, mask, _ = reader.read(texts)
    distance = 1 - (model.embed(model(numbers, mask), mask) * vectors).sum(-1).mean()
    (DISTIL_WEIGHT * distance).backward()
    return loss.item(), distance.item()


def save(model: Model, out: Path) -> None:
    """The encoder as a transformers checkpoint, the heads beside it as safetensors."""
    from safetensors.torch import save_file

    model.encoder.save_pretrained(out)
    heads = {name: value.contiguous() for name, value in model.state_dict().items() if not name.startswith("encoder.")}
    metadata = {"conventions": json.dumps(CONVENTIONS), "labels": json.dumps(LABELS)}
    save_file(heads, str(out / "heads.safetensors"), metadata=metadata)


def load(folder: Path) -> Model:
    """A checkpoint with its heads, or a bare encoder with new ones."""
    from safetensors.torch import load_file

    model = Model(BertModel.from_pretrained(folder, add_pooling_layer=False))
    if (folder / "heads.safetensors").exists():
        model.load_state_dict(load_file(str(folder / "heads.safetensors")), strict=False)
    return model


def main(arguments: list[str]) -> None:
    """The command of the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fit", nargs="+", required=True)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--dev", type=Path, nargs="*", default=[])
    parser.add_argument("--exclude", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=2.5e-4)
    parser.add_argument("--measure-every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    chosen = parser.parse_args(arguments)
    torch.manual_seed(chosen.seed)
    torch.set_num_threads(chosen.threads)
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "tokenizer.json").write_bytes((chosen.checkpoint / "tokenizer.json").read_bytes())
    model = load(chosen.checkpoint)
    model.train()
    train(model, Reader(chosen.checkpoint), load_fit(chosen.fit, load_excluded(chosen.exclude)), chosen)
    save(model, chosen.out)


if __name__ == "__main__":
    main(sys.argv[1:])
