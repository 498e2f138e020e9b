"""The day an article was published, from the most reliable place that states it, or None: never a guess."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, tzinfo
from itertools import islice
from typing import Any

from pipeline.extract.dates import find_dates, read_stamp, read_url_date
from pipeline.extract.jsonld import read_text
from pipeline.extract.tree import BLOCKS, Block, is_boilerplate_name, squash

BLOCKS_BEFORE_TITLE = 6
BLOCKS_AFTER_TITLE = 20
BLOCKS_AFTER_TEXT = 3
HEAD_LEVELS = 3
BYLINE_CHARACTERS = 160
BYLINE_REST_CHARACTERS = 90   # what may stand beside a date in its own line: author, place, views
SENTENCE_CHARACTERS = 80
SENTENCE_REST_CHARACTERS = 40
PROSE_CHARACTERS = 200        # a longer block is the article itself, where dates belong to the story
MAX_STATEMENTS = 200          # a hostile page may hold thousands, each as deep as the tree allows
CONFLICT_DAYS = 2             # a page's address and its visible date may differ by a time zone

_META = {name: rank for rank, names in enumerate((
    ("article:published_time", "og:article:published_time", "datepublished", "og:published_time", "mediator_published_time"),
    ("dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dcterms.date", "dc.date.created", "datecreated"),
    ("pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "article.published", "parsely-pub-date",
     "sailthru.date", "cxenseparse:recs:publishtime", "article_date_original", "citation_publication_date", "date"),
)) for name in names}
_CHANGED = re.compile(r"updat|modif|edited|обновл|измен|yangilan|янгилан|навсоз|тағйир|o.zgartir", re.IGNORECASE)
_CUE = re.compile(r"(?:опубликован|дата публикации|publish|posted on|posted:|chop etil|e.lon qilin|эълон қилин|чоп этил|"
                  r"нашр (?:шуд|шудааст)|санаи нашр|санаи интишор|sana\s?:|сана\s?:|дата\s?:|date\s?:)", re.IGNORECASE)
_NOT_NEWS = re.compile(r"©|\(c\)|copyright|все права|ҳуқуқ|huquq|all rights", re.IGNORECASE)
_DATE_NAME = re.compile(r"(?:^|[-_\s])"
                        r"(?:\w*date\w*|\w*time|posted\w*|published|pub|sana|vaqt|byline|meta|\w*info)"
                        r"(?=$|[-_\s])", re.IGNORECASE)
_PUBLISHED_NAME = re.compile(r"publish|created|entry-date|posted", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…][»”\"')]?$")
_WORDS = re.compile(r"\w+")


def read_structured_date(tree: Any, articles: Sequence[dict[str, Any]], latest: date | None,
                         zone: tzinfo | None = None) -> tuple[date, str] | None:
    """(day, source) from JSON-LD or meta. Call before scripts are stripped from the tree."""
    linked = [read_stamp(read_text(node, "datePublished"), zone) for node in articles]
    if day := next(_usable(linked, latest), None):
        return day, "json-ld"
    if day := next(_usable((read_stamp(value, zone) for value in _iter_meta(tree)), latest), None):
        return day, "meta"
    return None


def read_visible_date(tree: Any, blocks: Sequence[Block], at: int | None, text: str, url: str,
                      latest: date | None, zone: tzinfo | None = None) -> tuple[date, str] | None:
    """(day, source) from <time>, from the lines beside the headline or after the `text`, or from the address."""
    day_first = not (tree.get("lang") or "").lower().startswith("en")
    if day := _read_time_elements(tree, blocks, at, latest, zone):
        return day, "time"
    visible = (_read_byline(_iter_near(blocks, at), day_first, latest) or _read_cued(blocks, day_first, latest)
               or _read_byline(_iter_end(blocks, text), day_first, latest))
    stated = next(_usable([read_url_date(url)], latest), None)
    if stated and (visible is None or abs((visible - stated).days) > CONFLICT_DAYS):
        return stated, "url"  # the address is written by the publishing system, the text beside a title by anyone
    return (visible, "visible-text") if visible else None


def find_title(blocks: Sequence[Block], title: str) -> int | None:
    """Index of the block that is the headline: the <h1> that says it, else any block of the same words, else a single <h1>."""
    wanted = _fold(title)
    same = [i for i, block in enumerate(blocks) if wanted and _fold(block.text) == wanted and not block.boilerplate]
    headed = [i for i, block in enumerate(blocks) if block.element.tag == "h1" and not block.boilerplate]
    both = [i for i in same if i in headed]
    for places in (both, same):
        if places:
            return places[0]
    return headed[0] if len(headed) == 1 else None


def _usable(days: Iterable[date | None], latest: date | None) -> Iterator[date]:
    return (day for day in days if day and (latest is None or day <= latest))


def _iter_meta(tree: Any) -> Iterator[str]:
    """Contents of the elements that state a publication date, the most specific names first."""
    found: list[tuple[int, str]] = []
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").strip().lower()
        if name in _META and element.get("content"):
            found.append((_META[name], element.get("content")))
    marked = tree.xpath("//*[@itemprop='datePublished'][not(self::meta)]")[:MAX_STATEMENTS]
    found += [(0, element.get("content") or element.get("datetime") or element.text or "") for element in marked
              if not any(_is_foreign(parent) for parent in element.iterancestors())]
    return (value for _, value in sorted(found, key=lambda item: item[0]))


def _read_time_elements(tree: Any, blocks: Sequence[Block], at: int | None, latest: date | None,
                        zone: tzinfo | None) -> date | None:
    """The <time datetime> in the article's head, nearest to the headline."""
    near = {id(block.element): distance for block, distance in _iter_near(blocks, at)}
    found: list[tuple[float, date]] = []
    for element in islice(tree.iter("time"), MAX_STATEMENTS):
        names = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
        day = next(_usable([read_stamp(element.get("datetime") or "", zone)], latest), None)
        before = squash((element.getparent().text or "")[-BYLINE_CHARACTERS:])
        if day is None or (_CHANGED.search(names + before) and not _PUBLISHED_NAME.search(names)):
            continue
        owner = next((parent for parent in element.iterancestors() if parent.tag in BLOCKS), None)
        if id(owner) in near:
            found.append((near[id(owner)], day))
    return min(found, key=lambda item: item[0])[1] if found else None


def _read_byline(lines: Iterable[tuple[Block, float]], day_first: bool, latest: date | None) -> date | None:
    """The day in the nearest short line that is mostly a date."""
    found: list[tuple[float, date]] = []
    for block, distance in lines:
        dates = [] if _NOT_NEWS.search(block.text) else find_dates(block.text[:BYLINE_CHARACTERS + 1], day_first=day_first)
        if not dates or len(block.text) > BYLINE_CHARACTERS or _is_change(block.text, dates):
            continue
        start, end, day = dates[0]
        rest = len(block.text) - (end - start)
        named = _is_date_named(block)
        if rest > SENTENCE_REST_CHARACTERS and _SENTENCE_END.search(block.text) and not _CUE.search(block.text):
            continue  # a sentence of the story
        if (rest > BYLINE_REST_CHARACTERS and not named) or (rest > 25 and block.link_share > 0.5) or (latest and day > latest):
            continue
        found.append((distance + rest / 40 - 4 * named, day))
    return min(found, key=lambda item: item[0])[1] if found else None


def _is_change(text: str, dates: Sequence[tuple[int, int, date]]) -> bool:
    return bool(_CHANGED.search(text)) and (len(dates) == 1 or bool(_CHANGED.search(text[: dates[0][0]])))


def _is_date_named(block: Block) -> bool:
    return bool(_DATE_NAME.search(f"{block.element.get('class') or ''} {block.element.get('id') or ''}"[:300]))


def _read_cued(blocks: Sequence[Block], day_first: bool, latest: date | None) -> date | None:
    """A date that says of itself that it is the publication's, anywhere outside boilerplate, if all such dates agree."""
    days = Counter(day for block in blocks if not block.boilerplate and len(block.text) <= BYLINE_CHARACTERS
                   and (cue := _CUE.search(block.text)) and not _CHANGED.search(block.text)
                   for _, _, day in find_dates(block.text[cue.start(): cue.end() + 40], day_first=day_first)[:1])
    return next(_usable(days, latest), None) if len(days) == 1 else None


def _iter_near(blocks: Sequence[Block], at: int | None) -> Iterator[tuple[Block, float]]:
    """Blocks in the head of the article with their distance from the headline; what stands before it counts double.

    Before the headline only its own small container counts: sites print today's date at the top of every page.
    """
    if at is None:
        return
    yield blocks[at], 0.5
    seen = prose = 0
    for block in blocks[at + 1:]:
        if block.boilerplate:
            continue
        seen += 1
        prose += _count_prose(block)
        if seen > BLOCKS_AFTER_TITLE or prose >= 2:  # one sentence may be a subtitle above the date
            break
        yield block, seen
    above = list(blocks[at].element.iterancestors())[:HEAD_LEVELS]
    holders = [element for element in above if element.tag not in ("body", "html")]
    before = [block for block in blocks[:at] if not block.boilerplate][-BLOCKS_BEFORE_TITLE:]
    for steps, block in enumerate(reversed(before), 1):
        if any(parent in holders for parent in (block.element, *block.element.iterancestors())):
            yield block, 2 * steps


def _count_prose(block: Block) -> int:
    if block.link_share > 0.5 or len(block.text) < SENTENCE_CHARACTERS:
        return 0
    return 2 if len(block.text) > PROSE_CHARACTERS else int(bool(_SENTENCE_END.search(block.text)))


def _iter_end(blocks: Sequence[Block], text: str) -> Iterator[tuple[Block, float]]:
    """The first blocks after the article's last paragraph, if they call themselves a date."""
    paragraphs = set(text.split("\n"))
    last = max((place for place, block in enumerate(blocks) if block.text in paragraphs), default=None)
    if last is None:
        return
    after = [block for block in blocks[last + 1:] if not block.boilerplate][:BLOCKS_AFTER_TEXT]
    yield from ((block, steps) for steps, block in enumerate(after) if _is_date_named(block))


def _is_foreign(element: Any) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
    return (element.tag in ("aside", "footer", "nav") or is_boilerplate_name(names)
            or (element.get("itemprop") or "") in ("comment", "isRelatedTo", "mentions"))


def _fold(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))
