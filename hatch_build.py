"""Compiles the message catalogues into the wheel (and into the tree, for an editable install)."""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogues(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before each build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write a .mo file beside every .po file. Raises PoFileError for one that cannot be read."""
        for po in Path(self.root, "bot", "locales").glob("*/LC_MESSAGES/*.po"):
            with po.open("rb") as source:
                catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            fresh = po.with_suffix(".mo.new")  # moved into place whole: somebody may be reading the old one
            fresh.write_bytes(compiled.getvalue())
            fresh.replace(po.with_suffix(".mo"))
