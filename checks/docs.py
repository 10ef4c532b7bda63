"""The generated part of the documentation: docs/settings.md, from the settings themselves.

`python -m checks.docs` checks; `--write` writes it anew.
"""

import sys
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

SETTINGS = Path("docs/settings.md")

HEAD = """# Settings

Each is an environment variable, or a line in a file `.env` where the program is started;
the environment wins.
`tradewind doctor` says what is wrong with them. This page is generated (`make docs`).

| name | default | meaning |
| --- | --- | --- |
"""


def render_settings(fields: dict[str, FieldInfo], prefix: str) -> str:
    """Return docs/settings.md as the settings say it. Raises ValueError for one without a description."""
    return HEAD + "".join(_row(name, field, prefix) for name, field in fields.items())


def _row(name: str, field: FieldInfo, prefix: str) -> str:
    if not field.description:
        raise ValueError(f"the setting {name} has no description: give its Field one in bot/config.py")
    meaning = " ".join(field.description.split()).replace("|", "\\|")
    return f"| `{(prefix + name).upper()}` | {_default(field)} | {meaning} |\n"


def _default(field: FieldInfo) -> str:
    default = field.default
    if default is PydanticUndefined and field.default_factory is None:
        return "required"
    if default in (None, "", PydanticUndefined):
        return ""
    shown = str(default).replace("|", "\\|")
    return f"`{shown}`" if shown else ""


def main() -> int:
    """Run as a program; the exit status is 1 if the page is not as it would be written."""
    from bot.config import Settings

    root = Path(__file__).resolve().parent.parent
    page = root / SETTINGS
    try:
        text = render_settings(Settings.model_fields, Settings.model_config.get("env_prefix", ""))
    except ValueError as error:
        print(f"docs: {error}", file=sys.stderr)
        return 1
    if "--write" in sys.argv[1:]:
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, "utf-8")
    elif not page.exists() or page.read_text("utf-8") != text:
        print(f"docs: {SETTINGS} does not agree with bot/config.py: run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
