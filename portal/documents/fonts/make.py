"""Make the two fonts here anew from Noto Sans CJK. Needs fontTools; see README.md."""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter  # type: ignore[import-not-found]
from fontTools.ttLib import TTCollection  # type: ignore[import-not-found]

HERE = Path(__file__).parent
FACE = "Noto Sans CJK SC"
HANGUL = range(0xAC00, 0xD7B0)
EXTENSION_A = range(0x3400, 0x4DC0)


def common() -> set[int]:
    """What headings and totals need: ASCII to currency signs, and the characters of GB 2312."""
    found = {*range(0x20, 0x250), *range(0x2000, 0x2300), *range(0x2460, 0x2500), *range(0x3000, 0x3100)}
    found |= set(range(0xFF00, 0xFFF0))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            found |= {ord(each) for each in bytes([high, low]).decode("gb2312", "ignore")}
    return found


def make(source: Path, target: Path, wanted: set[int] | None) -> None:
    """Keep `wanted` of the face, or all but Hangul syllables."""
    fonts = TTCollection(source).fonts
    font = next(each for each in fonts if each["name"].getDebugName(1) == FACE)
    covered = set(font.getBestCmap())
    options = Options(hinting=False, layout_features=["kern", "liga", "ccmp"], notdef_outline=True)
    subset = Subsetter(options)
    subset.populate(unicodes=covered & wanted if wanted else covered - set(HANGUL))
    subset.subset(font)
    for tag in ("vhea", "vmtx", "VORG"):
        if tag in font:
            del font[tag]
    font.save(target)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    make(folder / "NotoSansCJK-Regular.ttc", HERE / "NotoSansCJKsc-Regular.otf", None)
    make(folder / "NotoSansCJK-Bold.ttc", HERE / "NotoSansCJKsc-Bold.otf", common())
