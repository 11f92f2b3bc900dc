"""Programs in problem files: the subset that listings need, and hostile ones refused or stopped."""

from __future__ import annotations

import pytest

from derivations.errors import ReadError
from derivations.reading import programs
from derivations.reading.programs import check_program, run_program


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("print(1 + 2)", "3\n"),
        ("import numpy as np\nW = np.array([[1, 2], [3, 4]])\nprint(W @ W.T, W.shape)", "[[ 5 11]\n [11 25]] (2, 2)\n"),
        ("import math\nfor i in range(3):\n    print(f'{math.sqrt(i):.3f}')", "0.000\n1.000\n1.414\n"),
        ("def f(x):\n    return 2 * x\nprint([f(x) for x in (1, 2)], '{:.2f}'.format(0.5))", "[2, 4] 0.50\n"),
        ("x = {'a': 1}\nwhile x['a'] < 3:\n    x['a'] += 1\nprint(x)", "{'a': 3}\n"),
        (r"print('a\d')", "a\\d\n"),
        ("print('Zoë', 'a b'.split())", "Zoë ['a', 'b']\n"),
    ],
)  # fmt: skip
def test_a_listing_prints_what_it_prints(source: str, printed: str) -> None:
    assert run_program(source) == printed


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os", "line 1: import os; listings import numpy as np and math"),
        ("import numpy as os", "line 1: import numpy; listings import numpy as np and math"),
        ("import numpy.linalg", "line 1: import numpy.linalg; listings import numpy as np and math"),
        ("from math import pi", "line 1: importfrom is not used in listings here"),
        ("x = 1\n__import__('os')", "line 2: '__import__' is not known in listings here"),
        ("open('/etc/passwd')", "line 1: 'open' is not known in listings here"),
        ("eval('1')", "line 1: 'eval' is not known in listings here"),
        ("exec('1')", "line 1: 'exec' is not known in listings here"),
        ("getattr(1, 'real')", "line 1: 'getattr' is not known in listings here"),
        ("().__class__", "line 1: '.__class__' is not used in listings here"),
        ("print.__globals__", "line 1: '.__globals__' is not used in listings here"),
        ("import numpy as np\nnp.load('x')", "line 2: '.load' is not used in listings here"),
        ("import numpy as np\nnp.fromfile('x')", "line 2: '.fromfile' is not used in listings here"),
        ("import numpy as np\nnp.savetxt('x', [1])", "line 2: '.savetxt' is not used in listings here"),
        ("lambda: 0", "line 1: lambda is not used in listings here"),
        ("class A: pass", "line 1: classdef is not used in listings here"),
        ("with x: pass", "line 1: with is not used in listings here"),
        ("try:\n    pass\nexcept: pass", "line 1: try is not used in listings here"),
        ("del x", "line 1: delete is not used in listings here"),
        ("x = 1\nglobal x", "line 2: global is not used in listings here"),
        ("async def f(): pass", "line 1: asyncfunctiondef is not used in listings here"),
        ("(y := 1)", "line 1: namedexpr is not used in listings here"),
        ("def f():\n    yield 1", "line 2: yield is not used in listings here"),
        ("@print\ndef f(): pass", "line 2: decorators are not used in listings here"),
        ("def __f(): pass", "line 1: names that begin with two underscores are not used in listings here"),
        ("def f(__x): pass", "line 1: names that begin with two underscores are not used in listings here"),
        ("open = 1", "'open' is a word of Python; choose another name"),
        ("def eval(x): pass", "'eval' is a word of Python; choose another name"),
        ("'{0.__class__}'.format(1)", "line 1: a format that looks into objects"),
        ("'{0[0]}'.format([1])", "line 1: a format that looks into objects"),
        ("print(('{0' + '.__class__}').format(1))", "line 1: '.format' belongs to a text that is written out; or use f'...'"),
        ("f = str.format", "line 1: '.format' belongs to a text that is written out; or use f'...'"),
        ("x = b'1'", "line 1: b'1' is not used in listings here"),
        ("x = 1j", "line 1: 1j is not used in listings here"),
        ("x = ...", "line 1: Ellipsis is not used in listings here"),
        ("x =", "line 1: not Python: invalid syntax"),
        ("x = 1\n  y = 2", "line 2: not Python: unexpected indent"),
        ("x = 1\0", "line 1: not Python: source code string cannot contain null bytes"),
        ("#" * 20_001, "a program of 20001 characters; at most 20000"),
    ],
)  # fmt: skip
def test_what_a_listing_has_no_need_of_is_refused(source: str, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        check_program(source)
    assert refused.value.message == message


@pytest.mark.parametrize("source", ["(" * 5_000, "x = " + "-" * 10_000 + "1"])
def test_deep_programs_are_refused(source: str) -> None:
    with pytest.raises(ReadError, match="not Python"):
        check_program(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("print(1 / 0)", "the program fails: ZeroDivisionError: division by zero"),
        (
            "def f(x):\n    return f(x)\nf(1)",
            "the program fails: RecursionError: maximum recursion depth exceeded",
        ),
        ("print([1][3])", "the program fails: IndexError: list index out of range"),
        ("while True:\n    print('x' * 999)", "the program prints more than 20000 characters"),
        ("x = [0] * 10**12", "the program fails: MemoryError"),
        (
            "import numpy as np\nx = np.ones((10**6, 10**6))",
            "the program fails: .*Unable to allocate",
        ),
        (
            "x = [1]\nwhile True:\n    x = x + x",
            "the program fails: MemoryError|did not end|exit code",
        ),
    ],
)
def test_a_program_that_fails_says_how(source: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        run_program(source)


@pytest.mark.parametrize("source", ["while True:\n    pass", "x = 9**9**9", "print(10**10**8 % 7)"])
def test_a_program_without_end_is_stopped(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SECONDS", 1)
    with pytest.raises(ReadError, match=r"did not end within 1 s|exit code -"):
        run_program(source)


def test_a_program_has_an_empty_environment_and_a_folder_of_its_own() -> None:
    environment = programs._environment()
    assert set(environment) <= {
        "PYTHONPATH", "PYTHONHASHSEED", "LC_ALL", "SYSTEMROOT",
        "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    }  # fmt: skip
    assert run_program("print({'b', 'a', 'c'})") == run_program("print({'b', 'a', 'c'})")
