"""How Uzbek and Tajik are really typed: letters that a keyboard lacks, old fonts, alphabets that were only proposed.

Seen on the sites that we read; the proposed letters are those of the drafts of 2019 to 2023 for the Uzbek alphabet.
"""

import re
from collections.abc import Mapping

from models.language.fold import fold

_NO_APOSTROPHE = {"oʻ": "o", "gʻ": "g"}
_NEW_LATIN = {"oʻ": "õ", "gʻ": "ğ", "sh": "ş", "ch": "ç"}
_PLAIN_UZBEK = {"ў": "у", "қ": "к", "ғ": "г", "ҳ": "х"}
_PLAIN_TAJIK = {"ӣ": "и", "ӯ": "у", "ҷ": "ч", "қ": "к", "ғ": "г", "ҳ": "х"}
_OLD_FONT_TAJIK = {"ӣ": "ї", "ӯ": "ў", "ҷ": "љ", "қ": "ќ", "ғ": "ѓ", "ҳ": "њ"}

VARIATIONS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "uz-Latn": {"apostrophes dropped": _NO_APOSTROPHE, "proposed alphabet": _NEW_LATIN},
    "uz-Cyrl": {"plain letters": _PLAIN_UZBEK},
    "tg": {"plain letters": _PLAIN_TAJIK, "old font": _OLD_FONT_TAJIK},
    # Capitals lose the dot's absence: I becomes i in all languages but these.
    "az": {"capitals": {"ı": "i"}},
    "kaa": {"capitals": {"ı": "i"}},
    "tr": {"capitals": {"ı": "i"}},
}


def vary(text: str, letters: Mapping[str, str]) -> str:
    """The folded text with these letters replaced."""
    return re.sub("|".join(letters), lambda found: letters[found[0]], fold(text))
