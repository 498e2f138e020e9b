"""The same story twice: copies share a cluster, also when they were edited or cut short.

A text is the set of hashes of its runs of four words. Its smallest hashes are its sketch (bottom-k MinHash), the smallest of
those its keys. Two copies meet because they share a key, and are confirmed by how much of the shorter text stands in the longer
one: a wire story cut to a third is wholly contained in the original though most of the original is missing from it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Document
from pipeline.store.clusters import Entry

# Part of every hash: raise a language's when a rule below changes for it, and `xabar run --again` clusters the archive anew.
VERSION, VERSIONS = 1, {"uz": 2}
RUN = 4  # words in a row
SHORTEST = 40  # words outside quotation marks; a shorter text is too easily part of another: only its exact copies count
FEWEST = 20  # different runs: a text that repeats itself is as easily part of another one as a short text
KEYS = 12
SKETCH = 256  # hashes; a text of up to about 256 words is compared whole, a longer one by a random sample of it
OF_SHORTER = 0.37  # this share of the shorter text stands in the longer one
OF_LONGER = 0.15  # and is this share of the longer one: a survey that retells ten reports is a copy of none of them
SPEECH = 60  # characters between quotation marks from which they hold speech and not a name

QUOTED = re.compile(r"«[^«»\n]*»|“[^“”\n]*”|„[^„“”\n]*[“”]|\"[^\"\n]*\"")
DROPPED = re.compile("[ʻʼ‘’'`´\u00ad]")  # six ways to write the mark in oʻ, and the soft hyphen
BETWEEN_WORDS = re.compile(r"[^\w\x00-\x7f]+")
ASCII_MARKS = b'!"#$%&()*+,-./:;<=>?@[\\]^_{|}~'
TO_SPACE = bytes.maketrans(ASCII_MARKS, b" " * len(ASCII_MARKS))
NOTHING = np.empty(0, dtype=np.uint64)
# Uzbek in Cyrillic as in Latin letters, and both without what one script writes and the other does not: a site's article in
# the other script is a copy of it.
LATIN = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "j", "з": "z", "и": "i", "й": "y", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "x", "ц": "s", "ч": "ch",
    "ш": "sh", "щ": "sh", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ў": "o", "қ": "q", "ғ": "g", "ҳ": "h",
})  # fmt: skip
UNEVEN = np.uint64(0x9E3779B97F4A7C15)
MIXERS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))


class Index(Protocol):
    """Where the sketches of an archive lie: the store has one on disk, `MemoryIndex` is one for a single process."""

    def find(self, entry: Entry) -> Sequence[Entry]:
        """Documents that share a key or the address with this one, itself included if it is known; oldest first, bounded."""
        ...

    def remember(self, entry: Entry) -> None:
        """Let the documents after this one find it."""
        ...


def cluster(docs: Sequence[Document], index: Index) -> list[Document]:
    """Fill `cluster_id`. What came earlier, in this batch or in the index, keeps the cluster it has."""
    done = []
    for doc in docs:
        entry = make_entry(doc)
        known = index.find(entry)
        entry = replace(entry, cluster_id=_choose(entry, known))
        index.remember(entry)
        done.append(replace(doc, cluster_id=entry.cluster_id, novel=_is_first(entry, known)))
    return done


def make_entry(doc: Document) -> Entry:
    """What the index keeps of a document; `cluster_id` is the one that it founds if nobody has its story yet."""
    salt = f"{VERSIONS.get(doc.language, VERSION)} {doc.language} ".encode()
    text = _fold(doc.text, doc.language)
    narrated = _split_words(QUOTED.sub(_drop_speech, text))
    hashes = _hash_runs(narrated, salt) if len(narrated) >= SHORTEST else NOTHING
    if hashes.size < FEWEST:
        hashes = NOTHING
    content = hashes.tobytes() if hashes.size else b" ".join(_split_words(text))
    return Entry(
        id=doc.id,
        url=doc.url,
        language=doc.language,
        cluster_id=sha256(salt + content).hexdigest()[:16],
        keys=tuple((hashes[:KEYS] >> np.uint64(16)).tolist()),  # 48 bits: two bytes less in every row of the index
        hashes=(hashes[:SKETCH] >> np.uint64(32)).astype("<u4").tobytes(),
        seen=doc.fetched_at.isoformat(timespec="seconds"),
    )


def measure_copy(one: Entry, other: Entry) -> float:
    """The share of the shorter text that stands in the longer one, 0 to 1; 0.0 if they are not copies of one story."""
    left, right = (np.frombuffer(entry.hashes, dtype="<u4") for entry in (one, other))
    if not left.size or not right.size or one.language != other.language:
        return 0.0
    # A full sketch is complete only up to its last hash: compare both up to where both are complete.
    bound = min(hashes[-1] if hashes.size == SKETCH else np.uint32(0xFFFFFFFF) for hashes in (left, right))
    left, right = left[left <= bound], right[right <= bound]
    shared = np.intersect1d(left, right, assume_unique=True).size
    shorter, longer = sorted((left.size, right.size))
    is_copy = shared >= OF_SHORTER * shorter and shared >= OF_LONGER * longer
    return shared / shorter if is_copy else 0.0


def _is_first(entry: Entry, known: Sequence[Entry]) -> bool:
    """Whether nothing of this story was fetched before, whatever the order in which it is analysed."""
    story = [other for other in known if other.id != entry.id and other.cluster_id == entry.cluster_id]
    return all((entry.seen, entry.id) < (other.seen, other.id) for other in story)


def _choose(entry: Entry, known: Sequence[Entry]) -> str:
    for other in known:
        if other.id == entry.id and other.hashes == entry.hashes and other.keys:
            return other.cluster_id  # analysed again: other copies came since, and must not draw it elsewhere
    others = [other for other in known if other.id != entry.id and other.language == entry.language]
    for other in others:
        if other.url == entry.url and entry.url:
            return other.cluster_id
    nearest = max(others, key=lambda other: measure_copy(entry, other), default=entry)
    return nearest.cluster_id if measure_copy(entry, nearest) else entry.cluster_id


def _drop_speech(quoted: re.Match[str]) -> str:
    # What an official said is in every report of it; it does not make two reports one.
    return " " if len(quoted.group()) > SPEECH else quoted.group()


def _fold(text: str, language: str) -> str:
    folded = DROPPED.sub("", unicodedata.normalize("NFC", text).lower())
    if language != "uz":
        return folded.replace("ё", "е")
    # ё is yo in Uzbek; е is written ye or e, ц ts or s, by the letters before.
    return folded.replace("ё", "yo").translate(LATIN).replace("ye", "e").replace("ts", "s")


def _split_words(text: str) -> list[bytes]:
    # Half the time of findall(r"\w+") and encoding what it finds, which would be most of the cost of this stage.
    return BETWEEN_WORDS.sub(" ", text).encode("utf-8", "surrogatepass").translate(TO_SPACE).split()


def _hash_runs(words: Sequence[bytes], salt: bytes) -> NDArray[np.uint64]:
    """The distinct hashes of every run of words, smallest first."""
    codes = np.fromiter(map(crc32, words), np.uint64, len(words))
    runs = np.full(len(words) - RUN + 1, crc32(salt), dtype=np.uint64)
    for offset in range(RUN):
        runs = runs * UNEVEN + codes[offset : offset + runs.size]
    for shift, factor in MIXERS:
        runs = (runs ^ (runs >> shift)) * factor
    runs.sort()
    distinct: NDArray[np.uint64] = runs[np.append(True, runs[1:] != runs[:-1])]
    return distinct
