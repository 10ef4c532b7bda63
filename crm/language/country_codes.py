"""ISO 3166-1: the officially assigned codes, and the names that people use beside the official ones."""

_ALPHA_2_TO_3 = """
AD:AND AE:ARE AF:AFG AG:ATG AI:AIA AL:ALB AM:ARM AO:AGO AQ:ATA AR:ARG AS:ASM AT:AUT AU:AUS AW:ABW
AX:ALA AZ:AZE BA:BIH BB:BRB BD:BGD BE:BEL BF:BFA BG:BGR BH:BHR BI:BDI BJ:BEN BL:BLM BM:BMU BN:BRN
BO:BOL BQ:BES BR:BRA BS:BHS BT:BTN BV:BVT BW:BWA BY:BLR BZ:BLZ CA:CAN CC:CCK CD:COD CF:CAF CG:COG
CH:CHE CI:CIV CK:COK CL:CHL CM:CMR CN:CHN CO:COL CR:CRI CU:CUB CV:CPV CW:CUW CX:CXR CY:CYP CZ:CZE
DE:DEU DJ:DJI DK:DNK DM:DMA DO:DOM DZ:DZA EC:ECU EE:EST EG:EGY EH:ESH ER:ERI ES:ESP ET:ETH FI:FIN
FJ:FJI FK:FLK FM:FSM FO:FRO FR:FRA GA:GAB GB:GBR GD:GRD GE:GEO GF:GUF GG:GGY GH:GHA GI:GIB GL:GRL
GM:GMB GN:GIN GP:GLP GQ:GNQ GR:GRC GS:SGS GT:GTM GU:GUM GW:GNB GY:GUY HK:HKG HM:HMD HN:HND HR:HRV
HT:HTI HU:HUN ID:IDN IE:IRL IL:ISR IM:IMN IN:IND IO:IOT IQ:IRQ IR:IRN IS:ISL IT:ITA JE:JEY JM:JAM
JO:JOR JP:JPN KE:KEN KG:KGZ KH:KHM KI:KIR KM:COM KN:KNA KP:PRK KR:KOR KW:KWT KY:CYM KZ:KAZ LA:LAO
LB:LBN LC:LCA LI:LIE LK:LKA LR:LBR LS:LSO LT:LTU LU:LUX LV:LVA LY:LBY MA:MAR MC:MCO MD:MDA ME:MNE
MF:MAF MG:MDG MH:MHL MK:MKD ML:MLI MM:MMR MN:MNG MO:MAC MP:MNP MQ:MTQ MR:MRT MS:MSR MT:MLT MU:MUS
MV:MDV MW:MWI MX:MEX MY:MYS MZ:MOZ NA:NAM NC:NCL NE:NER NF:NFK NG:NGA NI:NIC NL:NLD NO:NOR NP:NPL
NR:NRU NU:NIU NZ:NZL OM:OMN PA:PAN PE:PER PF:PYF PG:PNG PH:PHL PK:PAK PL:POL PM:SPM PN:PCN PR:PRI
PS:PSE PT:PRT PW:PLW PY:PRY QA:QAT RE:REU RO:ROU RS:SRB RU:RUS RW:RWA SA:SAU SB:SLB SC:SYC SD:SDN
SE:SWE SG:SGP SH:SHN SI:SVN SJ:SJM SK:SVK SL:SLE SM:SMR SN:SEN SO:SOM SR:SUR SS:SSD ST:STP SV:SLV
SX:SXM SY:SYR SZ:SWZ TC:TCA TD:TCD TF:ATF TG:TGO TH:THA TJ:TJK TK:TKL TL:TLS TM:TKM TN:TUN TO:TON
TR:TUR TT:TTO TV:TUV TW:TWN TZ:TZA UA:UKR UG:UGA UM:UMI US:USA UY:URY UZ:UZB VA:VAT VC:VCT VE:VEN
VG:VGB VI:VIR VN:VNM VU:VUT WF:WLF WS:WSM YE:YEM YT:MYT ZA:ZAF ZM:ZMB ZW:ZWE
"""
ALPHA_3: dict[str, str] = {pair[:2]: pair[3:] for pair in _ALPHA_2_TO_3.split()}

# Separated by " | ": written as people write them, compared without case, accents and punctuation.
_OTHER_NAMES = {
    "AE": "uae | emirates | dubai | 阿联酋 | 迪拜 | 阿拉伯联合酋长国",
    "BA": "bosnia | bosnia and herzegovina | 波黑",
    "BN": "brunei darussalam",
    "BO": "plurinational state of bolivia",
    "BY": "byelorussia | 白俄",
    "CD": "drc | dr congo | democratic republic of the congo | congo kinshasa | 刚果民主共和国 | 民主刚果",
    "CF": "car",
    "CG": "republic of the congo | congo brazzaville | congo | 刚果",
    "CH": "swiss | switzerland",
    "CI": "ivory coast | cote d'ivoire | 象牙海岸",
    "CN": "prc | mainland china | china mainland | people's republic of china | 中国大陆 | 中华人民共和国 | 国内",
    "CV": "cape verde | cabo verde",
    "CZ": "czech republic | czech",
    "DE": "deutschland | federal republic of germany",
    "DO": "dominican rep | dominican republic | 多米尼加",
    "ES": "espana",
    "GB": "uk | england | britain | great britain | scotland | wales | northern ireland | 英格兰 | 苏格兰",
    "GW": "guinea bissau",
    "HK": "hk | hong kong | hongkong | hong kong sar | 香港 | 中国香港",
    "IR": "persia | islamic republic of iran",
    "KN": "st kitts",
    "KP": "north korea | dprk | 北朝鲜 | 北韩",
    "KR": "south korea | korea | republic of korea | s korea | rok | 南韩 | 大韩民国",
    "LA": "lao | laos | lao pdr",
    "MD": "republic of moldova",
    "MK": "macedonia | north macedonia | 马其顿",
    "MM": "burma | myanmar",
    "MO": "macau | macao | macao sar | 澳门 | 中国澳门",
    "NL": "holland | the netherlands | 荷兰王国",
    "NZ": "new zealand | 纽西兰",
    "PG": "png",
    "PH": "the philippines",
    "PS": "palestine | state of palestine | 巴勒斯坦",
    "RU": "russia | russian federation | 俄国 | 俄联邦 | 俄罗斯联邦",
    "SA": "ksa | saudi | kingdom of saudi arabia | 沙特 | 沙特阿拉伯",
    "SY": "syrian arab republic",
    "SZ": "swaziland",
    "TL": "east timor | timor leste",
    "TR": "turkey | turkiye",
    "TW": "taiwan | chinese taipei | taiwan china | 台湾 | 中国台湾 | 台灣",
    "TZ": "united republic of tanzania",
    "US": "usa | u.s. | u.s.a. | america | united states of america | the united states | the states | 美利坚合众国",
    "VA": "vatican | holy see",
    "VE": "bolivarian republic of venezuela",
    "VN": "viet nam | vietnam",
    "ZA": "south africa | rsa",
}
OTHER_NAMES: dict[str, tuple[str, ...]] = {code: tuple(names.split(" | ")) for code, names in _OTHER_NAMES.items()}

# Shorter than the forms that Unicode's locale data gives.
SHOWN_NAMES: dict[tuple[str, str], str] = {
    ("HK", "en"): "Hong Kong",
    ("MO", "en"): "Macao",
    ("MM", "en"): "Myanmar",
    ("PS", "en"): "Palestine",
    ("HK", "zh_CN"): "中国香港",
    ("MO", "zh_CN"): "中国澳门",
    ("TW", "zh_CN"): "中国台湾",
    ("AE", "zh_CN"): "阿联酋",
}
