"""How long a receipt takes to set as PDF, and how much memory, in both languages.

.venv/bin/python -m tests.bench.pdf

Each row is a process of its own, so that "first" reads the fonts anew and the peak is its own. "next" is the
median of twenty papers, no two the same, so that nothing is found in a cache.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

from portal.documents import paper
from portal.documents.paper import Paper, Part, Party, Row, Sum
from tests.bench.rig import peak_mb, timed
from tests.conftest import NOW

LINES = (1, 40)
TIMES = 20
WORDS = {
    "en": ("GB", "Receipt", "Insight Analytics Business", "Harbor Freight Systems"),
    "zh": ("CN", "收据", "洞察分析商务版", "上海极光科技有限公司"),
}


def made(lang: str, lines: int, serial: int) -> Paper:
    region, receipt, product, buyer = WORDS[lang]
    rows = [Row(f"{product} {line}", f"{1_000 + serial:,}.00 × 20", ["20", "6%", f"{line * serial:,}.00"])
            for line in range(1, lines + 1)]  # fmt: skip
    head = [product, "20", "6%", "CNY"]
    return Paper(
        lang=lang, region=region, title=f"{receipt} R-2026-{serial:06}", author="Tidewell",
        heading=f"{receipt} R-2026-{serial:06}", lead=[f"{receipt} {serial}"], test="TEST",
        parties=[Party("A", "Tidewell", ["1 Harbour Road"]), Party("B", f"{buyer} {serial}", [buyer])],
        facts=[("RNW", f"RNW-2026-{serial:06}")],
        parts=[Part(product, head, rows, [Sum("=", f"{serial:,}.00", strong=True)])] * 2,
    )  # fmt: skip


def row(lang: str, lines: int) -> str:
    first, pdf = timed(lambda: paper.to_pdf(made(lang, lines, 1), NOW))
    again, _same = timed(lambda: paper.to_pdf(made(lang, lines, 1), NOW))
    rest = [timed(lambda each=each: paper.to_pdf(made(lang, lines, each), NOW))[0]  # type: ignore[misc]
            for each in range(2, 2 + TIMES)]  # fmt: skip
    figures = (
        f"{first * 1000:.0f} | {again * 1000:.0f} | {statistics.median(rest) * 1000:.0f} | {max(rest) * 1000:.0f}"
    )
    return f"| {lang} | {lines} | {figures} | {len(pdf) // 1024} | {peak_mb():.0f} |"


def main() -> None:
    if sys.argv[1:]:
        sys.stdout.write(f"{row(sys.argv[1], int(sys.argv[2]))}\n")
        return
    sys.stdout.write("| language | lines | first ms | same again ms | next ms | worst ms | size kB | peak MB |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    sys.stdout.flush()
    for lang in WORDS:
        for lines in LINES:
            subprocess.run([sys.executable, "-m", "tests.bench.pdf", lang, str(lines)], check=True)


if __name__ == "__main__":
    main()
