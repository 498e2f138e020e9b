"""Dates that are not an article's: put around real pages, to see whether one of them is taken for its day."""

import random
import re
from datetime import date, timedelta

MONTHS = {
    "uz-Latn": "yanvar fevral mart aprel may iyun iyul avgust sentabr oktabr noyabr dekabr",
    "uz-Cyrl": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "tg": "январи феврали марти апрели майи июни июли августи сентябри октябри ноябри декабри",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "en": "January February March April May June July August September October November December",
}
OTHER = {
    "uz-Latn": "Boshqa xabar",
    "uz-Cyrl": "Бошқа хабар",
    "tg": "Хабари дигар",
    "ru": "Другая новость",
    "en": "Another report",
}
SAID = {
    "uz-Latn": "Bu yaxshi yangilik, rahmat hammaga",
    "uz-Cyrl": "Бу яхши янгилик, раҳмат ҳаммага",
    "tg": "Хабари хуб, ташаккур ба ҳама",
    "ru": "Хорошая новость, спасибо всем",
    "en": "Good news, thanks to everybody",
}


def mislead(html: str, language: str, chance: random.Random) -> str:
    """The page with the day of printing above, dated related links, comments, a calendar and the years of its rights around."""
    related = "".join(
        f"<li><a href='/{n}'>{OTHER[language]} {n}</a> <span>{_write(language, chance)}</span></li>" for n in range(5)
    )
    comments = "".join(
        f"<div><b>{OTHER[language][:5]}</b> <i>{_write(language, chance)}, 10:{n}0</i><p>{SAID[language]}.</p></div>"
        for n in range(4)
    )
    year = chance.randint(2005, 2025)
    behind = [
        f"<div class='related'><ul>{related}</ul></div>", f"<div id='comments'>{comments}</div>",
        f"<aside><time datetime='{_draw(chance)}'>{_write(language, chance)}</time><ul>{related}</ul></aside>",
        f"<div class='block'><h3>{OTHER[language]}</h3><ul>{related}</ul></div>",
        f"<p>© {year}–{year + 1} Example</p><p>© {_write(language, chance)}</p>"]  # fmt: skip
    before = [
        f"<div class='today'>{_write(language, chance)}</div><nav><a href='/'>1</a> <a href='/n'>2</a></nav>",
        f"<ul class='ticker'>{related}</ul>", f"<div class='sidebar'><time datetime='{_draw(chance)}'>x</time></div>",
    ]  # fmt: skip
    chance.shuffle(behind)
    page = re.sub(r"(<body[^>]*>)", lambda found: found[1] + "".join(chance.sample(before, 2)), html, count=1)
    return page.replace("</body>", "".join(behind[:4]) + "</body>")


def _draw(chance: random.Random) -> date:
    return date(2021, 1, 1) + timedelta(days=chance.randrange(2100))


def _write(language: str, chance: random.Random) -> str:
    day = _draw(chance)
    name = MONTHS[language].split()[day.month - 1]
    ways = (f"{day.day:02}.{day.month:02}.{day.year}", f"{day.day}-{name}, {day.year}", f"{day.day} {name} {day.year}")
    return chance.choice(ways)
