"""Texts to learn from: labelled lines of TSV files or plain texts named for their language, without what must stay unseen."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.language.fold import fold
from models.language.script import encode, find_script

# Mixed languages: the label in the data, how their profiles are called.
BACKGROUNDS = {"oth": "xx", "minor": "xx-minor"}
HELD_OUT_ONE_IN = 10
SIB200_LABELS = {
    "tgk_Cyrl": "tg",
    "uzn_Latn": "uz-Latn",
    "rus_Cyrl": "ru",
    "eng_Latn": "en",
    "azj_Latn": "az",
    "kaz_Cyrl": "kk",
    "kir_Cyrl": "ky",
    "tuk_Latn": "tk",
    "tur_Latn": "tr",
    "pbt_Arab": "ps",
    "pes_Arab": "fa",
    "prs_Arab": "fa",
}

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
    """Every text that may be seen, mixed languages labelled `xx-<script>` and the like. Raises ValueError for a bad line."""
    for path in sorted(paths, key=lambda path: path.name):
        for label, text in read_labelled(path):
            if not _is_excluded(text, excluded):
                script = find_script(encode(fold(text)))
                yield Sample(f"{BACKGROUNDS[label]}-{script}" if label in BACKGROUNDS else label, text, script)


def read_labelled(path: Path) -> Iterator[tuple[str, str]]:
    """(label, text) of one file of any kind that training takes, `other:` left out. Raises ValueError for a bad line."""
    return _choose_reader(path)(path)


def read_excluded(path: Path | None) -> frozenset[str]:
    """The SHA-256 keys, one per line, of texts that training must not see."""
    return frozenset(path.read_text(encoding="ascii").split()) if path else frozenset()


def make_key(text: str) -> str:
    """SHA-256 of the lower-case text with every run of non-word characters as one space."""
    return hashlib.sha256(_NOT_WORD.sub(" ", text.lower()).strip().encode("utf-8", "replace")).hexdigest()


def _is_excluded(text: str, excluded: Collection[str]) -> bool:
    return bool(excluded) and any(make_key(part) in excluded for part in {text, *_SENTENCE_END.split(text)})


def _choose_reader(path: Path) -> Callable[[Path], Iterator[tuple[str, str]]]:
    if path.name.startswith("sib200."):
        return _iter_sib200
    if path.suffix == ".jsonl":
        return _iter_written
    return _iter_tsv if ".tsv" in path.suffixes else _iter_lines


def _iter_sib200(path: Path) -> Iterator[tuple[str, str]]:
    """SIB-200 as published: a head line, then `index<TAB>topic<TAB>text`; the language stands in the file's name."""
    code = path.name.split(".")[1]
    if code not in SIB200_LABELS:
        raise ValueError(f"{path}: SIB-200 language {code!r} is unknown (known: {', '.join(SIB200_LABELS)})")
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        next(lines, None)
        yield from ((SIB200_LABELS[code], line.rstrip("\n").split("\t")[2]) for line in lines)


def _iter_written(path: Path) -> Iterator[tuple[str, str]]:
    """Our own labelled items, `written.<label>.jsonl`: title and text are two samples."""
    label = path.name.split(".")[1]
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield from ((label, row[field]) for field in ("title", "text") if row.get(field))


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
