"""The articles of the demo: how many of what, how they are written, and what the loader refuses."""

import re
from collections import Counter
from pathlib import Path

import pytest

from pipeline.demo.item import load_items
from pipeline.demo.page import make_article, print_date
from pipeline.demo.site import load_sites
from pipeline.records import Stop

ITEMS = load_items()
DOCUMENTS = [item for item in ITEMS if item.outcome == "document" and item.copy_of is None]
WRITINGS = ("uz-Latn", "uz-Cyrl", "tg-Cyrl", "ru-Cyrl", "en-Latn")
TOPICS = {
    "attack", "plot-arrest", "trial-sentencing", "recruitment", "propaganda-media", "financing", "cross-border-incident",
    "repatriation-returnees", "group-relations", "ct-policy-legal", "online-platform-takedown", "prevention-resilience",
    "rights-abuse-misuse",
}
NEGATIVES = {
    "religion", "names", "places-history", "words", "media-brands", "state-life", "legal-boilerplate", "other-conflicts", "crime",
}


@pytest.mark.parametrize("writing", WRITINGS)
def test_every_language_and_script_has_twelve_articles_about_half_of_them_relevant(writing: str) -> None:
    chosen = [item for item in DOCUMENTS if item.words == writing]
    assert len(chosen) >= 12
    relevant = sum(item.relevance in ("R2", "R3") for item in chosen)
    assert 0.4 <= relevant / len(chosen) <= 0.6
    assert {"R0", "R1", "R2", "R3"} == {item.relevance for item in chosen}


def test_articles_cover_the_topics_and_the_classes_of_hard_negatives() -> None:
    assert len(DOCUMENTS) >= 60
    assert {topic for item in DOCUMENTS for topic in item.topics} >= TOPICS
    assert {item.negative_class for item in DOCUMENTS} >= NEGATIVES
    for item in DOCUMENTS:
        assert bool(item.topics) == (item.relevance in ("R2", "R3")), item.slug
        assert bool(item.negative_class) == (item.relevance in ("R0", "R1")), item.slug


def test_articles_are_as_long_as_news_and_length_does_not_give_the_relevant_ones_away() -> None:
    for item in DOCUMENTS:
        assert 700 <= len(item.text) <= 2000, item.slug
        assert 3 <= len(item.paragraphs) <= 8, item.slug
    for writing in WRITINGS:
        mean = {
            relevant: sum(sizes) / len(sizes) for relevant in (True, False)
            if (sizes := [len(i.text) for i in DOCUMENTS if i.words == writing and (i.relevance in ("R2", "R3")) == relevant])
        }
        assert 0.85 < mean[True] / mean[False] < 1.18, writing


def test_no_paragraph_is_used_twice_but_in_the_wire_copies() -> None:
    paragraphs = Counter(paragraph for item in DOCUMENTS for paragraph in item.paragraphs if not paragraph.startswith("*"))
    assert [text for text, times in paragraphs.items() if times > 1] == []


def test_uzbek_and_tajik_are_spelled_in_the_ways_real_sites_spell_them() -> None:
    latin = [item.text for item in DOCUMENTS if item.words == "uz-Latn"]
    for apostrophe in "ʻ'’‘ʼ":
        assert any(re.search(f"[OoGg]{apostrophe}", text) for text in latin), apostrophe
    assert sum("ʻ" in text for text in latin) > len(latin) / 2
    cyrillic = [item.text for item in DOCUMENTS if item.words == "uz-Cyrl"]
    assert all(re.search("[ўқғҳ]", text) and not re.search("[ӣӯҷ]", text) for text in cyrillic)
    plain = [item for item in DOCUMENTS if item.words == "tg-Cyrl" and not re.search("[ӣӯқғҳҷ]", item.text)]
    assert 1 <= len(plain) <= 2


def test_no_word_mixes_latin_and_cyrillic_letters() -> None:
    for item in ITEMS:
        for word in re.findall(r"[^\W\d_]+", f"{item.title}\n{item.text}"):
            assert not (re.search("[A-Za-z]", word) and re.search("[Ѐ-ӿ]", word)), f"{item.slug}: {word}"


def test_names_stand_in_their_inflected_forms() -> None:
    text = "\n".join(item.text + "\n" + item.title for item in DOCUMENTS)
    forms = ("IShIDga", "«Tolibon»ning", "IShID-Xurosonga", "ИШИД-Хуросонга", "Ансоруллоҳро", "ИГИЛа", "«Талибан»", "ИГ-Хорасана")
    assert [form for form in forms if form not in text] == []


@pytest.mark.parametrize(
    ("writing", "printed"),
    [("uz-Latn", "2026-yil 22-sentyabr"), ("uz-Cyrl", "20 сентябрь 2026 йил"), ("tg-Cyrl", "21 сентябри соли 2026"),
     ("ru-Cyrl", "22 сентября 2026"), ("en-Latn", "21 September 2026")],
)
def test_dates_are_printed_as_sites_of_the_language_print_them(writing: str, printed: str) -> None:
    newest = max((item for item in DOCUMENTS if item.words == writing), key=lambda item: item.published or pytest.fail("no date"))
    assert print_date(newest).startswith(printed)


@pytest.mark.parametrize("writing", WRITINGS)
def test_dates_are_stated_in_every_way_and_some_are_only_visible(writing: str) -> None:
    assert {item.date_style for item in DOCUMENTS if item.words == writing} == {"json-ld", "meta", "time", "visible-text"}
    for site in load_sites():
        for item in site.items:
            html = make_article(site, item).body.decode(item.charset)
            stated = {"json-ld": "datePublished" in html, "meta": "article:published_time" in html, "time": "<time" in html}
            if item.kind == "article":
                wanted = [item.date_style] if item.date_style in stated else []
                assert [way for way, found in stated.items() if found] == wanted, item.slug


def test_there_are_pages_that_are_no_articles_for_us() -> None:
    outcomes = Counter(item.outcome for item in ITEMS)
    assert outcomes["too-short"] == 2
    assert outcomes["not-an-article"] == 1
    assert {item.language for item in ITEMS if item.outcome == "unsupported-language"} == {"fa", "ky"}


def test_a_wire_story_stands_word_for_word_on_a_second_site_and_another_is_cut_short() -> None:
    by_slug = {item.slug: item for item in ITEMS}
    whole, cut = [item for item in ITEMS if item.copy_of and not item.keep], [item for item in ITEMS if item.keep]
    assert len(whole) == len(cut) == 1
    original = by_slug[whole[0].copy_of or ""]
    assert (original.text, original.title) == (whole[0].text, whole[0].title)
    assert original.site != whole[0].site
    assert by_slug[cut[0].copy_of or ""].text.startswith(cut[0].text)
    assert len(cut[0].paragraphs) == cut[0].keep


@pytest.mark.parametrize(
    ("text", "message"),
    [("- {slug: a, site: x, date_style: meta, tiitle: T}", "item 'a': unknown key tiitle"),
     ("- {slug: a, site: x}", "item 'a': date_style is missing"),
     ("- {slug: a, site: x, date_style: meta, relevance: R9}", "item 'a': unknown relevance 'R9'"),
     ("- {slug: a, site: x, date_style: meta, copy_of: b}", "copy_of names 'b'"),
     ("- {slug: a, site: x, date_style: meta}\n- {slug: a, site: y, date_style: meta}", "a slug is used twice")],
)
def test_a_slip_in_the_items_says_where_it_is(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "items.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Stop, match=re.escape(message)):
        load_items(tmp_path)
