"""The chains of relations that a block prints, in reading order: what has to be true of it."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.steps.figures import Figure
from derivations.steps.relations import Chain, Piece
from derivations.steps.solution import Block, Display, Items, Options, Prose, Table


def chains_in(block: Block) -> Iterator[Chain]:
    """Every chain that a block prints, tables and figures included."""
    if isinstance(block, Display):
        yield from block.chains
    elif isinstance(block, Prose):
        yield from chains_of(block.pieces)
    elif isinstance(block, Items):
        for item in block.items:
            for inner in item:
                yield from chains_in(inner)
    elif isinstance(block, Table):
        for row in (*block.rows, *block.foot):
            for cell in row:
                yield from chains_of(cell)
    elif isinstance(block, Options):
        for words in (*block.options, *block.reasons):
            yield from chains_of(words)
    elif isinstance(block, Figure):
        for shape in block.shapes:
            yield from chains_of(getattr(shape, "pieces", ()))


def chains_of(pieces: tuple[Piece, ...]) -> Iterator[Chain]:
    """The chains among pieces of a line."""
    for piece in pieces:
        if isinstance(piece, Chain):
            yield piece
