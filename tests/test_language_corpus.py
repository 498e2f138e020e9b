"""Texts for training the language profiles: from localisation packages, and respelled in the other alphabets of a language."""

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from models.language.evaluate import load_rows
from models.language.gather import clean, iter_rows
from models.language.gather import main as gather_main
from models.language.respell import respell

FLUENT = """# A comment
save-button = Захаваць дакумент зараз
    .title = Захаваць гэты дакумент
help = { -brand-short-name } дапамагае
"""


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("{{PLURAL:$1|бет|беттер}} өзгертілді", "беттер өзгертілді"),
        ("{{PLURAL:$2|бір|$2 {{PLURAL:$1|бет|беттер}}}} бар", "беттер бар"),
        ("[[Special:Log|журналды]] қараңыз", "журналды қараңыз"),
        ("<strong>Ескерту:</strong> %s файлы", "Ескерту: файлы"),
        ("_Open ~file $1 {name}", "Open file"),
        ("бір &amp; екі", "бір & екі"),
    ],
)
def test_message_is_read_without_its_markup(message: str, words: str) -> None:
    assert " ".join(clean(message).split()) == words


@pytest.mark.parametrize(
    ("label", "text", "others"),
    [
        ("tk", "Ýaşlar ýurduň geljegi, eger-de ýok", [("tk-Cyrl", "яшлар юрдуң гелҗеги, эгер-де ёк")]),
        (
            "kaa",
            "Búgin jańa awıl ǵáziynesi",
            [("kaa-Cyrl", "бүгин жаңа аўыл ғәзийнеси"), ("kaa", "bu'gin jan'a awi'l g'a'ziynesi")],
        ),
        ("ug", "بۈگۈن مېنىڭ", [("ug-Latn", "bügün mëning"), ("ug-Latn", "bügün méning")]),
        ("uz-Latn", "Yoʻlda yangi ekin, sheʼr va choy", [("uz-Cyrl", "йўлда янги экин, шеър ва чой")]),
        ("ru", "без изменений", []),
    ],
)
def test_text_is_respelled_in_the_other_alphabets_of_its_language(label: str, text: str, others: list[tuple[str, str]]) -> None:
    assert respell(label, text) == others


def test_packages_become_the_same_bytes_each_time(tmp_path: Path) -> None:
    folder = _make_packages(tmp_path / "packages")
    for name in ("first", "second"):
        assert gather_main([str(folder), "--out", str(tmp_path / f"{name}.tsv.gz")]) == 0
    first = (tmp_path / "first.tsv.gz").read_bytes()
    assert first == (tmp_path / "second.tsv.gz").read_bytes()
    assert "kk\tбеттер өзгертілді кеше\tmediawiki\n" in gzip.decompress(first).decode()


def test_short_messages_and_authors_are_left_out(tmp_path: Path) -> None:
    rows = list(iter_rows(_make_packages(tmp_path)))
    assert sorted(rows) == [
        ("be", "Захаваць гэты дакумент", "firefox-l10n"),
        ("be", "Захаваць дакумент зараз", "firefox-l10n"),
        ("kk", "беттер өзгертілді кеше", "mediawiki"),
        ("minor", "Бу сайтны тюзетирге керекди", "mediawiki"),
    ]


def test_folder_without_packages_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gather_main([str(tmp_path), "--out", str(tmp_path / "out.tsv.gz")]) == 2
    assert "holds none of the packages" in capsys.readouterr().err
    assert not (tmp_path / "out.tsv.gz").exists()


def test_every_kind_of_training_file_can_be_measured(tmp_path: Path) -> None:
    (tmp_path / "sib200.pes_Arab.dev.tsv").write_text("index_id\tcategory\ttext\n1\tx\tکودکان آمدند\n", "utf-8")
    (tmp_path / "relevance.tg.jsonl").write_text('{"text": "Роҳи нав"}\n', "utf-8")
    (tmp_path / "dev.tsv").write_text("other:kk\tЖаңа жол\tx\nru\tНовая дорога\tx\n", "utf-8")
    rows = [row for name in ("sib200.pes_Arab.dev.tsv", "relevance.tg.jsonl", "dev.tsv") for row in load_rows(tmp_path / name)]
    assert rows == [("other:fa", "کودکان آمدند"), ("tg", "Роҳи нав"), ("other:kk", "Жаңа жол"), ("ru", "Новая дорога")]


def _make_packages(folder: Path) -> Path:
    messages = {"@metadata": {"authors": ["x"]}, "a": "{{PLURAL:$1|бет|беттер}} өзгертілді кеше", "b": "Сақтау"}
    for code, found in (("kk-cyrl", messages), ("krc", {"a": "Бу сайтны тюзетирге керекди"})):
        path = folder / "mediawiki" / "usr" / "share" / "mediawiki" / "languages" / "i18n" / f"{code}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    with zipfile.ZipFile(folder / "langpack-be@firefox-esr.mozilla.org.xpi", "w") as archive:
        archive.writestr("localization/be/a.ftl", FLUENT)
    return folder
