"""Pages in several languages, mixed from labelled texts with a fixed seed, and how well their passages are found."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.language.detect import Detection
from models.language.paragraph import Passage

PAIRS = (
    ("uz-Cyrl", "ru"),
    ("uz-Latn", "ru"),
    ("tg", "ru"),
    ("en", "ru"),
    ("uz-Cyrl", "tg"),
    ("uz-Latn", "uz-Cyrl"),
    ("uz-Latn", "en"),
)
PAGES = 100
FEWEST_CHARACTERS = 20

Rows = Sequence[tuple[str, str]]
FindLanguages = Callable[[str, Detection], Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class Page:
    """A text and the label of each of its paragraphs as (start, end, label)."""

    text: str
    paragraphs: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Mixed:
    """`routed` is the share of characters whose passage has the right language, `split` that of pages with several passages."""

    pages: int
    routed: float
    split: float


def measure_mixtures(rows: Rows, detect: Callable[[str], Detection], find: FindLanguages) -> dict[str, Mixed]:
    """Figures per pair of languages, and per single language, where every split is wrong."""
    texts = _group(rows)
    singles = [(name,) for name in dict.fromkeys(name for pair in PAIRS for name in pair)]
    names = [pair for pair in (*PAIRS, *singles) if all(len(texts[name]) >= PAGES // 10 for name in pair)]
    return {" + ".join(pair): _measure(make_pages(texts, pair), detect, find) for pair in names}


def make_pages(texts: Mapping[str, Sequence[str]], names: Sequence[str], pages: int = PAGES) -> list[Page]:
    """Pages of 3 to 8 paragraphs of 1 to 4 texts each, every language in at least one of them; always the same ones."""
    chance = random.Random(" ".join(names))  # noqa: S311  # a fixed sequence is what is wanted
    return [_make_page(texts, names, chance) for _ in range(pages)]


def _make_page(texts: Mapping[str, Sequence[str]], names: Sequence[str], chance: random.Random) -> Page:
    count = chance.randint(3, 8)
    labels = [*names, *chance.choices(names, weights=[3, *[1] * (len(names) - 1)], k=count - len(names))]
    chance.shuffle(labels)
    text, paragraphs = "", []
    for label in labels:
        paragraph = " ".join(_end(each) for each in chance.sample(texts[label], chance.randint(1, 4)))
        paragraphs.append((len(text), len(text) + len(paragraph), label))
        text += paragraph + "\n"
    return Page(text, tuple(paragraphs))


def _end(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _group(rows: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for label, text in rows:
        if len(text) >= FEWEST_CHARACTERS:
            texts[label].append(text)
    return texts


def _measure(pages: Sequence[Page], detect: Callable[[str], Detection], find: FindLanguages) -> Mixed:
    right = total = split = 0
    for page in pages:
        passages = find(page.text, detect(page.text))
        split += len(passages) > 1
        total += sum(end - start for start, end, _ in page.paragraphs)
        right += sum(_overlap(passage, paragraph) for passage in passages for paragraph in page.paragraphs)
    return Mixed(len(pages), round(right / total, 4), round(split / len(pages), 4))


def _overlap(passage: Passage, paragraph: tuple[int, int, str]) -> int:
    """How many characters of the paragraph are in a passage of its language."""
    start, end, label = paragraph
    name = f"uz-{passage.script}" if passage.language == "uz" else passage.language
    return max(0, min(end, passage.end) - max(start, passage.start)) if name == label else 0
