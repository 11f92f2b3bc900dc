"""Slips with matrices and indices: transposes, order, entries, sums over the wrong index."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from derivations.checking.misconceptions.entries import (
    FIELD,
    OFTEN,
    ONE,
    PRECISE,
    SELDOM,
    SOMETIMES,
    SPECIAL,
    Misconception,
    Right,
    at,
    both,
    is_head,
    without,
)
from derivations.formula.looks import look
from derivations.formula.tree import (
    Apply,
    Formula,
    Name,
    Number,
    apply,
    neg,
    power,
    rewrite,
    substitute,
    sum_of,
    walk,
)

MAX_INDICES = 4


def _transposed(node: Apply) -> Iterator[Formula]:
    """A factor of a matrix product with or without its transpose."""
    for place, factor in enumerate(node.args):
        turned = factor.args[0] if isinstance(factor, Apply) and factor.head == "transpose" else (
            apply("transpose", factor)
        )  # fmt: skip
        yield Apply(node.head, (*node.args[:place], turned, *node.args[place + 1 :]))


def _reversed(node: Apply) -> Iterator[Formula]:
    """Two neighbouring factors exchanged."""
    for place in range(len(node.args) - 1):
        first, second = node.args[place : place + 2]
        yield Apply(node.head, (*node.args[:place], second, first, *node.args[place + 2 :]))


def _outer_turned(node: Apply) -> Iterator[Formula]:
    """a bᵀ taken for b aᵀ."""
    if len(node.args) == 2:
        yield apply("transpose", node)
        first, second = node.args
        if isinstance(second, Apply) and second.head == "transpose":
            yield apply("matmul", second.args[0], apply("transpose", first))


def _order_of_transposes(node: Apply) -> Iterator[Formula]:
    """(A B)ᵀ taken for Aᵀ Bᵀ."""
    inner = node.args[0]
    while isinstance(inner, Apply) and inner.head == "group":
        inner = inner.args[0]
    if isinstance(inner, Apply) and inner.head == "matmul":
        yield Apply("matmul", tuple(apply("transpose", factor) for factor in inner.args))


def _entry_by_entry(node: Apply) -> Iterator[Formula]:
    yield Apply("hadamard", node.args)


def _as_matrices(node: Apply) -> Iterator[Formula]:
    yield Apply("matmul", node.args)


def _outer_for_inner(node: Apply) -> Iterator[Formula]:
    """xᵀ y taken for x yᵀ and the reverse."""
    if len(node.args) == 2:
        first, second = node.args
        if any(map(_is_matrix, (first, second))):
            return  # of matrices both are
        if isinstance(first, Apply) and first.head == "transpose":
            yield apply("matmul", first.args[0], apply("transpose", second))
        elif isinstance(second, Apply) and second.head == "transpose":
            yield apply("matmul", apply("transpose", first), second.args[0])


def _is_matrix(factor: Formula) -> bool:
    """Whether a factor, turned or not, is a capital letter, or has several rows and columns."""
    inner = factor.args[0] if isinstance(factor, Apply) and factor.head == "transpose" else factor
    if isinstance(inner, Apply):
        return inner.head == "matrix" and len(inner.args) > 1
    return isinstance(inner, Name) and look(inner.id).base[:1].isupper()


def _products_not_added(node: Apply) -> Iterator[Formula]:
    yield apply("hadamard", *node.args)


def _dropped_transpose(node: Apply) -> Iterator[Formula]:
    yield node.args[0]


def _norm_squared(node: Apply) -> Iterator[Formula]:
    if is_head(node.args[0], "norm") and node.args[1] == Number("2"):
        yield node.args[0]


def _norm_not_rooted(node: Apply) -> Iterator[Formula]:
    yield power(node, 2)


def _norm_as_sum(node: Apply) -> Iterator[Formula]:
    if len(node.args) == 1:
        yield apply("sum_entries", apply("abs", node.args[0]))


# ---------------------------------------------------------------- indices


def letters(formula: Formula) -> tuple[str, ...]:
    """The letters that stand in the places of entries, of Kronecker deltas and under sums."""
    found: dict[str, None] = {}
    for node in walk(formula):
        if isinstance(node, Apply) and node.head in ("entry", "kronecker"):
            places = node.args[1:] if node.head == "entry" else node.args
            found.update({place.id: None for place in places if isinstance(place, Name)})
    return tuple(found)


def _indices_of_entry(node: Apply) -> Iterator[Formula]:
    """w_kj taken for w_jk."""
    if len(node.args) == 3 and node.args[1] != node.args[2]:
        yield apply("entry", node.args[0], node.args[2], node.args[1])


def _letters_exchanged(right: Right) -> Iterator[Formula]:
    for first, second in combinations(letters(right.formula)[:MAX_INDICES], 2):
        yield substitute(right.formula, {first: Name(second), second: Name(first)})


def _another_letter(right: Right) -> Iterator[Formula]:
    """One entry with another letter in one of its places."""
    every = letters(right.formula)[:MAX_INDICES]
    for head in ("entry", "kronecker"):
        for node, rebuild in right.nodes.get(head, ()):
            assert isinstance(node, Apply)
            for place, index in enumerate(node.args):
                if isinstance(index, Name) and index.id in every:
                    for other in every:
                        if other != index.id:
                            args = (*node.args[:place], Name(other), *node.args[place + 1 :])
                            yield rebuild(Apply(node.head, args))


def _other_index(node: Apply) -> Iterator[Formula]:
    """The sum taken over another letter of its body."""
    index, first, last, body = node.args
    for other in letters(body)[:MAX_INDICES]:
        if Name(other) != index:
            yield Apply("bigsum", (Name(other), first, last, body))


def _sum_forgotten(node: Apply) -> Iterator[Formula]:
    yield node.args[-1]


def _bound_off(node: Apply) -> Iterator[Formula]:
    index, first, last, body = node.args
    yield Apply("bigsum", (index, first, sum_of(last, neg(ONE)), body))
    if first == ONE:
        yield Apply("bigsum", (index, Number("2"), last, body))
        yield Apply("bigsum", (index, Number("0"), last, body))


def _kronecker_forgotten(node: Apply) -> Iterator[Formula]:
    for place, part in enumerate(node.args):
        inner = part.args[0] if isinstance(part, Apply) and part.head == "neg" else part
        if is_head(inner, "kronecker") and len(node.args) > 1:
            yield without(node, place)


def _kronecker_as_one(node: Apply) -> Iterator[Formula]:
    yield ONE


def _square_of_the_sum(node: Apply) -> Iterator[Formula]:
    """The square of a sum taken for the sum of the squares, and the reverse."""
    body = node.args[-1]
    if node.head == "bigsum" and isinstance(body, Apply) and body.head == "power":
        yield apply("power", Apply("bigsum", (*node.args[:-1], body.args[0])), body.args[1])
    if node.head == "power" and isinstance(node.args[0], Apply) and node.args[0].head == "bigsum":
        inner = node.args[0]
        squared = apply("power", inner.args[-1], node.args[1])
        yield Apply("bigsum", (*inner.args[:-1], squared))


def _constant_summed_once(node: Apply) -> Iterator[Formula]:
    """Σ (x_i + c) taken for Σ x_i + c."""
    body = node.args[-1]
    if isinstance(body, Apply) and body.head == "sum":
        for place, term in enumerate(body.args):
            if node.args[0] not in set(walk(term)):
                rest = without(body, place)
                yield sum_of(Apply("bigsum", (*node.args[:-1], rest)), term)


def _sum_of_products(node: Apply) -> Iterator[Formula]:
    """Σ a_i b_i taken for Σ a_i Σ b_i."""
    body = node.args[-1]
    if isinstance(body, Apply) and body.head == "product":
        moving = [f for f in body.args if node.args[0] in set(walk(f))]
        if len(moving) > 1:
            sums = (Apply("bigsum", (*node.args[:-1], f)) for f in moving)
            yield Apply("product", (*(f for f in body.args if f not in moving), *sums))


def _both_ways(right: Right) -> Iterator[Formula]:
    """Every transpose put in or left out, for a formula as it was written."""
    yield from at("matmul", _transposed)(right)
    yield from at("transpose", _dropped_transpose)(right)


def _all_exchanged(right: Right) -> Iterator[Formula]:
    """The indices of one array exchanged wherever it stands."""
    arrays = {
        n.args[0]
        for n in walk(right.formula)
        if isinstance(n, Apply) and n.head == "entry" and len(n.args) == 3
    }
    for array in sorted(arrays, key=str):
        yield rewrite(right.formula, lambda node, a=array: (  # type: ignore[misc]  # bound now
            Apply("entry", (node.args[0], node.args[2], node.args[1]))
            if isinstance(node, Apply) and node.head == "entry" and node.args[0] == a
            and len(node.args) == 3 else None
        ))  # fmt: skip


SQUARE = r"W = \begin{bmatrix} 1.1 & 2.3 \\ 3.7 & 4.9 \end{bmatrix}, x = \begin{bmatrix} 1.3 \\ -1.7 \end{bmatrix}"
SHAPES = {"W": "2x2", "x": "2"}
ENTRIES = (
    Misconception(
        "transpose-wrong",
        "A matrix has to be transposed here, or must not be: columns were taken for rows.",
        both(at("matmul", _transposed), at("transpose", _dropped_transpose)),
        r"W x = \begin{bmatrix} -4.86 \\ -5.34 \end{bmatrix}", givens=SQUARE, symbols=SHAPES,
        specific=SPECIAL, likely=OFTEN, repair=_both_ways,
    ),
    Misconception(
        "order-of-matrices",
        "Matrices do not commute: the order of the factors is wrong.",
        at("matmul", _reversed), "A B x = B A x",
        symbols={"A": "3x3", "B": "3x3", "x": "3"},
        specific=SPECIAL, likely=OFTEN, repair=at("matmul", _reversed),
    ),
    Misconception(
        "transpose-of-a-product",
        "The transpose of a product has the factors in the other order: (AB)ᵀ = BᵀAᵀ.",
        at("transpose", _order_of_transposes), r"(A B)^\top = A^\top B^\top",
        symbols={"A": "2x2", "B": "2x2"}, specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "outer-product-turned",
        "The outer product is the wrong way round: the error stands to the left, the input to the right.",
        at("matmul", _outer_turned), r"d x^\top = x d^\top",
        symbols={"d": "2", "x": "2"}, specific=SPECIAL, likely=OFTEN,
        repair=at("matmul", _outer_turned),
    ),
    Misconception(
        "hadamard-for-matrix-product",
        "The entries were multiplied one by one; the matrix product takes rows times columns.",
        at("matmul", _entry_by_entry),
        r"\begin{bmatrix} 1.1 & 2.3 \\ 3.7 & 4.9 \end{bmatrix} \begin{bmatrix} 2.1 & 1.3 \\ 0.7 & 1.9 \end{bmatrix} = \begin{bmatrix} 2.31 & 2.99 \\ 2.59 & 9.31 \end{bmatrix}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "matrix-for-hadamard-product",
        "Rows were multiplied by columns; ⊙ multiplies entry by entry.",
        at("hadamard", _as_matrices),
        r"\begin{bmatrix} 1.1 & 2.3 \\ 3.7 & 4.9 \end{bmatrix} \odot \begin{bmatrix} 2.1 & 1.3 \\ 0.7 & 1.9 \end{bmatrix} = \begin{bmatrix} 3.92 & 5.80 \\ 11.20 & 14.12 \end{bmatrix}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "inner-and-outer-product-exchanged",
        "xᵀy is a number, xyᵀ is a matrix: the two were exchanged.",
        at("matmul", _outer_for_inner), r"x^\top d = x d^\top",
        symbols={"d": "2", "x": "2"}, specific=PRECISE, likely=SOMETIMES,
        repair=at("matmul", _outer_for_inner),
    ),
    Misconception(
        "products-not-added",
        "The products of a scalar product have to be added up to one number.",
        at("dot", _products_not_added),
        r"\begin{bmatrix} 1.25 \\ 2.31 \end{bmatrix} \cdot \begin{bmatrix} 3.3 \\ 0.7 \end{bmatrix} = \begin{bmatrix} 4.125 \\ 1.617 \end{bmatrix}",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "norm-not-squared",
        "The square of the norm is asked for, not the norm.",
        at("power", _norm_squared), r"\|x\|^2 \approx 2.1401", givens=SQUARE, symbols=SHAPES,
        specific=PRECISE, likely=OFTEN,
    ),
    Misconception(
        "norm-without-root",
        "The root of the sum of squares was not taken.",
        at("norm", _norm_not_rooted), r"\|x\| = 4.58", givens=SQUARE, symbols=SHAPES,
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "norm-of-absolute-values",
        "This is the sum of the absolute values, not the Euclidean norm.",
        at("norm", _norm_as_sum), r"\|x\| = 3.00", givens=SQUARE, symbols=SHAPES,
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "indices-exchanged",
        "The two indices of an entry were exchanged: w_kj stands in row k and column j.",
        both(at("entry", _indices_of_entry), _all_exchanged, _letters_exchanged),
        r"\sum_{j=1}^{n} w_{kj} x_j = \sum_{j=1}^{n} w_{jk} x_j",
        specific=SPECIAL, likely=OFTEN, repair=both(_all_exchanged, _letters_exchanged),
    ),
    Misconception(
        "wrong-index",
        "One index is wrong: another letter belongs there.",
        _another_letter,
        r"\sum_{j=1}^{n} w_{kj} x_j = \sum_{j=1}^{n} w_{kj} x_k",
        specific=FIELD, likely=SELDOM, repair=_another_letter,
    ),
    Misconception(
        "sum-over-the-wrong-index",
        "The sum goes over the wrong index.",
        at("bigsum", _other_index),
        r"\sum_{j=1}^{n} w_{kj} x_j = \sum_{k=1}^{n} w_{kj} x_j",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sum-forgotten",
        "The sum is missing: every way through the network counts.",
        at("bigsum", _sum_forgotten),
        r"\sum_{k=1}^{n} d_k w_{kj} = d_k w_{kj}",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "bound-of-the-sum",
        "The sum begins or ends one term too early or too late.",
        at("bigsum", _bound_off), r"\sum_{i=1}^{9} i^2 = 204",
        specific=SPECIAL, likely=SOMETIMES,
    ),
    Misconception(
        "kronecker-forgotten",
        "The term for equal indices is missing: the Kronecker delta was lost.",
        both(at("sum product", _kronecker_forgotten), at("kronecker", lambda n: (Number("0"),))),
        r"\sum_{j=1}^{n} y_i (\delta_{ij} - y_j) x_j = \sum_{j=1}^{n} -y_i y_j x_j",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "kronecker-as-one",
        "The Kronecker delta is 1 only for equal indices, otherwise 0.",
        at("kronecker", _kronecker_as_one),
        r"\sum_{j=1}^{n} y_i (\delta_{ij} - y_j) x_j = \sum_{j=1}^{n} y_i (1 - y_j) x_j",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "square-of-the-sum",
        "The sum of the squares is not the square of the sum.",
        at("bigsum power", _square_of_the_sum),
        r"\sum_{i=1}^{n} x_i^2 = \left( \sum_{i=1}^{n} x_i \right)^2",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "constant-summed-once",
        "A constant under the sum is added n times.",
        at("bigsum", _constant_summed_once),
        r"\sum_{i=1}^{n} (x_i + c) = \sum_{i=1}^{n} x_i + c",
        specific=SPECIAL, likely=OFTEN,
    ),
    Misconception(
        "sum-of-products-as-product-of-sums",
        "A sum of products is not the product of the sums.",
        at("bigsum", _sum_of_products),
        r"\sum_{i=1}^{n} x_i t_i = \sum_{i=1}^{n} x_i \sum_{i=1}^{n} t_i",
        specific=SPECIAL, likely=SOMETIMES,
    ),
)  # fmt: skip
