"""How a window moves, in a sentence: stride, padding, dilation, groups."""

from __future__ import annotations

from derivations.kinds.base.conv_fields import Layout, flat
from derivations.models.sliding import Edge, Place


def one(values: Place) -> str:
    """``2``, or ``2 × 1`` along the axes."""
    return str(values[0]) if len(set(values)) == 1 else " × ".join(map(str, values))


def padding_words(edges: tuple[Edge, ...]) -> str:
    """``padding 1``, or how many zeros stand where."""
    sides = [side for edge in edges for side in edge]
    if len(set(sides)) == 1:
        return f"padding {sides[0]}"
    if all(edge[0] == edge[1] for edge in edges):
        return f"padding {one(tuple(edge[0] for edge in edges))}"
    names = ("before", "after") if len(edges) == 1 else ("above", "below", "left", "right")
    found = [f"{n} {name}" for n, name in zip(sides, names, strict=True) if n]
    return f"padding of {listing(found)}"


def listing(words: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def moves(layout: Layout) -> str:
    """``Use stride 2 and padding 1.``, or nothing where all is as usual."""
    given, slide = layout.given, layout.slide
    words = []
    if set(slide.stride) != {1}:
        words.append(f"stride {one(slide.stride)}")
    if set(slide.dilation) != {1}:
        words.append(f"dilation {one(slide.dilation)}")
    if layout.groups > 1:
        words.append(f"{layout.groups} groups of channels")
    if any(flat(given.output_padding)):
        words.append(f"output padding {one(flat(given.output_padding))}")
    if given.full:
        words.append("every position in which kernel and input overlap")
    elif any(map(any, slide.edges)):
        words.append(padding_words(slide.edges))
    one_axis = len(slide.stride) == 1
    turned = given.mode == "convolution" and given.transposed
    if turned:
        words.append("the kernel reversed" if one_axis else "the kernel turned by 180 degrees")
    if given.transposed:
        lead = "The convolution is transposed"
        return f"{lead}, with {listing(words)}." if words else f"{lead}."
    sentences = [f"Use {listing(words)}."] if words else []
    if given.mode == "convolution":
        turned_by = "reversed" if one_axis else "turned by 180 degrees"
        sentences.append(f"This is a true convolution: the kernel is {turned_by} first.")
    return " ".join(sentences)
