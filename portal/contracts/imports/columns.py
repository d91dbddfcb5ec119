"""Which of a file's columns is which of ours: by our names, by usual names, or by a mapping that somebody gave."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from portal.contracts.imports.shapes import COLUMNS, REQUIRED, ImportUnreadable

# The names under which other systems, and people, keep what we call so. Folded as `folded` folds them.
_USUAL: Final[dict[str, tuple[str, ...]]] = {
    "contract_number": ("contract", "contract_no", "contract_no.", "contract_id", "agreement_number",
                        "agreement_no",
                        "合同编号", "合同号", "合同号码", "合同", "协议编号"),
    "company": ("customer", "customer_name", "client", "client_name", "account", "account_name", "company_name",
                "客户", "客户名称", "公司", "公司名称", "企业名称", "单位名称"),
    "product": ("product_code", "sku", "item", "item_code", "product_id", "产品", "产品代码", "产品编码",
                "产品编号", "商品", "商品编码", "物料编码"),
    "seats": ("quantity", "qty", "licenses", "licences", "users", "units", "数量", "席位", "席位数", "座席数",
              "用户数", "授权数"),
    "unit_price": ("price", "price_per_seat", "unit_price_per_year", "list_price", "单价", "价格", "每席单价",
                   "年单价", "含税单价"),
    "currency": ("currency_code", "ccy", "币种", "货币", "币别"),
    "time_zone": ("timezone", "tz", "zone", "时区"),
    "starts_on": ("start", "start_date", "starts", "from", "valid_from", "begin", "begin_date", "effective_date",
                  "开始日期", "起始日期", "生效日期", "开始日", "合同开始日期"),
    "ends_on": ("end", "end_date", "ends", "to", "valid_to", "until", "expiry", "expiry_date", "expiration_date",
                "renewal_date", "结束日期", "到期日", "到期日期", "终止日期", "截止日期", "合同结束日期"),
    "contact_email": ("email", "e_mail", "contact", "customer_email", "contact_e_mail", "email_address", "邮箱",
                      "联系邮箱", "联系人邮箱", "电子邮箱", "客户邮箱"),
    "owner_email": ("owner", "account_manager", "account_manager_email", "account_owner", "csm", "负责人",
                    "负责人邮箱", "客户经理", "客户经理邮箱"),
    "segment": ("tier", "customer_segment", "客户分级", "客户等级", "分级"),
    "language": ("lang", "locale", "preferred_language", "语言"),
    "country": ("country_code", "国家", "国家代码", "国别"),
}  # fmt: skip


def folded(name: str) -> str:
    """A header without what people write differently: width, case, spaces and dashes."""
    text = unicodedata.normalize("NFKC", name).strip().lower()
    return "_".join(text.replace("-", " ").replace("_", " ").split())


_KNOWN: Final = {name: name for name in COLUMNS} | {
    folded(usual): name for name, usuals in _USUAL.items() for usual in usuals
}


def guess(name: str) -> str | None:
    """The column of ours that a header most likely means."""
    return _KNOWN.get(folded(name))


def guesses(names: Sequence[str]) -> dict[str, str]:
    """What each header most likely means, "" for nothing. Of two that mean the same, our own name or else the
    first counts."""
    found: dict[str, str] = dict.fromkeys(names, "")
    for name in sorted(found, key=lambda each: folded(each) not in COLUMNS):  # stable: our own names come first
        meant = guess(name)
        if meant and meant not in found.values():
            found[name] = meant
    return found


def signature(names: Sequence[str]) -> str:
    """Two files with the same headers in whatever order have the same signature."""
    text = "\n".join(sorted(folded(name) for name in names))
    return hashlib.sha256(text.encode()).hexdigest()


def ours(names: Sequence[str]) -> bool:
    """Do the headers name all that is needed in our own words, each once?"""
    counts = Counter(folded(name) for name in names)
    return all(counts[name] == 1 for name in REQUIRED) and all(counts[name] < 2 for name in COLUMNS)


def places(names: Sequence[str], mapping: Mapping[str, str] | None = None) -> dict[str, int]:
    """Where each of our columns stands. A header that `mapping` (header to column, "" for none) leaves out counts
    by its own name. Raises ImportUnreadable: missing_columns, duplicate_columns, mapped_twice, unknown_target."""
    given = {folded(name): target for name, target in (mapping or {}).items()}
    strangers = sorted({target for target in given.values() if target and target not in COLUMNS})
    if strangers:
        raise ImportUnreadable("unknown_target", columns=", ".join(strangers), known=", ".join(COLUMNS))
    meant = [given.get(folded(name), folded(name)) for name in names]
    found = Counter(each for each in meant if each in COLUMNS)
    doubled = [name for name in COLUMNS if found[name] > 1]
    if doubled:
        by_hand = any(target in doubled for target in given.values())
        raise ImportUnreadable("mapped_twice" if by_hand else "duplicate_columns", columns=", ".join(doubled))
    missing = [name for name in REQUIRED if not found[name]]
    if missing:
        raise ImportUnreadable("missing_columns", columns=", ".join(missing))
    return {each: place for place, each in enumerate(meant) if each in COLUMNS}


def left_out(names: Sequence[str], placed: Mapping[str, int]) -> list[str]:
    """The headers that are not read."""
    used = set(placed.values())
    return [name[:80] for place, name in enumerate(names) if name and place not in used]


def mapping_in(text: str) -> dict[str, str]:
    """A mapping as people write it: JSON, or a line "their header = our column" for each; a line that begins with
    # is a remark. Raises ImportUnreadable: map_unreadable."""
    if text.lstrip("\ufeff \r\n\t").startswith("{"):
        return _from_json(text.lstrip("\ufeff"))
    found: dict[str, str] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        header, sign, column = line.rpartition("=")
        if not sign or not header.strip():
            raise ImportUnreadable("map_unreadable", line=number)
        found[header.strip()] = column.strip()
    return found


def _from_json(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ImportUnreadable("map_unreadable", line=error.lineno) from None
    if not isinstance(given, dict) or not all(isinstance(value, str | None) for value in given.values()):
        raise ImportUnreadable("map_unreadable", line=1)
    return {str(header): value or "" for header, value in given.items()}
