"""Folding keeps length and offsets, whatever it is given; the shadow finds its way back where it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazetteer.fold import fold
from gazetteer.shadow import make_shadow

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=80)
LOOK_ALIKES = dict(zip("aеаeопрсухомДID", "аeaeoпpcyxomДID", strict=True)) | {"о": "o", "o": "о", "И": "И"}
UNEVEN = st.text(st.sampled_from("aИоʻşŞçÇ\u200b\u00ad\u0301 -«»IShID\ud800"), max_size=40)


@given(ANYTHING)
def test_folding_keeps_the_length_of_any_text(text):
    assert len(fold(text)) == len(text)


@given(ANYTHING)
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oʻzbekiston", "O‘zbekiston"),
        ("O'zbekiston", "O`zbekiston"),
        ("Oʼzbekiston", "o´zbekiston"),
        ("Ҳаракати исломии Ӯзбекистон", "Харакати исломии Узбекистон"),
        ("Љумњурии Тољикистон", "Ҷумҳурии Тоҷикистон"),
        ("Ҷамоати", "Чамоати"),
        ("ИСЛОМӢ", "исломи"),
        ("запрещённая", "запрещенная"),
        ("ИГ–Хорасан", "ИГ-Хорасан"),
        ("«Талибан»", "“Талибан”"),
        ("Ислом\u00a0давлати", "Ислом давлати"),
        ("İSTANBUL", "istanbul"),
        ("Ўзбекистон", "Узбекистон"),
    ],
)
def test_spellings_of_one_word_fold_to_one_shadow(one, other):
    assert fold(one) == fold(other)


@given(UNEVEN)
def test_shadow_offsets_lead_into_the_original_text(text):
    shadow = make_shadow(text)
    assert len(shadow.plain) == len(shadow.folded)
    for offset, character in enumerate(shadow.plain):
        original = shadow.original(offset)
        assert 0 <= original < len(text)
        assert text[original] == character or text[original] in "şŞçÇ" or LOOK_ALIKES.get(text[original]) == character
        end = shadow.original_end(offset + 1, text)
        assert text[original + 1 : end].strip("\u0301") == ""


def test_text_without_uneven_letters_needs_no_map():
    assert make_shadow("Толибон ҳаракати").starts == ()
