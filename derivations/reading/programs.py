"""Programs in problem files: a subset of Python, checked word by word, run in a child process.

A problem file may come from a stranger, so nothing of the language is available but what a course
listing needs: numbers, lists, loops, functions, ``print``, and a list of NumPy's and ``math``'s
functions. The child has no files to write, little time and memory, and an empty environment.
"""

from __future__ import annotations

import ast
import builtins
import os
import re
import subprocess
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

from derivations.errors import ReadError, nearest

SECONDS = 5
MEMORY_BYTES = 2 << 30
MAX_OUTPUT = 20_000
MAX_SOURCE = 20_000

NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign,
    ast.AnnAssign, ast.For, ast.While, ast.If, ast.Expr, ast.Call, ast.keyword, ast.Name, ast.Load,
    ast.Store, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Dict, ast.Set,
    ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.ListComp,
    ast.GeneratorExp, ast.comprehension, ast.JoinedStr, ast.FormattedValue, ast.Break, ast.Continue,
    ast.Pass, ast.Import, ast.alias, ast.Starred, ast.operator, ast.unaryop, ast.cmpop, ast.boolop,
)  # fmt: skip
BUILTINS = frozenset(
    "print range len sum max min abs int float str round enumerate zip list tuple dict set sorted "
    "bool reversed any all map divmod pow".split()
)
MODULES = {"numpy": "np", "math": "math"}
ATTRIBUTES = frozenset(
    "shape ndim size T copy array zeros ones full eye pad sum prod max min mean var std argmax argmin "
    "dot matmul outer reshape ravel flatten transpose exp log log2 log10 sqrt tanh sin cos sinh cosh "
    "maximum minimum clip where abs floor ceil round arange linspace zeros_like ones_like isclose "
    "allclose flip rot90 concatenate stack vstack hstack append extend insert pop index count format "
    "join split strip upper lower items keys values tolist astype float64 int64 pi e inf sign cumsum "
    "expand_dims squeeze newaxis square power multiply add subtract divide".split()
)
STRANGE_FORMAT = re.compile(r"\{[^{}:!]*[.\[_]")


def check_program(source: str) -> None:
    """Refuse everything that a listing has no need of.

    Raises:
        ReadError: with the line in its message.
    """
    if len(source) > MAX_SOURCE:
        raise ReadError(f"a program of {len(source)} characters; at most {MAX_SOURCE}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of '\\d' in a text, say; it is no mistake
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ReadError(f"line {line}: not Python: {getattr(error, 'msg', error)}") from None
    own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    own |= {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    own |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    own |= {
        a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names
    }
    hidden = sorted((own & set(dir(builtins))) - BUILTINS)
    if hidden:  # the same word would reach Python's own elsewhere
        raise ReadError(f"'{hidden[0]}' is a word of Python; choose another name")
    for node in ast.walk(tree):
        if (problem := _refused(node, own)) is not None:
            raise ReadError(f"line {getattr(node, 'lineno', 1)}: {problem}")


def _refused(node: ast.AST, own: set[str]) -> str | None:
    if not isinstance(node, NODES):
        return f"{type(node).__name__.lower()} is not used in listings here"
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name not in MODULES or (alias.asname or alias.name) not in (
                alias.name,
                MODULES[alias.name],
            ):
                return f"import {alias.name}; listings import numpy as np and math"
    if isinstance(node, ast.Name):
        if node.id.startswith("__") or (
            isinstance(node.ctx, ast.Load) and node.id not in BUILTINS | own
        ):
            return f"'{node.id}' is not known in listings here{nearest(node.id, BUILTINS | own)}"
    if isinstance(node, ast.Attribute) and node.attr not in ATTRIBUTES:
        return f"'.{node.attr}' is not used in listings here{nearest(node.attr, ATTRIBUTES)}"
    if isinstance(node, ast.Attribute) and node.attr == "format":
        if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            return "'.format' belongs to a text that is written out; or use f'...'"
    if isinstance(node, (ast.FunctionDef, ast.arg)) and (
        getattr(node, "name", "") or getattr(node, "arg", "")
    ).startswith("__"):
        return "names that begin with two underscores are not used in listings here"
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return "decorators are not used in listings here"
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and STRANGE_FORMAT.search(node.value):
            return "a format that looks into objects"
        if not isinstance(node.value, (str, int, float, bool, type(None))):
            return f"{node.value!r} is not used in listings here"
    return None


def run_program(source: str) -> str:
    """What the program prints.

    Raises:
        ReadError: it is refused, fails, runs too long, or prints too much.
    """
    check_program(source)
    with tempfile.TemporaryDirectory(prefix="derivations-") as folder:
        program = Path(folder) / "program.py"
        program.write_text(source, encoding="utf-8")
        with (Path(folder) / "out").open("w+b") as out, (Path(folder) / "err").open("w+b") as err:
            try:
                done = subprocess.run(
                    [sys.executable, "-s", "-B", str(program)],
                    cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                    timeout=SECONDS, start_new_session=True, check=False,
                    preexec_fn=_limits if os.name == "posix" else None,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                raise ReadError(f"the program did not end within {SECONDS} s") from None
            out.seek(0)
            err.seek(0)
            printed = out.read(MAX_OUTPUT + 1).decode("utf-8", "replace")
            complaint = err.read(MAX_OUTPUT).decode("utf-8", "replace").strip()
    if len(printed) > MAX_OUTPUT:
        raise ReadError(f"the program prints more than {MAX_OUTPUT} characters")
    if done.returncode:
        last = complaint.splitlines()[-1] if complaint else f"exit code {done.returncode}"
        raise ReadError(f"the program fails: {last}")
    return printed


def _environment() -> dict[str, str]:
    """Nothing but what NumPy needs to be found and to stay on one core."""
    spec = find_spec("numpy")
    libraries = str(Path(spec.origin).parent.parent) if spec and spec.origin else ""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**kept, **threads, "PYTHONPATH": libraries, "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


def _limits() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MAX_OUTPUT, 4 * MAX_OUTPUT))
