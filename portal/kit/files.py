"""Files that people give us: kept in the data folder under random names, size-checked, removed after their time.

The name that somebody's computer gave a file is text for people and never a path. Several hosts share the folder
(see docs/import.md).
"""

from __future__ import annotations

import os
import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from portal.kit.errors import Refusal
from portal.kit.settings import Settings

# A folder for each kind, cleared by the rows that name its files: one kind's clearing must not take another's.
UPLOADS: Final = "uploads"
SLIPS: Final = "slips"
FAPIAO: Final = "fapiao"
_BLOCK: Final = 1_000_000
_NAME: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


class FileTooLarge(Refusal):
    """More than we take. Facts: limit, in bytes."""


class FileEmpty(Refusal):
    """Nothing stands in it, or none was chosen."""


class NoSpace(Refusal):
    """The disk is full; nothing of the file was kept."""


def keep(settings: Settings, source: BinaryIO, limit: int, folder: str = UPLOADS) -> tuple[str, int]:
    """Store what `source` holds: its name here, and its size in bytes. Nothing stays of a file that is refused.

    Raises FileEmpty, FileTooLarge, NoSpace.
    """
    name = secrets.token_hex(16)
    target = path_of(settings, name, folder)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = 0
    try:
        with target.open("xb") as file:
            while block := source.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise FileTooLarge(limit=limit)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if size == 0:
            raise FileEmpty
    except OSError:
        target.unlink(missing_ok=True)
        raise NoSpace from None
    except Refusal:
        target.unlink(missing_ok=True)
        raise
    return name, size


def path_of(settings: Settings, name: str, folder: str = UPLOADS) -> Path:
    """Where the file called `name` here lies. Raises ValueError for what is no name of ours."""
    if not _NAME.fullmatch(name):
        raise ValueError("no name of a stored file")
    return settings.data_dir / folder / name


def remove(settings: Settings, name: str, folder: str = UPLOADS) -> None:
    """Remove the file and all that stands beside it under its name."""
    target = path_of(settings, name, folder)
    for path in (target, *target.parent.glob(f"{name}.*")):
        path.unlink(missing_ok=True)


def remove_strays(settings: Settings, before: datetime, known: set[str], folder: str = UPLOADS) -> int:
    """Remove files last written before `before` that nobody knows: an upload that was cut off. How many."""
    place = settings.data_dir / folder
    strays = [
        path
        for path in (place.iterdir() if place.is_dir() else ())
        if path.name.partition(".")[0] not in known and path.stat().st_mtime < before.timestamp()
    ]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)
