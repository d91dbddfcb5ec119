"""Staff pages for companies, their members, and staff."""

from __future__ import annotations

from portal.accounts.desk import access, companies, company_list, cover, members, viewing
from portal.accounts.desk.blueprint import blueprint

__all__ = ["access", "blueprint", "companies", "company_list", "cover", "members", "viewing"]
