"""Names with one typing error: a letter wrong, missing, too many, or two letters in each other's place."""

from collections.abc import Iterator

LONG = 14  # letters of a name from which on one error leaves no doubt which name it is
LETTERS = {"Latn": "abcdefghijklmnopqrstuvwxyz'", "Cyrl": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}


def iter_ends(key: bytes, text: bytes, start: int) -> Iterator[int]:
    """Yield where the key may end if it stands at `start` with exactly one error."""
    size = len(key)
    stop = start + size
    place = _first_difference(key, text[start:stop])
    if place == size:
        if stop < len(text):
            yield stop + 1
        return
    at, rest = start + place, key[place + 1 :]
    swapped = key[place + 1 : place + 2] + key[place : place + 1] + key[place + 2 :]
    if stop <= len(text) and (text[at + 1 : stop] == rest or text[at:stop] == swapped):
        yield stop
    if text[at : stop - 1] == rest:
        yield stop - 1
    if text[at + 1 : stop + 1] == key[place:]:
        yield stop + 1


def iter_errors(word: str, script: str) -> Iterator[str]:
    """Yield every way to write a word with one error; its first letter stays."""
    for place in range(1, len(word)):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        yield before + after
        yield from (before + other + after for other in LETTERS[script] if other != letter)
        yield from (before + other + letter + after for other in LETTERS[script])
        if after:
            yield before + after[0] + letter + after[1:]
    yield from (word + other for other in LETTERS[script])


def _first_difference(key: bytes, found: bytes) -> int:
    """How many bytes both have in common; of two numbers the highest differing bit tells it without a loop."""
    if len(found) < len(key):
        found = found.ljust(len(key), b"\0")
    differing = int.from_bytes(key, "big") ^ int.from_bytes(found, "big")
    return len(key) - (differing.bit_length() + 7) // 8
