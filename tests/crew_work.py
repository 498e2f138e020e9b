"""What the processes of test_crew do; apart, so that starting one imports little."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records import Stop


@dataclass(frozen=True)
class Item:
    id: str
    text: str = ""


def shout(leg: str, items: Sequence[Any]) -> list[Any]:
    """Answers, dies as the item says, or refuses."""
    for item in items:
        if item.text == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if item.text == "fault":
            signal.signal(signal.SIGSEGV, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGSEGV)
        if item.text == "stop":
            raise Stop("a model is gone")
        if item.text == "once" and not Path(item.id).exists():
            Path(item.id).touch()
            os._exit(3)
    return [f"{leg} {item.id}" for item in items]


def make_shout() -> Any:
    return shout


def die(leg: str, items: Sequence[Any]) -> list[Any]:
    os._exit(7)


def make_die() -> Any:
    return die
