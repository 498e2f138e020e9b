"""One page has one address, whatever a feed, a phone or a campaign writes round it."""

import pytest

from spiders.address import canonical

HOME = "https://www.tong.example/"
HOSTS = {"tong.example", "www.tong.example", "rus.tong.example"}


@pytest.mark.parametrize(("url", "same"), [
    ("https://m.tong.example/a?utm_source=x&id=5", "https://www.tong.example/a?id=5"),
    ("http://tong.example/a/amp/", "https://www.tong.example/a/"),
    ("https://amp.tong.example/a/amp", "https://www.tong.example/a"),
    ("https://www.tong.example/a?amp=1&b=2&fbclid=7#top", "https://www.tong.example/a?b=2"),
    ("https://TONG.example:443/%d1%8f", "https://www.tong.example/%D1%8F"),
    ("https://tong.example/я", "https://www.tong.example/%D1%8F"),
    (" https://tong.example ", "https://www.tong.example/"),
    ("https://rus.tong.example/x", "https://rus.tong.example/x"),
    ("https://tong.example/?p=12&lang=uz", "https://www.tong.example/?p=12&lang=uz"),
    ("https://tong.example/a?x=http://b.example/?c", "https://www.tong.example/a?x=http://b.example/?c"),
])
def test_variants_of_a_page_are_one_address(url: str, same: str) -> None:
    assert canonical(url, HOME, HOSTS) == same
    assert canonical(same, HOME, HOSTS) == same, "twice is once"


@pytest.mark.parametrize("url", ["https://m.other.example/a", "https://tong.example.evil.example/a", "http://tong.example:8080/x"])
def test_another_host_stays_another_host(url: str) -> None:
    assert canonical(url, HOME, HOSTS) == url


@pytest.mark.parametrize("url", ["javascript:alert(1)", "mailto:x@tong.example", "", "https://", "https://[oops/", "https://x:y/"])
def test_what_is_no_web_address_is_none(url: str) -> None:
    assert canonical(url, HOME, HOSTS) == ""


def test_an_international_name_is_asked_in_its_ascii_form() -> None:
    assert canonical("https://тонг.example/a", "https://xn--c1atcp.example/", {"xn--c1atcp.example"}) == "https://xn--c1atcp.example/a"
