"""Run time: texts to windows of token vectors, read once for every head. Needs tokenizers, onnxruntime and numpy; no torch."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoder.choice import BrokenModel, find_folder
from models.encoder.normalise import normalise

__all__ = ["FOLDER", "WINDOW_TOKENS", "BrokenModel", "Encoder", "Reading", "Window", "check", "count_cores", "find_name",
           "load_encoder"]  # fmt: skip

FOLDER = Path(__file__).parent
WINDOW_TOKENS = 254
OVERLAP_TOKENS = 32
PIECE_CHARACTERS = 20_000
Floats = NDArray[np.float32]
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder makes of one text.

    `offsets` are the code points [start, end) of each token in the text as it was given, `hidden` is float32 [tokens, size]
    beside them, `vectors` float32 [windows, size], each of unit length: one for every window of 254 tokens.
    """

    offsets: NDArray[np.int32]
    hidden: Floats
    vectors: Floats


@dataclass(slots=True)
class Window:
    """A stretch of one text: its tokens with beginning and end, where they stand, and which of them are kept."""

    text: int
    numbers: list[int]
    offsets: list[tuple[int, int]]
    keep: tuple[int, int]
    hidden: Floats | None = None
    vector: Floats | None = None


class Encoder:
    """The shipped encoder. It keeps no state between calls, so threads may share it."""

    def __init__(self, folder: Path = FOLDER, *, threads: int = 0) -> None:
        """Read the artefacts. `threads`: 0 means every core that this process may use. Raises BrokenModel."""
        from tokenizers import Tokenizer

        self.name = check(folder)
        self._model, self._threads = folder / "graph.onnx", threads or count_cores()  # its weights lie in encoder.onnx
        self._session = _open(self._model, self._threads)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        numbers = self._tokenizer.get_vocab()
        self._start, self._end = numbers["<s>"], numbers["</s>"]

    def read(self, texts: Sequence[tuple[str, str]]) -> list[Reading]:
        """Read (language, text) pairs; time and memory grow with the number of tokens, whatever the length of one text."""
        windows = [window for place, (language, text) in enumerate(texts) for window in self._cut(place, language, text)]
        self._run_all(windows)
        found: list[list[Window]] = [[] for _ in texts]
        for window in windows:
            found[window.text].append(window)
        return [_join(parts) for parts in found]

    def embed(self, texts: Sequence[tuple[str, str]]) -> Floats:
        """One unit vector per (language, text): the mean of its windows'. float32 [texts, size]."""
        means = np.stack([reading.vectors.mean(0) for reading in self.read(texts)])
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / lengths, dtype=np.float32)

    def _cut(self, place: int, language: str, text: str) -> Iterator[Window]:
        numbers: list[int] = []
        offsets: list[tuple[int, int]] = []
        for start, piece in _iter_pieces(_LONE_SURROGATE.sub("?", text)):
            written, origin = normalise(piece, language)
            read = self._tokenizer.encode(written, add_special_tokens=False)
            numbers.extend(read.ids)
            offsets.extend(_place(read.offsets, origin, start))
        step = WINDOW_TOKENS - OVERLAP_TOKENS
        last = max(0, len(numbers) - OVERLAP_TOKENS - 1) // step * step
        for first in range(0, last + 1, step):
            stop = first + WINDOW_TOKENS
            # Of the tokens that two windows share each takes the half in which the token stands further from its edge.
            keep = (OVERLAP_TOKENS // 2 if first else 0, len(numbers[first:stop]) - (OVERLAP_TOKENS // 2 if first < last else 0))
            yield Window(place, [self._start, *numbers[first:stop], self._end], offsets[first:stop], keep)

    def _run_all(self, windows: Sequence[Window]) -> None:
        # Threads that each have a window do more than threads that share one; a lone window is read sooner by all of them.
        if len(windows) < 2 or self._threads < 2:
            for window in windows:
                self._run(window, self._session)
        else:
            with ThreadPoolExecutor(min(self._threads, len(windows))) as pool:
                for _ in pool.map(lambda window: self._run(window, self._single), windows):
                    pass

    @cached_property
    def _single(self) -> Any:
        return _open(self._model, 1)

    @staticmethod
    def _run(window: Window, session: Any) -> None:
        # One at a time: int8 activations share one scale a call, so in a batch a text would depend on its neighbours.
        numbers = np.array([window.numbers], dtype=np.int64)
        hidden, vectors = session.run(["hidden", "vector"], {"numbers": numbers})
        start, stop = window.keep
        window.hidden, window.vector = hidden[0, 1 + start : 1 + stop].copy(), vectors[0]


@cache
def load_encoder() -> Encoder:
    """The shipped encoder, or the one that was chosen instead, built once per process. Raises BrokenModel."""
    folder = find_folder()
    if folder is None:
        return Encoder()
    from models.encoder.hub import HubEncoder

    return HubEncoder(folder)


def find_name() -> str:
    """The name of the encoder that `load_encoder` gives, without loading it. Raises BrokenModel."""
    folder = find_folder()
    if folder is None:
        return check(FOLDER)
    from models.encoder.hub import read_name

    return read_name(folder)


def check(folder: Path) -> str:
    """Compare the artefacts with the manifest. Returns name and version; raises BrokenModel."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for name, wanted in manifest["sha256"].items():
            with (folder / name).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != wanted:
                    raise BrokenModel(f"{folder / name}: is damaged (its SHA-256 is not that of manifest.json); {_REPAIR}")
        return f"{manifest['name']}-{manifest['version']}"
    except OSError as error:
        raise BrokenModel(f"{error.filename}: cannot be read ({error.strerror}); {_REPAIR}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenModel(f"{folder / 'manifest.json'}: is damaged; {_REPAIR}") from error


def count_cores() -> int:
    """The cores that this process may use; OMP_NUM_THREADS says so to us as it does to other libraries."""
    if (stated := os.environ.get("OMP_NUM_THREADS", "")).isdecimal() and int(stated):
        return int(stated)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open(model: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin while they wait take the core from whoever has work: five to twenty times slower on a busy machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


_REPAIR = "install xabar again, or rebuild it with `make encoder` in a checkout"


def _iter_pieces(text: str) -> Iterator[tuple[int, str]]:
    # A tokenizer that is given megabytes at once holds several copies of them.
    start = 0
    while start < len(text):
        stop = start + PIECE_CHARACTERS
        if stop < len(text):
            space = max(text.rfind(" ", start, stop), text.rfind("\n", start, stop))
            stop = space if space > start else stop
        yield start, text[start:stop]
        start = stop


def _place(offsets: Sequence[tuple[int, int]], origin: Sequence[int] | None, start: int) -> Iterator[tuple[int, int]]:
    for begin, stop in offsets:
        if origin is not None and begin < stop:
            yield start + origin[begin], start + origin[stop - 1] + 1
        else:
            yield start + begin, start + stop


def _join(parts: Sequence[Window]) -> Reading:
    offsets: list[Any] = [place for part in parts for place in part.offsets[part.keep[0] : part.keep[1]]]
    return Reading(
        np.array(offsets, dtype=np.int32).reshape(-1, 2),
        np.concatenate([part.hidden for part in parts if part.hidden is not None]),
        np.stack([part.vector for part in parts if part.vector is not None]),
    )
