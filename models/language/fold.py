"""One folding for training and detection: what differs only by typing habits must not differ for the profiles."""

import re
import unicodedata

HEAD_CHARACTERS = 1000
SLICE_CHARACTERS = 300

_ADDRESS = re.compile(r"(?:https?://|www\.)\S{1,2000}|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
# Stress marks, the dot that lower-casing leaves of a Turkish capital, soft hyphens and zero-width characters.
_INVISIBLES = "\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff"
_APOSTROPHES = "'`´ʻʼʽ‘’‛′"
_INVISIBLE = re.compile(f"[{_INVISIBLES}]+")
# The letter is looked at last: a pattern that begins with a set of characters is searched three times as fast.
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}](?<=[og].)")
# Most texts have neither: one look instead of two.
_UNUSUAL = re.compile(f"[{_INVISIBLES}{_APOSTROPHES}]")


def fold(text: str) -> str:
    """Composed, lower-case text without addresses, with U+02BB for every apostrophe after o and g."""
    if "://" in text or "www." in text or "@" in text:
        text = _ADDRESS.sub(" ", text)
    text = unicodedata.normalize("NFC", text).lower()
    if not _UNUSUAL.search(text):
        return text
    return _APOSTROPHE.sub("ʻ", _INVISIBLE.sub("", text))


def sample(text: str) -> str:
    """The head of a long text and two slices of the rest: enough to know the language, whatever the length."""
    if len(text) <= HEAD_CHARACTERS + 2 * SLICE_CHARACTERS:
        return text
    middle = (HEAD_CHARACTERS + len(text) - SLICE_CHARACTERS) // 2
    return " ".join((text[:HEAD_CHARACTERS], text[middle : middle + SLICE_CHARACTERS], text[-SLICE_CHARACTERS:]))
