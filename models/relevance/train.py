"""Train all heads from labelled texts. The same texts and seed give the same bytes; `pipeline.learn.ship` makes what ships."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

import numpy as np

from models.relevance.basis import PREFIX, Basis, Located, load_basis
from models.relevance.classify import WORDING_SHARE, is_framed
from models.relevance.dataset import Row
from models.relevance.explain import pick_evidence
from models.relevance.feature import Index, extract_features, is_general_talk, is_keyed, make_index
from models.relevance.fit import (
    SEED,
    SLOPE,
    Features,
    Lesson,
    Memories,
    dump_memory,
    find_lines,
    fit_head,
    fit_wording,
    judge_unseen,
    judge_wording_unseen,
    read_head,
    scale,
    stack_lessons,
)
from models.relevance.labels import load_labels
from models.relevance.logistic import Matrix, make_matrix, remember
from models.relevance.reading import Reading, read
from models.relevance.wording import States, Worded

VERSION = 4
CALIBRATION_PENALTY = 5.0
UNTIED_WEIGHT = 0.2
PASSING_LOG_ODDS = -3.0
WORDING = "wording"
ELSEWHERE = "other-conflict"
Show = Callable[[int, int], None]


class Question(NamedTuple):
    """One yes-or-no head: which rows can teach it, and their answers."""

    among: Sequence[bool]
    answers: Sequence[bool]


class Unseen(NamedTuple):
    """Log-odds by heads that had seen neither the row nor a retelling: of the evidence, and of the wording if it was read.

    `both` is what the two say together.
    """

    evidence: Matrix
    wording: Matrix | None = None
    both: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """Rows with all that training reads of them, found once. `lessons` is what each tells of wording, if the encoder read it."""

    rows: Sequence[Row]
    indices: Sequence[Index]
    features: Sequence[Features]
    weights: Matrix
    lessons: Sequence[Lesson] | None = None


def prepare(rows: Sequence[Row], show: Show | None = None, states: States | None = None, basis: Basis | None = None) -> Prepared:
    """Read every text, with `states` its wording too; `show` is told how many are done."""
    indices, features, lessons = [], [], []
    for done, row in enumerate(rows, 1):
        reading = read(row.title, row.text, row.language, row.hits)
        indices.append(make_index(reading))
        features.append(extract_features(reading, indices[-1]))
        if states:
            worded = states.find(row.language, row.title, row.text)
            lessons.append(_make_lesson(row, reading, worded, (basis or load_basis()).locate(worded)))
        if show:
            show(done, len(rows))
    weights = np.array([_weigh(row, index) for row, index in zip(rows, indices, strict=True)])
    return Prepared(rows, indices, features, weights, lessons or None)


def train(rows: Sequence[Row], memory: Memories | None = None, seed: int = SEED) -> dict[str, Any]:
    """All heads of the evidence, from labelled rows, and from what an earlier model remembers of texts not among them."""
    return train_prepared(prepare(rows), memory or {}, seed)


def train_prepared(data: Prepared, memory: Memories, seed: int = SEED) -> dict[str, Any]:
    """The same for rows that were read before; with heads for the wording where it was read."""
    unseen = find_unseen(data, memory, seed)
    relevant = _set_by_hand(_fit(data, "relevant", memory))
    trained = {"version": VERSION, "trained_on": _count(data.rows), "relevant": relevant}
    trained |= _train_others(data, memory, seed) | {"calibration": calibrate(data, memory, unseen.evidence)}
    if data.lessons is None or unseen.both is None:
        return trained
    both, recalled = merge_wording(data), _pick_memory(memory)
    trained[WORDING] = {
        "relevant": fit_wording(data.lessons, [row.relevant for row in data.rows], data.weights, recalled.get("relevant")),
        **_train_others(both, recalled, seed),
        "calibration": calibrate(both, recalled, unseen.both, unseen.wording),
    }
    return trained


def list_tasks(rows: Sequence[Row]) -> dict[str, Question]:
    """Every head with the rows that can teach it and their answers."""
    relevant = [row.relevant for row in rows]
    sure = [row.relevant and row.exact for row in rows]
    unsure = [not row.relevant and row.exact for row in rows]
    topical = [row.relevant and row.topics_known for row in rows]
    with_genre = [row.genre is not None for row in rows]
    labels = load_labels()
    return {
        "relevant": Question([True] * len(rows), relevant),
        "event": Question(sure, [row.relevance == "R3" for row in rows]),
        "context": Question(unsure, [row.relevance == "R1" for row in rows]),
        **{f"topics:{topic}": Question(topical, [topic in row.topics for row in rows]) for topic in labels["topics"]},
        **{f"genre:{genre}": Question(with_genre, [row.genre == genre for row in rows]) for genre in labels["genre"]},
    }


def find_unseen(data: Prepared, memory: Memories, seed: int = SEED) -> Unseen:
    """What heads of relevance say of texts that they have not seen."""
    answers = [row.relevant for row in data.rows]
    # Without wording, calibration is over texts with a key alone, so the heads that it is learned from are taught by these alone.
    keyed, recalled = data.weights * _find_keyed(data, None), memory.get("relevant")
    evidence = judge_unseen(data.rows, data.features, answers, keyed, "relevant", recalled, seed)
    if data.lessons is None:
        return Unseen(evidence)
    beside = judge_unseen(data.rows, data.features, answers, data.weights, "relevant", recalled, seed)
    recalled = _pick_memory(memory).get("relevant")
    wording = judge_wording_unseen(data.rows, data.lessons, answers, data.weights, recalled, seed)
    return Unseen(evidence, wording, beside + WORDING_SHARE * wording)


def merge_wording(data: Prepared) -> Prepared:
    """The same rows with evidence and wording as one list of features."""
    lessons = data.lessons or ()
    named = [{f"{PREFIX}{number}": float(value) for number, value in enumerate(lesson.located.text)} for lesson in lessons]
    return replace(data, features=[{**one, **other} for one, other in zip(data.features, named, strict=True)])


def make_memory(data: Prepared, trained: Mapping[str, Any], is_gone: Callable[[Row], bool], seed: int = SEED) -> Memories:
    """What a model remembers of the rows that will not be there when it is trained again: numbers about features, no texts."""
    gone = [is_gone(row) for row in data.rows]
    unseen = find_unseen(data, {}, seed)
    found = _remember_heads(data, trained, gone) | _remember_scales(data, trained["calibration"], gone, unseen.evidence)
    if WORDING in trained and data.lessons is not None and unseen.both is not None:
        both, heads = merge_wording(data), trained[WORDING]
        scales = _remember_scales(both, heads["calibration"], gone, unseen.both, unseen.wording)
        more = _remember_heads(both, heads, gone) | scales
        more["relevant"] = _remember_wording(data.rows, data.lessons, data.weights, heads["relevant"], gone)
        found |= {f"{WORDING}/{name}": values for name, values in more.items()}
    return found


def dump(weights: Mapping[str, Any]) -> str:
    """The text of the weights file: sorted keys, one line a weight."""
    text = json.dumps(weights, ensure_ascii=False, indent=1, sort_keys=True)
    return re.sub(r"\[\s+([-+\d.e]+),\s+([-+\d.e]+)(?:,\s+([-+\d.e]+))?\s+\]", _write_list, text) + "\n"


def _write_list(found: re.Match[str]) -> str:
    return f"[{', '.join(number for number in found.groups() if number)}]"


def _train_others(data: Prepared, memory: Memories, seed: int) -> dict[str, Any]:
    """Event, context, genres, and topics with the line from which on each is given."""
    tasks = list_tasks(data.rows)
    trained: dict[str, Any] = {name: _fit(data, name, memory) for name in ("event", "context")}
    for axis in ("topics", "genre"):
        names = [name for name in tasks if name.startswith(f"{axis}:")]
        trained[axis] = {name.partition(":")[2]: _fit(data, name, memory) for name in names}
    chosen = [n for n, there in enumerate(tasks[f"topics:{next(iter(trained['topics']))}"].among) if there]
    if chosen:
        for head, line in zip(trained["topics"].values(), _find_topic_lines(data, chosen, tasks, memory, seed), strict=True):
            head["line"] = round(float(line), 2)
    return trained


def _find_topic_lines(
    data: Prepared, chosen: Sequence[int], tasks: Mapping[str, Question], memory: Memories, seed: int
) -> Matrix:
    names = [name for name in tasks if name.startswith("topics:")]
    rows, features, weights = [data.rows[n] for n in chosen], [data.features[n] for n in chosen], data.weights[chosen]
    answers = [[tasks[name].answers[n] for n in chosen] for name in names]
    unseen = [
        judge_unseen(rows, features, own, weights, "topics", memory.get(name), seed)
        for name, own in zip(names, answers, strict=True)
    ]
    return find_lines(np.array(unseen).T, np.array(answers, dtype=np.float64).T, weights)


def _fit(data: Prepared, name: str, memory: Memories) -> dict[str, Any]:
    task = list_tasks(data.rows)[name]
    chosen = [n for n, is_in in enumerate(task.among) if is_in]
    features, answers = [data.features[n] for n in chosen], [task.answers[n] for n in chosen]
    return fit_head(features, answers, data.weights[chosen], name.partition(":")[0], memory.get(name))


def _pick_memory(memory: Memories) -> Memories:
    return {name.removeprefix(f"{WORDING}/"): values for name, values in memory.items() if name.startswith(f"{WORDING}/")}


def _remember_heads(data: Prepared, trained: Mapping[str, Any], gone: Sequence[bool]) -> Memories:
    found: Memories = {}
    for name, task in list_tasks(data.rows).items():
        axis, _, label = name.partition(":")
        head = read_head(trained[axis][label] if label else trained[axis])
        chosen = [n for n, there in enumerate(task.among) if there and gone[n]]
        names = sorted(head.weights)
        x = make_matrix([data.features[n] for n in chosen], names)
        y = np.array([float(task.answers[n]) for n in chosen])
        beta = np.array([*(head.weights[each] for each in names), head.bias])
        found[name] = dump_memory(names, remember(x, y, data.weights[chosen], beta))
    return found


def _remember_wording(
    rows: Sequence[Row], lessons: Sequence[Lesson], weights: Matrix, trained: Mapping[str, Any], gone: Sequence[bool]
) -> dict[str, list[float]]:
    chosen = [n for n, is_gone in enumerate(gone) if is_gone]
    x, y, weighed = stack_lessons([lessons[n] for n in chosen], [rows[n].relevant for n in chosen], weights[chosen])
    beta = np.array([*trained["weights"].values(), trained["bias"]])
    return dump_memory([*trained["weights"]], remember(x, y, weighed, beta))


def _remember_scales(
    data: Prepared, scales: Mapping[str, Sequence[float]], gone: Sequence[bool], log_odds: Matrix, wording: Matrix | None = None
) -> Memories:
    weights = data.weights * _find_keyed(data, wording)
    found: Memories = {}
    for language, values in scales.items():
        chosen = [n for n, row in enumerate(data.rows) if row.language == language and gone[n]]
        y = np.array([float(data.rows[n].relevant) for n in chosen])
        remembered = remember(log_odds[chosen][:, None], y, weights[chosen], np.array(values))
        found[f"calibration:{language}"] = dump_memory([SLOPE], remembered)
    return found


def _set_by_hand(head: dict[str, Any]) -> dict[str, Any]:
    """No training text is long, so what a mention in passing weighs cannot be learned: it is set here, and the card says so."""
    return head | {"weights": cast(dict[str, float], head["weights"]) | {"passing": PASSING_LOG_ODDS}}


def _make_lesson(row: Row, reading: Reading, worded: Worded, located: Located) -> Lesson:
    """Militants elsewhere are worded as ours are: such a text would teach that the words mean nothing, so it teaches none."""
    evidence = pick_evidence(reading) if row.relevant else ()
    telling = [n for n, (a, b) in enumerate(worded.spans) if any(a < end and start < b for start, end in evidence)]
    return Lesson(located, tuple(telling), row.relevant or row.negative_class != ELSEWHERE)


def _weigh(row: Row, index: Index) -> float:
    """Rows called relevant that the nexus rule calls R1 are not to be learned from: a trace of them stays."""
    return row.weight * (UNTIED_WEIGHT if row.relevant and is_general_talk(index) else 1.0)


def calibrate(
    data: Prepared, memory: Memories, log_odds: Matrix, wording: Matrix | None = None, among: Matrix | float = 1.0
) -> dict[str, list[float]]:
    """Slope and shift per language, over texts with a key, on log-odds of heads that have not seen text nor retellings.

    `among` is 0 for rows that shall not count.
    """
    weights = data.weights * _find_keyed(data, wording) * among
    known = {name.removeprefix("calibration:") for name in memory if name.startswith("calibration:")}
    scaled = {}
    for language in sorted({row.language for row in data.rows} | known):
        own = [n for n, row in enumerate(data.rows) if row.language == language]
        y = np.array([float(data.rows[n].relevant) for n in own])
        scaled[language] = scale(log_odds[own], y, weights[own], CALIBRATION_PENALTY, memory.get(f"calibration:{language}"))
    return scaled


def _find_keyed(data: Prepared, wording: Matrix | None) -> Matrix:
    keyed: Matrix = np.array([is_keyed(index) for index in data.indices])
    if wording is None:
        return keyed
    return np.asarray(keyed | [is_framed(index, float(said)) for index, said in zip(data.indices, wording, strict=True)])


def _count(rows: Sequence[Row]) -> dict[str, int]:
    once = {row.id: f"{row.language}-{row.script} {row.relevance}" for row in rows}
    return dict(sorted(Counter(once.values()).items()))
