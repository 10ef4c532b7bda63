"""The wheel, built from a clean copy of the tree and installed elsewhere, has all that it needs."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("crm", "bot", "scheduler")
BESIDE = ("pyproject.toml", "hatch_build.py", "README.md", "CHANGELOG.md", ".gitignore")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what a wheel is made of, without anything built."""
    copy = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        built = shutil.ignore_patterns("*.mo", "*.mo.new", "__pycache__")
        shutil.copytree(ROOT / package, copy / package, ignore=built)
    for name in BESIDE:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=source)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The bin folder of an environment with the wheel in it; its dependencies are borrowed from ours."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False)
    paths = sysconfig.get_paths(vars={"base": str(home), "platbase": str(home)})
    Path(paths["purelib"], "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = home / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    run([uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], cwd=home)
    return home / "bin"


def run(command, *, cwd, **settings):
    """Run from outside the tree, with nothing of ours in the environment; return what it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TRADEWIND", "PYTHON"))}
    done = subprocess.run(
        command, cwd=cwd, env=clean | settings, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_has_every_file_of_the_packages(source, wheel):
    """Migrations, page assets, templates: what is in the tree is in the wheel."""
    expected = {
        str(path.relative_to(source))
        for package in PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith(".mo.new")
    }
    assert expected - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_wheel_has_nothing_but_the_packages(wheel):
    outside = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()} - set(PACKAGES)
    assert all(name.endswith(".dist-info") for name in outside), outside


def test_installed_program_tells_its_version(installed, tmp_path):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in run([installed / "tradewind", "--version"], cwd=tmp_path)


def test_installed_catalogue_speaks_chinese(source, installed, tmp_path):
    with (source / "bot/locales/zh_CN/LC_MESSAGES/tradewind.po").open("rb") as file:
        translated = read_po(file, locale="zh_CN").get("Sales rep").string
    assert not translated.isascii()
    program = (
        "import bot, sys; from bot.wording import wording; from crm.core.text import T\n"
        "assert bot.__file__.startswith(sys.prefix), bot.__file__\n"
        "print(ascii(wording('zh_CN', 'Asia/Shanghai')(T('Sales rep'))))"
    )
    assert run([installed / "python", "-c", program], cwd=tmp_path).strip() == ascii(translated)


def test_installed_program_makes_its_tables(installed, tmp_path):
    """The migrations run from the wheel."""
    database = tmp_path / "tradewind.db"
    run([installed / "tradewind", "migrate"], cwd=tmp_path, TRADEWIND_DATABASE_URL=f"sqlite:///{database}")
    program = "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('select name from sqlite_master'))"
    tables = run([installed / "python", "-c", program, database], cwd=tmp_path)
    assert "'leads'" in tables
    assert "'outbox'" in tables
