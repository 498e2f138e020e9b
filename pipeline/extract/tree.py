"""A hostile page becomes a bounded tree, and a tree a list of text blocks with what surrounds each of them."""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

MAX_DEPTH = 200
MAX_ELEMENTS = 60_000  # about a second of work; long encyclopedia articles have half of it
LONG_TEXT = 60
# A block counts as boilerplate only where the element marked so holds less than this share of the page's paragraph text:
# some sites wrap the whole page in <form> or class="sidebar-left".
MAX_BOILERPLATE_SHARE = 0.4
MAX_HIDDEN_SHARE = 0.95  # what is hidden is rarely the article, but some scripts show the whole page only when it is ready

UNSEEN = ("script", "style", "svg", "noscript", "iframe", "template", "canvas", "video", "audio", "object", "select", "textarea",
          "button", "math", "map")
BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul"))
_BOILERPLATE_TAGS = frozenset({"nav", "footer", "aside", "form", "menu", "header", "figcaption"})
_NEVER_BOILERPLATE = frozenset({"body", "p", "h1", "article", "main"})
_BOILERPLATE = re.compile(
    r"(?:^|[-_\s])(?:"
    r"comments?|commentlist|respond|disqus\w*|replies|related\w*|read-?(?:also|more|next)|recommend\w*|similar|mavzuga-oid|"
    r"more-?(?:news|stories|from)|other-?news|news-?(?:list|feed|line)|latest(?:-?(?:news|posts))?|last-?news|popular|trending|"
    r"most-?(?:read|viewed)|sidebar\w*|side-?(?:bar|col\w*)|foot|footer\w*|nav|navbar|navigation|menu\w*|breadcrumbs?|pager|"
    r"pagination|share\w*|sharing|social\w*|soc|subscribe\w*|newsletter|promo\w*|sponsor\w*|advert\w*|banner\w*|adv|ads?|"
    r"tags|teglar|tag-?list|cookies?|modal\w*|popup\w*|rules|agreement|disclaimer|copyright\w*|login\w*|search\w*|hidden|poll|"
    r"vote|rating|(?:image|img|photo|pic|picture|wp|media)[-_]?caption\w*"
    r")(?=$|[-_\s\d])", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[\s\u00ad\u200b\ufeff]+")


@dataclass(slots=True)
class Block:
    """Text between two block boundaries; `links` is how many of its characters stand in links."""

    text: str
    links: int
    element: Any
    boilerplate: bool = False

    @property
    def link_share(self) -> float:
        """Part of the text that is link text, 0 to 1."""
        return min(1.0, self.links / max(1, len(self.text)))


def parse(html: str) -> Any | None:
    """The tree of a page, without comments; None if there is no body or far too many elements. Deep nesting is flattened."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        tree = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if tree is None or tree.tag != "html" or tree.find("body") is None or not _flatten(tree):
        return None
    return tree


def strip_unseen(tree: Any) -> None:
    """Remove what a reader never sees, keeping the text behind it."""
    etree.strip_elements(tree, *UNSEEN, with_tail=False)


def read_blocks(tree: Any) -> list[Block]:
    """The body's text in reading order, cut at block boundaries; boilerplate is marked, not removed. After `strip_unseen`."""
    body = tree.find("body")
    reader = _BlockReader(_find_boilerplate(tree))
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            reader.open(element)
        else:
            reader.close(element)
            if element is not body:
                reader.add(element.tail)
    return reader.blocks


def squash(text: str) -> str:
    """One space for every run of white space, soft hyphens and zero-width marks."""
    return _SPACE.sub(" ", text).strip()


def is_boilerplate_name(name: str) -> bool:
    """Whether a class or id says comment, related, menu, footer, advertising and the like."""
    return bool(_BOILERPLATE.search(name))


class _BlockReader:
    """Collects text between block boundaries while a tree is walked."""

    def __init__(self, marked: set[Any]) -> None:
        self.blocks: list[Block] = []
        self._marked = marked
        self._parts: list[str] = []
        self._owners: list[Any] = []
        self._linked = self._links = self._skipped = 0

    def open(self, element: Any) -> None:
        if element.tag in BLOCKS:
            self._flush()
            if element.tag != "br":
                self._owners.append(element)
        self._skipped += element in self._marked
        self._links += element.tag == "a"
        self.add(element.text)

    def close(self, element: Any) -> None:
        self._links -= element.tag == "a"
        if element.tag in BLOCKS and element.tag != "br":
            self._flush()
            self._owners.pop()
        self._skipped -= element in self._marked

    def add(self, text: str | None) -> None:
        if text:
            self._parts.append(text)
            if self._links:
                self._linked += len(squash(text))

    def _flush(self) -> None:
        text = squash("".join(self._parts))
        if text and self._owners:
            self.blocks.append(Block(text, self._linked, self._owners[-1], self._skipped > 0))
        self._parts.clear()
        self._linked = 0


def _find_boilerplate(tree: Any) -> set[Any]:
    """Elements that are boilerplate by tag or by name, unless they hold the article or the headline; in one pass."""
    verdicts: dict[str, bool] = {}
    opened: dict[Any, tuple[int, int]] = {}
    suspects: list[tuple[Any, float, bool]] = []
    written = headings = 0
    for event, element in etree.iterwalk(tree.find("body"), events=("start", "end")):
        if event == "start":
            headings += element.tag == "h1"
            if _is_suspect(element, verdicts):
                opened[element] = (written, headings)
            written += _long(element.text)
            continue
        if element in opened:
            before, headings_before = opened.pop(element)
            limit = MAX_HIDDEN_SHARE if _is_hidden(element) else MAX_BOILERPLATE_SHARE
            suspects.append((element, (written - before) / limit, headings > headings_before))
        written += _long(element.tail)
    return {element for element, size, headed in suspects
            if size <= written and not (headed and element.tag == "header")}


def _is_suspect(element: Any, verdicts: dict[str, bool]) -> bool:
    if element.tag in _NEVER_BOILERPLATE:
        return False
    if element.tag in _BOILERPLATE_TAGS or _is_hidden(element):
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
    if names not in verdicts:
        verdicts[names] = is_boilerplate_name(names)
    return verdicts[names]


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _long(text: str | None) -> int:
    return len(text) if text and len(text) >= LONG_TEXT else 0


def _flatten(tree: Any) -> bool:
    """Cut nesting beyond MAX_DEPTH, so that no library's recursion can overflow; False if there are too many elements."""
    depth = count = 0
    deep: list[Any] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if count > MAX_ELEMENTS:
            return False
        if event == "start" and depth > MAX_DEPTH:
            deep.append(element)
    for element in reversed(deep):
        element.getparent().remove(element)  # as the parser itself does, only deeper
    return True
