"""Staff pages for contracts."""

from __future__ import annotations

from portal.contracts.desk import edit as edit
from portal.contracts.desk import lists as lists
from portal.contracts.desk import pages as pages
from portal.contracts.desk import tags as tags
from portal.contracts.desk.blueprint import blueprint as blueprint
from portal.contracts.desk.imports import blueprint as imports_blueprint

__all__ = ["blueprint", "edit", "imports_blueprint", "pages", "tags"]
