"""A source's own layout: read where its file says, and as any other page where the selectors find nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.evidence import EvidenceWriter
from pipeline.extract.article import Article
from pipeline.extract.html import read_html
from pipeline.records import Layout, Page
from pipeline.run import run
from pipeline.store import Store
from spiders.source import SourceError, load_source
from tests.conftest import make_source_row
from tests.spider_site import Site

LINES = (
    "Туманда янги йўл очилди, унинг узунлиги ўн икки километр, деди ҳокимият вакили.",
    "Қурилиш икки йил давом этди ва маҳаллий бюджет ҳисобидан молиялаштирилди.",
    "Йўл бўйлаб эллик мингта дарахт экилди, уларни мактаб ўқувчилари парвариш қилади.",
)
OTHER = "Бошқа мақоладан олинган узун парча, у ҳам гапга ўхшайди ва нуқта билан тугайди. " * 8
PAGE = f"""<html lang="uz"><head><title>Портал</title></head><body><h1>Портал</h1>
<div class="x1"><div class="x2">Янги йўл</div><i class="x3">Эълон: 22.09.2026</i>
<div class="x4"><p>{LINES[0]}</p><p class="x5">Реклама: дўконга келинг, арзон нархлар сизни кутмоқда.</p><p>{LINES[1]}</p>
<p>{LINES[2]}</p></div></div><div class="x6"><p>{OTHER}</p><p>{OTHER}</p></div></body></html>"""
LAYOUT = Layout(".x4", title=".x2", date=".x3", drop=(".x5",))


def read(layout: Layout | None, page: str = PAGE) -> Article:
    return read_html(page.encode(), {"Content-Type": "text/html; charset=utf-8"}, "https://a.example/1", layout=layout)


def test_a_page_that_is_read_wrongly_is_read_right_by_its_layout() -> None:
    assert read(None).text != "\n".join(LINES)
    article = read(LAYOUT)
    assert (article.title, article.published, article.published_source) == ("Янги йўл", "2026-09-22", "visible-text")
    assert article.text == "\n".join(LINES)


def test_selectors_that_find_nothing_cost_nothing() -> None:
    assert read(Layout(".gone", title=".gone", date=".gone", drop=(".gone",))) == read(None)


def test_what_is_dropped_leaves_the_text_behind_it() -> None:
    page = PAGE.replace("</p><p class", "<b class='x7'>улашинг</b> давоми бор.</p><p class")
    assert f"{LINES[0]} давоми бор." in read(Layout(".x4", drop=(".x5", ".x7")), page).text


def test_a_machine_written_day_wins_over_the_words_and_a_later_one_is_none() -> None:
    stamped = PAGE.replace('<i class="x3">', '<i class="x3" datetime="2026-09-21">')
    assert read(LAYOUT, stamped).published == "2026-09-21"
    assert read(LAYOUT, stamped).published_source == "time"


def test_the_road_reads_a_source_by_the_layout_of_its_file(tmp_path: Path) -> None:
    page = Page("https://a.example/1", "sinov", datetime(2026, 9, 23, tzinfo=UTC), {"Content-Type": "text/html"}, PAGE.encode())
    with Store.open(tmp_path / "x.db", create=True) as store:
        store.ledger.save_sources([make_source_row(layout=LAYOUT)])
        with EvidenceWriter(store.evidence_folder) as writer:
            store.pages.save(page, *writer.append(page))
        list(run(store, flag_at=0.5, batch_size=4))
        [doc] = store.documents.all()
        assert (doc.title, doc.text, doc.published) == ("Янги йўл", "\n".join(LINES), "2026-09-22")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('{body = ".x"}', "layout: unknown key 'body' (known: text, title, date, drop)"),
        ('{text = "div..x"}', "'div..x' is no CSS selector"),
        ('{text = ".x", drop = "[broken"}', "is no CSS selector"),
        ('{text = 7}', "is no CSS selector"),
        ('".x"', "layout must be a table such as"),
    ],
)
def test_a_wrong_layout_is_named_with_its_file(table: str, words: str, tmp_path: Path) -> None:
    with Site("127.0.11.20") as site:
        (tmp_path / "s.toml").write_text(site.toml("feed:/feed.xml", layout=table))
    with pytest.raises(SourceError) as told:
        load_source(tmp_path / "s.toml")
    assert words in str(told.value)
    assert "s.toml" in str(told.value)


def test_a_right_layout_is_part_of_the_source(tmp_path: Path) -> None:
    with Site("127.0.11.21") as site:
        (tmp_path / "s.toml").write_text(site.toml("feed:/feed.xml", layout='{text = ".x4", drop = [".x5"]}'))
    assert load_source(tmp_path / "s.toml").layout == Layout(".x4", drop=(".x5",))
