"""The gate for promotional content: recognised by who speaks, to whom and in what frame; dropped, never shown, never stored.

No such text is written here, not even as an example: features and stand-ins describe it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from models.relevance.classify import Hit, Judgement, load_classifier
from models.relevance.dataset import read_texts
from models.relevance.feature import Index
from models.relevance.voice import is_own_voice, is_promotional
from pipeline.classify import classify
from pipeline.custody.inspection import inspect_archive
from pipeline.doorway import Doorkeeper, may_speak, take_text
from pipeline.entities import find_entities
from pipeline.evidence import EvidenceWriter
from pipeline.gate import PROMOTIONAL, drop_promotional, enforce
from pipeline.intake import Intake
from pipeline.learn.snapshot import HELD_BACK, TEXTS, add_hits
from pipeline.records import Document, Page, Reason, Skipped, Stop
from pipeline.store import Store
from tests.conftest import make_page
from tests.test_extract_quality import load
from tests.test_extract_quality import make_page as make_real_page
from tests.test_review_sample import make_doc

STAND_IN = "NAMUNA-7"  # stands for a text that the model takes for a group's own voice


def make_index(size: int = 4, armed: Sequence[int] = (), **concepts: Sequence[int]) -> Index:
    """Which sentence holds what; names of concepts with `_` for `-`."""
    found = {name.replace("_", "-"): set(places) for name, places in concepts.items()}
    return Index(size, found, named=set(armed), armed=set(armed), key=set(), ties=set())


# --- who speaks, to whom, with what frame ---


def test_a_group_that_says_we_to_you_with_nobody_between_is_promotional() -> None:
    assert is_promotional(make_index(armed=[1], own_voice=[1], address=[2]))
    assert is_promotional(make_index(call=[0]))
    assert is_promotional(make_index(armed=[1], invitation=[2]))


@pytest.mark.parametrize("frame", ["attribution", "authority", "analysis", "court", "official", "terror", "extremism"])
def test_somebody_who_reports_judges_or_analyses_makes_it_a_reported_statement(frame: str) -> None:
    assert not is_promotional(make_index(armed=[1], own_voice=[1], address=[2], **{frame: [3]}))
    assert not is_promotional(make_index(call=[0], **{frame: [3]}))


def test_a_sermon_a_sports_club_and_a_report_without_address_are_in_nobodys_own_voice() -> None:
    assert not is_own_voice(make_index(own_voice=[0, 1], address=[1, 2])), "no listed group speaks"
    assert not is_own_voice(make_index(armed=[0], own_voice=[2], address=[2])), "the group is elsewhere"
    assert not is_own_voice(make_index(armed=[1], own_voice=[1])), "to nobody"
    assert not is_own_voice(make_index(invitation=[3])), "a newspaper's channel, a club, a party"
    assert not is_own_voice(make_index(armed=[0], invitation=[3])), "below a report about a group"


@pytest.mark.parametrize(
    ("language", "script", "text"),
    [
        ("ru", "Cyrl", "Погода на выходные будет тёплой. Присоединяйтесь к нам в социальных сетях!"),
        ("en", "Latn", "The club won again on Sunday. Join our ranks and play with us every weekend."),
        ("uz", "Latn", "Bugun shaharda bayram boʻldi. Telegramda bizga qoʻshiling!"),
        ("tg", "Cyrl", "Имрӯз дар шаҳр ҷашн баргузор шуд. Дар Телеграм ба мо ҳамроҳ шавед!"),
    ],
)
def test_what_every_newspaper_says_below_its_articles_is_no_call(language: str, script: str, text: str) -> None:
    assert load_classifier().classify("", text, language, script, ()).genre[PROMOTIONAL] == 0


def test_no_text_of_the_held_back_set_is_dropped() -> None:
    rows = [row for row in add_hits(read_texts(TEXTS, HELD_BACK)) if row.script == "Latn" or row.language in ("ru", "tg")]
    dropped = []
    for row in rows:
        genre = load_classifier().classify(row.title, row.text, row.language, row.script, row.hits).genre
        if max(genre, key=lambda name: genre[name]) == PROMOTIONAL:
            dropped.append(row.id)
    assert len(rows) > 500
    assert dropped == []


# --- what happens to it ---


def judge(title: str, text: str, language: str, script: str, hits: Sequence[Hit], worded: object = None) -> Judgement:
    genre = {PROMOTIONAL: 0.9, "news-event": 0.1} if STAND_IN in text else {"news-event": 1.0}
    relevance = {"R0": 1.0, "R1": 0.0, "R2": 0.0, "R3": 0.0}
    return Judgement(relevance, {}, genre, keyed=False, closer=False, reasons=(), evidence=(), model="stand-in")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two pages of one source, of which the second has the stand-in; analysed, gated and saved."""
    path = tmp_path / "x.db"
    with Store.open(path, create=True) as store:
        pages = [make_page(0), make_page(1, f"<html><body><p>{STAND_IN}</p></body></html>".encode())]
        with EvidenceWriter(store.evidence_folder) as writer:
            for page in pages:
                store.pages.save(page, *writer.append(page))
        docs = [make_doc(n, id=page.id, url=page.url, text=f"matn {STAND_IN if n else ''}") for n, page in enumerate(pages)]
        store.documents.save(drop_promotional(classify(docs, judge)))
        enforce(store)
    return path


def test_only_hash_host_and_time_stay(archive: Path) -> None:
    with Store.open(archive) as store:
        (event,) = store.gate.events()
        assert (event.event, event.host, event.source) == ("drop", "127.0.0.1", "sinov")
        assert len(event.body_sha256) == 64
        assert event.at
        assert [doc.text.strip() for doc in store.documents.all()] == ["matn"]
    for file in archive.parent.rglob("*"):
        assert not file.is_file() or STAND_IN.encode() not in file.read_bytes(), file
    assert inspect_archive(archive)[0].damage == []


def test_the_source_is_paused_until_somebody_says_otherwise_and_the_address_is_never_fetched_again(archive: Path) -> None:
    with Store.open(archive) as store:
        assert store.gate.paused() == {"sinov"}
        assert store.removals.is_erased(make_page(1).url)
        enforce(store)
        assert len(store.gate.events()) == 1, "a second time nothing is left to do"
        store.gate.resume("sinov")
        assert store.gate.paused() == set()
        with pytest.raises(Stop, match="not paused"):
            store.gate.resume("sinov")
        assert [event.event for event in store.gate.events()] == ["drop", "resume"]


def test_the_stage_ends_the_road_with_a_reason_and_no_words() -> None:
    docs = classify([make_doc(1, text=f"matn {STAND_IN}"), make_doc(2)], judge)
    stopped, passed = drop_promotional(docs)
    assert isinstance(passed, Document)
    assert isinstance(stopped, Skipped)
    assert (stopped.stage, stopped.reason) == ("gate", Reason.PROMOTIONAL)
    assert STAND_IN not in stopped.detail


# --- and before anything is written ---

NAMED = f"<html><body><article><p>Matnda Jamoat Ansorulloh nomi va {STAND_IN} belgisi bor.</p></article></body></html>"


def make_judged(number: int, body: str) -> Page:
    long = (
        "<p>Bogʻda olma, oʻrik va nok pishdi, bolalar savat koʻtarib daraxtlar orasida yuribdi, havo iliq.</p>"
        * 4
    )
    return make_page(number, body.replace("</article>", f"{long}</article>").encode())


def test_a_page_in_a_groups_own_voice_is_never_written(tmp_path: Path) -> None:
    path, page = tmp_path / "x.db", make_judged(1, NAMED)
    with Store.open(path, create=True) as store:
        intake = Intake(store, Doorkeeper(judge))
        for item in (make_page(0), page, page):
            assert intake.process_item(item) is item, "acknowledged, so that the crawl goes on"
        intake.close_spider()
        (event,) = store.gate.events()
        assert (event.source, event.host, event.body_sha256) == (page.source, "127.0.0.1", page.body_sha256)
        assert store.gate.paused() == {page.source}
        store.gate.resume(page.source)
        later = Intake(store, Doorkeeper(judge))
        later.process_item(page)
        later.close_spider()
        assert len(store.gate.events()) == 2, "the same bytes stay out and do not pause the source again"
        assert sum(len(refs) for refs in store.pages.pending(batch=9)) == 1
        assert store.pages.has(make_page(0).id)
        assert not store.pages.has(page.id)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or STAND_IN.encode() not in file.read_bytes(), file
    assert inspect_archive(path)[0].damage == []


def test_most_pages_are_let_in_after_the_first_look() -> None:
    asked: list[str] = []

    def listen(title: str, text: str, language: str, script: str, hits: Sequence[Hit], worded: object = None) -> Judgement:
        asked.append(text)
        return judge(title, text, language, script, hits)

    keeper = Doorkeeper(listen)
    assert not keeper.refuses(make_page(0))
    assert not keeper.refuses(make_judged(1, f"<article><script>Jamoat Ansorulloh</script><p>{STAND_IN}</p></article>"))
    assert not keeper.refuses(make_page(2, b"%PDF-1.7 \x00\x00 Jamoat Ansorulloh"))
    assert asked == []
    assert keeper.refuses(make_judged(3, NAMED))
    assert len(asked) == 1
    assert not keeper.refuses(make_judged(4, NAMED.replace("Matnda", "Vazirlik bildirishicha, matnda")))
    assert len(asked) == 1, "somebody reports: the article is not even taken out"


def test_a_name_counts_with_its_endings_and_a_short_one_as_a_word() -> None:
    assert may_speak(take_text("<p>IShIDning bayonoti</p>"))
    assert may_speak(take_text("<p>«Ҷамоати Ансоруллоҳ»-ро</p>"))
    assert may_speak(take_text("<p>боевики ТТП сообщили</p>"))
    assert not may_speak(take_text("<p>Chiroyli bogʻda bahor</p><!-- Tolibon -->"))
    assert not may_speak(take_text("<p>http, attp-server</p>"))


@pytest.mark.quality
def test_no_page_of_the_newsroom_is_refused(eval_data: Path) -> None:
    folder, keeper = eval_data / "newsroom" / "pages", Doorkeeper()
    rows = load(folder / "manifest.jsonl")
    assert len(rows) > 200
    assert [row["slug"] for row in rows if keeper.refuses(make_real_page(folder, row))] == []


@pytest.mark.quality
def test_no_newspaper_article_no_verse_and_no_speech_is_dropped(eval_data: Path) -> None:
    docs = drop_promotional(classify(find_entities(list(iter_ordinary(eval_data)))))
    assert len(docs) > 3000
    assert [doc.id for doc in docs if isinstance(doc, Skipped)] == []


def iter_ordinary(eval_data: Path) -> Iterator[Document]:
    """Real pages, verses and speeches: they quote, preach and say `we` and `you`."""
    pages = {row["slug"]: row["language"] for row in read_lines(eval_data / "newsroom/pages/manifest.jsonl")}
    texts = [(pages[row["slug"]], row["text"]) for row in read_lines(eval_data / "newsroom/pages/gold_text.jsonl")]
    for path in sorted((eval_data / "data/text").glob("*.txt")):
        whole = path.read_text(encoding="utf-8")
        texts += [(path.name[:2], part) for part in (whole.splitlines() if "negatives" in path.name else [whole])]
    for number, (language, text) in enumerate(texts):
        script = "Cyrl" if re.search("[а-я]", text) else "Latn"
        yield make_doc(number, language=language, script=script, text=text, title="")


def read_lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
