"""Another encoder, for users with a network and a GPU: any model of the hub with a fast tokenizer, read as the shipped one is.

Needs torch (the extra `train`). The folder is made by `xabar models encoder ID FOLDER`; nothing is fetched when it is used.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.encoder.choice import NAME_FILE, VARIABLE
from models.encoder.encode import WINDOW_TOKENS, BrokenModel, Encoder, Window

MODEL = "model"
BATCH_WINDOWS = 32
NO_TORCH = "another encoder needs torch, which is not installed: pip install 'xabar[train]'"


class HubEncoder(Encoder):
    """The same windows, offsets and vectors as the shipped encoder's, from a transformers model in full precision."""

    def __init__(self, folder: Path) -> None:
        """Load what `fetch` kept. Raises BrokenModel when it is missing, damaged or cannot be used."""
        self.name = read_name(folder)
        torch, transformers = _import()
        try:
            model = transformers.AutoModel.from_pretrained(str(folder / MODEL), local_files_only=True)
            tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder / MODEL), local_files_only=True)
        except (OSError, ValueError) as error:
            raise BrokenModel(f"{folder / MODEL}: cannot be loaded ({error}); 'xabar models encoder' makes it again") from error
        self._torch, self._device = torch, "cuda" if torch.cuda.is_available() else "cpu"
        self._network = model.eval().to(self._device)
        self._tokenizer, self._start, self._end = check_tokenizer(tokenizer, self.name)
        self._pad = tokenizer.pad_token_id or 0

    def _run_all(self, windows: Sequence[Window]) -> None:
        # In batches of windows of like length: in full precision a text does not depend on its neighbours.
        ordered = sorted(windows, key=lambda window: len(window.numbers))
        for first in range(0, len(ordered), BATCH_WINDOWS):
            self._run_batch(ordered[first : first + BATCH_WINDOWS])

    def _run_batch(self, batch: Sequence[Window]) -> None:
        torch, length = self._torch, max(len(window.numbers) for window in batch)
        numbers = torch.full((len(batch), length), self._pad, dtype=torch.long)
        mask = torch.zeros((len(batch), length), dtype=torch.long)
        for row, window in enumerate(batch):
            numbers[row, : len(window.numbers)] = torch.tensor(window.numbers)
            mask[row, : len(window.numbers)] = 1
        with torch.inference_mode():
            found = self._network(input_ids=numbers.to(self._device), attention_mask=mask.to(self._device)).last_hidden_state
        states = found.float().cpu().numpy()
        for row, window in enumerate(batch):
            own = states[row, : len(window.numbers)]
            start, stop = window.keep
            mean = own.mean(0)
            window.hidden = np.ascontiguousarray(own[1 + start : 1 + stop])
            window.vector = np.asarray(mean / (float(np.linalg.norm(mean)) or 1.0), dtype=np.float32)


def fetch(name: str, folder: Path) -> None:
    """Keep a model of the hub, or of a local folder, so that it can be used without a network. Raises BrokenModel."""
    torch, transformers = _import()
    try:
        model = transformers.AutoModel.from_pretrained(name)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, use_fast=True)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise BrokenModel(f"{name}: no model of the hub or of a local folder that transformers can load ({reason})") from error
    check_tokenizer(tokenizer, name)
    positions = getattr(model.config, "max_position_embeddings", WINDOW_TOKENS + 2)
    if positions < WINDOW_TOKENS + 2:
        raise BrokenModel(f"{name}: reads {positions} tokens at a time; {WINDOW_TOKENS + 2} are needed")
    model.to(torch.float32).save_pretrained(str(folder / MODEL))
    tokenizer.save_pretrained(str(folder / MODEL))
    facts = {"name": f"{name.rstrip('/').rsplit('/', 1)[-1]}-hub", "id": name, "size": int(model.config.hidden_size)}
    (folder / NAME_FILE).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_name(folder: Path) -> str:
    """What the folder's encoder is called. Raises BrokenModel when it is no such folder."""
    try:
        name: str = json.loads((folder / NAME_FILE).read_text(encoding="utf-8"))["name"]
        return name
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = f"{VARIABLE} names {folder}, which is no folder made by 'xabar models encoder MODEL FOLDER'"
        raise BrokenModel(f"{why} ({type(error).__name__})") from error


def check_tokenizer(tokenizer: Any, name: str) -> tuple[Any, int, int]:
    """The fast tokenizer and the numbers of the tokens that begin and end a text. Raises BrokenModel without them."""
    if not getattr(tokenizer, "is_fast", False):
        raise BrokenModel(f"{name}: has no fast tokenizer, and only that tells where each token stands in the text")
    start = tokenizer.cls_token_id if tokenizer.cls_token_id is not None else tokenizer.bos_token_id
    end = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
    if start is None or end is None:
        raise BrokenModel(f"{name}: its tokenizer marks neither beginning nor end; take an encoder such as xlm-roberta-base")
    return tokenizer.backend_tokenizer, start, end


def _import() -> tuple[Any, Any]:
    try:
        import torch
    except ImportError as error:
        raise BrokenModel(NO_TORCH) from error
    import transformers

    return torch, transformers
