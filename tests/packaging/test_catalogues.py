"""What `make check` finds in the message catalogues, and what `make messages` writes."""

import pytest

from checks.catalogues import catalogue_path, check_catalogues, write_catalogues
from checks.messages import Message, MessageError, find_messages

CODE = """
from crm.core.text import T, TN

HELLO = T("Hello, {name}.", name="Wang")
ORDER = T("Order", context="verb")
LEADS = TN("{n} lead", "{n} leads", n=2)
"""
TRANSLATIONS = {
    'msgid "Hello, {name}."\nmsgstr ""': 'msgid "Hello, {name}."\nmsgstr "{name}，您好。"',
    'msgid "Order"\nmsgstr ""': 'msgid "Order"\nmsgstr "下单"',
    'msgstr[0] ""': 'msgstr[0] "{n} 条线索"',
}


@pytest.fixture
def tree(tmp_path):
    """A small project, its Chinese catalogue complete."""
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "greeting.py").write_text(CODE)
    write_catalogues(tmp_path)
    chinese = catalogue_path(tmp_path, "zh_CN")
    for empty, filled in TRANSLATIONS.items():
        assert empty in chinese.read_text()
        change(chinese, empty, filled)
    return tmp_path


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_complete_catalogues_pass(tree):
    assert check_catalogues(tree) == []


def test_writing_again_changes_nothing(tree):
    before = {name: catalogue_path(tree, name).read_bytes() for name in ("en", "zh_CN")}
    write_catalogues(tree)
    assert {name: catalogue_path(tree, name).read_bytes() for name in before} == before


def test_moving_code_changes_nothing(tree):
    code = tree / "crm" / "greeting.py"
    code.write_text("# A line more.\n" * 7 + code.read_text())
    assert check_catalogues(tree) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("{name}，您好。", "{nmae}，您好。", "other placeholders"),
        ("{name}，您好。", "您好。", "other placeholders"),
        ("{name}，您好。", "{name!r}，您好。", "plain {name}"),
        ("{n} 条线索", "线索", "other placeholders"),
        ('msgstr "下单"', 'msgstr ""', "not translated"),
        ('msgctxt "verb"', '#, fuzzy\nmsgctxt "verb"', "fuzzy"),
        ('msgctxt "verb"', 'msgctxt "noun"', "does not agree"),
        ('msgid "Hello, {name}."', 'msgid "Hello {name}."', "does not agree"),
    ],
)
def test_faulty_translation_is_found(tree, old, new, fault):
    change(catalogue_path(tree, "zh_CN"), old, new)
    (problem,) = check_catalogues(tree)
    assert fault in problem


def test_new_message_is_found_and_never_guessed(tree):
    change(tree / "crm" / "greeting.py", "Hello, {name}.", "Hello, {name}!")
    assert len(check_catalogues(tree)) == 2
    write_catalogues(tree)
    (problem,) = check_catalogues(tree)
    assert "'Hello, {name}!' is not translated" in problem
    assert "您好" not in catalogue_path(tree, "zh_CN").read_text()


def test_english_wording_may_differ_from_the_message(tree):
    change(catalogue_path(tree, "en"), 'msgstr "Order"', 'msgstr "Place the order"')
    assert check_catalogues(tree) == []
    write_catalogues(tree)
    assert 'msgstr "Place the order"' in catalogue_path(tree, "en").read_text()


def test_messages_are_read_with_context_and_plural(tree):
    assert find_messages(tree, ["crm"]) == [
        Message("Hello, {name}."),
        Message("Order", context="verb"),
        Message("{n} lead", "{n} leads"),
    ]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("T(wording)", "one plain literal"),
        ('T(f"Hello, {name}.")', "one plain literal"),
        ('T("Hello, " + name)', "one plain literal"),
        ('T("Hello", context=kind)', "one plain literal"),
        ('text.T("Hello, {name}.")', "add name="),
        ('T("Hello, {name:>8}.", name=name)', "plain {name}"),
        ('TN("a lead", n=1)', "a message is missing"),
        ('TN("{n} lead", "{n} Leads", n=1)', "two plural wordings"),
    ],
)
def test_unreadable_message_is_refused(tree, call, fault):
    (tree / "crm" / "faulty.py").write_text(f"X = {call}\n")
    with pytest.raises(MessageError, match=fault):
        find_messages(tree, ["crm"])
