"""``derivations``: the commands. Each imports what it needs when it runs, so --help is quick."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from derivations.errors import DerivationsError, ProblemError, nearest

app = typer.Typer(
    name="derivations",
    help="Worked, verified solutions for neural-network courses.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich costs a third of the time that --help takes
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

INTERRUPTED = 130  # with which typer ends after Ctrl-C
Output = Annotated[Path, typer.Option("-o", "--output", help="folder for the results")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress, errors only")]
Json = Annotated[bool, typer.Option("--json", help="results as JSON on standard output")]


@app.command()
def solve(
    paths: Annotated[
        list[Path],
        typer.Argument(help="problem files, sheets, folders of them, or ids of shipped ones"),
    ],
    to: Annotated[
        str, typer.Option(help="formats, with commas, such as pdf,tex,text,json")
    ] = "pdf",
    output: Output = Path("output"),
    detail: Annotated[
        str | None, typer.Option(help="how many steps: brief, standard or full")
    ] = None,
    no_solutions: Annotated[
        bool, typer.Option("--no-solutions", help="a worksheet without the answers")
    ] = False,
    engine: Annotated[
        str, typer.Option(help="auto, embedded, latexmk, pdflatex or lualatex")
    ] = "auto",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Solve problems and write their solutions."""
    from derivations.cli.solving import solve_paths

    asked = "" if as_json and to == "pdf" else to
    raise typer.Exit(
        solve_paths(paths, asked, output, detail, not no_solutions, engine, as_json, quiet)
    )


@app.command(context_settings={"ignore_unknown_options": True})  # -x^2 is an expression
def derive(
    what: Annotated[
        str | None,
        typer.Argument(help="a theorem's name, an expression, or z = w x + b; a = sigmoid(z)"),
    ] = None,
    wrt: Annotated[str | None, typer.Option(help="the name to differentiate by")] = None,
    in_terms_of: Annotated[
        str | None, typer.Option(help="a function to write the derivative with, or 'itself'")
    ] = None,
    to: Annotated[str, typer.Option(help="formats to write; the terminal if left out")] = "",
    output: Output = Path("output"),
    detail: Annotated[str | None, typer.Option(help="brief, standard or full")] = None,
    engine: Annotated[
        str, typer.Option(help="auto, embedded, latexmk, pdflatex or lualatex")
    ] = "auto",
    list_all: Annotated[bool, typer.Option("--list", help="the theorems of the library")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Derive a theorem or a derivative, each line with its law."""
    from derivations.cli.deriving import derive_one, list_theorems

    if list_all:
        list_theorems(as_json)
        return
    if what is not None and what.startswith("--"):
        hint = nearest(what, ["--wrt", "--in-terms-of", "--to", "--output", "--detail", "--engine"])
        raise ProblemError.at(f"there is no option {what}{hint}")
    if what is None:
        raise ProblemError.at("expected a theorem's name or an expression; see derive --list")
    raise typer.Exit(derive_one(what, wrt, in_terms_of, to, output, detail, engine, as_json, quiet))


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="files with LaTeX mathematics, or folders of them")
    ] = None,
    jsonl: Annotated[
        Path | None, typer.Option(help="a file with one derivation a line, as JSON")
    ] = None,
    problem: Annotated[
        Path | None,
        typer.Option(help="the problem that the derivations answer: a file, or a shipped one's id"),
    ] = None,
    to: Annotated[
        str, typer.Option(help="formats of the report: text,html,tex,pdf,csv,json")
    ] = "text",
    output: Output = Path("output"),
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Judge every step of a derivation that somebody wrote."""
    from derivations.cli.checking import check_files, check_lines

    if jsonl is not None:
        raise typer.Exit(check_lines(jsonl))
    if not paths:
        raise ProblemError.at("expected a file to check, or --jsonl FILE")
    raise typer.Exit(check_files(paths, problem, to, output, as_json, quiet))


@app.command()
def exam(
    path: Annotated[Path, typer.Argument(help="an exam's file (kind: exam)")],
    variants: Annotated[
        int | None, typer.Option(help="papers for so many students: 001, 002, ...")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(help="the students: CSV or Excel, with a column 'number'")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(help="the secret; a random one is made and kept if left out")
    ] = None,
    output: Output = Path("output"),
    jobs: Annotated[int, typer.Option(help="processes; 0 for one a core")] = 0,
    scheduler: Annotated[
        str | None, typer.Option(help="a Dask scheduler, as tcp://host:8786, instead of --jobs")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="finish a batch that stopped")] = False,
    engine: Annotated[str, typer.Option(help="auto, embedded or pdflatex")] = "auto",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make an exam: for each student a paper with numbers of its own, and a worked key."""
    from derivations.cli.exams import make_exam

    people = (variants, roster)
    raise typer.Exit(
        make_exam(path, people, seed, output, jobs, scheduler, resume, engine, as_json, quiet)
    )


@app.command()
def vary(
    path: Annotated[
        Path, typer.Argument(help="a problem file with 'vary', or the id of a shipped one")
    ],
    number: Annotated[int, typer.Option("-n", "--number", help="how many variants", min=1)] = 5,
    seed: Annotated[str, typer.Option(help="the secret they are drawn from")] = "0",
    students: Annotated[
        int, typer.Option(help="the size of the class that the variants are for", min=0)
    ] = 0,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="a folder: each variant as a problem file")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw variants of a problem: their numbers, answers and difficulty."""
    from derivations.cli.varying import show_variants

    show_variants(path, number, seed, students, output, as_json)


@app.command("list")
def list_problems(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="folders; the shipped problems if left out")
    ] = None,
    what: Annotated[
        str, typer.Option(help="problems, kinds, activations, losses or layers")
    ] = "problems",
    as_json: Json = False,
) -> None:
    """List problems with their kind and title, or what problem files can name."""
    from derivations.cli.listing import list_paths, list_tables

    if what == "problems":
        list_paths(paths, as_json)
    else:
        list_tables(what, as_json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="a problem file, or the id of a shipped problem")],
    detail: Annotated[str | None, typer.Option(help="brief, standard or full")] = None,
    source: Annotated[bool, typer.Option("--source", help="the problem file itself")] = False,
) -> None:
    """Show a problem and its solution in the terminal."""
    from derivations.cli.listing import show_problem

    show_problem(name, detail, source)


@app.command()
def new(
    kind: Annotated[str, typer.Argument(help="the kind of problem, 'sheet' or 'exam'")],
    path: Annotated[
        Path | None, typer.Argument(help="the file to write; else it is printed")
    ] = None,
) -> None:
    """Write a commented starter file for a kind of problem."""
    from derivations.cli.starting import new_file

    new_file(kind, path)


@app.command()
def schema(
    what: Annotated[str, typer.Argument(help="'problem', 'sheet', 'exam', or a kind")] = "problem",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="the file to write; else it is printed")
    ] = None,
) -> None:
    """Print the JSON Schema of problem files, for editors that complete and check."""
    from derivations.cli.starting import write_schema

    write_schema(what, output)


@app.command()
def doctor() -> None:
    """Say what works on this machine and what to install."""
    from derivations.cli.doctor import examine

    raise typer.Exit(examine())


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"derivations {version('derivations')}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="the version")
    ] = False,
) -> None:
    """Worked, verified solutions for neural-network courses."""


def main() -> None:
    """Run the command line; an error for people is printed plainly, without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # on every machine the same bytes
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except DerivationsError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:  # a folder that may not be read, a full disk behind a redirection
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        sys.exit(DerivationsError.exit_code)
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            print("stopped; nothing is half written", file=sys.stderr)
        raise
