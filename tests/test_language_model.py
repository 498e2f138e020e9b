"""Language identification: our five, their neighbours, and how people really type."""

import json
import shutil
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

import langdetect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdetect.detector_factory import DetectorFactory

import models
from models.language import evaluate
from models.language.corpus import Sample, iter_samples, make_key, read_excluded
from models.language.detect import PROFILES, UNDECIDED, Detection, load_detector
from models.language.fold import fold, sample
from models.language.profile import CALIBRATION_FILE, load_profiles
from models.language.train import main as train_main
from models.language.variation import VARIATIONS, vary

TEXTS = {
    "uz-Latn": "Paxta terimi yakunlandi\nFargʻona viloyatida paxta terimi yakunlandi, dalalarda kuzgi bugʻdoy ekish boshlandi.",
    "uz-Cyrl": "Пахта терими якунланди\nФарғона вилоятида пахта терими якунланди, далаларда кузги буғдой экиш бошланди.",
    "tg": "Роҳи нав кушода шуд\nДар ноҳияи Ховалинг роҳи нав кушода шуд ва ҳоло мардум метавонанд зудтар ба шаҳр раванд.",
    "ru": "Открыта новая дорога\nВ районе открыли новую дорогу, теперь жители могут быстрее добираться до города и больницы.",
    "en": "New road opened\nA new road has been opened in the district, so people can reach the town and its hospital faster.",
}
NEIGHBOURS = {
    "kk": "Жаңа мектеп ашылды. Бүгін ауылда жаңа мектеп ашылып, балалар қуанышпен сабаққа келді.",
    "ky": "Жаңы мектеп ачылды. Бүгүн айылда жаңы мектеп ачылып, балдар кубаныч менен сабакка келишти.",
    "tr": "Yeni okul açıldı. Bugün köyde yeni bir okul açıldı ve çocuklar sevinçle derse geldiler.",
    "az": "Yeni məktəb açıldı. Bu gün kənddə yeni məktəb açıldı və uşaqlar sevinclə dərsə gəldilər.",
    "tk": "Täze mekdep açyldy. Şu gün obada täze mekdep açyldy we çagalar şatlyk bilen sapaga geldiler.",
    "uk": "Відкрито нову школу. Сьогодні в селі відкрили нову школу, і діти з радістю прийшли на уроки.",
    "fa": "امروز در روستا مدرسه‌ای تازه گشایش یافت و کودکان با شادی به کلاس آمدند.",
    "ps": "نن په کلي کې نوی ښوونځی پرانیستل شو او ماشومان په خوښۍ سره ټولګي ته راغلل.",
    "hy": "Այսօր գյուղում բացվեց նոր դպրոց։",
    "ug": "Yëngi mektep ëchildi. Bügün yëzida yëngi mektep ëchildi we balilar xushal halda dersge keldi.",
    "kaa": "Jańa mektep ashıldı. Búgin awılda jańa mektep ashılıp, balalar quwanısh penen sabaqqa keldi.",
    "sah": "Саҥа оскуола аһылынна. Бүгүн дэриэбинэҕэ саҥа оскуола аһылынна, оҕолор үөрэ-көтө кэллилэр.",
}
# The same languages in their other alphabets.
RESPELLED = {
    "tk": "Тәзе мекдеп ачылды. Шу гүн обада тәзе мекдеп ачылды ве чагалар шатлык билен сапага гелдилер.",
    "kaa": "Жаңа мектеп ашылды. Бүгин аўылда жаңа мектеп ашылып, балалар қуўаныш пенен сабаққа келди.",
    "ug": "Yéngi mektep échildi. Bügün yézida yéngi mektep échildi we balilar xushal halda dersge keldi.",
}
SHORT = Path(__file__).parent / "language_short.tsv"
DETECTOR = load_detector()


@pytest.mark.parametrize("label", TEXTS)
def test_own_language_is_recognised_with_its_script(label: str) -> None:
    found = DETECTOR.detect(TEXTS[label])
    assert evaluate.name_class(found) == label
    assert found.guess == found.language
    assert found.confidence > 0.9


@pytest.mark.parametrize("label", TEXTS)
def test_capitals_change_nothing(label: str) -> None:
    assert DETECTOR.detect(TEXTS[label].upper()) == DETECTOR.detect(TEXTS[label])


@pytest.mark.parametrize("apostrophe", "'`´ʻʼʽ‘’‛′")
def test_every_apostrophe_is_the_same_letter(apostrophe: str) -> None:
    assert DETECTOR.detect(TEXTS["uz-Latn"].replace("ʻ", apostrophe)) == DETECTOR.detect(TEXTS["uz-Latn"])


@pytest.mark.parametrize(("label", "habit"), [(label, habit) for label in TEXTS for habit in VARIATIONS.get(label, ())])
def test_language_survives_how_it_is_typed(label: str, habit: str) -> None:
    typed = vary(TEXTS[label], VARIATIONS[label][habit])
    assert typed != fold(TEXTS[label])
    assert evaluate.name_class(DETECTOR.detect(typed)) == label


@pytest.mark.parametrize("language", NEIGHBOURS)
def test_neighbour_is_und_and_named_as_a_guess(language: str) -> None:
    found = DETECTOR.detect(NEIGHBOURS[language])
    assert (found.language, found.guess) == ("und", language)
    assert found.confidence > 0.5


@pytest.mark.parametrize("language", ["az", "kaa", "tr"])
def test_neighbour_in_capitals_that_have_lost_their_dots_is_no_language_of_ours(language: str) -> None:
    found = DETECTOR.detect(NEIGHBOURS[language].upper())
    assert (found.language, found.guess) == ("und", language)


@pytest.mark.parametrize("language", RESPELLED)
def test_neighbour_is_known_in_its_other_alphabet_too(language: str) -> None:
    found = DETECTOR.detect(RESPELLED[language])
    assert (found.language, found.guess) == ("und", language)


def test_karakalpak_with_apostrophes_is_not_uzbek() -> None:
    found = DETECTOR.detect(
        "Jan'a mektep ashi'ldi'. Bu'gin awi'lda jan'a mektep ashi'li'p, balalar quwani'sh penen sabaqqa keldi."
    )
    assert (found.language, found.guess) == ("und", "kaa")


@pytest.mark.parametrize(
    ("text", "language"), [("Как дела?", "ru"), ("Я не знаю.", "ru"), ("Где соль?", "ru"), ("Ok, go on", "en")]
)
def test_short_sentence_has_a_language(text: str, language: str) -> None:
    assert DETECTOR.detect(text).language == language


def test_short_everyday_sentences_stand_above_their_floors() -> None:
    report = evaluate.measure(DETECTOR.detect, evaluate.load_rows(SHORT))
    print(report)
    assert report.macro_f1 >= 0.93
    assert report.accuracy["other"] >= 0.93
    assert report.routed_wrong <= 0.03


@pytest.mark.parametrize(
    ("text", "guess"),
    [("د ښار اوسېدونکي", "ps"), ("په کلي کې پرمختګ", "ps"), ("کودکان به کلاس آمدند", "fa"), ("بالىلار مەكتەپكە كەلدى", "ug")],
)
def test_letters_tell_the_languages_of_the_arabic_script(text: str, guess: str) -> None:
    assert DETECTOR.detect(text) == Detection("und", "Arab", 1.0, guess)


@pytest.mark.parametrize(
    "text", ["", " ", "24.11.2026, 14:30", "https://example.org/yangiliklar/fargona", "🙂🙂", "\ud800\x00", "١٢٣"]
)
def test_text_without_letters_is_undecided(text: str) -> None:
    assert DETECTOR.detect(text) == UNDECIDED


@pytest.mark.parametrize("word", ["Iran", "Hello", "Бухоро", "Хуҷанд", "ок", "ӯ"])
def test_single_short_word_is_in_no_language(word: str) -> None:
    assert DETECTOR.detect(word).language == "und"


@pytest.mark.parametrize(("text", "script"), [("ок", "Cyrl"), ("ok", "Latn"), ("سلام", "Arab"), ("გამარჯობა", "")])
def test_und_still_says_the_script(text: str, script: str) -> None:
    found = DETECTOR.detect(text)
    assert (found.language, found.script) == ("und", script)


def test_body_decides_where_the_headline_cannot() -> None:
    headline = "«Пахтакор» — «Насаф» 2:1"
    assert evaluate.name_class(DETECTOR.detect(f"{headline}\n{TEXTS['ru']}")) == "ru"
    assert evaluate.name_class(DETECTOR.detect(f"{headline}\n{TEXTS['uz-Cyrl']}")) == "uz-Cyrl"


def test_addresses_do_not_count_as_text() -> None:
    links = " ".join(f"https://example.org/the/latest/news/from/the/world/{number}" for number in range(5))
    assert evaluate.name_class(DETECTOR.detect(f"{TEXTS['tg']} {links} news@example.org")) == "tg"


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=200))
def test_any_code_points_get_a_sound_answer(text: str) -> None:
    found = DETECTOR.detect(text)
    assert found.language in {"uz", "tg", "ru", "en", "und"}
    assert found.script in {"Latn", "Cyrl", "Arab", ""}
    assert 0.0 <= found.confidence <= 1.0
    assert found == DETECTOR.detect(text)


def test_long_text_costs_no_more_than_its_sample() -> None:
    long = TEXTS["uz-Cyrl"] * 20_000
    assert len(sample(long)) < 2_000
    assert evaluate.name_class(DETECTOR.detect(long)) == "uz-Cyrl"


def test_exact_sum_agrees_with_langdetect_on_the_same_profiles(tmp_path: Path) -> None:
    shutil.copytree(PROFILES, tmp_path / "profiles", ignore=shutil.ignore_patterns(CALIBRATION_FILE))
    factory = DetectorFactory()
    factory.set_seed(0)
    factory.load_profile(str(tmp_path / "profiles"))
    for label, text in TEXTS.items():
        judge = factory.create()
        judge.append(fold(text))
        assert judge.detect() == label


def test_detection_is_many_times_faster_than_langdetect() -> None:
    texts = [(text * 6)[:500] for text in TEXTS.values()]
    ours, theirs = (
        sum(min(_time(detect, text) for _ in range(9)) for text in texts) for detect in (DETECTOR.detect, langdetect.detect)
    )
    print(f"{theirs / ours:.0f} times")
    assert theirs > 5 * ours


def test_profiles_are_small_and_complete() -> None:
    assert sum(path.stat().st_size for path in PROFILES.iterdir()) < 2_000_000
    names = {profile.name for profile in load_profiles(PROFILES)}
    assert names >= {*TEXTS, "kk", "ky", "tt", "az", "tr", "tk", "tk-Cyrl", "kaa", "kaa-Cyrl"}
    assert names >= {"ug-Latn", "sah", "xx-Latn", "xx-Cyrl"}


def test_broken_profile_is_named(tmp_path: Path) -> None:
    (tmp_path / "tg.json").write_text('{"freq": {}}')
    with pytest.raises(ValueError, match=r"tg\.json: not a language profile"):
        load_detector(tmp_path)


def test_missing_profiles_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no language profiles; make them with python -m models\.language\.train"):
        load_detector(tmp_path)


def test_training_twice_gives_the_same_bytes_and_a_working_detector(tmp_path: Path) -> None:
    first, second = (_train(tmp_path, name, ()) for name in ("first", "second"))
    files = sorted(path.name for path in first.iterdir())
    assert files == ["calibration.json", "en.json", "ru.json", "tg.json", "uz-Cyrl.json"]
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in files)
    assert load_detector(first).detect(TEXTS["tg"]).language == "tg"


def test_excluded_text_leaves_no_trace_in_the_profiles(tmp_path: Path) -> None:
    with_it, without = _train(tmp_path, "with", ()), _train(tmp_path, "without", [make_key(line) for line in _lines("tg")])
    assert (with_it / "tg.json").exists()
    assert not (without / "tg.json").exists()


def test_held_out_text_is_the_same_every_time() -> None:
    samples = [Sample("ru", f"{TEXTS['ru']} {number}", "Cyrl") for number in range(1000)]
    held_out = [each.text for each in samples if each.held_out]
    assert 50 < len(held_out) < 150
    assert held_out == [each.text for each in samples if Sample("tg", each.text, "Cyrl").held_out]


def test_line_without_a_label_stops_training_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.tsv").write_text("ru\tПривет\nбез языка\n", encoding="utf-8")
    assert train_main([str(tmp_path / "bad.tsv"), "--out", str(tmp_path / "out")]) == 2
    assert "bad.tsv:2: needs language<TAB>text" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_figures_can_leave_out_texts_that_are_labelled_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dev.tsv").write_text(f"ru\t{TEXTS['ru'].splitlines()[1]}\nru\t{TEXTS['en'].splitlines()[1]}\n", encoding="utf-8")
    (tmp_path / "wrong").write_text(make_key(TEXTS["en"].splitlines()[1]))
    shares = []
    for without in ([], ["--without", str(tmp_path / "wrong")]):
        evaluate.main([str(tmp_path / "dev.tsv"), *without])
        shares.append(json.loads(capsys.readouterr().out)["full"]["accuracy"]["ru"])
    assert shares == [0.5, 1.0]


def test_every_class_weighs_the_same_in_the_figures() -> None:
    answers = {"a": ("ru", "Cyrl"), "b": ("und", "Cyrl"), "c": ("tg", "Cyrl"), "d": ("und", "Latn")}
    rows = [("ru", "a"), ("ru", "a"), ("ru", "a"), ("ru", "b"), ("tg", "c"), ("other:kk", "c"), ("other:de", "d")]
    report = evaluate.measure(lambda text: Detection(*answers[text], 1.0, ""), rows)
    assert report.accuracy == {"tg": 1.0, "ru": 0.75, "other": 0.5}
    assert report.macro_f1 == pytest.approx((0.8571 + 0.8 + 0.5714) / 3, abs=0.001)
    assert (report.abstained, report.routed_wrong) == (0.125, 0.1667)
    assert report.calibration_error == pytest.approx(0.5 / 2.25, abs=0.001)
    assert report.intervals["ru"] == evaluate.find_wilson(0.75, 4)


def test_intervals_are_those_of_the_textbook_and_always_the_same() -> None:
    assert evaluate.find_wilson(0.5, 100) == (0.4038, 0.5962)
    assert evaluate.find_wilson(1.0, 100) == (0.963, 1.0)
    rows = [(label, f"{text} {number}") for label, text in TEXTS.items() for number in range(5)]
    rows += [("other:kk", TEXTS["ru"]), ("other:kk", NEIGHBOURS["kk"])]
    low, high = evaluate.find_interval(DETECTOR.detect, rows)
    assert 0.6 < low < evaluate.measure(DETECTOR.detect, rows).macro_f1 < high == 1.0
    assert evaluate.find_interval(DETECTOR.detect, rows) == (low, high)


@pytest.mark.quality
def test_language_model_stands_above_its_floors(eval_data: Path) -> None:
    floors = tomllib.loads((Path(models.__file__).parent / "floors.toml").read_text(encoding="utf-8"))["language"]
    rows = evaluate.load_rows(eval_data / "data" / "language" / "dev.tsv")
    reports = {name: evaluate.measure(DETECTOR.detect, edited) for name, edited in evaluate.iter_edits(rows)}
    untranslated = read_excluded(PROFILES.parent / "untranslated.sha256")
    clean = [(label, text) for label, text in rows if make_key(text) not in untranslated]
    assert len(rows) - len(clean) == len(untranslated)
    translated = {name: evaluate.measure(DETECTOR.detect, edited) for name, edited in evaluate.iter_edits(clean)}
    print(json.dumps({name: reports[name].macro_f1 for name in floors["macro_f1"]}))
    for name, floor in floors["macro_f1"].items():
        assert reports[name].macro_f1 >= floor, name
    for name, floor in floors["accuracy"].items():
        ours = {label: share for label, share in reports[name].accuracy.items() if label != "other"}
        assert min(ours.values()) >= floor, (name, ours)
    for name, floor in floors["translated"].items():
        assert min(translated[name].accuracy.values()) >= floor, (name, translated[name].accuracy)
    for figure, ceiling in floors["ceiling"].items():
        assert getattr(reports["full"], figure) <= ceiling, figure


def _time(detect: object, text: str) -> float:
    assert callable(detect)
    start = time.perf_counter()
    detect(text)
    return time.perf_counter() - start


def _lines(label: str) -> list[str]:
    words = TEXTS[label].replace("\n", " ").split()
    return [" ".join(words[at:] + words[:at]) for at in range(len(words))]


def _train(folder: Path, name: str, excluded: Sequence[str]) -> Path:
    (folder / "texts.tsv").write_text(
        "".join(f"{label}\t{line}\n" for label in ("en", "ru", "uz-Cyrl") for line in _lines(label)), encoding="utf-8"
    )
    (folder / "tg.lines.txt").write_text("\n".join(_lines("tg")), encoding="utf-8")
    (folder / "excluded").write_text("\n".join(excluded))
    texts = [str(folder / "texts.tsv"), str(folder / "tg.lines.txt")]
    assert train_main([*texts, "--out", str(folder / name), "--exclude", str(folder / "excluded")]) == 0
    return folder / name


def test_published_sib200_files_and_our_written_items_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "sib200.tgk_Cyrl.train.tsv").write_text(
        "index_id\tcategory\ttext\n1\tx\tИн ҷумла барои санҷиш навишта шуд.\n", "utf-8"
    )
    (tmp_path / "written.uz-Latn.jsonl").write_text('{"title": "Yangi yoʻl", "text": "Yoʻl ochildi."}\n', "utf-8")
    samples = list(iter_samples([*tmp_path.iterdir()]))
    assert [(sample.label, sample.text) for sample in samples] == [
        ("tg", "Ин ҷумла барои санҷиш навишта шуд."),
        ("uz-Latn", "Yangi yoʻl"),
        ("uz-Latn", "Yoʻl ochildi."),
    ]
    (tmp_path / "sib200.xxx_Xxxx.train.tsv").write_text("a\n", "utf-8")
    with pytest.raises(ValueError, match="'xxx_Xxxx' is unknown"):
        list(iter_samples([*tmp_path.iterdir()]))
