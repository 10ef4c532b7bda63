"""Compile one catalogue: `python -m checks.compiled FILE.po`. What is in it `checks.catalogues` has looked at.

Not pybabel's own command: that takes any per cent sign followed by a letter for a placeholder.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogue(po: Path) -> None:
    """Write the .mo file beside a .po file, whole. Raises PoFileError for one that cannot be read."""
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    fresh = po.with_suffix(".mo.new")
    fresh.write_bytes(compiled.getvalue())
    fresh.replace(po.with_suffix(".mo"))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        compile_catalogue(Path(name))
