"""Vectors that mean the same in every language: translations lie next to each other."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from models import LANGUAGES
from models.encoder.align import FILE, Aligner, load_aligner, pool
from models.encoder.align_fit import Texts, is_held_out, load_texts, measure
from models.encoder.encode import BrokenModel, load_encoder
from tests.test_encoder import CYRILLIC, PARALLEL


def embed(language: str, texts: list[str]) -> "np.ndarray":  # type: ignore[type-arg]
    return load_aligner().embed([(language, text) for text in texts])


def test_sentences_lie_next_to_their_translations_in_every_pair_of_languages() -> None:
    vectors = {language: embed(language, texts) for language, texts in PARALLEL.items()} | {"uz-Cyrl": embed("uz", CYRILLIC)}
    shares = {
        (first, second): float(((vectors[first] @ vectors[second].T).argmax(1) == np.arange(5)).mean())
        for first in vectors
        for second in vectors
    }
    print(shares)
    assert np.mean([*shares.values()]) > 0.9
    assert min(shares.values()) > 0.5


def test_vectors_are_of_unit_length_and_do_not_depend_on_their_neighbours() -> None:
    alone, [same, _] = embed("tg", PARALLEL["tg"][:1])[0], embed("tg", PARALLEL["tg"][:2])
    assert np.array_equal(alone, same)
    assert np.linalg.norm(alone) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("text", ["", "😀", "\ud800", "\x00"])
def test_strange_texts_have_a_vector_too(text: str) -> None:
    assert np.isfinite(embed("en", [text])).all()


def test_a_language_without_translations_is_taken_for_russian() -> None:
    assert np.array_equal(embed("und", PARALLEL["ru"]), embed("ru", PARALLEL["ru"]))


def test_a_damaged_map_is_named_with_the_way_to_get_it_back(tmp_path: Path) -> None:
    broken = tmp_path / "align.safetensors"
    with pytest.raises(BrokenModel, match=r"align\.safetensors: is missing or damaged"):
        Aligner(load_encoder(), broken)
    broken.write_bytes(FILE.read_bytes()[:-100])
    with pytest.raises(BrokenModel, match=r"align\.safetensors: is missing or damaged.*make encoder"):
        Aligner(load_encoder(), broken)


def test_texts_meet_their_translations_by_the_index_of_sib200_and_are_read_once(tmp_path: Path) -> None:
    texts, languages = ["A bridge was built.", "Мост построен.", "Дождь."], ["en", "ru", "ru"]
    np.savez(tmp_path / "teacher.npz", texts=texts, languages=languages, embeddings=np.eye(3, 384, dtype=np.float16))
    for code, line in (("eng_Latn", f"7\ttravel\t{texts[0]}"), ("rus_Cyrl", f"7\ttravel\t{texts[1]}")):
        rows = f"index_id\tcategory\ttext\n{line}\n".encode()
        (tmp_path / f"sib200.{code}.train.tsv.gz").write_bytes(gzip.compress(rows))
    files, pooled = sorted(tmp_path.glob("*.gz")), tmp_path / "pooled.npz"
    first = load_texts(tmp_path / "teacher.npz", files, pooled)
    assert first.groups.tolist() == [7, 7, -1]
    assert np.array_equal(first.pooled[1], pool(load_encoder().read([("ru", texts[1])])[0].hidden))
    np.savez(pooled, pooled=np.zeros((3, 768), dtype=np.float32))
    assert not load_texts(tmp_path / "teacher.npz", files, pooled).pooled.any()


def test_held_out_translations_are_one_group_in_seven_and_are_measured_alone() -> None:
    groups = np.array([7, 7, 7, 14, 14, 14, 1, 1, 1, -1])
    languages = np.array(["en", "ru", "tg"] * 3 + ["uz"])
    assert is_held_out(groups).tolist() == [True] * 6 + [False] * 4
    rows = np.repeat(np.eye(4), [3, 3, 3, 1], axis=0)
    rows[5] = rows[0]
    texts = Texts(rows, rows, languages, groups)
    assert measure(texts, np.eye(4), np.zeros((len(LANGUAGES), 4))) == {"ru": 1.0, "tg": 0.5}
