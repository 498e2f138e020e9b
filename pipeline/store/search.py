"""A reader's words as a full-text query."""


def match(words: str) -> str:
    """Each word as an FTS5 string: what a reader types is never FTS5 syntax."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words.replace("\0", " ").split()) or '""'
