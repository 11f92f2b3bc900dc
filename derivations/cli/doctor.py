"""``derivations doctor``: what works here, tried out and not guessed."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console
from rich.markup import escape

from derivations.errors import DerivationsError
from derivations.resources import folder
from derivations.writing.engine import embedded
from derivations.writing.formats import cache_folder
from derivations.writing.pdf import compile_pdf

SAMPLE = "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{lmodern}\\begin{document}$x$\\end{document}"
PACKAGES = (
    "sympy",
    "python-flint",
    "numpy",
    "pydantic",
    "PyYAML",
    "jinja2",
    "PyLaTeX",
    "typer",
    "rich",
)


def examine() -> int:
    """Print what was found; 0 when sheets can be written as PDF, else 1."""
    console = Console(highlight=False)

    def say(good: bool, text: str) -> None:
        mark = "[green]ok[/green]     " if good else "[yellow]missing[/yellow]"
        console.print(f"{mark}  {escape(text)}", soft_wrap=True)

    say(sys.version_info >= (3, 11), f"Python {platform.python_version()} on {platform.platform()}")
    for name in PACKAGES:
        try:
            say(True, f"{name} {version(name)}")
        except PackageNotFoundError:
            say(False, f"{name}: pip install {name}")
    for name in ("problems", "templates"):
        say(True, f"{name} in {folder(name)}")
    path = embedded()
    say(path is not None, f"embedded pdflatex: {path or _how_to_install()}")
    for name in ("latexmk", "pdflatex", "lualatex"):
        place = shutil.which(name)
        say(
            place is not None,
            f"{name}: {place or 'not installed (not needed with the embedded one)'}",
        )
    say(True, f"formats of LaTeX in {cache_folder()}")
    try:
        compile_pdf(SAMPLE)
    except DerivationsError as error:
        say(False, f"a PDF: {error}")
        return 1
    say(True, "a PDF was compiled")
    return 0


def _how_to_install() -> str:
    system, machine = sys.platform, platform.machine()
    if system in ("win32", "darwin") or machine == "x86_64":
        return "pip install 'derivations[tex]'"
    return (
        f"there is none for {system} on {machine}; install TeX Live (Debian: apt install "
        "texlive-latex-recommended texlive-latex-extra lmodern), the .tex files are written all the same"
    )
