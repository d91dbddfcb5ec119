"""`python -m migrations "what changed"`: write a migration from the difference between models and schema."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

from migrations import steps

if len(sys.argv) != 2:
    sys.exit(__doc__)
with tempfile.TemporaryDirectory() as folder:
    engine = create_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
    with engine.begin() as connection:
        steps.upgrade(connection)
    with engine.begin() as connection:
        steps.revise(connection, sys.argv[1])
