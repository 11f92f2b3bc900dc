"""Typesetting of what statements are written with: entries, arrays spelled out, derivatives, windows."""

from __future__ import annotations

from flint import fmpq

from derivations.formula import looks
from derivations.formula.evaluation import evaluate
from derivations.formula.operators import ATOM, FRACTION, PLAIN, POWER, PRODUCT, Typesetter
from derivations.formula.tree import Apply, Formula, Name, Number, key, rewrite, substitute, walk


def _ones(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    return ATOM, r"\mathbf{1}" if printer.latex else "𝟏"


def _identity(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    return ATOM, r"\mathbf{I}" if printer.latex else "𝐈"


def _entry(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    whole = args[0].id if isinstance(args[0], Name) else ""
    places = [_place(printer, whole, index) for index in args[1:]]
    indices = [printer._put(index, 0, numbers, PLAIN) for index in places]
    joined = ("" if all(_one_sign(index) for index in indices) else ",").join(indices)
    base = _entry_of(printer, args[0], len(indices))
    raised = isinstance(args[0], Name) and bool(looks.look(args[0].id).superscript)
    shown = f"{base}_{{{joined}}}" if printer.latex else f"{base}_{_braced(joined)}"
    return (POWER if raised else ATOM), shown


def _place(printer: Typesetter, whole: str, index: Formula) -> Formula:
    """A place in an array as a sheet counts it."""
    if not isinstance(index, Number) or not whole:
        return index
    return Number(printer.notation.spelling.index(whole, index.text))


def _entry_of(printer: Typesetter, whole: Formula, indices: int) -> str:
    """The letter that carries the indices: w of a matrix W."""
    if not isinstance(whole, Name):
        apart = isinstance(whole, Apply) and whole.head in ("entry", "partial", "total")
        shown = printer._put(whole, ATOM, False)
        return printer._bracketed(shown) if apart else shown
    subscript = bool(looks.look(whole.id).subscript)
    component = printer.notation.components.get(whole.id)
    if component is not None and component.rank == indices:
        brackets = printer.notation.layer_brackets
        name = looks.name_latex if printer.latex else looks.name_text
        shown = name(printer.notation.spelling.name(component.name), layer_brackets=brackets)
        return f"({shown})" if subscript else shown
    shown = printer._put(whole, ATOM, False)
    return f"({shown})" if subscript else shown


def _kronecker(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    indices = [printer._put(index, 0, numbers, PLAIN) for index in args]
    joined = ("" if all(map(_one_sign, indices)) else ",").join(indices)
    return ATOM, rf"\delta_{{{joined}}}" if printer.latex else f"δ_{_braced(joined)}"


def _star(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    """Cross-correlation, with its stride below the sign."""
    left, right = (printer._put(arg, 21, numbers) for arg in args[:2])
    stride = printer._put(args[2], 0, numbers, PLAIN) if len(args) > 2 else ""
    sign = r"\star" if printer.latex else "⋆"
    below = (f"_{{{stride}}}" if printer.latex else f"_{_braced(stride)}") if stride else ""
    return PRODUCT, f"{left} {sign}{below} {right}"


def _differential(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    """What is still to be differentiated."""
    formula, variable = args
    inside, x = printer._put(formula, 0, False, PLAIN), printer._put(variable, ATOM, False)
    sign = "d" if not printer.notation.several else r"\partial " if printer.latex else "∂"
    if not printer.latex:
        return FRACTION, f"{sign}/{sign}{x}[{inside}]"
    head = f"{sign}/{sign}{x}" if printer.inline else rf"\frac{{{sign.strip()}}}{{{sign}{x}}}"
    return FRACTION, rf"{head}\left[{inside}\right]"


def _under(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    """A brace below the formula, with its shape or its name."""
    inside, label = printer._put(args[0], 0, numbers, PLAIN), printer._put(args[1], 0, False, PLAIN)
    if printer.latex:
        return ATOM, rf"{{\underbrace{{{inside}}}_{{{label}}}}}"
    if isinstance(args[1], Apply) and args[1].head == "dims":  # a shape, which text leaves out
        inner = args[0]
        apart = isinstance(inner, Apply) and inner.head not in ("partial", "total")
        return printer._apply(inner, numbers) if apart else (ATOM, printer._put(inner, 0, numbers))  # type: ignore[arg-type]
    return ATOM, f"({inside})[= {label}]"


def _spelled_column(
    printer: Typesetter, args: tuple[Formula, ...], numbers: bool
) -> tuple[int, str]:
    return ATOM, printer._grid(
        [[cell] for cell in _spelled(printer, args, numbers, r"\vdots", "⋮")]
    )


def _spelled_row(printer: Typesetter, args: tuple[Formula, ...], numbers: bool) -> tuple[int, str]:
    return ATOM, printer._grid([_spelled(printer, args, numbers, r"\cdots", "⋯")])


def _spelled_matrix(
    printer: Typesetter, args: tuple[Formula, ...], numbers: bool
) -> tuple[int, str]:
    *outer, body = args
    rows = []
    for place in _run(*outer[:3]):
        if place is None:
            signs = (r"\vdots", r"\ddots") if printer.latex else ("⋮", "⋱")
            rows.append([signs[across is None] for across in _run(*outer[3:])])
        else:
            row = substitute(body, {key(outer[0]): place})
            rows.append(_spelled(printer, (*outer[3:], row), numbers, r"\cdots", "⋯"))
    return ATOM, printer._grid(rows)


def _spelled(
    printer: Typesetter, args: tuple[Formula, ...], numbers: bool, dots: str, sign: str
) -> list[str]:
    """The cells of a row or column, with dots where its end has no number."""
    index, low, high, body = args
    return [
        (dots if printer.latex else sign)
        if place is None
        else printer._put(_folded(substitute(body, {key(index): place})), 0, numbers, PLAIN)
        for place in _run(index, low, high)
    ]


def _run(index: Formula, low: Formula, high: Formula) -> list[Formula | None]:
    """The places of an index: 1, 2, dots and n, or every one where both ends are numbers."""
    first, last = (end.text if isinstance(end, Number) else "" for end in (low, high))
    if first.isdigit() and last.isdigit():
        return [Number(str(place)) for place in range(int(first), int(last) + 1)]
    second = Number(str(int(first) + 1)) if first.isdigit() else None
    return [low, second, None, high] if second else [low, None, high]


def _folded(formula: Formula) -> Formula:
    """With indices that are numbers worked out: x_3 for x_{2+1}."""

    def rule(node: Formula) -> Formula | None:
        if not isinstance(node, Apply) or node.head != "entry":
            return None
        places = (_number_of(place) or place for place in node.args[1:])
        return Apply("entry", (rewrite(node.args[0], rule), *places))

    return rewrite(formula, rule)


def _number_of(place: Formula) -> Formula | None:
    if isinstance(place, (Number, Name)) or any(isinstance(n, Name) for n in walk(place)):
        return None
    value = evaluate(place, {})
    return (
        Number(str(int(value.p)))
        if isinstance(value, fmpq) and value.q == 1 and value >= 0
        else None
    )


def _one_sign(index: str) -> bool:
    return len(index) == 1


def _braced(index: str) -> str:
    return index if len(index) == 1 or index.isalnum() else f"{{{index}}}"


ENTRY_FORMS = {
    "ones": _ones,
    "identity_matrix": _identity,
    "entry": _entry,
    "kronecker": _kronecker,
    "star": _star,
    "D": _differential,
    "derivative": _differential,
    "under": _under,
    "column_of": _spelled_column,
    "row_of": _spelled_row,
    "matrix_of": _spelled_matrix,
}
