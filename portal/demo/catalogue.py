"""What the demo sells: five products by hand, and lines of products in two editions each."""

from __future__ import annotations

from typing import Final

# code: (English, Chinese, {currency: list price in minor units per seat and year})
Prices = dict[str, int]
NAMED: Final = {
    "insight": ("Insight Analytics, Business", "洞察分析 商业版", {"CNY": 105_000, "USD": 16_800, "JPY": 24_000}),
    "backup": ("Cloud Backup, Team", "云备份 团队版", {"CNY": 38_000, "USD": 6_000, "JPY": 8_800}),
    "fieldkit": ("Mobile Field Kit", "移动外勤套件", {"CNY": 143_100, "USD": 21_200, "JPY": 32_400}),
    "gateway": ("API Gateway, Enterprise", "API 网关 企业版", {"CNY": 240_000, "USD": 36_000, "JPY": 52_800}),
    "fleet": ("Fleet Console", "车队控制台", {"CNY": 88_000, "USD": 12_480, "JPY": 19_800}),
}
# code: (English, Chinese, the team edition's list price per seat and year: yuan, dollars, yen)
LINES: Final = {
    "archive": ("Document Archive", "文档归档", 260, 42, 6_000),
    "assets": ("Asset Register", "资产台账", 420, 64, 9_600),
    "booking": ("Room Booking", "会议室预订", 90, 14, 2_000),
    "calls": ("Call Centre", "呼叫中心", 1_180, 180, 27_000),
    "clock": ("Time Clock", "考勤打卡", 120, 19, 2_800),
    "desk": ("Service Desk", "服务台", 960, 148, 22_000),
    "drawings": ("Drawing Viewer", "图纸查看器", 540, 84, 12_400),
    "forms": ("Form Builder", "表单搭建", 310, 48, 7_200),
    "identity": ("Single Sign-on", "单点登录", 240, 38, 5_600),
    "inspect": ("Site Inspection", "现场巡检", 680, 105, 15_600),
    "learning": ("Learning Rooms", "学习空间", 330, 52, 7_600),
    "maintain": ("Maintenance Planner", "维保计划", 740, 116, 17_000),
    "quality": ("Quality Records", "质量记录", 820, 128, 18_800),
    "route": ("Route Planner", "路线规划", 610, 95, 14_000),
    "shifts": ("Shift Planner", "排班", 220, 35, 5_200),
    "stock": ("Stock Count", "库存盘点", 460, 72, 10_600),
    "vendors": ("Supplier Portal", "供应商门户", 1_320, 205, 30_400),
    "warehouse": ("Warehouse Terminal", "仓库终端", 1_540, 238, 35_200),
}
TEAM, ENTERPRISE = "team", "enterprise"
# An enterprise seat costs 2.2 times a team seat.
TIMES, OVER = 22, 10


def _all() -> dict[str, tuple[str, str, Prices]]:
    """All products as NAMED has them."""
    found = dict(NAMED)
    for code, (english, chinese, yuan, dollars, yen) in LINES.items():
        team = {"CNY": yuan * 100, "USD": dollars * 100, "JPY": yen}
        enterprise = {currency: minor * TIMES // OVER for currency, minor in team.items()}
        found[f"{code}-{TEAM}"] = (f"{english}, Team", f"{chinese} 团队版", team)
        found[f"{code}-{ENTERPRISE}"] = (f"{english}, Enterprise", f"{chinese} 企业版", enterprise)
    return found


PRODUCTS: Final = _all()
CODES: Final = tuple(sorted(PRODUCTS))
