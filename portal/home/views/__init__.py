"""The customer's pages, one module for each thing that they are about."""

from __future__ import annotations

from portal.home.views.blueprint import blueprint as blueprint
