"""Fold text to a shadow that compares equal across spellings: one code point in, one code point out."""

from gazetteer.alphabet import UNKNOWN, decode, encode, fold_letter, iter_runs

__all__ = ["encode_folded", "fold", "unfold"]

MOST_LETTERS = 4096


class _Letters(dict[int, str]):
    """What the letters that no alphabet of ours has fold to, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        folded = fold_letter(chr(code))
        if len(self) < MOST_LETTERS:
            self[code] = folded
        return folded


_LETTERS = _Letters()


def fold(text: str) -> str:
    """Return the shadow of `text`: the same length, no case, one apostrophe, one quote, one dash, one space."""
    return unfold(encode(text), text)


def unfold(encoded: bytes, plain: str) -> str:
    """Folded bytes as text; the letters that they do not have are those of the text that they were made from."""
    folded = decode(encoded)
    if UNKNOWN not in encoded:
        return folded
    parts, last = [], 0
    for start, end in iter_runs(encoded, UNKNOWN):
        parts += [folded[last:start], plain[start:end].translate(_LETTERS)]
        last = end
    return "".join([*parts, folded[last:]])


def encode_folded(plain: str) -> bytes:
    """The shadow in bytes: also of letters that fold to one that an alphabet of ours has (`ā`)."""
    encoded = encode(plain)
    parts, last = [], 0
    for start, end in iter_runs(encoded, UNKNOWN):
        parts += [encoded[last:start], encode(plain[start:end].translate(_LETTERS))]
        last = end
    return b"".join([*parts, encoded[last:]]) if parts else encoded
