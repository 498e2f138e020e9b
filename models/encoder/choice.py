"""Which encoder everything stands on: the shipped one, or a folder that `xabar models encoder` made, named by XABAR_ENCODER.

An environment variable, because every process of a run must answer alike. The folder holds the encoder and all that was fitted
on its states; nothing of one encoder is ever used beside another.
"""

import os
from pathlib import Path

VARIABLE = "XABAR_ENCODER"
NAME_FILE = "encoder.json"


class BrokenModel(Exception):
    """An artefact is missing or is not the one that the manifest names; the message says which and how to get it back."""


def find_folder() -> Path | None:
    """The folder of another encoder, if one was chosen."""
    chosen = os.environ.get(VARIABLE, "")
    return Path(chosen) if chosen else None


def find_file(shipped: Path) -> Path:
    """The chosen folder's file of this name, or the shipped one. Raises BrokenModel when the folder is none of ours."""
    folder = find_folder()
    if folder is None:
        return shipped
    if not (folder / NAME_FILE).is_file():
        raise BrokenModel(f"{VARIABLE} names {folder}, which is no folder made by 'xabar models encoder MODEL FOLDER'")
    return folder / shipped.name
