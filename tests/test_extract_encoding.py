"""Bytes become the letters their author typed, whatever the server says."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.encoding import clean, decode

RUSSIAN = "Министерство сообщило об открытии новой школы, где будут учиться четыреста детей из трех сел. " * 3
TAJIK = "Дар ноҳияи Ҳисор мактаби нав сохта шуд, ки дар он чорсад хонандаи ҷавон таҳсил мекунад ва ӯҳдадор аст. " * 3
UZBEK = "Тошкентда янги кутубхона очилди, унда ўқувчилар учун ғоятда қизиқарли китоблар бор, ҳамма хурсанд. " * 3
LATIN = "Toshkentda yangi kutubxona ochildi, unda oʻquvchilar uchun gʻoyat qiziqarli kitoblar bor. " * 3


def as_single_bytes(text: str, name: str) -> str:
    """UTF-8 bytes read one by one; bytes without a meaning stay C1 control characters."""
    return "".join(bytes([byte]).decode(name, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("text", [RUSSIAN, TAJIK, UZBEK, LATIN])
@pytest.mark.parametrize(
    "declared",
    [
        "",
        "text/html; charset=utf-8",
        "text/html; charset=windows-1251",
        "text/html; charset=ISO-8859-1",
        "text/html; charset=nonsense",
        "text/html; charset=rot13",
        "text/html; charset=unicode_escape",
    ],
)
def test_utf8_is_read_as_utf8_whatever_is_declared(text: str, declared: str) -> None:
    assert decode(text.encode(), {"Content-Type": declared}) == text


@pytest.mark.parametrize("name", ["windows-1251", "koi8-r", "iso-8859-5", "cp866"])
@pytest.mark.parametrize("declared", [True, False])
def test_single_byte_cyrillic_is_recognised(name: str, declared: bool) -> None:
    headers = {"content-type": f"text/html; charset={name}"} if declared else {}
    assert decode(RUSSIAN.encode(name), headers) == RUSSIAN


def test_windows_1251_declared_as_utf8_is_repaired() -> None:
    assert decode(RUSSIAN.encode("windows-1251"), {"Content-Type": "text/html; charset=utf-8"}) == RUSSIAN
    page = '<meta charset="utf-8">' + RUSSIAN
    assert decode(page.encode("windows-1251"), {}) == page


def test_meta_charset_is_believed_where_http_is_silent() -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"></head>' + RUSSIAN
    assert decode(page.encode("koi8-r"), {"Content-Type": "text/html"}) == page


@pytest.mark.parametrize(
    ("mark", "name"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_byte_order_mark_overrules_everything(mark: bytes, name: str) -> None:
    assert decode(mark + TAJIK.encode(name), {"Content-Type": "text/html; charset=windows-1251"}) == TAJIK


@pytest.mark.parametrize("text", [RUSSIAN, TAJIK, UZBEK])
@pytest.mark.parametrize("name", ["windows-1251", "windows-1252"])
def test_doubly_encoded_cyrillic_is_undone(text: str, name: str) -> None:
    assert decode(as_single_bytes(text, name).encode(), {"Content-Type": "text/html; charset=utf-8"}) == text


@pytest.mark.parametrize(
    "text", ["Р и С — буквы алфавита, а «РС» — сокращение. " * 20, "Ð und Ñ sind Buchstaben. " * 40, RUSSIAN.upper()]
)
def test_sound_text_is_not_repaired(text: str) -> None:
    assert decode(text.encode(), {}) == text


def test_one_broken_byte_does_not_change_the_encoding() -> None:
    body = TAJIK.encode()[:-2] + b"\xff" + RUSSIAN.encode()
    decoded = decode(body, {"Content-Type": "text/html; charset=utf-8"})
    assert decoded.count("\ufffd") == 1
    assert RUSSIAN in decoded


def test_newlines_and_control_characters_are_made_plain() -> None:
    assert clean("a\r\nb\rc\x00\x07\ud800\u00a0d\te") == "a\nb\nc\u00a0d\te"


@given(st.binary(max_size=500), st.text(max_size=20))
def test_any_bytes_under_any_declaration_give_scalar_values(body: bytes, name: str) -> None:
    decoded = decode(body, {"Content-Type": f"text/html; charset={name}"})
    decoded.encode("utf-8")
    assert "\x00" not in decoded
