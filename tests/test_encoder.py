"""The shared encoder: letters, offsets, windows, and what a damaged file gives."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from models.encoder.encode import FOLDER, OVERLAP_TOKENS, WINDOW_TOKENS, BrokenModel, Encoder, Reading, check, load_encoder
from models.encoder.latin import fold_apostrophes, to_latin
from models.encoder.normalise import normalise

# The same five sentences in our languages, written for this test.
PARALLEL = {
    "en": ["The bridge over the river was closed for repairs.", "Teachers asked the ministry for higher pay.",
           "A court sentenced two men for financing terrorism.", "The cotton harvest began early this year.",
           "Our football team lost the final match."],
    "ru": ["Мост через реку закрыли на ремонт.", "Учителя попросили министерство повысить зарплату.",
           "Суд приговорил двух мужчин за финансирование терроризма.", "Сбор хлопка в этом году начался рано.",
           "Наша футбольная команда проиграла финальный матч."],
    "uz": ["Daryo ustidagi koʻprik taʼmirlash uchun yopildi.", "Oʻqituvchilar vazirlikdan maoshni oshirishni soʻradi.",
           "Sud ikki kishini terrorizmni moliyalashtirgani uchun qamoqqa hukm qildi.", "Paxta terimi bu yil erta boshlandi.",
           "Futbol jamoamiz final oʻyinida yutqazdi."],
    "tg": ["Пули болои дарё барои таъмир баста шуд.", "Омӯзгорон аз вазорат зиёд кардани маошро хостанд.",
           "Суд ду нафарро барои маблағгузории терроризм маҳкум кард.", "Ҷамъоварии пахта имсол барвақт оғоз ёфт.",
           "Дастаи футболи мо дар бозии финалӣ бохт."],
}  # fmt: skip
CYRILLIC = ["Дарё устидаги кўприк таъмирлаш учун ёпилди.", "Ўқитувчилар вазирликдан маошни оширишни сўради.",
            "Суд икки кишини терроризмни молиялаштиргани учун қамоққа ҳукм қилди.", "Пахта терими бу йил эрта бошланди.",
            "Футбол жамоамиз финал ўйинида ютқазди."]  # fmt: skip


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("Ўзбекистон", "O‘zbekiston"),
        ("Ғазна", "G‘azna"),
        ("Шаҳрисабз", "Shahrisabz"),
        ("ЧИРЧИҚ", "CHIRCHIQ"),
        ("елим", "yelim"),
        ("поезд", "poyezd"),
        ("мактабга келди", "maktabga keldi"),
        ("лицей", "litsey"),
        ("цирк", "sirk"),
        ("маъно", "ma’no"),
        ("эълон", "e’lon"),
        ("июль", "iyul"),
        ("Ю. Яҳёев", "Yu. Yahyoyev"),
    ],
)
def test_cyrillic_uzbek_is_written_as_newspapers_write_it_in_latin(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic)[0] == latin


@given(st.text(max_size=80))
def test_every_latin_letter_knows_the_letter_it_came_from(text: str) -> None:
    written, origin = to_latin(text)
    assert len(written) == len(origin)
    assert origin == sorted(origin)
    assert all(0 <= place < len(text) for place in origin)
    silent = {text[place] for place in set(range(len(text))) - set(origin)}
    assert silent <= {"ь", "Ь"}, "only the soft sign has no sound of its own"


@given(st.text(alphabet="oOgGaʻ’'`´ ", max_size=40))
def test_apostrophes_are_folded_without_moving_anything(text: str) -> None:
    assert len(fold_apostrophes(text)) == len(text)


def test_nine_apostrophes_give_the_encoder_one_word() -> None:
    assert len({normalise(f"o{mark}zbek", "uz")[0] for mark in "'`´ʻʼʽ‘’‛′"}) == 1


def read(text: str, language: str = "uz") -> Reading:
    return load_encoder().read([(language, text)])[0]


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=120), st.sampled_from(["uz", "tg", "ru", "en", "und"]))
def test_offsets_are_places_in_the_text_that_was_given(text: str, language: str) -> None:
    reading = read(text, language)
    assert len(reading.offsets) == len(reading.hidden)
    assert all(0 <= start <= end <= len(text) for start, end in reading.offsets)
    assert np.isfinite(reading.hidden).all()


@pytest.mark.parametrize("text", ["", " ", "\x00\x01", "😀😀😀", "\u200e\u200f", "\ud800", "\n\n\n", "ааа" * 1000])
def test_strange_texts_are_read(text: str) -> None:
    assert np.isfinite(read(text).vectors).all()


def test_offsets_of_cyrillic_uzbek_point_into_the_cyrillic_text() -> None:
    text = "Ички ишлар вазирлиги Шўрчи туманида янги бўлим очди."
    reading = read(text)
    parts = [text[start:end] for start, end in reading.offsets if 20 <= start < 24]
    assert parts[0].strip() in ("Ш", "Шў", "Шўр"), "two Latin letters are one Cyrillic one"
    assert max(end for _, end in reading.offsets) == len(text)


def test_a_long_text_is_read_in_windows_each_word_once() -> None:
    words = [f"soʻz{number}" for number in range(900)]
    text = " ".join(words)
    reading = read(text)
    starts = reading.offsets[:, 0].tolist()
    assert starts == sorted(starts)
    assert len({(a, b) for a, b in reading.offsets.tolist() if b > a}) == sum(1 for a, b in reading.offsets.tolist() if b > a)
    step = WINDOW_TOKENS - OVERLAP_TOKENS
    assert len(reading.vectors) == -(-(len(reading.offsets) - OVERLAP_TOKENS) // step)


def test_a_text_does_not_depend_on_its_neighbours() -> None:
    alone = read("Toshkentda yangi bekat ochildi.")
    many = load_encoder().read([("uz", "Toshkentda yangi bekat ochildi."), ("ru", "Дождь шёл весь день, и дороги размыло. " * 9)])
    assert np.array_equal(alone.vectors, many[0].vectors)
    assert np.array_equal(alone.hidden, many[0].hidden)


def test_the_same_sentence_is_found_again_in_the_other_languages() -> None:
    vectors = {language: load_encoder().embed([(language, text) for text in texts]) for language, texts in PARALLEL.items()}
    vectors["uz-Cyrl"] = load_encoder().embed([("uz", text) for text in CYRILLIC])
    for language, found in vectors.items():
        nearest = (found @ vectors["en"].T).argmax(1)
        assert (nearest == np.arange(len(found))).sum() >= len(found) - 1, language


def test_both_uzbek_scripts_are_one_language_to_the_encoder() -> None:
    latin = load_encoder().embed([("uz", text) for text in PARALLEL["uz"]])
    cyrillic = load_encoder().embed([("uz", text) for text in CYRILLIC])
    assert (latin * cyrillic).sum(1).min() > 0.9


def test_the_fused_graph_says_what_the_exported_one_says() -> None:
    """Up to rounding, which activations of 8 bits make larger: the same directions."""
    import onnxruntime

    plain = onnxruntime.InferenceSession(str(FOLDER / "encoder.onnx"), providers=["CPUExecutionProvider"])
    fused = onnxruntime.InferenceSession(str(FOLDER / "graph.onnx"), providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    for text in (*PARALLEL["uz"], *PARALLEL["tg"], *PARALLEL["ru"], *PARALLEL["en"]):
        numbers = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        wanted = plain.run(["hidden", "vector"], {"numbers": numbers, "mask": np.ones_like(numbers)})
        found = fused.run(["hidden", "vector"], {"numbers": numbers})
        for one, other in zip(wanted, found, strict=True):
            cosines = (one * other).sum(-1) / np.linalg.norm(one, axis=-1) / np.linalg.norm(other, axis=-1)
            assert cosines.min() > 0.95, text
            assert cosines.mean() > 0.985, text


def test_the_fused_graph_is_what_its_command_makes(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed (the extra train)")
    from models.encoder.fuse import fuse

    shutil.copyfile(FOLDER / "encoder.onnx", tmp_path / "encoder.onnx")
    assert fuse(tmp_path).read_bytes() == (FOLDER / "graph.onnx").read_bytes()


@pytest.mark.parametrize("name", ["encoder.onnx", "graph.onnx", "tokenizer.json", "manifest.json"])
def test_a_damaged_file_is_named_with_the_way_to_get_it_back(tmp_path: Path, name: str) -> None:
    for part in ("tokenizer.json", "manifest.json", "encoder.onnx", "graph.onnx"):
        shutil.copyfile(FOLDER / part, tmp_path / part)
    check(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-9])
    with pytest.raises(BrokenModel, match=rf"{name}: is damaged.*make encoder"):
        Encoder(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BrokenModel, match=rf"{name}: cannot be read"):
        Encoder(tmp_path)
