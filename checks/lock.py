"""The two locks: they agree with pyproject.toml, carry hashes, and name no host and no path.

`python -m checks.lock` checks; `--write` compiles them anew, keeping the versions that still fit;
`--write --upgrade` takes the newest. Both need the package index.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOCKS: dict[str, tuple[str, ...]] = {
    "requirements.lock": (),
    "requirements-dev.lock": ("--group", "dev"),
}
COMPILE = (
    *("pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
)
"""How both locks are compiled: for any platform and every Python from 3.11, without a word on origins."""

PINNED = re.compile(r"[\w.-]+(\[[\w,.-]+\])?==[\w.!+]+( ; [^:]+)?")
HASHED = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def check_text(name: str, text: str) -> list[str]:
    """Return what is wrong with a lock's text, by itself: an address, a path, no version or no hash."""
    problems = []
    for entry in text.replace("\\\n", " ").splitlines():
        requirement, *hashes = re.split(r"\s+(?=--hash=)", entry.strip())
        subject = f"{name}: {requirement[:80]!r}"
        if "://" in entry or re.search(r"(^|[\s=@])[/~.]|(^|[\s=@])[A-Za-z]:[\\/]", entry):
            problems.append(f"{subject} names a host or a path: take it out, or run `make lock`")
        elif not PINNED.fullmatch(requirement):
            problems.append(f"{subject} is no pinned requirement: run `make lock`")
        elif not hashes or not all(HASHED.fullmatch(word) for word in hashes):
            problems.append(f"{subject} has no hash: run `make lock`")
    return problems


def check_locks(root: Path) -> list[str]:
    """Return what is wrong with the locks under `root`, a line each that says what to do; asks the index."""
    problems = []
    texts = {name: (root / name).read_text("utf-8") for name in LOCKS}
    for name, text in texts.items():
        problems += check_text(name, text)
    if not set(texts["requirements.lock"].split("\n")) <= set(texts["requirements-dev.lock"].split("\n")):
        problems.append("requirements-dev.lock has other versions than requirements.lock: run `make lock`")
    if problems:
        return problems
    with tempfile.TemporaryDirectory() as folder:
        for name in LOCKS:
            shutil.copy(root / name, folder)
        try:
            compile_locks(root, Path(folder))
        except subprocess.CalledProcessError as error:
            return [f"could not be compiled again; is the package index within reach?\n{error.stderr}"]
        return [
            f"{name} does not agree with pyproject.toml: run `make lock`"
            for name, text in texts.items()
            if Path(folder, name).read_text("utf-8") != text
        ]


def compile_locks(root: Path, folder: Path, *options: str) -> None:
    """Compile `root`'s pyproject.toml into the locks in `folder`, preferring the versions that stand there.

    Raises CalledProcessError with uv's words in `stderr`.
    """
    uv = str(Path(sys.executable).with_name("uv"))
    agree: tuple[str, ...] = ()
    for name, group in LOCKS.items():
        lock = folder / name
        command = [uv, *COMPILE, *group, *agree, *options, "--output-file", str(lock)]
        subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        agree = ("--constraints", str(lock))  # what is developed with is what is delivered


def main() -> int:
    """Run as a program; the exit status is 1 if something is wrong."""
    root = Path(__file__).resolve().parent.parent
    options = sys.argv[1:]
    if "--write" in options:
        try:
            compile_locks(root, root, *(word for word in options if word == "--upgrade"))
        except subprocess.CalledProcessError as error:
            print(f"lock: {error.stderr}", file=sys.stderr)
            return 1
        return 0
    problems = check_locks(root)
    for problem in problems:
        print(f"lock: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
