"""The lines of a text as formulas, read again as often as they show more of their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from derivations.checking.names.differentials import unmoved, with_moves
from derivations.checking.names.indexed import indices_of
from derivations.checking.names.inferring import inferred
from derivations.checking.names.layered import with_layers
from derivations.checking.names.layers import at_times, formulas_of
from derivations.checking.names.pointfree import Functions, functions_of
from derivations.checking.names.problems import Background
from derivations.checking.names.shapes import with_entries, with_shapes
from derivations.checking.names.times import steps_in
from derivations.checking.names.unwritten import unwritten
from derivations.checking.names.written_out import steps_written_out
from derivations.checking.text.parts import rewritten
from derivations.errors import ReadError
from derivations.formula.tree import Formula
from derivations.reading.latex import ReadChain, Symbols, read_chains, with_shown, words_of
from derivations.reading.latex.chances import chances_of
from derivations.reading.latex.logarithms import logarithms_of
from derivations.reading.latex.moves import has_moves
from derivations.reading.latex.tokens import has_decimal_comma


@dataclass(frozen=True, slots=True)
class Texts:
    """What was read: the givens, or why they are unread; each part, with what stopped its reading.

    ``clash``: arrays are spoken of, and no shapes of these fit.
    """

    givens: tuple[ReadChain, ...]
    unread: str
    parts: Sequence[tuple[tuple[ReadChain, ...], str]]
    clash: bool = False

    def changed(self, rule: Callable[[Formula], Formula], inwardly: bool = False) -> Texts:
        """The same with other formulas, which are shown unless they are changed inwardly."""

        def all_of(chains: Sequence[ReadChain]) -> tuple[ReadChain, ...]:
            return tuple(rewritten(chain, rule, inwardly) for chain in chains)

        parts = [(all_of(chains), error) for chains, error in self.parts]
        return replace(self, givens=all_of(self.givens), parts=parts)

    def complete(self, functions: Functions) -> Texts:
        """The same with arguments behind functions."""
        parts = [(tuple(map(functions.complete, chains)), error) for chains, error in self.parts]
        return replace(self, givens=tuple(map(functions.complete, self.givens)), parts=parts)

    def with_manners(self, manners: Sequence[str]) -> Iterator[tuple[ReadChain, str]]:
        """The lines of the parts, each with the manner of its part."""
        for (chains, _), manner in zip(self.parts, manners, strict=True):
            yield from ((chain, manner) for chain in chains)

    @property
    def chains(self) -> tuple[ReadChain, ...]:
        return (*self.givens, *(chain for chains, _ in self.parts for chain in chains))

    @property
    def lines(self) -> Iterator[tuple[Formula, ...]]:
        """The first two sides of each line."""
        for chain in self.chains:
            sides = (chain.first.formula, *(link.term.formula for link in chain.links[:1]))
            yield tuple(side for side in sides if side is not None)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        return tuple(formulas_of(self.chains))


def understood(
    known: Symbols, givens: str, parts: Sequence[str], background: Background
) -> tuple[Symbols, Texts]:
    """The texts, read again as often as they show more of their arrays: products become what they are."""
    known = _shown(known, (givens, *parts))
    texts = _read_all(known, givens, parts)
    shown = with_shapes(known, texts.chains)
    if shown is not known:
        known, texts = shown, _read_all(shown, givens, parts)
    indices = indices_of(texts.formulas, known, texts.lines)
    shown = with_layers(with_entries(known, texts.formulas, indices), texts.formulas, indices)
    if shown is not known:
        known, texts = shown, _read_all(shown, givens, parts)
    if background.universe is None and not background.definitions:
        texts = _in_time(texts, known)
        indices = indices_of(texts.formulas, known, texts.lines)
        numbers = frozenset(unwritten(texts.formulas, steps_in(texts.chains)).by)
        chains = [rewritten(chain, indices.entries) for chain in texts.chains]
        found = inferred(known, unmoved(chains, known), numbers, indices.shapes)
        if found.symbols:
            known = known.more(found.symbols)
            texts = _read_all(known, givens, parts)
            texts = _in_time(texts, known).changed(found.spread)
        if (shown := with_moves(known, texts.formulas)) is not known:
            known, texts = shown, _read_all(shown, givens, parts)
        texts = replace(texts, clash=found.clash)
    return known, texts.complete(functions_of(texts.chains, known))


def _read_all(known: Symbols, givens: str, parts: Sequence[str]) -> Texts:
    given, unread = _read(givens, known) if givens.strip() else ((), "")
    return Texts(given, unread, [_read(part, known) for part in parts])


def _in_time(texts: Texts, known: Symbols) -> Texts:
    """The same with names for steps of time, and with the sums over these written out."""
    texts = texts.changed(at_times(texts.chains, known))
    rule = steps_written_out(texts.chains)
    return texts if rule is None else texts.changed(rule, inwardly=True)


def _shown(known: Symbols, texts: Sequence[str]) -> Symbols:
    """The declared symbols, and words and functions that only all parts together show."""
    known = replace(known, comma=known.comma or any(map(has_decimal_comma, texts)))
    known = known.more({}, words_of(texts, known.words))
    known = replace(known, logarithms=logarithms_of(texts, known.words))
    moves = known.get("d") is None and has_moves(texts, known.words)
    known = replace(known, chances=chances_of(texts, known.words), moves=moves)
    return with_shown(texts, known)


def _read(latex: str, known: Symbols) -> tuple[tuple[ReadChain, ...], str]:
    """The chains of a text, or why there are none."""
    try:
        return read_chains(latex, known, strict=False), ""
    except ReadError as error:
        return (), error.message
