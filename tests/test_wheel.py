"""The wheel, installed by itself, solves a problem that it brings along."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    place = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(place),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = place.glob("*.whl")
    return path


def test_the_wheel_holds_problems_and_templates(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder, pattern in (("problems", "*.yaml"), ("templates", "*.j2"), ("derivations", "*.py")):
        own = [p.relative_to(ROOT / folder).as_posix() for p in (ROOT / folder).rglob(pattern)]
        inside = "derivations" if folder == "derivations" else f"derivations/{folder}"
        assert own
        assert {f"{inside}/{path}" for path in own} <= names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "output/"))]


def test_it_solves_a_shipped_problem_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """In an interpreter that does not look at this checkout, only at the wheel and its needs."""
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(target), str(wheel)]  # fmt: skip
    subprocess.run(pip, check=True, capture_output=True)
    needs = [path for path in sys.path if path.endswith("site-packages")]
    script = (
        "import sys\n"
        f"sys.path[:] = [p for p in sys.path if not p.endswith('site-packages')]\n"
        f"sys.path[:0] = [{str(target)!r}]\n"
        f"sys.path += {needs!r}\n"
        "import derivations\n"
        f"assert derivations.__file__.startswith({str(target)!r}), derivations.__file__\n"
        "from derivations.resources import folder\n"
        f"assert str(folder('problems')).startswith({str(target)!r})\n"
        f"assert str(folder('templates')).startswith({str(target)!r})\n"
        "from derivations.cli.app import main\n"
        "sys.argv = ['derivations', 'show', 'sigmoid-neuron']\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        "sys.argv = ['derivations', 'solve', str(folder('problems') / 'textbooks'), '--to', 'tex', '-q', '-o', 'out']\n"
        "main()\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        capture_output=True, text=True, cwd=elsewhere, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "⟦0.705⟧" in done.stdout
    assert (elsewhere / "out" / "textbooks.tex").read_text("utf-8").startswith("\\documentclass")
