"""Strange values: what keyboards, broken clients and attackers send. All from one seeded source of chance."""

from __future__ import annotations

import json
import random
from typing import Final

# By name, as the trust list has them.
NAMED: Final = {
    "int-over-63-bits": str(2**63 + 1),
    "twenty-digits": "1" * 20,
    "nul": "a\x00b",
    "escaped-nul": "\\u0000",
    "lone-surrogate": "\ud800",
    "1e400": "1e400",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "underscored": "1_0",
    "null": "null",
    "brackets": "[" * 20_000,
    "full-width": "１２３",
    "negative": "-1",
    "negative-zero": "-0",
    "quote": "' OR '1'='1",
    "template": "{{7*7}}${7*7}<%= 7 %>",
    "script": "<script>alert(1)</script>",
    "path": "../../../../etc/passwd",
    "windows-path": "..\\..\\windows\\win.ini",
    "crlf": "x\r\nSet-Cookie: a=b",
    "formula": "=cmd|' /C calc'!A0",
    "long": "ä" * 5_000,
    "emoji": "👩‍👩‍👧‍👦" * 20,
    "rtl": "\u202etxt.exe",
    "combining": "e" + "\u0301" * 200,
    "bad-date": "2026-02-30",
    "year-10000": "10000-01-01",
    "percent": "%00%ff%u0000%",
    "space": " \t\n",
    "empty": "",
}
PLAIN: Final = ("1", "0", "en", "CNY", "owner", "2026-11-22", "RNW-2026-000001", "CT-1", "5000.00", "a@b.example")
BODIES: Final = (
    b"null", b"[]", b'"text"', b"5", b"{", b"[" * 100_000, b'{"a": 1e400}', b'{"id": "\\u0000"}',
    b'{"id": "\\ud800"}',
    b'{"a": NaN}', b"\xff\xfe\x00", b"", b'{"id": 11111111111111111111, "type": null}', b"--x\r\n\r\n", b"a=1&a",
)  # fmt: skip
TYPES: Final = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "application/json", "text/plain", "application/json; charset=nonsense", "", "a/b/c; =", "image/png",
)  # fmt: skip


def value(chance: random.Random) -> str:
    """A value for a parameter: often strange, sometimes plain, sometimes a mixture."""
    turn = chance.random()
    if turn < 0.55:
        return chance.choice(list(NAMED.values()))
    if turn < 0.85:
        return chance.choice(PLAIN)
    letters = [chance.choice((chr(chance.randrange(1, 0x2FFF)), chr(chance.randrange(32, 127)))) for _ in range(8)]
    return "".join(letters)


def body(chance: random.Random) -> bytes:
    """Bytes that are no form."""
    if chance.random() < 0.7:
        return chance.choice(BODIES)
    return json.dumps({value(chance): value(chance) for _ in range(3)}).encode("utf-8", "surrogatepass")
