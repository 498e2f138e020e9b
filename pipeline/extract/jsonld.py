"""Structured data of a page (schema.org in JSON-LD): the objects that describe its article. Parsed, never searched by regex."""

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_SCRIPT_CHARACTERS = 512_000
MAX_NODES = 20_000

# Where other articles hide: related links, lists of comments, what the page mentions.
_FOREIGN = frozenset({
    "comment", "itemListElement", "relatedLink", "mentions", "citation", "isPartOf", "hasPart", "review", "about",
    "significantLink", "breadcrumb", "video", "image", "publisher", "author", "blogPost", "dataFeedElement"})
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Coverage|Review)$")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def read_articles(tree: Any) -> list[dict[str, Any]]:
    """Objects that describe the page's article, articles before web pages, in the page's order."""
    ranked: list[tuple[int, dict[str, Any]]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            ranked += [(rank, node) for node in _iter_nodes(_load(script.text)) if (rank := _rank(node)) is not None]
    return [node for _, node in sorted(ranked, key=lambda item: item[0])]


def read_text(node: dict[str, Any], name: str) -> str:
    """A text property; lists give their first text, anything else an empty string."""
    value = node.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value")
    return value.strip() if isinstance(value, str) else ""


def _load(text: str) -> Any:
    text = text[:MAX_SCRIPT_CHARACTERS].strip().removeprefix("<!--").removesuffix("-->").strip()
    text = text.removeprefix("//<![CDATA[").removesuffix("//]]>").strip().rstrip(";")
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _iter_nodes(root: Any) -> Iterator[dict[str, Any]]:
    """Every object outside foreign properties, breadth first, without recursion and with a budget."""
    queue = [root]
    for seen, value in enumerate(queue):
        if seen >= MAX_NODES:
            return
        if isinstance(value, list):
            queue.extend(value)
        elif isinstance(value, dict):
            yield value
            queue.extend(child for name, child in value.items() if name not in _FOREIGN and isinstance(child, dict | list))


def _rank(node: dict[str, Any]) -> int | None:
    kinds = node.get("@type")
    names = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
    if any(_ARTICLE.search(name) for name in names):
        return 0
    return 1 if any(name.endswith("WebPage") for name in names) else None
