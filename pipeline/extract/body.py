"""The article's blocks: paragraphs vote for the container that holds them, the headline says where to look.

Word F1 on pages that were not looked at while tuning: Russian .91 (trafilatura with its defaults .84), English .93 (.91), Uzbek
and Tajik 1.0 (.93, .97), three to five times as many pages a second; `text.py` asks trafilatura only where this one is unsure.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from pipeline.extract.dates import find_dates
from pipeline.extract.tree import Block

MIN_SCORED = 40
LEAD_WEIGHTS = (3.0, 2.0, 1.5)
BEFORE_TITLE_WEIGHT = 0.3
GAP_BLOCKS = 20
CONTINUED_BELOW = 400
MIN_LINKED_HEADLINE = 20
MAX_LINK_SHARE = 0.6
BYLINE_CHARACTERS = 90
MOST_BYLINE = 200  # no date leaves so many characters of a longer line that it is still a byline
TOPIC_CHARACTERS = 20_000  # of one block: enough to see what it is about
LEVEL_WEIGHTS = (1.0, 0.7, 0.4, 0.2)
EDGE_LINES = 3  # at either end of the article, where a site adds lines of its own
_AGE = re.compile(
    r"\b\d{1,3}\s(?:minutes?|hours?|days?)\sago|\b\d{1,3}\s(?:минут|час|дн|ден|день)\w*\sназад|"
    r"\b\d{1,3}\s(?:daqiqa|soat|kun|дақиқа|соат|кун|рӯз)\s(?:oldin|avval|олдин|аввал|пеш)\b", re.IGNORECASE)
_RIGHTS = re.compile(r"©|\(c\)\s|\bcopyright\b|all rights reserved|все права защищены|barcha huquqlar|барча ҳуқуқлар|"
                     r"ҳамаи ҳуқуқ", re.IGNORECASE)
_CREDIT = re.compile(r"(?:first |originally )?(?:published|posted|filed)\s(?:in|on|by|under)\s|short url:|опубликовано\s|"
                     r"chop etilgan|чоп этилган|нашр шуд", re.IGNORECASE)
_END = re.compile(r"[.!?…:;»”\"')\]]\s*$")
_WORDS = re.compile(r"\w+")
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_LEAVES = frozenset({"p", "h2", "h3", "h4", "li", "dd", "dt", "blockquote", "pre"})


def find_paragraphs(blocks: Sequence[Block], title: str, at: int | None) -> list[Block]:
    """The blocks of the container that most likely holds the article, without boilerplate, link lists and stray lines.

    `at` is the index of the headline's block, which anchors the search: an article follows its headline.
    """
    out = {place for place, block in enumerate(blocks) if block.boilerplate or place == at} | find_teasers(blocks)
    chosen = _choose_container(blocks, out, title, at)
    if chosen is None:
        return []
    inside = {place for place, block in enumerate(blocks)
              if place not in out and _is_inside(block.element, chosen) and _is_text(block)}
    if at is not None and inside:  # a lead or subtitle between headline and body belongs to the article, whatever holds it
        inside |= {place for place in range(at + 1, min(inside)) if place not in out and _is_prose(blocks[place])}
    if inside and sum(len(blocks[place].text) for place in inside) < CONTINUED_BELOW:
        inside |= {place for place in range(max(inside) + 1, min(max(inside) + 10, len(blocks)))
                   if place not in out and _is_prose(blocks[place])}
    return _trim([blocks[place] for place in sorted(inside)])


def find_teasers(blocks: Sequence[Block]) -> set[int]:
    """Lists of other articles: at least three times in one place, a linked headline and then a sentence or two."""
    found: dict[Any, list[int]] = defaultdict(list)
    prose: Counter[Any] = Counter()
    for place, block in enumerate(blocks):
        if not place or not _is_prose(block):
            continue
        headed = blocks[place - 1].link_share > 0.8 and len(blocks[place - 1].text) >= MIN_LINKED_HEADLINE
        for home in itertools.islice(block.element.iterancestors(), 2):  # a teaser often has a box of its own
            prose[home] += 1
            if headed:
                found[home].append(place)
    return {place for home, places in found.items() if len(places) >= 3 and len(places) > prose[home] / 2 for place in places}


def is_listing(blocks: Sequence[Block]) -> bool:
    """Whether a page without an article of its own is made of links and teasers."""
    total = sum(len(block.text) for block in blocks)
    return bool(find_teasers(blocks)) or sum(block.links for block in blocks) > MAX_LINK_SHARE * total


def _choose_container(blocks: Sequence[Block], out: AbstractSet[int], title: str, at: int | None) -> Any | None:
    scores: dict[Any, float] = defaultdict(float)
    topics = _stems(title)
    holds = Counter(block.element for block in blocks)  # a <div> around one block is a paragraph, around many a container
    leads = gap = 0
    for place, block in enumerate(blocks):
        if place in out or len(block.text) < MIN_SCORED or block.link_share > 0.4:
            gap += at is not None and place > at
            continue
        points = min(len(block.text), 600) * (1 - block.link_share) * (1.0 if _END.search(block.text) else 0.5)
        if at is not None and place < at:
            points *= BEFORE_TITLE_WEIGHT
        elif at is not None and leads < len(LEAD_WEIGHTS):
            points *= LEAD_WEIGHTS[leads]
            leads += 1
        points /= 1 + gap / GAP_BLOCKS
        points *= 1 + 2 * len(topics & _stems(block.text)) / max(3, len(topics))
        home = block.element.getparent() if block.element.tag in _LEAVES or holds[block.element] == 1 else block.element
        for weight in LEVEL_WEIGHTS:
            if home is None or home.tag == "html":
                break
            scores[home] += points * weight
            home = home.getparent()
    return max(scores, key=lambda element: scores[element], default=None)


def _stems(text: str) -> set[str]:
    """First letters of the longer words: enough to see one subject through the endings of four languages."""
    return {word[:5] for word in _WORDS.findall(text[:TOPIC_CHARACTERS].lower()) if len(word) > 3}


def _is_inside(element: Any, container: Any) -> bool:
    return element is container or any(parent is container for parent in element.iterancestors())


def _is_prose(block: Block) -> bool:
    return len(block.text) >= MIN_SCORED and block.link_share < 0.3 and block.element.tag != "h1" \
        and (bool(_END.search(block.text)) or len(block.text) >= 2 * MIN_SCORED) and not _is_byline(block.text)


def _is_text(block: Block) -> bool:
    if block.link_share > 0.6 or block.element.tag == "h1":
        return False
    if len(block.text) < BYLINE_CHARACTERS and (_is_byline(block.text) or _is_age(block.text)):
        return False
    if len(block.text) >= MIN_SCORED or _END.search(block.text):
        return True
    return block.element.tag in _HEADINGS or block.element.tag in ("p", "li", "td", "blockquote")


def _is_byline(text: str) -> bool:
    """A line that is hardly more than a date."""
    if len(text) > MOST_BYLINE:
        return False
    dates = find_dates(text)
    return bool(dates) and not re.search(r"[.!?]$", text) and len(text) - sum(end - start for start, end, _ in dates) < 30


def _is_age(text: str) -> bool:
    """A line that says how long ago, and hardly more."""
    found = _AGE.search(text)
    return found is not None and len(text) - len(found.group()) < 30 and not re.search(r"[.!?]$", text)


def _is_imprint(text: str) -> bool:
    """A line of the site about its article: rights, where and by whom it was published."""
    return len(text) <= MOST_BYLINE and bool(_RIGHTS.search(text) or _CREDIT.match(text))


def _trim(blocks: list[Block]) -> list[Block]:
    """Without headings that head nothing, lines about the article at its edges, and what trails off after the last sentence."""
    blocks = [block for place, block in enumerate(blocks)
              if EDGE_LINES <= place < len(blocks) - EDGE_LINES or not _is_imprint(block.text)]
    while blocks and not (_END.search(blocks[-1].text) or len(blocks[-1].text) >= 2 * MIN_SCORED):
        blocks = blocks[:-1]
    return [block for block, after in zip(blocks, [*blocks[1:], None], strict=True)
            if block.element.tag not in _HEADINGS or (after and after.element.tag not in _HEADINGS)]
