"""Names for the demo's companies and people: made up, in English, Chinese and Japanese."""

from __future__ import annotations

from typing import Final

# --- English: a name nobody has, a trade, a form -------------------------------------------------------------
EN_BRANDS: Final = (
    "Bramblewick", "Quillstone", "Northmere", "Oakhollow", "Fennimore", "Tarnbrook", "Wexcombe", "Larkmoor",
    "Copperlea", "Juniper Hollow", "Saltmarrow", "Windlow", "Yarrowdale", "Ashmere", "Greyfinch", "Dunmarrow",
    "Ironvale", "Kestrelhurst", "Marlowick", "Pinehaven",
)  # fmt: skip
EN_TRADES: Final = (
    "Logistics", "Dental", "Foods", "Machine Tools", "Credit Union", "Packaging", "Bicycles", "Energy Services",
    "Architects", "Veterinary Clinics", "Printing", "Cold Storage", "Bakeries", "Marine Supply", "Paper Mills",
)  # fmt: skip
EN_FORMS: Final = ("Inc.", "LLC", "Group", "Partners", "Company", "Holdings")
EN_LONG: Final = (
    "The Northern Lakes Agricultural Equipment and Grain Storage Cooperative of Tarnbrook County",
    "Windlow, Ashmere, Fennimore & Daughters Instrument Makers and Repairers",
    "Saltmarrow Coastal Ferries, Lighthouse Tours and Harbour Services Company",
)
EN_FIRST: Final = (
    "Amelia", "Bruno", "Carmen", "Derek", "Elena", "Farid", "Grace", "Henrik", "Imani", "Jonas", "Keisha", "Luca",
    "Maren", "Nadia", "Oscar", "Paula", "Quentin", "Rosa", "Stefan", "Thandi",
)  # fmt: skip
EN_LAST: Final = (
    "Abbott", "Becker", "Castillo", "Dunn", "Eriksen", "Farrow", "Greene", "Haddad", "Iyer", "Jensen", "Kowalski",
    "Lindqvist", "Moreau", "Nwosu", "Okafor", "Petrov", "Quist", "Romero", "Sandoval", "Tran",
)  # fmt: skip

# --- Chinese: (characters, letters for addresses) ------------------------------------------------------------
ZH_BRANDS: Final = (
    ("澜石", "lanshi"), ("云岫", "yunxiu"), ("禾渡", "hedu"), ("青枫桥", "qingfengqiao"), ("远屿", "yuanyu"),
    ("霁川", "jichuan"), ("松筑", "songzhu"), ("朗穹", "langqiong"), ("沐原", "muyuan"), ("砚湖", "yanhu"),
    ("锦砾", "jinli"), ("晨舫", "chenfang"), ("千帆渡", "qianfandu"), ("栖木", "qimu"), ("望野", "wangye"),
)  # fmt: skip
ZH_TRADES: Final = (
    ("精密制造", "precision"), ("供应链管理", "supply"), ("生物科技", "bio"), ("建筑设计", "design"),
    ("食品", "foods"), ("新能源", "energy"), ("医疗器械", "medical"), ("文化传播", "media"), ("物流", "logistics"),
)  # fmt: skip
ZH_CITIES: Final = ("上海", "苏州", "杭州", "深圳", "成都", "武汉", "青岛", "厦门", "西安", "长沙")
ZH_LONG: Final = (
    ("澜石智能装备与工业自动化控制系统技术研究开发及成果转化服务（苏州工业园区）股份有限公司", "lanshi-research"),
    ("云岫青年旅舍连锁与乡村民宿运营管理及文化旅游资源开发咨询服务（云南大理）有限责任公司", "yunxiu-travel"),
)
ZH_LAST: Final = (
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"),
    ("黄", "huang"), ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("欧阳", "ouyang"),
)  # fmt: skip
ZH_FIRST: Final = (
    ("晓彤", "xiaotong"), ("嘉禾", "jiahe"), ("一鸣", "yiming"), ("雨桐", "yutong"), ("志远", "zhiyuan"),
    ("思源", "siyuan"), ("婷", "ting"), ("浩然", "haoran"), ("静怡", "jingyi"), ("明轩", "mingxuan"),
    ("文博", "wenbo"), ("梓涵", "zihan"), ("立", "li"),
)  # fmt: skip

# --- Japanese ------------------------------------------------------------------------------------------------
JA_BRANDS: Final = (
    ("蒼樹", "sojuki"), ("凪野", "nagino"), ("月丘", "tsukioka"), ("瑞河", "mizukawa"), ("千鳥台", "chidoridai"),
    ("朝霧坂", "asagirizaka"), ("ひなた野", "hinatano"), ("カザミドリ", "kazamidori"), ("星ヶ瀬", "hoshigase"),
)  # fmt: skip
JA_TRADES: Final = (
    ("製作所", "works"), ("物流", "logistics"), ("電子", "electronics"), ("食品", "foods"), ("印刷", "print"),
    ("医療機器", "medical"), ("設計事務所", "design"),
)  # fmt: skip
JA_LONG: Final = (
    (
        "千鳥台地域農業協同組合連合会共同利用型穀物乾燥調製貯蔵施設運営管理およびシステム開発推進機構",
        "chidoridai-union",
    ),
)
JA_FIRST: Final = (
    "Aoi",
    "Daichi",
    "Emi",
    "Haruto",
    "Kaori",
    "Kenji",
    "Mai",
    "Naoki",
    "Rin",
    "Sota",
    "Yui",
    "Yuto",
)
JA_LAST: Final = (
    "Arai", "Fujimoto", "Hayashi", "Inoue", "Kaneko", "Matsuda", "Nakano", "Okada", "Sakamoto", "Takagi", "Ueda",
)  # fmt: skip
