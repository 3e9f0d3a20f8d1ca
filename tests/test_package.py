"""The published package, built and installed as users do.

These tests fetch what that needs, so they run once, apart from the others:
`uv run pytest -m packaging tests/test_package.py`.
"""

from __future__ import annotations

import email
import json
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from stub import serving

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = "tap_younium-0.1.0"
WHEEL, SDIST = f"{NAME}-py3-none-any.whl", f"{NAME}.tar.gz"


def done(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command that must succeed; return its output."""
    ran = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def uv(*arguments: str | Path) -> str:
    program = shutil.which("uv")
    assert program, "these tests need uv on the PATH"
    return done(program, *arguments)


def build(source: Path, *options: str) -> list[str]:
    """Build a folder; return the names of the results."""
    uv("build", "--python", sys.executable, *options, source)
    return sorted(file.name for file in (source / "dist").glob("tap*"))


def copy(folder: Path) -> None:
    """Copy the files that git tracks or would track."""
    listed = ("git", "ls-files", "--cached", "--others", "--exclude-standard")
    for name in done(*listed, cwd=ROOT).splitlines():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def commit(folder: Path) -> None:
    someone = ("-c", "user.name=Someone", "-c", "user.email=someone@example.com")
    for command in ("init --quiet", "add --all", "commit --quiet --message=All"):
        done("git", *someone, *command.split(), cwd=folder)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first release, built from its tag."""
    folder = tmp_path_factory.mktemp("release")
    copy(folder)
    commit(folder)
    done("git", "tag", "v0.1.0", cwd=folder)
    assert build(folder) == [WHEEL, SDIST]
    return folder


@pytest.fixture(scope="module")
def wheel(release: Path) -> Path:
    return release / "dist" / WHEEL


def test_copies_without_the_tag_and_without_git_build(tmp_path: Path) -> None:
    copy(tmp_path)
    commit(tmp_path)
    (name,) = build(tmp_path, "--wheel")
    assert ".dev1+g" in name

    shutil.rmtree(tmp_path / ".git")
    assert "tap_younium-0.0.0-py3-none-any.whl" in build(tmp_path, "--wheel")


def test_the_wheel_contains_only_the_package(release: Path, wheel: Path) -> None:
    about = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
    files = (file for file in (release / "tap_younium").rglob("*") if file.is_file())
    package = {file.relative_to(release).as_posix() for file in files}
    assert "tap_younium/py.typed" in package
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names == package | {f"{NAME}.dist-info/{name}" for name in about}


def test_the_sdist_builds_the_same_wheel(release: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(release / "dist" / SDIST) as archive:
        names = {Path(name).parts[1] for name in archive.getnames()}
    texts = {"CHANGELOG.md", "LICENSE", "README.md"}
    assert names == {"tap_younium", "pyproject.toml", ".gitignore", "PKG-INFO", *texts}

    uv("build", "--python", sys.executable, "--wheel", "--out-dir", tmp_path, release)
    assert (
        tmp_path / WHEEL
    ).read_bytes() == wheel.read_bytes()  # that one was built from the sdist


def test_the_metadata_says_what_the_package_is_and_needs(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        metadata = email.message_from_bytes(archive.read(f"{NAME}.dist-info/METADATA"))
    assert metadata["Name"] == "tap-younium"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert metadata["Requires-Python"] == PROJECT["requires-python"] == ">=3.11"
    needs = set(map(Requirement, metadata.get_all("Requires-Dist", [])))
    assert needs == set(map(Requirement, PROJECT["dependencies"]))
    text = metadata.get_payload(decode=True)
    assert text == (ROOT / "README.md").read_bytes()


def test_its_page_on_the_index_is_valid(release: Path) -> None:
    """The README renders, and no field of the metadata is unknown or missing."""
    files = (release / "dist" / name for name in (WHEEL, SDIST))
    assert uv("tool", "run", "twine", "check", "--strict", *files).count("PASSED") == 2


def test_it_runs_without_other_packages(wheel: Path, tmp_path: Path) -> None:
    uv("venv", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    uv("pip", "install", "--python", python, wheel)
    tap = python.with_name("tap-younium")

    assert done(tap, "--version").startswith("tap-younium v0.1.0,")
    about = json.loads(done(tap, "--about", "--format=json"))
    assert about["version"] == "0.1.0"
    assert about["supported_python_versions"] == ["3.11", "3.12", "3.13", "3.14"]
    tables = json.loads(done(tap, "--discover", cwd=tmp_path))["streams"]
    assert len(tables) >= 64

    with serving() as stub:
        (tmp_path / "config.json").write_text(json.dumps(stub.config))
        done(tap, "--config", tmp_path / "config.json", "--test", cwd=tmp_path)
        assert len(stub.seen) > 20


def test_the_readme_s_ways_to_install_work(release: Path, tmp_path: Path) -> None:
    places = {"UV_TOOL_DIR": str(tmp_path / "tools"), "UV_TOOL_BIN_DIR": str(tmp_path / "bin")}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in places.items():
            patch.setenv(name, value)
        uv("tool", "install", "--python", sys.executable, release)
    assert done(tmp_path / "bin" / "tap-younium", "--version").startswith("tap-younium v0.1.0")

    done(sys.executable, "-m", "venv", tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    done(python, "-m", "pip", "install", release)
    assert done(python.with_name("tap-younium"), "--version").startswith("tap-younium v0.1.0")
