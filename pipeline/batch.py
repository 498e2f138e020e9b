"""A batch goes through stages: every item ends in exactly one outcome, whatever the stages do.

A stage takes a batch and returns a batch of the same length and order; an item that ends there comes back as Skipped. A stage
that raises has its batch halved until the culprit stands alone, which is quarantined.
"""

import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pipeline.records import Outcome, Page, Quarantined, Skipped, Stage, Stop

# Written for this project. Every stage must manage this page: if it does not, the stage is broken and not the batch.
SAMPLE_TEXT = (
    "Toshkent shahrida yangi kutubxona ochildi. Kutubxonada bolalar va kattalar uchun yigirma mingdan ortiq kitob bor. "
    "Ochilish marosimida shahar aholisi, oʻqituvchilar va yozuvchilar qatnashdi. Kutubxona har kuni ertalab soat "
    "toʻqqizdan kechki sakkizgacha ishlaydi, aʼzo boʻlish bepul. Kelgusi yilda bu yerda til kurslari ham ochiladi."
)
SAMPLE = Page(
    url="https://sample.invalid/kutubxona",
    source="sample",
    fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    headers={"Content-Type": "text/html; charset=utf-8"},
    body=f"<html lang='uz'><head><title>Yangi kutubxona ochildi</title></head><body><article><h1>Yangi kutubxona ochildi</h1>"
    f"<p>{SAMPLE_TEXT}</p><p>{SAMPLE_TEXT}</p></article></body></html>".encode(),
)


class BrokenStage(Stop):
    """A stage fails on everything, the sample page included: going on would quarantine the whole archive."""


def process(batch: Sequence[Any], stages: Sequence[Stage], before: Sequence[Stage] = ()) -> list[Outcome]:
    """Every item of the batch ends in exactly one outcome, in the order of the batch. Raises BrokenStage.

    `before`: the stages that the items have behind them.
    """
    items: list[Any] = list(batch)
    for number, stage in enumerate(stages):
        live = [place for place, item in enumerate(items) if not isinstance(item, Skipped | Quarantined)]
        if not live:
            break
        done = run_stage(stage, [items[place] for place in live])
        if all(isinstance(item, Quarantined) for item in done):
            _check_stage((*before, *stages[: number + 1]), done)
        for place, item in zip(live, done, strict=True):
            items[place] = item
    return items


def run_stage(stage: Stage, batch: Sequence[Any]) -> list[Any]:
    """What a stage makes of a batch; whatever it raises, but Stop, quarantines the item that it raises on."""
    try:
        done = list(stage(batch))
        if len(done) != len(batch):
            raise ValueError(f"stage {_name(stage)} returned {len(done)} items for {len(batch)}")
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001  the one broad except: whatever a stage raises must not cost its neighbours
        if len(batch) == 1:
            return [Quarantined(batch[0].id, _name(stage), f"{type(error).__name__}: {error}", traceback.format_exc())]
        half = len(batch) // 2
        return run_stage(stage, batch[:half]) + run_stage(stage, batch[half:])
    return done


def _check_stage(stages: Sequence[Stage], done: Sequence[Quarantined]) -> None:
    sample: list[Any] = [SAMPLE]
    for stage in stages:
        sample = run_stage(stage, sample)
        if isinstance(sample[0], Skipped):
            return
    if isinstance(sample[0], Quarantined):
        raise BrokenStage(
            f"stage {_name(stages[-1])} fails on every page, the built-in sample included: {done[0].error}; "
            "nothing of this batch was saved"
        )


def _name(stage: Callable[..., Any]) -> str:
    inner = stage.func if isinstance(stage, partial) else stage
    return str(getattr(inner, "__name__", type(inner).__name__)).lstrip("_")
