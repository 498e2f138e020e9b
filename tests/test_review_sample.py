"""Documents for the tests of the review page, written for it: four languages and hostile ones; and that they are sound."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from pipeline.records import Document, Label, Mention
from pipeline.review.app import make_app
from pipeline.store import Store
from tests.conftest import FETCHED, make_page, make_source_row

HOST = "http://127.0.0.1"
OVERRIDE = "\u202e"
TEXTS = {
    "uz-Latn": ("Chegarada mashgʻulot oʻtkazildi", "Sinov guruhi Tolibonga qarshi mashq oʻtkazdi.\nIkkinchi xatboshi."),
    "uz-Cyrl": ("Вилоятда суд бўлди", "Суд «Толибон»га оид иш бўйича ҳукм ўқиди.\nИш давом этади."),
    "tg": ("Дар марз машқ шуд", "Толибон дар марз машқ карданд.\nХабар тасдиқ нашудааст."),
    "ru": ("На границе прошли учения", "Талибан провёл учения у границы.\nПодробностей нет."),
    "en": ("Exercise held at the border", "The Taliban held an exercise at the border.\nNo details were given."),
}
NAMES = {"uz-Latn": "Tolibonga", "uz-Cyrl": "Толибон", "tg": "Толибон", "ru": "Талибан", "en": "Taliban"}
ALL = "?show=all&decision=any"


def make_doc(number: int, **changes: Any) -> Document:
    """A flagged document; a lower number has a higher score."""
    page = make_page(number)
    values: dict[str, Any] = {
        "id": page.id,
        "url": page.url,
        "source": page.source,
        "fetched_at": FETCHED,
        "title": f"Title {number}",
        "text": f"Text of item {number}.",
        "language": "en",
        "script": "Latn",
        "language_confidence": 0.98,
        "cluster_id": f"cluster-{number}",
        "score": round(0.99 - number / 100, 2),
        "flagged": True,
        "reasons": (f"reason {number}",),
    }
    return Document(**(values | changes))


def make_mention(text: str, words: str, *, label: str = "ORG", entity_id: str | None = "taliban", **changes: Any) -> Mention:
    """The first place where these words stand."""
    start = text.index(words)
    values: dict[str, Any] = {
        "start": start,
        "end": start + len(words),
        "text": words,
        "label": label,
        "entity_id": entity_id,
        "found_by": ("gazetteer", "ner"),
        "probability": 0.97,
        "why": f"form '{words}'",
        "name": "Taliban movement",
        "kind": "armed-unit",
    }
    return Mention(**(values | changes))


def make_languages() -> list[Document]:
    """One document in each language and script, with a name, an evidence sentence and labels."""
    docs = []
    for number, (route, (title, text)) in enumerate(TEXTS.items()):
        language, _, script = route.partition("-")
        docs.append(
            make_doc(
                number,
                title=title,
                text=text,
                language=language,
                script=script or ("Latn" if language == "en" else "Cyrl"),
                mentions=(make_mention(text, NAMES[route]),),
                evidence=((0, text.index("\n")),),
                published="2026-09-20",
                published_source="json-ld",
                labels=(
                    Label("relevance", "R3", 0.8, "m-1"),
                    Label("topics", "group-relations", 0.7, "m-1"),
                    Label("genre", "news-event", 0.9, "m-1"),
                ),
            )
        )
    return docs


def make_desk(folder: Path, docs: Sequence[Document], *, note: str = "Invented for the tests.") -> Path:
    """A database with these documents, their pages and their source."""
    path = folder / "review.db"
    with Store.open(path, create=True) as store:
        store.ledger.save_sources([make_source_row(name="Sinov xabarlari", homepage=HOST, country="uz", note=note)])
        for number in range(len(docs)):
            store.pages.save(make_page(number), "x.warc.gz", 41_000 + number)
        store.documents.save(docs)
    return path


def open_client(path: Path, **options: Any) -> TestClient:
    """A browser without JavaScript."""
    return TestClient(make_app(path, **options), base_url=HOST, follow_redirects=False)


def read_token(html: str) -> str:
    """The token of the form on an item's page."""
    return html.split('name="token" value="')[1].split('"')[0]


def send_decision(client: TestClient, doc: Document, verdict: str = "relevant", query: str = "", **fields: str) -> Any:
    """What a person does: open the item, then press a button."""
    token = read_token(client.get(f"/item/{doc.id}{query}").text)
    return client.post(f"/item/{doc.id}/decide{query}", data={"token": token, "verdict": verdict, "reviewer": "N. K."} | fields)


def test_spans_of_the_sample_stand_in_its_texts() -> None:
    docs = make_languages()
    assert {(doc.language, doc.script) for doc in docs} == {
        ("uz", "Latn"),
        ("uz", "Cyrl"),
        ("tg", "Cyrl"),
        ("ru", "Cyrl"),
        ("en", "Latn"),
    }
    assert all(doc.text[m.start : m.end] == m.text for doc in docs for m in doc.mentions)
