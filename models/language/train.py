"""Make the language profiles: python -m models.language.train TEXTS... --out models/language/profiles [--exclude SHA256S].

TEXTS are TSV files (`language<TAB>text`, neighbours as `other:kk`, gzip allowed) or plain texts named `tg.<anything>`. The same
texts give the same bytes.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import langdetect
import numpy as np

from models.language.calibration import WANTED, Temperature, dump_calibration, fit_temperature
from models.language.corpus import Sample, iter_samples, read_excluded
from models.language.count import count_grams, make_profile
from models.language.fold import fold
from models.language.profile import Profile
from models.language.respell import respell
from models.language.score import Scorer, make_scorers
from models.language.script import encode, find_script, is_letter
from models.language.variation import VARIATIONS, vary

# Own texts in these are few or of one genre: the profile that langdetect ships counts for half.
SHIPPED = ("en", "ru", "uk", "bg", "mk", "tr", "de", "fr", "es", "it")
VARIED_ONE_IN = 20
# The rarest 1- to 4-grams that a profile keeps, as shares of all of that length: what fits into 2 MB.
SHARES = (1e-5, 1e-5, 1e-5, 1e-4)
NEIGHBOUR_SHARES = (2e-5, 2e-5, 2e-5, 1.2e-4)
CUTS = (None, 100, 50, 20, 10)
CALIBRATION_TEXTS = 300

Texts = Mapping[str, Sequence[Sample]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, calibrate and write; 2 with one line if the texts cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m models.language.train", description=__doc__)
    parser.add_argument("texts", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--exclude", type=Path, help="SHA-256 keys of texts that must not be learned from, one per line")
    options = parser.parse_args(arguments)
    try:
        train(group(iter_samples(options.texts, read_excluded(options.exclude))), options.out)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def group(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """The texts of each label in its usual script, where that is Latin or Cyrillic: the others need no profile."""
    texts: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        texts[sample.label].append(sample)
        for label, text in respell(sample.label, sample.text):
            texts[label].append(Sample(label, text, find_script(encode(text))))
    usual = {label: Counter(sample.script for sample in found).most_common(1)[0][0] for label, found in texts.items()}
    kept = (label for label in sorted(texts) if usual[label] in ("Latn", "Cyrl"))
    return {label: [sample for sample in texts[label] if sample.script == usual[label]] for label in kept}


def train(texts: Texts, folder: Path) -> None:
    """Write a profile per label and the calibration to the folder, which must hold nothing else of this kind."""
    texts = drop_untranslated(texts)
    profiles = make_profiles(texts)
    temperatures = calibrate(make_scorers(profiles), texts)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for profile in profiles:
        profile.dump(folder)
    dump_calibration(temperatures, folder)


def make_profiles(texts: Texts) -> list[Profile]:
    """One profile per label from what is not held out, its spelling variations and langdetect's own profile."""
    return [_make_profile(label, samples) for label, samples in texts.items()]


def drop_untranslated(texts: Texts) -> Texts:
    """Translation files carry English left untranslated: drop what a first model takes for English, where one can be made."""
    latin = {label: samples for label, samples in texts.items() if samples[0].script == "Latn"}
    if "en" not in latin:
        return texts
    scorer = make_scorers(make_profiles(latin))["Latn"]
    english = scorer.labels.index("en")
    others = {label: samples for label, samples in texts.items() if label != "en"}
    kept = {label: [each for each in samples if _find_best(scorer, each) != english] for label, samples in others.items()}
    return {label: samples for label, samples in sorted({**kept, "en": texts["en"]}.items()) if samples}


def calibrate(scorers: Mapping[str, Scorer], texts: Texts) -> dict[str, Temperature]:
    """A temperature per script, from held-out texts cut to several lengths."""
    return {script: _calibrate_one(script, scorer, texts) for script, scorer in scorers.items()}


def _make_profile(label: str, samples: Sequence[Sample]) -> Profile:
    learned = [sample.text for sample in samples if not sample.held_out]
    varied = [vary(text, letters) for letters in VARIATIONS.get(label, {}).values() for text in learned[::VARIED_ONE_IN]]
    grams = count_grams([*learned, *varied])
    script = samples[0].script
    grams = _keep_script(grams, script)
    if label in SHIPPED:
        grams = _mix(grams, _keep_script(_load_shipped(label), script))
    return make_profile(label, grams, SHARES if label in WANTED else NEIGHBOUR_SHARES)


def _keep_script(grams: Counter[str], script: str) -> Counter[str]:
    return Counter({gram: count for gram, count in grams.items() if _is_all_in(gram, script)})


def _is_all_in(gram: str, script: str) -> bool:
    return all(_find_letter_script(letter) == script for letter in gram.strip())


@cache
def _find_letter_script(letter: str) -> str:
    return find_script(encode(letter))


def _load_shipped(label: str) -> Counter[str]:
    """langdetect's own counts, folded as our texts are."""
    row = json.loads((Path(langdetect.__file__).parent / "profiles" / label).read_text(encoding="utf-8"))
    grams: Counter[str] = Counter()
    for gram, count in row["freq"].items():
        if len(fold(gram)) == len(gram) and is_letter(encode(gram)).any():
            grams[fold(gram)] += count
    return grams


def _mix(ours: Counter[str], shipped: Counter[str]) -> Counter[str]:
    """Half and half, scaled to the bigger of the two."""
    mine, theirs = _count_letters(ours), _count_letters(shipped)
    size = max(mine, theirs)
    return Counter(
        {gram: (ours[gram] * size // mine + shipped[gram] * size // theirs) // 2 for gram in ours.keys() | shipped.keys()}
    )


def _count_letters(grams: Counter[str]) -> int:
    return max(1, sum(count for gram, count in grams.items() if len(gram) == 1))


def _find_best(scorer: Scorer, sample: Sample) -> int:
    if sample.script != "Latn":
        return -1
    score = scorer.score(encode(fold(sample.text)))
    return int(score.log_likelihoods.argmax()) if score.grams else -1


def _calibrate_one(script: str, scorer: Scorer, texts: Texts) -> Temperature:
    rows = []
    for gold, label in enumerate(scorer.labels):
        held_out = [sample.text for sample in texts[label] if sample.held_out][:CALIBRATION_TEXTS]
        cuts = (encode(fold(text[:cut])) for text in held_out for cut in CUTS)
        found = [scorer.score(codes) for codes in cuts if find_script(codes) == script]
        rows += [(score.log_likelihoods, score.grams, gold) for score in found]
    if not rows:
        raise ValueError(f"no text in {script} is held out to calibrate with: give more than a few texts per language")
    scores, grams, golds = zip(*rows, strict=True)
    return fit_temperature(np.array(scores), np.array(grams), np.array(golds), scorer.labels)


if __name__ == "__main__":
    sys.exit(main())
