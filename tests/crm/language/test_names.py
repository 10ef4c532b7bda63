import pytest

from crm.language.names import matches, romanised, search_key, search_query


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("ernst", "Ernst Handel"),
        ("handel", "Ernst Handel"),
        ("HANDEL ernst", "Ernst Handel"),
        ("muller", "Müller GmbH"),
        ("wtmy", "万通贸易"),
        ("wtm", "万通贸易"),
        ("wantong", "万通贸易"),
        ("万通", "万通贸易"),
        ("贸易", "万通贸易"),
        ("cq", "重庆机电"),
        ("cc", "长城汽车"),
        ("gsyh", "工商银行"),
        ("xm", "厦门国贸"),
        ("sxs", "单小姝"),
        ("dxs", "单小姝"),
        ("szabc", "深圳ABC公司"),
        ("abc", "深圳ABC公司"),
    ],
)
def test_a_name_is_found_by_what_one_types_of_it(query, name):
    assert matches(query, name) is not None
    assert all(word in search_key(name) for word in search_query(query).split())


@pytest.mark.parametrize(
    ("query", "name"), [("xx", "Ernst Handel"), ("", "Ernst"), ("万达", "万通贸易"), ("mytw", "万通贸易"), ("?", "x")]
)
def test_what_does_not_fit_is_not_found(query, name):
    assert matches(query, name) is None


def test_the_name_itself_is_first_then_its_beginning_then_its_words():
    ranks = [matches("ernst", name) or 0 for name in ("ERNST", "Ernst Handel", "Handel Ernst", "Kernstein")]
    assert ranks[0] == 1.0
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == 4


def test_the_key_is_one_line_of_plain_words():
    assert search_key("万通贸易") == "万通贸易 wantongmaoyi wtmy"
    assert search_key("Ernst Händel, GmbH") == "ernst handel gmbh ernsthandelgmbh"
    assert search_key("") == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王思琪", "王思琪 (Wang Siqi)"),
        ("欧阳娜", "欧阳娜 (Ouyang Na)"),
        ("李伟", "李伟 (Li Wei)"),
        ("Anna Keller", "Anna Keller"),
        ("小李 Li", "小李 Li"),
    ],
)
def test_a_chinese_name_for_who_cannot_read_it(name: str, shown: str) -> None:
    assert romanised(name) == shown
