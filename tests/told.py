"""Says before the suite what this machine cannot run, and the one command that enables it."""

from __future__ import annotations

import os
import shutil
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ENABLE = "apt-get install -y chromium fonts-noto-cjk fonts-inter"


def browser() -> str | None:
    """Path of a Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


if __name__ == "__main__" and not os.environ.get("TEST_REDIS_URL"):
    sys.stdout.write(
        "No Redis named: its test will be skipped. To enable it: TEST_REDIS_URL=redis://… make test\n"
    )
if __name__ == "__main__" and browser() is None:
    sys.stdout.write(f"No Chromium here: the browser journeys will be skipped. To enable them: {ENABLE}\n")
