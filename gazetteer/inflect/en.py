"""English endings, read on folded text: possessive and plural, and the compounds of a name with a participle."""

_ENDINGS = {"'s": "possessive 's", "s'": "plural possessive s'", "s": "plural -s", "es": "plural -es"}


def explain(ending: str, may_be_plural: bool = True) -> str | None:
    """Name the ending (`possessive 's`), or None where it is no English ending of a name."""
    rule = _ENDINGS.get(ending)
    return rule if rule and (may_be_plural or not rule.startswith("plural")) else None


def is_compound(word: str) -> bool:
    """True for the second part of `ISIS-linked`: the name before the hyphen is the name itself."""
    return word in _PARTICIPLES


_PARTICIPLES = frozenset(
    [
        "affiliated",
        "aligned",
        "allied",
        "backed",
        "based",
        "claimed",
        "controlled",
        "dominated",
        "era",
        "funded",
        "held",
        "hosted",
        "inspired",
        "led",
        "linked",
        "loyal",
        "occupied",
        "operated",
        "owned",
        "produced",
        "ran",
        "related",
        "run",
        "sponsored",
        "style",
        "supported",
        "supporting",
        "trained",
    ]
)
