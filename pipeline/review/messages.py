"""The words of the interface: collects them from templates and wording, and brings the .po files up to date.

`python -m pipeline.review.messages` writes; what is not translated yet stands there empty, and a test names it.
"""

from collections.abc import Iterator

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from pipeline.review import wording
from pipeline.review.app import PLAIN_WORDS, TITLES
from pipeline.review.endpoint import OUT_OF_DATE
from pipeline.review.menu import MENU
from pipeline.review.render import TEMPLATES
from pipeline.review.translation import INTERFACE, LOCALE

# Constants of `wording` that the templates show through the filter `said`.
SHOWN = (
    *("LANGUAGES", "VERDICTS", "DECISIONS", "SECOND", "ORDERS", "CLAUSES", "REASONS", "MENTION_LABELS", "RELEVANCE"),
    *("PUBLISHED_SOURCES", "SOURCE_KINDS", "FOUND_BY", "COUNTRIES", "MODES", "ROLES", "PERIODS", "STATES", "FLAGS"),
    *("NAME_KINDS", "VOTES"),
)
OTHERS = (wording.TAKEN_BACK, "Uzbek", "Another, or mixed", *TITLES.values(), *PLAIN_WORDS.values(), OUT_OF_DATE)
# Calls whose message is said in the page's language: the first argument, or the second; a sentence with values in it is a `say`.
SPEAKERS: dict[str, tuple[int, ...] | None] = {"say": None, "HTTPException": (2,)}


def collect() -> Catalog:
    """Every message, without translations."""
    catalogue = Catalog(project="xabar", charset="utf-8")
    found = extract_from_dir(
        str(TEMPLATES), [("**.html", "jinja2")], {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    )
    said = extract_from_dir(str(TEMPLATES.parent), [("**.py", "python")], keywords=SPEAKERS)
    for _, _, message, _, _ in (*found, *said):
        catalogue.add(message)
    for text in _iter_words():
        catalogue.add(text)
    return catalogue


def update(language: str) -> list[str]:
    """Rewrite one .po file with all messages and the translations that it had; returns what is not translated."""
    path = LOCALE / f"{language}.po"
    with path.open("rb") as file:
        old = read_po(file, locale=language)
    new = Catalog(
        locale=language, project="xabar", charset="utf-8", header_comment="# Written for xabar.", fuzzy=False,
        creation_date=old.creation_date, revision_date=old.revision_date,
    )  # fmt: skip
    for message in sorted(collect(), key=lambda message: str(message.id)):
        known = old.get(message.id[0] if message.pluralizable else message.id)
        if message.id:
            new.add(message.id, known.string if known and known.pluralizable == message.pluralizable else None)
    with path.open("wb") as file:
        write_po(file, new, width=0, no_location=True)
    return [str(m.id) for m in new if m.id and not all(m.string or () if m.pluralizable else (m.string,))]


def _iter_words() -> Iterator[str]:
    for name in SHOWN:
        yield from getattr(wording, name).values()
    yield from (words for _, words, _ in MENU)
    yield from (words for _, words in wording.FORMATS.values())
    yield from OTHERS


if __name__ == "__main__":
    for code in INTERFACE.keys() - {"en"}:
        update(code)
