"""Hostile text made safe to show: what is invisible or could reorder the page is written out, links are checked."""

import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

# Controls but tab and line ends; bidi embeddings, overrides and isolates; zero-width space, joiner of lines, tag characters.
# Not in it: U+200C and U+200D, which real words contain, U+200E and U+200F, which <bdi> holds, and the soft hyphen.
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]")


def show(text: object) -> Markup:
    """Escaped text for an element: every hidden character stands there as a small `U+202E`."""
    escaped = str(escape(str(text)))
    return Markup(HIDDEN.sub(lambda m: f'<span class="hidden-char">{_name(m[0])}</span>', escaped))  # noqa: S704  escaped one line above


def show_snippet(text: str) -> Markup:
    """A passage in which \\x02 and \\x03 stand around what was found: escaped, with marks."""
    parts = text.split("\x02")
    shown = show(parts[0])
    for part in parts[1:]:
        found, _, rest = part.partition("\x03")
        shown += Markup("<mark class='hit'>") + show(found) + Markup("</mark>") + show(rest)
    return shown


def show_plain(value: object) -> object:
    """The same without markup, for attributes: the template escapes it afterwards. What is no plain text stays."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else HIDDEN.sub(lambda m: _name(m[0]), value)


def web_address(url: str) -> str | None:
    """The address if a browser may follow it (http or https, with a host), else None."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and not HIDDEN.search(url) else None


def _name(char: str) -> str:
    return f"U+{ord(char):04X}"
