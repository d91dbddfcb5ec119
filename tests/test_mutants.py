"""Each mutant still finds the line that it breaks; that the proofs catch it is for `make prove-quick`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.torture.mutants import MUTANTS, changed

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", MUTANTS)
def test_the_code_has_what_it_breaks(name: str) -> None:
    mutant = MUTANTS[name]
    source = (ROOT / mutant.module.replace(".", "/")).with_suffix(".py").read_text("utf-8")
    assert ast.dump(ast.parse(changed(mutant, source))) != ast.dump(ast.parse(source))
