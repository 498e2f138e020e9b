"""Texts to learn from: labelled lines of TSV files or plain texts named for their language, without what must stay unseen."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.language.fold import fold
from models.language.script import encode, find_script

BACKGROUND = "oth"
HELD_OUT_ONE_IN = 10

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_NOT_WORD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled text and its script; `held_out` ones calibrate and never enter a profile."""

    label: str
    text: str
    script: str

    @property
    def held_out(self) -> bool:
        """One in ten, decided by the text itself, so that the same text is always on the same side."""
        return zlib.crc32(self.text.encode("utf-8", "replace")) % HELD_OUT_ONE_IN == 0


def iter_samples(paths: Collection[Path], excluded: Collection[str] = ()) -> Iterator[Sample]:
    """Every text that may be seen, mixed languages labelled `xx-<script>`. Raises ValueError for a bad line."""
    for path in sorted(paths, key=lambda path: path.name):
        for label, text in _iter_tsv(path) if ".tsv" in path.suffixes else _iter_lines(path):
            if not _is_excluded(text, excluded):
                script = find_script(encode(fold(text)))
                yield Sample(f"xx-{script}" if label == BACKGROUND else label, text, script)


def read_excluded(path: Path | None) -> frozenset[str]:
    """The SHA-256 keys, one per line, of texts that training must not see."""
    return frozenset(path.read_text(encoding="ascii").split()) if path else frozenset()


def make_key(text: str) -> str:
    """SHA-256 of the lower-case text with every run of non-word characters as one space."""
    return hashlib.sha256(_NOT_WORD.sub(" ", text.lower()).strip().encode("utf-8", "replace")).hexdigest()


def _is_excluded(text: str, excluded: Collection[str]) -> bool:
    return bool(excluded) and any(make_key(part) in excluded for part in {text, *_SENTENCE_END.split(text)})


def _iter_tsv(path: Path) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 2 or not fields[0]:
                raise ValueError(f"{path}:{number}: needs language<TAB>text, has {len(fields)} field(s)")
            yield fields[0].removeprefix("other:"), fields[1]


def _iter_lines(path: Path) -> Iterator[tuple[str, str]]:
    """A plain text is labelled by its name up to the first dot: `tg.speeches.txt`."""
    label = path.name.split(".")[0]
    yield from ((label, line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
