"""Counts of a language's 1- to 4-grams in the format of langdetect, whose own profiles are one of our sources.

langdetect's rules are kept: an n-gram never spans two words, a space stands only at its ends, and P(n-gram | language) is its
count over the count of all n-grams of its length. Nakatani Shuyo, Language Detection Library for Java, 2010. Its reader skips
the 4-grams, which are ours.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.language.script import Codes, encode

LONGEST = 4
CALIBRATION_FILE = "calibration.json"

_HEAD = '{"freq":{'
_QUOTE, _COMMA, _COLON, _ZERO = (ord(sign) for sign in '",:0')


@dataclass(frozen=True, slots=True)
class Profile:
    """`grams`, shape (n-grams, 4), are code points with zeros behind the short ones; `counts` says how often each was seen.

    `n_words` holds the totals of 1- to 4-grams, `name` is the label.
    """

    name: str
    grams: NDArray[np.uint16]
    counts: NDArray[np.int32]
    n_words: tuple[int, ...]

    @property
    def lengths(self) -> NDArray[np.int8]:
        """How many characters each n-gram has."""
        lengths: NDArray[np.int8] = (self.grams > 0).sum(axis=1, dtype=np.int8)
        return lengths

    def find_shares(self) -> NDArray[np.float32]:
        """P(n-gram | language) of each n-gram."""
        shares: NDArray[np.float32] = (self.counts / np.array(self.n_words)[self.lengths - 1]).astype(np.float32)
        return shares

    def dump(self, folder: Path) -> None:
        """Write `folder/<name>.json`, equal counts giving equal bytes."""
        names = (bytes(row).decode("utf-32-le").rstrip("\0") for row in self.grams.astype("<u4"))
        row = {"freq": dict(zip(names, self.counts.tolist(), strict=True)), "n_words": list(self.n_words), "name": self.name}
        text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (folder / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")


def pack_profile(name: str, freq: Mapping[str, int], n_words: tuple[int, ...]) -> Profile:
    """The profile of these counts per n-gram."""
    if max(map(len, freq), default=0) > LONGEST:
        raise ValueError(f"an n-gram is longer than {LONGEST} letters")
    grams = encode("".join(gram.ljust(LONGEST, "\0") for gram in freq)).reshape(-1, LONGEST)
    return Profile(name, grams.astype(np.uint16), np.fromiter(freq.values(), dtype=np.int32), n_words)


def load_profile(path: Path) -> Profile:
    """Read one profile. Raises ValueError that names the file if it is not one."""
    try:
        text = path.read_text(encoding="utf-8")
        return _scan(text) or _parse(json.loads(text))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{path}: not a language profile ({error!r}); run python -m models.language.train") from error


def load_profiles(folder: Path) -> list[Profile]:
    """All profiles of a folder, by name. Raises ValueError if there is none."""
    profiles = [load_profile(path) for path in sorted(folder.glob("*.json")) if path.name != CALIBRATION_FILE]
    if not profiles:
        raise ValueError(f"{folder}: no language profiles; make them with python -m models.language.train")
    return profiles


def _parse(row: Mapping[str, Any]) -> Profile:
    return pack_profile(row["name"], row["freq"], tuple(row["n_words"]))


def _scan(text: str) -> Profile | None:
    """What `dump` wrote, read all at once in a fraction of the time that n-gram by n-gram takes; None for any other JSON."""
    end = text.find("}")
    if not text.startswith(_HEAD) or "\\" in text:
        return None
    codes = encode(f",{text[len(_HEAD) : end]},")
    opening, closing = np.flatnonzero(codes == _QUOTE).reshape(-1, 2).T
    commas = np.append(opening[1:] - 1, len(codes) - 1)
    if not (_are(codes[commas], _COMMA) and _are(codes[opening - 1], _COMMA) and _are(codes[closing + 1], _COLON)):
        return None
    grams, lengths = _read_fields(codes, opening + 1, closing)
    digits, _ = _read_fields(codes, closing + 2, commas)
    places = digits - _ZERO
    if lengths.max() > LONGEST or (places[digits > 0] > 9).any():
        return None
    counts = np.zeros(len(places), dtype=np.int32)
    for place, digit in zip(places.T, digits.T, strict=True):
        np.copyto(counts, counts * 10 + place, where=digit > 0)
    rest = json.loads(_HEAD + text[end:])
    return Profile(rest["name"], grams[:, :LONGEST].astype(np.uint16), counts, tuple(rest["n_words"]))


def _are(codes: Codes, sign: int) -> bool:
    return bool((codes == sign).all())


def _read_fields(codes: Codes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """The characters of every field, a row each with zeros behind the short ones (four of them at least), and their numbers."""
    lengths = ends - starts
    at = np.arange(max(LONGEST, int(lengths.max())))
    inside = at < lengths[:, np.newaxis]
    fields = codes.take(starts[:, np.newaxis] + at, mode="clip") * inside
    return fields.astype(np.uint32), lengths
