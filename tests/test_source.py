from datetime import date
from pathlib import Path

import pytest

from pipeline.records import Stop
from spiders.country import countries, country, is_ramadan
from spiders.source import SourceError, Start, load_sources, why_denied

CATALOGUE = Path(__file__).resolve().parent.parent / "spiders" / "sources"
GOOD = """name = "Tong"
homepage = "https://tong.example/"
country = "UZ"
languages = ["uz", "ru"]
kind = "newspaper"
start = [{feed = "https://tong.example/rss"}, {listing = "https://www.tong.example/yangiliklar/"}]
allow = ["/yangiliklar/"]
"""


def load_one(folder: Path, text: str, name: str = "tong.toml"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_sources(folder)


def test_good_file_becomes_a_source(tmp_path):
    [source] = load_one(tmp_path, GOOD).values()
    assert source.id == "tong"
    assert source.languages == ("uz", "ru")
    assert source.start == (Start("feed", "https://tong.example/rss"), Start("listing", "https://www.tong.example/yangiliklar/"))
    assert source.hosts == {"tong.example", "www.tong.example"}
    assert source.verified


def test_source_owns_its_hosts_and_allows_its_paths_only(tmp_path):
    source = load_one(tmp_path, GOOD)["tong"]
    assert source.allows("https://www.tong.example/yangiliklar/1")
    assert source.owns("http://TONG.example/boshqa")
    assert not source.allows("https://tong.example/boshqa/1")
    for url in ("https://tong.example.evil.example/yangiliklar/1", "https://tong.example@evil.example/yangiliklar/1",
                "https://tong.example:8443/yangiliklar/1", "ftp://tong.example/yangiliklar/1", "javascript:alert(1)",
                "https://eviltong.example/yangiliklar/1"):
        assert not source.owns(url), url


def test_host_of_a_feed_elsewhere_must_be_named(tmp_path):
    elsewhere = GOOD.replace("https://tong.example/rss", "https://feeds.example/tong")
    with pytest.raises(SourceError, match=r"feeds\.example.* not on the source's own hosts .*add its host"):
        load_one(tmp_path, elsewhere)
    assert "feeds.example" in load_one(tmp_path, elsewhere + 'hosts = ["feeds.example"]\n')["tong"].hosts


@pytest.mark.parametrize(("old", "new", "words"), [
    ('country = "UZ"', 'contry = "UZ"', r"unknown key 'contry'; did you mean 'country'"),
    ('country = "UZ"\n', "", "country is missing"),
    ('country = "UZ"', "country = 7", "country must be a text, not 7"),
    ('["uz", "ru"]', '"uz"', "languages must be a list"),
    ('["uz", "ru"]', '["uz", "Kyrgyz"]', r"languages are codes such as uz, tg, ru, en or fa, not 'Kyrgyz'"),
    ('"newspaper"', '"blog"', r"unknown kind 'blog' \(known: news-agency"),
    ('"newspaper"', '"social-media"', "'social-media' cannot be crawled: .*persons"),
    ('"newspaper"', '"extremist-primary-source"', "cannot be crawled: propaganda"),
    ("{feed =", "{rss =", r"unknown way 'rss' \(known: feed, sitemap, listing, "),
    ("https://tong.example/rss", "ftp://tong.example/rss", "start: feed must be an address such as https"),
    ("https://tong.example/rss", "https://evil.example/rss", "not on the source's own hosts"),
    ("https://tong.example/\"", "tong.example\"", "homepage must be an address"),
    ('["/yangiliklar/"]', '["yangiliklar"]', "allow holds path prefixes"),
    ("tong.example", "t.me", r"t\.me is on the deny list: "),
])
def test_wrong_file_stops_and_says_which_and_what(tmp_path, old, new, words):
    with pytest.raises(Stop, match=rf"tong\.toml.*{words}"):
        load_one(tmp_path, GOOD.replace(old, new))


def test_broken_toml_names_file_and_line(tmp_path):
    with pytest.raises(SourceError, match=r"tong\.toml: not valid TOML: .*line 3"):
        load_one(tmp_path, GOOD.replace('country = "UZ"', "country = UZ"))


def test_same_id_twice_stops(tmp_path):
    (tmp_path / "uz").mkdir()
    (tmp_path / "uz" / "tong.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(SourceError, match=r"tong\.toml"):
        load_one(tmp_path, GOOD)


def test_folder_that_is_not_there_stops(tmp_path):
    with pytest.raises(SourceError, match="no such folder"):
        load_sources(tmp_path / "nowhere")


@pytest.mark.parametrize("host", ["t.me", "T.ME", "www.t.me", "t.me.", "web.archive.org", "m.vk.com", "i31.co.za"])
def test_denied_host_is_denied_with_everything_below_it(host):
    assert why_denied(host)


@pytest.mark.parametrize("host", ["let.me", "netflix.com", "x.company", "t.me.example", "tong.example", "127.0.0.1", ""])
def test_host_that_only_looks_like_a_denied_one_is_not(host):
    assert why_denied(host) is None


@pytest.mark.parametrize("host", ["t.me", "sub.t.me", "t.me:8080"])
def test_no_key_of_a_source_lifts_the_deny_list(tmp_path, host):
    with pytest.raises(SourceError, match="deny list"):
        load_one(tmp_path, GOOD + f'hosts = ["{host}"]\n')


def test_bundled_catalogue_loads_and_nobody_has_vouched_for_it_yet():
    sources = load_sources(CATALOGUE)
    assert len(sources) >= 98
    assert {language for source in sources.values() for language in source.languages} >= {"uz", "tg", "ru", "en"}
    assert all(start.url.startswith("https://") for source in sources.values() for start in source.start)
    assert not any(source.verified or source.verified_on for source in sources.values())
    for source in sources.values():
        assert source.country in countries(), source.id
        assert source.per_week or source.paused, f"{source.id} does not say how much to expect"
        assert source.legal


def test_flags_are_known_words_and_stand_where_a_reader_needs_them():
    sources = load_sources(CATALOGUE)
    assert "party-to-conflict" in sources["nrf-afghanistan"].flags
    assert "military-funded" in sources["caravanserai"].flags
    assert {"tass", "ria", "khovar", "uza", "kabar"} <= {source.id for source in sources.values() if "state" in source.flags}


def test_wrong_flag_and_interval_stop(tmp_path):
    with pytest.raises(SourceError, match=r"unknown flag 'biased' \(known: state, "):
        load_one(tmp_path, GOOD + 'flags = ["biased"]\n')
    with pytest.raises(SourceError, match="interval_hours must be from 1 to 744, not 0"):
        load_one(tmp_path, GOOD + "interval_hours = 0\n")
    with pytest.raises(SourceError, match="verified_on must be a day such as"):
        load_one(tmp_path, GOOD + 'verified_on = "yesterday"\n')
    with pytest.raises(SourceError, match="country is a code of two letters"):
        load_one(tmp_path, GOOD.replace('"UZ"', '"Uzbekistan"'))


def test_days_off_follow_the_country():
    assert country("UZ").rests(date(2027, 3, 21))
    assert country("TJ").rests(date(2027, 3, 24))
    assert not country("US").rests(date(2027, 3, 21))
    assert country("UZ").rests(date(2027, 3, 9)), "the feast at the end of Ramadan"
    assert is_ramadan(date(2027, 2, 20))
    assert not is_ramadan(date(2027, 4, 20))
    assert country("zz").name == "several countries"
