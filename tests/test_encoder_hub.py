"""Another encoder in the place of the shipped one: fetched, fitted, used and refused; tiny and local. Needs torch."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from os import environ
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from models.encoder.encode import BrokenModel
from models.encoder.hub import NO_TORCH, HubEncoder, check_tokenizer, fetch, read_name

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TEXT = "Toshkentda yangi kutubxona ochildi, deb xabar berdi Dilshod Karimov."
CYRILLIC = "Тошкентда янги кутубхона очилди."
ROOT = Path(__file__).parents[1]
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="not run: torch is not installed (the extra train)")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformers model of random numbers with a fast tokenizer, as a hub would hand it out."""
    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    folder = tmp_path_factory.mktemp("hub") / "tiny-bert"
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106  a token of text
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator([TEXT, TEXT.lower()] * 3, trainers.WordPieceTrainer(vocab_size=300, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",  # noqa: S106
        pad_token="[PAD]",  # noqa: S106
        cls_token="[CLS]",  # noqa: S106
        sep_token="[SEP]",  # noqa: S106
        mask_token="[MASK]",  # noqa: S106
    )
    wrapped.save_pretrained(str(folder))
    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=300,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=300,
    )
    transformers.BertModel(config).save_pretrained(str(folder))
    return folder


@needs_torch
def test_texts_are_read_as_the_shipped_encoder_reads_them(local: Path, tmp_path: Path) -> None:
    fetch(str(local), tmp_path)
    encoder = HubEncoder(tmp_path)
    first, empty, long, cyrillic = encoder.read([("uz", TEXT), ("uz", ""), ("ru", "дом " * 900), ("uz", CYRILLIC)])
    assert [TEXT[start:end] for start, end in first.offsets][:2] == ["Toshkentda", "yangi"] or first.offsets[0][0] == 0
    assert first.hidden.shape == (len(first.offsets), 32)
    assert first.hidden.dtype == first.vectors.dtype == "float32"
    assert empty.hidden.shape == (0, 32)
    assert len(long.vectors) > 2, "windows of 254 tokens"
    assert (long.offsets[:, 1] <= 3600).all()
    assert cyrillic.offsets[-1][1] <= len(CYRILLIC), "offsets of Cyrillic Uzbek, read in Latin, point back"
    alone = encoder.read([("uz", TEXT)])[0]
    assert abs(alone.hidden - first.hidden).max() < 1e-4, "a text does not depend on its neighbours"


@needs_torch
def test_everything_is_fitted_on_it_and_used_by_the_commands(local: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for name in ("first.en.jsonl", "first.ru.jsonl"):
        lines = (ROOT / "models" / "texts" / name).read_text("utf-8").splitlines()[::3]
        (texts / name).write_text("\n".join(lines), encoding="utf-8")
    from pipeline.learn.port import port

    folder = tmp_path / "other"
    made = port(str(local), folder, lambda *_: None, texts=texts)
    assert made.name == "tiny-bert-hub"
    assert {path.name for path in folder.iterdir()} == {
        "model", "encoder.json", "heads.safetensors", "basis.safetensors", "weights.json"
    }  # fmt: skip
    line = json.dumps({"id": "1", "text": "A court in Tashkent jailed a man for recruiting for Islamic State.", "language": "en"})
    answer = scan(line, folder)
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    assert said["mentions"][0]["entity_id"]
    assert set(said["labels"]["relevance"]) == {"R0", "R1", "R2", "R3"}
    (folder / "basis.safetensors").unlink()
    assert "basis.safetensors: is missing or damaged" in scan(line, folder).stderr


@needs_torch
def test_a_model_that_cannot_be_used_is_refused_in_one_line(local: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenModel, match="no model of the hub or of a local folder that transformers can load"):
        fetch(str(tmp_path / "nothing"), tmp_path)
    with pytest.raises(BrokenModel, match=r"XABAR_ENCODER names .* which is no folder made by 'xabar models encoder"):
        read_name(tmp_path)


def test_a_tokenizer_without_places_or_ends_is_refused() -> None:
    class Slow:
        is_fast = False

    class Endless:
        is_fast, cls_token_id, bos_token_id, sep_token_id, eos_token_id = True, None, None, None, None

    with pytest.raises(BrokenModel, match="has no fast tokenizer"):
        check_tokenizer(Slow(), "x")
    with pytest.raises(BrokenModel, match="marks neither beginning nor end"):
        check_tokenizer(Endless(), "x")


def test_a_wrong_folder_and_a_missing_torch_are_one_line_each(tmp_path: Path) -> None:
    line = json.dumps({"id": "1", "text": "A court in Tashkent jailed a man for recruiting for Islamic State.", "language": "en"})
    wrong = scan(line, tmp_path)
    assert wrong.returncode != 0
    assert "which is no folder made by" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    (tmp_path / "encoder.json").write_text('{"name": "x-hub"}', encoding="utf-8")
    assert "weights.json: cannot be read" in scan(line, tmp_path).stderr
    for path in ("relevance/weights.json", "relevance/basis.safetensors", "entities/heads.safetensors"):
        shutil.copy(ROOT / "models" / path, tmp_path)
    if find_spec("torch") is None:
        assert NO_TORCH in scan(line, tmp_path).stderr


def scan(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`xabar scan --no-cascade` with the encoder of a folder."""
    command = [sys.executable, "-m", "pipeline.cli", "scan", "--no-cascade", "-"]
    environment = environ | {"XABAR_ENCODER": str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, input=line, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
