"""The pages about oneself and one's team."""

from __future__ import annotations

from portal.accounts.views import account, password, team
from portal.accounts.views.blueprint import blueprint

__all__ = ["account", "blueprint", "password", "team"]
