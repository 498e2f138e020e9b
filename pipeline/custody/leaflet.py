"""A bundle for the eye: one HTML page, everything escaped, nothing loaded from anywhere."""

from collections.abc import Sequence
from html import escape
from typing import Any

from pipeline.store.chain import Head

STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
    "td{vertical-align:top;padding:.1em 1em .1em 0}pre{white-space:pre-wrap;font:inherit}td{overflow-wrap:anywhere}"
)
NOTICE = (
    "Research triage of a public document. Machine findings are suggestions; nothing here is evidence against a person. "
    "'xabar verify --bundle FOLDER' compares every file of this folder with the audit of the archive that it came from."
)


def render(
    page: dict[str, Any],
    document: Sequence[Any],
    mentions: Sequence[dict[str, Any]],
    decisions: Sequence[dict[str, Any]],
    head: Head,
) -> str:
    """The page: custody, decisions, mentions, text. `document` is a row of documents."""
    facts = {name: page[name] for name in ("url", "source", "fetched_at", "status", "body_sha256", "warc_file", "warc_offset")}
    facts |= {"document": page["id"], "audit row": head.id, "audit SHA-256": head.sha256}
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_show(document[5])}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{_show(document[5])}</h1>\n<p>{escape(NOTICE)}</p>\n"
        f"<h2>Custody</h2>\n{_table([[name, value] for name, value in facts.items()])}"
        f"<h2>Decisions</h2>\n{_columns(decisions, 'decided_at reviewer verdict reason note')}"
        f"<h2>Mentions</h2>\n{_columns(mentions, 'text name kind why')}"
        f"<h2>Text</h2>\n<pre>{_show(document[6])}</pre>\n</body></html>\n"
    )


def _columns(rows: Sequence[dict[str, Any]], names: str) -> str:
    return _table([[row[name] for name in names.split()] for row in rows])


def _table(rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return "<p>none</p>\n"
    lines = ("<tr>" + "".join(f"<td>{_show(value)}</td>" for value in row) + "</tr>" for row in rows)
    return "<table>" + "\n".join(lines) + "</table>\n"


def _show(value: object) -> str:
    # Signs that turn the reading direction could make an address look like another one.
    text = "".join(
        f"[U+{ord(sign):04X}]" if sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" else sign
        for sign in str(value)
    )
    return escape("" if value is None else text)
