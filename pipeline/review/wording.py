"""The words of the review page: readable names for the codes that the records and the store carry."""

from datetime import date, datetime

from spiders.source import FLAGS as SOURCE_FLAGS

LANGUAGES = {
    "uz-Latn": "Uzbek (Latin)",
    "uz-Cyrl": "Uzbek (Cyrillic)",
    "tg": "Tajik",
    "ru": "Russian",
    "en": "English",
}
VERDICTS = {"relevant": "Relevant", "not-relevant": "Not relevant", "unsure": "Unsure", "defer": "Deferred"}
TAKEN_BACK = "Taken back"
DECISIONS = {"none": "Undecided", **VERDICTS, "any": "Decided or not"}
MODES = {
    "first": "first opinion",
    "blind": "second opinion, given blind",
    "open": "with the others' opinions in view",
    "copy": "together with another report of the story",
    "gold": "on a gold item",
    "adjudication": "adjudication",
}
ROLES = {"reader": "reader", "analyst": "analyst", "lead": "lead", "admin": "administrator"}
SECOND = {
    "asked": "Second opinion wanted",
    "agreed": "Two reviewers agree",
    "disputed": "Reviewers disagree",
    "settled": "Dispute settled",
}
ORDERS = {"score": "Highest score", "doubt": "Least certain", "newest": "Newest", "random": "Random"}
# Name, and what it is for; the first is what the page proposes.
FORMATS = {
    "csv": ("CSV", "a table for spreadsheets, no cell a formula"),
    "jsonl": ("JSONL", "everything we hold of a document, one line each"),
    "parquet": ("Parquet", "the table with types, for data frames"),
    "stix": ("STIX 2.1", "a bundle of reports for threat intelligence"),
    "misp": ("MISP", "an event per document, for your organisation only"),
    "atom": ("Atom", "the newest hundred as a feed"),
    "label-studio": ("Label Studio", "tasks with predictions and annotations"),
    "doccano": ("doccano", "sequence labelling"),
    "prodigy": ("Prodigy", "tasks with spans and answers"),
    "spacy": ("spaCy DocBin", "texts with names, for spacy train"),
}
PERIODS = {"13": "13 weeks", "26": "26 weeks", "52": "52 weeks", "all": "All"}
NAME_KINDS = {
    "organization": "Organisation",
    "armed-unit": "Armed unit",
    "media-outlet": "Media outlet",
    "publication": "Publication",
    "platform": "Platform",
    "government-body": "State body",
    "research-source": "Research source",
}
VOTES = {"new": "Nobody has voted yet", "waiting": "Waits for a second person", "accepted": "Accepted", "refused": "Refused"}
STATES = {
    "ok": "well",
    "quiet": "silent",
    "degraded": "degraded",
    "blocked": "blocked",
    "broken": "broken",
    "paused": "paused",
}
CLAUSES = {
    "nexus": "The text itself shows the tie to the region",
    "no-nexus": "The text shows no tie to the region",
    "listed-group": "It reports what a listed group did",
    "two-keys": "Named evidence stands in a security frame",
    "weak-evidence": "Only a religious, ethnic or legal word speaks for it",
    "historical": "It tells of the past: background, not an event",
    "claim": "It is a claim, and is said to be one",
    "own-voice": "A group speaks in its own voice",
}
REASONS = {
    "new-event": "Reports a new event",
    "background": "Background or analysis",
    "rights": "Alleged misuse of extremism charges",
    "no-nexus": "No tie to the region or to violent extremism",
    "name-clash": "A name or word with another meaning",
    "disclaimer": "Only a disclaimer or boilerplate",
    "old-event": "An old event retold",
    "duplicate": "Same story as another item",
    "misread": "Text or date was read wrongly",
    "language": "Language was recognised wrongly",
}
MENTION_LABELS = {
    "ORG": "organisation",
    "PER": "person",
    "LOC": "place",
    "EVENT": "event",
    "WORK": "publication",
    "TERM": "term",
}
RELEVANCE = {"R0": "Not relevant", "R1": "Context only", "R2": "Relevant background", "R3": "Relevant event report"}
PUBLISHED_SOURCES = {
    "json-ld": "read from the page's structured data (JSON-LD)",
    "meta": "read from the page's metadata (meta element)",
    "time": "read from a time element of the page",
    "visible-text": "read from the date printed on the page",
    "url": "read from the address",
    "feed": "read from the source's feed",
}
SOURCE_KINDS = {
    "igo": "intergovernmental organisation",
    "government": "government (state source)",
}
# Sources whose words are the claim of a side.
PARTISAN_KINDS = frozenset({"government", "opposition-outlet"})
PARTISAN_FLAGS = frozenset({"state", "military-funded", "party", "party-to-conflict"})
FLAGS = SOURCE_FLAGS
FOUND_BY = {"gazetteer": "name list", "ner": "entity model", "reviewer": "a reviewer"}
COUNTRIES = {
    "uz": "Uzbekistan",
    "tj": "Tajikistan",
    "kg": "Kyrgyzstan",
    "kz": "Kazakhstan",
    "tm": "Turkmenistan",
    "af": "Afghanistan",
    "pk": "Pakistan",
    "ru": "Russia",
    "us": "United States",
    "gb": "United Kingdom",
}


def route_of(language: str, script: str) -> str:
    """The language as filters and `lang` attributes write it: uz-Latn, uz-Cyrl, tg, ru, en, or und."""
    return f"uz-{script}" if language == "uz" and script else language or "und"


def name_language(route: str) -> str:
    """`uz-Cyrl` -> Uzbek (Cyrillic)."""
    return LANGUAGES.get(route, "Language not determined" if route == "und" else route)


def say_code(code: str) -> str:
    """A code such as `plot-arrest` as words."""
    return code.replace("-", " ").capitalize()


def say_kind(kind: str) -> str:
    """A source's kind as words."""
    return SOURCE_KINDS.get(kind, kind.replace("-", " "))


def say_country(country: str) -> str:
    """A country's code or folder name as its English name."""
    return COUNTRIES.get(country.lower(), country.replace("-", " ").title() if country.islower() else country)


def say_date(value: str | None) -> str:
    """An ISO date or time as `22 Sep 2026`; anything else as it stands."""
    try:
        day = date.fromisoformat((value or "")[:10])
    except ValueError:
        return value or ""
    return f"{day.day} {day:%b %Y}"


def say_time(value: str | datetime) -> str:
    """An ISO time as `22 Sep 2026, 10:00 UTC`; anything else as it stands."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except ValueError:
        return str(value)
    return f"{moment.day} {moment:%b %Y, %H:%M} {moment.tzname() or ''}".rstrip()
