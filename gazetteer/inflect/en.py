"""English endings, read on folded text: possessive and plural."""

_ENDINGS = {"'s": "possessive 's", "s'": "plural possessive s'", "s": "plural -s", "es": "plural -es"}


def explain(ending: str, may_be_plural: bool = True) -> str | None:
    """Name the ending (`possessive 's`), or None where it is no English ending of a name."""
    rule = _ENDINGS.get(ending)
    return rule if rule and (may_be_plural or not rule.startswith("plural")) else None
