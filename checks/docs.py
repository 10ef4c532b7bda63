"""The generated pages of the documentation: docs/settings.md from the settings, docs/permissions.md from the roles.

`python -m checks.docs` checks; `--write` writes them anew.
"""

import sys
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

SETTINGS = Path("docs/settings.md")
PERMISSIONS = Path("docs/permissions.md")

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
    """Run as a program; the exit status is 1 if a page is not as it would be written."""
    from bot.config import Settings
    from checks.permissions import render_permissions

    try:
        settings = render_settings(Settings.model_fields, Settings.model_config.get("env_prefix", ""))
    except ValueError as error:
        print(f"docs: {error}", file=sys.stderr)
        return 1
    pages = ((SETTINGS, "bot/config.py", settings), (PERMISSIONS, "the code", render_permissions()))
    return max(_held(page, source, text) for page, source, text in pages)


def _held(page: Path, source: str, text: str) -> int:
    """Write the page, or see that it is as it would be written; 1 if it is not."""
    path = Path(__file__).resolve().parent.parent / page
    if "--write" in sys.argv[1:]:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    elif not path.exists() or path.read_text("utf-8") != text:
        print(f"docs: {page} does not agree with {source}: run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
