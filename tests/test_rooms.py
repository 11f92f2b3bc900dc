"""Which room may import which: the table of the design, read from the code by ``ast``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import derivations

PACKAGE = Path(derivations.__file__).parent
MATHEMATICS = {"formula", "models", "steps", "truth", "calculus", "reading"}
MAY_IMPORT: dict[str, set[str]] = {
    "formula": set(),
    "models": {"formula"},
    "steps": {"formula"},
    "truth": {"formula", "steps"},
    "calculus": {"formula", "models", "steps"},
    "reading": {"formula", "steps"},
    "kinds": MATHEMATICS,
    "checking": {*MATHEMATICS, "kinds"},
    "exams": {*MATHEMATICS, "kinds", "checking", "writing"},
    "writing": {"formula", "steps"},
}
IN_CHECKING = (
    "text",
    "names",
    "equality",
    "misconceptions",
    "lines",
    "",
    "marks",
)  # each on those before it
FACES = {"cli", "web"}  # may import everything; nothing imports them
EVERYWHERE = {"errors", "resources"}  # single modules that import nothing of ours
FLOW = {"sheets", "pipeline", "deriving", "examining"}  # single modules that join the rooms


def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def top_level(tree: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is imported; the bodies of functions do not."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from top_level(node)


def imported(nodes: Iterator[ast.AST], known: set[str]) -> Iterator[str]:
    """The modules of ours that are imported, those in ``from package import module`` too."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner
                elif node.module in known:
                    yield str(node.module)


def room(module: str) -> str:
    """The room in which a module stands: its second name."""
    return module.split(".")[1] if "." in module else ""


def refused(module: str, used: str) -> bool:
    """Whether the table of rooms forbids that a module imports another."""
    here, there = room(module), room(used)
    if here in ("", "__main__") or here in FACES or here == there or there in EVERYWHERE:
        return False
    if here in EVERYWHERE:
        return True
    if here in FLOW:
        return there in FACES or (here == "sheets" and there == "pipeline")
    return there not in MAY_IMPORT[here]


TREES = modules()


def test_there_are_rooms_to_look_at() -> None:
    rooms = {room(name) for name in TREES}
    assert {
        "formula",
        "models",
        "steps",
        "truth",
        "calculus",
        "reading",
        "kinds",
        "writing",
        "cli",
    } <= rooms
    assert len(TREES) > 80
    edges = sum(len(set(imported(ast.walk(tree), set(TREES)))) for tree in TREES.values())
    assert edges > 300


def test_every_room_is_in_the_table() -> None:
    rooms = {room(name) for name in TREES} - {"", "__main__"}
    assert rooms <= set(MAY_IMPORT) | FACES | EVERYWHERE | FLOW


@pytest.mark.parametrize("module", sorted(TREES))
def test_a_module_imports_only_what_its_room_may(module: str) -> None:
    used = set(imported(ast.walk(TREES[module]), set(TREES)))
    assert [name for name in sorted(used) if refused(module, name)] == []


def part_of_checking(module: str) -> str:
    """The inner room of the room `checking`; empty for what joins them."""
    parts = module.split(".")
    return parts[2] if len(parts) > 3 or (len(parts) == 3 and parts[2] in IN_CHECKING) else ""


@pytest.mark.parametrize("module", [name for name in sorted(TREES) if room(name) == "checking"])
def test_the_rooms_of_the_checker_rest_on_those_before_them(module: str) -> None:
    here = IN_CHECKING.index(part_of_checking(module))
    used = [
        name for name in imported(ast.walk(TREES[module]), set(TREES)) if room(name) == "checking"
    ]
    later = [name for name in used if IN_CHECKING.index(part_of_checking(name)) > here]
    assert later == []


@pytest.mark.parametrize(
    ("module", "used"),
    [
        ("derivations.truth.judge", "derivations.calculus.tidy"),
        ("derivations.writing.latex", "derivations.truth.judge"),
        ("derivations.formula.tree", "derivations.steps.draft"),
        ("derivations.kinds.graph", "derivations.writing.latex"),
        ("derivations.kinds.graph", "derivations.pipeline"),
        ("derivations.pipeline", "derivations.cli.app"),
        ("derivations.errors", "derivations.formula.tree"),
    ],
)
def test_the_table_refuses(module: str, used: str) -> None:
    assert refused(module, used)


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {
        name: set(imported(top_level(tree), set(TREES))) - {name} for name, tree in TREES.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))
    assert len(order) >= len(TREES)


def test_nobody_imports_a_private_name_of_another_module() -> None:
    found = [
        f"{module}: {node.module}.{alias.name}"
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("derivations")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert found == []


STRINGS_TO_CODE = {"eval", "exec", "compile", "sympify", "parse_expr", "parse_latex", "lambdify"}


def test_no_text_becomes_code() -> None:
    """No call by these names, no pickle, no yaml.load, no shell."""
    found = []
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.id if isinstance(called, ast.Name) else ""
            if isinstance(called, ast.Attribute):
                owner = called.value.id if isinstance(called.value, ast.Name) else ""
                attribute = called.attr
                if owner != "re" and attribute in STRINGS_TO_CODE | {"loads", "load"}:
                    if attribute not in ("load", "loads") or owner in ("yaml", "pickle", "marshal"):
                        name = attribute
            if name in STRINGS_TO_CODE | {"loads", "load"} and name != "load":
                found.append(f"{module}:{node.lineno}: {name}")
            shell = [k for k in node.keywords if k.arg == "shell"]
            if shell and not (
                isinstance(shell[0].value, ast.Constant) and not shell[0].value.value
            ):
                found.append(f"{module}:{node.lineno}: shell")
    assert found == []
