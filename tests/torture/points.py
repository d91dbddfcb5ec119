"""Which crash points there are, read from the code: every `with transaction()` and every call to the gateway in
checkout. The harness fails for one that no kill reached."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from payments.crashpoints import AROUND
from portal.checkout.flows.ground import NO_NETWORK

ROOT: Final = Path(__file__).parents[2]
WATCHED: Final = "portal/checkout"


def expected() -> list[str]:
    """All points, by name, in the order of the code."""
    return [
        f"{where}:{side}"
        for path in sorted((ROOT / WATCHED).rglob("*.py"))
        for where in _places(path)
        for side in AROUND
    ]


def _places(path: Path) -> list[str]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    found = [f"{module}.{place}" for place in _walk(ast.parse(path.read_text("utf-8")), "")]
    return list(dict.fromkeys(found))


def _walk(node: ast.AST, inside: str, providers: frozenset[str] = frozenset()) -> Iterator[str]:
    """Functions with what they open or call: "pay:transaction", "settle:fetch_session"."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            named = f"{inside}.<locals>.{child.name}" if inside else child.name
            yield from _walk(child, named, providers | _assigned(child))
        elif isinstance(child, ast.ClassDef):
            yield from _walk(child, f"{inside}.{child.name}" if inside else child.name, providers)
        else:
            yield from _here(child, inside, providers)
            yield from _walk(child, inside, providers)


def _assigned(function: ast.FunctionDef) -> frozenset[str]:
    """Names that a function gives to the gateway."""
    return frozenset(
        target.id
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and _is_gateway(each.value)
        for target in each.targets
        if isinstance(target, ast.Name)
    )


def _here(node: ast.AST, inside: str, providers: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.withitem) and ast.unparse(node.context_expr) == "transaction()":
        yield f"{inside}:transaction"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        called = node.func.value
        named = isinstance(called, ast.Name) and called.id in providers
        if (_is_gateway(called) or named) and node.func.attr not in NO_NETWORK:
            yield f"{inside}:{node.func.attr}"


def _is_gateway(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "gateway"


if __name__ == "__main__":
    print("\n".join(expected()))
