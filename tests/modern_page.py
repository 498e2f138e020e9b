"""A page as a content system of today serves it: the same article, with JSON-LD, Open Graph, scripts and a theme."""

import json
import re
from html import escape

THEME = "".join(f".block-{n}{{margin:{n}px auto;padding:0 {n % 7}px}}" for n in range(200))


def modernise(html: str, address: str, day: str) -> str:
    """The page with the head that newspapers' content systems write; `day` is an ISO date. The article's own words stay."""
    title = re.search(r"<title[^>]*>([^<]*)", html, re.IGNORECASE)
    name = (title[1] if title else "Example").strip()
    # At the end of the head: the character set is named before it, as it has to be.
    return re.sub(r"</head>", lambda _: _make_head(name, address, day) + "</head>", html, count=1, flags=re.IGNORECASE)


def _make_head(name: str, address: str, day: str) -> str:
    publisher = {"@type": "NewsMediaOrganization", "@id": address + "#org", "name": "Example", "logo": _make_picture(address, 0)}
    crumbs = [{"@type": "ListItem", "position": n, "name": f"Part {n}", "item": f"{address}part/{n}/"} for n in range(1, 5)]
    article = {
        "@type": "NewsArticle", "@id": address + "#article", "headline": name, "datePublished": f"{day}T09:30:00+05:00",
        "dateModified": f"{day}T11:00:00+05:00", "author": [{"@type": "Person", "name": "Desk", "url": address + "author/desk/"}],
        "publisher": {"@id": address + "#org"}, "mainEntityOfPage": address,
        "image": [_make_picture(address, n) for n in range(4)],
        "keywords": [f"keyword {n}" for n in range(12)], "articleSection": ["News", "World"], "inLanguage": "und",
    }  # fmt: skip
    graph = {"@context": "https://schema.org", "@graph": [
        article, publisher, {"@type": "BreadcrumbList", "itemListElement": crumbs},
        {"@type": "WebSite", "url": address, "potentialAction": {"@type": "SearchAction", "target": address + "?s={term}"}},
        {"@type": "WebPage", "@id": address, "name": name, "isPartOf": {"@id": address + "#site"}},
    ]}  # fmt: skip
    named = {"og:title": name, "og:type": "article", "og:url": address, "article:published_time": f"{day}T09:30:00+05:00",
             "twitter:card": "summary_large_image", "og:site_name": "Example"}  # fmt: skip
    metas = "".join(f'<meta property="{key}" content="{escape(value)}">' for key, value in named.items())
    data = json.dumps(graph, ensure_ascii=False).replace("</", "<\\/")
    script = "window.dataLayer=window.dataLayer||[];" + "".join(f"dataLayer.push({{'slot':{n}}});" for n in range(80))
    return f'{metas}<script type="application/ld+json">{data}</script><style>{THEME}</style><script>{script}</script>'


def _make_picture(address: str, number: int) -> dict[str, object]:
    return {"@type": "ImageObject", "url": f"{address}picture-{number}.jpg", "width": 1200, "height": 675, "caption": f"{number}"}
