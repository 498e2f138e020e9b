"""The configuration: a typing slip stops with one line that says where and what is known."""

from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.records import Stop


def test_the_defaults_are_polite() -> None:
    config = load_config()
    assert config.crawl.delay_seconds >= 5
    assert config.crawl.allow_private_hosts == ()
    assert config.review.host == "127.0.0.1"


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    path = tmp_path / "xabar.toml"
    path.write_text('[crawl]\ncontact = "desk@example.org"\ndelay_seconds = 8\nallow_private_hosts = ["127.0.0.0/8"]\n')
    crawl = load_config(path).crawl
    assert (crawl.contact, crawl.delay_seconds, crawl.allow_private_hosts) == ("desk@example.org", 8.0, ("127.0.0.0/8",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[crawl]\ndelay_second = 3", r"\[crawl\] unknown key 'delay_second'; did you mean 'delay_seconds'\?"),
        ("[crwal]\nx = 1", r"unknown section \[crwal\]; did you mean 'crawl'\?"),
        ("[zzz]\nx = 1", r"known: crawl, run, store, score, review"),
        ("crawl = 3", r"write \[crawl\] on a line of its own"),
        ("[crawl]\ndelay_seconds = 'slow'", "must be a number"),
        ("[crawl]\ndelay_seconds = true", "must be a number"),
        ("[crawl]\ndelay_seconds = 0.2", "must be from 1.0"),
        ("[crawl]\nmax_bytes = 1.5", "must be a whole number"),
        ("[crawl]\nallow_private_hosts = ['10.0.0.0/33']", "no address range"),
        ("[crawl]\nallow_private_hosts = '10.0.0.0/8'", "must be a list of texts"),
        ("[score]\nflag_at = 2", "must be from 0.0 to 1.0"),
        ("[review]\nport = 70000", "must be from 0 to 65535"),
        ("[crawl", "not valid TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "xabar.toml"
    path.write_text(text)
    with pytest.raises(Stop, match=says) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="cannot be read"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"[crawl]\ncontact = '\xff'")
    with pytest.raises(Stop, match="not valid TOML"):
        load_config(tmp_path / "latin.toml")
