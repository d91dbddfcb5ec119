"""The pages about oneself and one's team."""

from __future__ import annotations

from portal.accounts.views import account, codes, confirm, factors, password, second, sso, team
from portal.accounts.views.blueprint import blueprint

__all__ = ["account", "blueprint", "codes", "confirm", "factors", "password", "second", "sso", "team"]
