"""Where a page states its day and its article, layout by layout."""

import pytest

from pipeline.extract.article import Article
from pipeline.extract.html import read_html

FIRST = "Жители села Ак-Булак получили чистую питьевую воду: строители закончили новый водопровод длиной девять километров."
SECOND = "Работы заняли полтора года, их оплатил областной бюджет, сообщила районная администрация в понедельник."
THIRD = "Старую насосную станцию разберут, на ее месте посадят сад, рассказал житель села на собрании."
BODY = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
TEXT = f"{FIRST}\n{SECOND}\n{THIRD}"
TITLE = "В селе построили водопровод"
URL = "https://news.example/a/1"


def read(body: str, head: str = "", url: str = URL, lang: str = "ru") -> Article:
    page = f"<!DOCTYPE html><html lang='{lang}'><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"
    return read_html(page.encode(), {"Content-Type": "text/html; charset=utf-8"}, url)


def read_day(
    body: str = f"<h1>{TITLE}</h1>{BODY}", head: str = "", url: str = URL, lang: str = "ru"
) -> tuple[str | None, str | None]:
    article = read(body, head, url, lang)
    return article.published, article.published_source


def ld(json: str) -> str:
    return f'<script type="application/ld+json">{json}</script>'


@pytest.mark.parametrize(
    "head",
    [
        ld('{"@type": "NewsArticle", "datePublished": "2026-09-22T10:00:00+06:00"}'),
        ld(
            '[{"@type": "Organization"}, {"@type": ["Thing", "ReportageNewsArticle"], "datePublished": "2026-09-22"}]'
        ),
        ld(
            '{"@graph": [{"@type": "WebPage", "mainEntity": {"@type": "BlogPosting", "datePublished": ["2026-09-22"]}}]}'
        ),
        ld('{"@type": "WebPage", "datePublished": "2026-09-22"}'),
        ld('<!-- {"@type": "NewsArticle", "datePublished": "2026-09-22", "articleBody": "line\nbreak",} -->'),
        ld('{"broken') + ld('{"@type": "Article", "datePublished": {"@value": "2026-09-22"}}'),
    ],
)
def test_json_ld_is_parsed_wherever_the_article_stands_in_it(head: str) -> None:
    assert read_day(head=head) == ("2026-09-22", "json-ld")


@pytest.mark.parametrize(
    "json",
    [
        '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "datePublished": "2026-01-05"}]}',
        '{"@type": "WebSite", "datePublished": "2001-01-05"}',
        '{"@type": "NewsArticle", "dateModified": "2026-10-01", "comment": {"@type": "Posting", "datePublished": "2026-10-02"}}',
        '{"@type": "NewsArticle", "datePublished": "2026"}',
        '{"@type": "NewsArticle", "datePublished": "0001-01-01T00:00:00"}',
        '{"@type": "NewsArticle", "datePublished": 1790000000}',
    ],
)
def test_days_of_other_things_in_json_ld_are_not_the_articles(json: str) -> None:
    assert read_day(head=ld(json)) == (None, None)


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-09-22T10:00:00Z"><meta name="date" content="2026-11-01">',
        '<meta itemprop="datePublished" content="2026-09-22">',
        '<meta name="DC.date.issued" content="2026-09-22">',
        '<meta property="article:modified_time" content="2026-11-01"><meta name="pubdate" content="20260922">',
        '<meta name="date" content="Tue, 22 Sep 2026 10:00:00 +0600">',
    ],
)
def test_meta_states_the_day(head: str) -> None:
    assert read_day(head=head) == ("2026-09-22", "meta")


@pytest.mark.parametrize(
    "byline",
    [
        "<time datetime='2026-09-22T10:00'>вчера</time>",
        "<div class='info'><time class='updated' datetime='2026-10-01'>1</time> <time datetime='2026-09-22'>22</time></div>",
    ],
)
def test_time_elements_beside_the_headline_count(byline: str) -> None:
    related = "<div class='related'><time datetime='2026-01-05'>5 января</time></div>"
    assert read_day(f"{related}<article><h1>{TITLE}</h1>{byline}{BODY}</article>{related}") == ("2026-09-22", "time")


def test_time_elements_far_from_the_headline_do_not() -> None:
    aside = "<aside><time datetime='2026-01-05'>5 января</time></aside><div><time datetime='2026-02-05'>5 февраля</time></div>"
    assert read_day(f"<h1>{TITLE}</h1>{BODY}{aside}") == (None, None)


@pytest.mark.parametrize(
    "body",
    [
        f"<h1>{TITLE}</h1><span class='date'>22 сентября 2026</span>{BODY}",
        f"<div><span>22.09.2026, 14:05</span><h1>{TITLE}</h1></div>{BODY}",
        f"<h1>{TITLE}</h1><div>Автор: редакция | 22 сентября 2026 | Просмотров: 125</div>{BODY}",
        f"<h1>{TITLE}</h1><p>Опубликовано: 22.09.2026. Обновлено: 01.10.2026</p>{BODY}",
        f"<h1>{TITLE}</h1>{BODY}<div class='pub_date'>22 сентября 2026 г, 11:01</div>",
        f"<h1>{TITLE}</h1>{BODY}<p>Дата публикации: 22.09.2026</p><ul class='tags'><li>вода</li></ul>",
    ],
)
def test_visible_day_near_the_headline_or_after_the_article(body: str) -> None:
    assert read_day(body) == ("2026-09-22", "visible-text")


@pytest.mark.parametrize(
    "body",
    [
        f"<div>24 ноября 2026</div><div class='page'><div class='col'><div class='text'><h1>{TITLE}</h1></div></div></div>{BODY}",
        f"<h1>{TITLE}</h1>{BODY}<p>Совет обсудил проект еще 5 мая 2024 года, но тогда денег на трубы и насосы не хватило.</p>",
        f"<h1>{TITLE}</h1><p>Обновлено 1 октября 2026</p>{BODY}",
        f"<h1>{TITLE}</h1>{BODY}<div class='related'><p><a href='/1'>Другая новость</a> 22.09.2026</p></div>",
        f"<h1>{TITLE}</h1>{BODY}<div class='comments'><p class='date'>22.09.2026</p><p>Хорошая новость для всего села.</p></div>",
        f"<h1>{TITLE}</h1>{BODY}<footer>© 1 января 2020</footer><div>© Пример, 1 января 2020. Все права защищены</div>",
        f"<h1>{TITLE}</h1>{BODY}",
        f"<h1>{TITLE}</h1><span class='date'>сентябрь 2026</span>{BODY}",
    ],
)
def test_days_that_are_not_the_articles_are_never_taken(body: str) -> None:
    assert read_day(body) == (None, None)


def test_american_order_is_not_guessed_in_english() -> None:
    assert read_day(f"<h1>{TITLE}</h1><span class='date'>09/10/2026</span>{BODY}", lang="en-US") == (None, None)
    assert read_day(f"<h1>{TITLE}</h1><span class='date'>09/10/2026</span>{BODY}", lang="tg") == (
        "2026-10-09",
        "visible-text",
    )


def test_address_tells_the_day_where_the_page_does_not_or_contradicts() -> None:
    url = "https://news.example/2026/09/22/a"
    assert read_day(url=url) == ("2026-09-22", "url")
    assert read_day(f"<h1>{TITLE}</h1><span class='date'>23 сентября 2026</span>{BODY}", url=url) == (
        "2026-09-23",
        "visible-text",
    )
    assert read_day(f"<h1>{TITLE}</h1><span class='date'>5 мая 2024</span>{BODY}", url=url) == ("2026-09-22", "url")


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>{TITLE}</h1>{BODY}</article>",
        f"<form id='all'><div class='sidebar-left'><h1>{TITLE}</h1><div>{BODY}</div></div></form>",
        f"<table><tr><td><h1>{TITLE}</h1>{FIRST}<br><br>{SECOND}<br/>{THIRD}</td></tr></table>",
        f"<div><h1>{TITLE}</h1><div>{FIRST}</div><div>{SECOND}</div><div>{THIRD}</div></div>",
        f"<h1>{TITLE}</h1><div class='lead'>{FIRST}</div><div class='body'><p>{SECOND}</p><p>{THIRD}</p></div>",
        f"<h1>{TITLE}</h1>{BODY}<div class='tags'><a href='/t'>вода</a></div><p>Читайте также</p>",
        f"<div style='display:none'><p>{'Правила запрещают все, что запрещено. ' * 20}</p></div><h1>{TITLE}</h1>{BODY}",
        f"<h1>{TITLE}</h1><div>{BODY}</div><div class='comments'>{'<p>Спасибо строителям, мы долго ждали воду!</p>' * 20}</div>",
        f"<h1>{TITLE}</h1>{BODY}<script>var a = '<p>no</p>';</script><noscript><p>Включите JavaScript.</p></noscript>",
    ],
)
def test_article_is_found_in_every_layout_and_nothing_else(body: str) -> None:
    assert read(body).text == TEXT


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", f"<div class='logo'><h1>Пример</h1></div><h1>{TITLE}</h1>{BODY}"),
        ("<meta property='og:title' content='В селе построили водопровод'>", f"<h1>Пример</h1>{BODY}"),
        (ld('{"@type": "NewsArticle", "headline": "В селе построили водопровод"}'), BODY),
        ("", BODY),
        ("", f"<h1>Пример</h1>{'<h3>Другая новость дня</h3>' * 90}<h2>{TITLE}</h2>{BODY}"),
    ],
)
def test_title_is_the_headline_and_not_the_sites_name(head: str, body: str) -> None:
    assert read(body, head).title == TITLE


def test_name_of_the_site_is_cut_from_the_title() -> None:
    page = f"<html><head><title>{TITLE} | Пример — новости</title></head><body>{BODY}</body></html>"
    assert read_html(page.encode(), {}, URL).title == TITLE


def test_a_heading_that_is_shorter_than_the_sites_name_stays_the_headline() -> None:
    head = "<head><title>Пожар в селе — Независимое бюро новостей</title></head>"
    page = f"<html>{head}<body><h1>Пожар в селе</h1>{BODY}</body></html>"
    assert read_html(page.encode(), {}, URL).title == "Пожар в селе"


@pytest.mark.parametrize(
    "line",
    [
        "© 2026 Пример. Все права защищены.",
        "Copyright 2026 Example. All rights reserved. More »",
        "Published in The Example, September 22nd, 2026.",
        "(Пример) – 3 часа назад",
        "5 soat oldin",
        "2 рӯз пеш",
    ],
)
def test_what_a_site_says_about_its_article_is_no_text(line: str) -> None:
    assert read(f"<article><h1>{TITLE}</h1><p>{line}</p>{BODY}</article>").text == TEXT
    assert read(f"<article><h1>{TITLE}</h1>{BODY}<p>{line}</p></article>").text == TEXT


def test_a_sentence_about_rights_or_about_days_is_text() -> None:
    told = "Это случилось 3 дня назад, рассказали жители.", "Authors say that copyright law must change in the coming year."
    for line in told:
        body = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p><p>{line}</p>{BODY}"
        assert line in read(f"<article><h1>{TITLE}</h1>{body}</article>").text
