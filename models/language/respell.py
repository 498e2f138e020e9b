"""Texts in one alphabet, respelled in another that the same language is written in: for alphabets in which there is no text.

Uyghur Arabic letters to Latin (ULY, 2001, with ë as é is written too), Turkmen Latin (1999) to Cyrillic (1940),
Karakalpak Latin (2016) to Cyrillic (1957) and to the Latin letters with apostrophes (1995), Uzbek Latin (1995) to Cyrillic.
"""

import re
from collections.abc import Mapping, Sequence

from models.language.fold import fold


def _pair(letters: str, others: str) -> dict[str, str]:
    return dict(zip(letters.split(), others.split(), strict=True))


_UYGHUR = _pair(
    "ا ە ب پ ت ج چ خ د ر ز ژ س ش غ ف ق ك گ ڭ ل م ن ھ و ۇ ۆ ۈ ۋ ې ى ي ، ؟ ؛",
    "a e b p t j ch x d r z zh s sh gh f q k g ng l m n h o u ö ü w ë i y , ? ;",
)
_TURKMEN = _pair(
    "ýa ýe ýo ýu a b ç d e ä f g h i j ž k l m n ň o ö p r s ş t u ü w y ý z",
    "я е ё ю а б ч д е ә ф г х и җ ж к л м н ң о ө п р с ш т у ү в ы й з",
)
_KARAKALPAK = _pair(
    "sh ch ya yu yo a á b c d e f g ǵ h x ı i j k q l m n ń o ó p r s t u ú v w y z",
    "ш ч я ю ё а ә б ц д е ф г ғ ҳ х ы и ж к қ л м н ң о ө п р с т у ү в ў й з",
)
_KARAKALPAK_1995 = _pair(
    "á ó ú ǵ ń ı",
    "a' o' u' g' n' i'",
)
_UZBEK = _pair(
    "yoʻ oʻ gʻ sh ch yo yu ya ye a b d e f g h i j k l m n o p q r s t u v x y z ' ’ ʼ",
    "йў ў ғ ш ч ё ю я е а б д е ф г ҳ и ж к л м н о п қ р с т у в х й з ъ ъ ъ",
)
_HAMZA = {"ئ": ""}


def respell(label: str, text: str) -> list[tuple[str, str]]:
    """The same text in the other alphabets of its language, each with the label it has there."""
    return [(other, _change(label, text, letters)) for other, letters in ALPHABETS.get(label, ())]


def _change(label: str, text: str, letters: Mapping[str, str]) -> str:
    """The folded text with these letters replaced, the longest first."""
    text = re.sub(r"\be", "э", fold(text)) if label in _HARD_E else fold(text)
    return re.sub("|".join(sorted(letters, key=len, reverse=True)), lambda found: letters[found[0]], text)


ALPHABETS: Mapping[str, Sequence[tuple[str, Mapping[str, str]]]] = {
    "kaa": (("kaa-Cyrl", _KARAKALPAK), ("kaa", _KARAKALPAK_1995)),
    "tk": (("tk-Cyrl", _TURKMEN),),
    "ug": (("ug-Latn", _UYGHUR | _HAMZA), ("ug-Latn", _UYGHUR | _HAMZA | {"ې": "é"})),
    "uz-Latn": (("uz-Cyrl", _UZBEK),),
}
# Whose Cyrillic alphabet writes э, not е, at the start of a word.
_HARD_E = ("tk", "uz-Latn")
