"""One code point stays one code point: the shadow of a text in which terms are looked for."""

# Diacritics are often left out on the web (`Точикистон`, `узбек`), so they are taken away everywhere.
_FOLDED = {
    "ё": "е", "ў": "у", "ӯ": "у", "қ": "к", "ғ": "г", "ҳ": "х", "ӣ": "и", "ҷ": "ч",
    "ʻ": "'", "ʼ": "'", "‘": "'", "’": "'", "`": "'", "´": "'", "ʹ": "'", "′": "'",
    "‐": "-", "‑": "-", "–": "-", "—": "-", "\u00a0": " ",
}  # fmt: skip


def fold(text: str) -> str:
    """Lower-case and strip to base letters; `len(fold(text)) == len(text)`, so offsets stay true."""
    folded = text.lower()
    if len(folded) != len(text):  # some capitals have a two-letter small form: İ
        folded = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    for char, plain in _FOLDED.items():
        folded = folded.replace(char, plain)
    return folded
