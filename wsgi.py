"""The WSGI entry: `granian --interface wsgi wsgi:app`, and `flask --app wsgi …`."""

from __future__ import annotations

import gc
import sys

from portal.app import create_app
from portal.kit.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit("The portal cannot start with these settings:\n" + "\n".join(f"  - {p}" for p in error.problems))

# What start-up made lives as long as the process. Looking through it again and again at each collection costs bulk
# work a seventh of its time.
gc.collect()
gc.freeze()
