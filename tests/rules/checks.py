"""The house's own rules, read from the syntax tree: what ruff and bandit do not know of this house.

Each rule takes a parsed module and gives one line for each breach. Exceptions stand in EXCUSED with their reason.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final

from portal.kit.settings import ROOT

# Where amounts of money are worked with.
MONEY_ROOMS: Final = (
    "payments/", "portal/pricing/", "portal/orders/", "portal/checkout/", "portal/finance/", "portal/documents/",
    "portal/contracts/", "portal/home/",
)  # fmt: skip
ROUTES: Final = frozenset({"get", "post", "put", "patch", "delete", "route"})
CLOCKS: Final = frozenset({"now", "today", "utcnow", "time"})

NETWORK: Final = (
    "requests", "httpx", "aiohttp", "urllib.request", "urllib3", "http.client", "socket", "smtplib", "ftplib",
    "subprocess", "authlib",
)  # fmt: skip

Rule = Callable[[str, ast.Module], Iterator[str]]


def no_float_money(path: str, tree: ast.Module) -> Iterator[str]:
    """Amounts are integers in minor units: no float literal, no float(), no true division where money is."""
    if not path.startswith(MONEY_ROOMS) or path.startswith("payments/sandbox/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{node.lineno}: a float literal"
        elif isinstance(node, ast.Call) and _called(node) == "float":
            yield f"{node.lineno}: float()"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _joins_paths(node):
            yield f"{node.lineno}: true division"


def one_clock(path: str, tree: ast.Module) -> Iterator[str]:
    """Only kit/clock.py asks what time it is; all else is told, or asks the clock."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = ast.unparse(node.func.value)
            if owner.rpartition(".")[2] in {"datetime", "date", "time"}:
                yield f"{node.lineno}: {owner}.{node.func.attr}()"


def no_raw_sql(path: str, tree: ast.Module) -> Iterator[str]:
    """Statements are built by SQLAlchemy: no text(), no driver's SQL, no f-string handed to execute."""
    texts = _imported_from(tree, "sqlalchemy", "text")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = _called(node)
        if name in texts or name in {"exec_driver_sql", "executescript"}:
            yield f"{node.lineno}: {name}()"
        elif name == "execute" and node.args and isinstance(node.args[0], ast.JoinedStr):
            yield f"{node.lineno}: an f-string is executed"


def routes_are_guarded(path: str, tree: ast.Module) -> Iterator[str]:
    """Directly beneath each route stands what it needs."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        for each, beneath in pairwise([*node.decorator_list, None]):
            if (
                each is not None
                and _is_route(each)
                and not (beneath is not None and (_is_route(beneath) or _is_need(beneath)))
            ):
                yield f"{node.lineno}: {node.name} declares no need beneath its route"


def no_loose_ends(path: str, tree: ast.Module) -> Iterator[str]:
    """What opens doors when it is fed by strangers: markup from strings, templates from strings, forms without a
    token, code from data."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in {
            "Markup", "render_template_string", "eval", "exec", "from_string", "yaml_load",
        }:  # fmt: skip
            yield f"{node.lineno}: {_called(node)}()"
        elif isinstance(node, ast.Attribute) and node.attr == "exempt":
            yield f"{node.lineno}: a form without a token"
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            yield f"{node.value.lineno}: a shell"


def known_ways_out(path: str, tree: ast.Module) -> Iterator[str]:
    """The product talks to the provider, the mail server and the staff's identity provider, each in one place."""
    if path.startswith("payments/sandbox/"):  # a server of its own, for practice alone
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        yield from (f"{node.lineno}: imports {name}" for name in names if name.startswith(NETWORK))


def one_source_each(path: str, tree: ast.Module) -> Iterator[str]:
    """A field is read from the form or from the address, never from whichever has it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "request.values":
            yield f"{node.lineno}: request.values"


RULES: Final[tuple[Rule, ...]] = (
    no_float_money, one_clock, no_raw_sql, routes_are_guarded, no_loose_ends, known_ways_out, one_source_each,
)  # fmt: skip


def breaches(path: str, source: str) -> dict[str, list[str]]:
    """All rules' lines about one module, by the rule's name."""
    tree = ast.parse(source)
    return {rule.__name__: lines for rule in RULES if (lines := list(rule(path, tree)))}


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the product: path and source."""
    for folder in ("portal", "payments"):
        for file in sorted(Path(ROOT / folder).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def _called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _is_route(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ROUTES):
        return False
    return bool(node.args) and ast.unparse(node.func.value).endswith("blueprint")


def _is_need(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _called(node) == "needs"


def _joins_paths(node: ast.BinOp) -> bool:
    """Division of paths: text on a side, or something that is called a folder."""
    for side in (node.left, node.right):
        name = ast.unparse(side)
        if isinstance(side, ast.Constant | ast.JoinedStr) and _is_text(side):
            return True
        if any(word in name for word in ("dir", "folder", "ROOT")):
            return True
    return False


def _is_text(node: ast.Constant | ast.JoinedStr) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(node.value, str)


def _imported_from(tree: ast.Module, module: str, name: str) -> set[str]:
    """The names under which `name` of `module` is known here."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
        if alias.name == name
    }
