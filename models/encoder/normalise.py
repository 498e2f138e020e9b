"""What the encoder reads of a text: the same words, in the letters that it knows best."""

import re

from models.encoder.latin import fold_apostrophes, to_latin

_CYRILLIC = re.compile("[а-яёўқғҳ]", re.IGNORECASE)


def normalise(text: str, language: str) -> tuple[str, list[int] | None]:
    """What the encoder reads, and where each character came from (None: the same place)."""
    text = fold_apostrophes(text)
    if language == "uz" and _CYRILLIC.search(text):
        return to_latin(text)
    return text, None
