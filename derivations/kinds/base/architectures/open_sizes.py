"""Sizes of inputs that a model file leaves open, as the problem states them beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from derivations.models.traces import LayerError, Shape


@dataclass(frozen=True, slots=True)
class Stated:
    """What a problem says of the inputs of a model file, without the batch.

    Attributes:
        alone: the sizes of the only input.
        by_name: the sizes of several.
    """

    alone: Shape = ()
    by_name: Mapping[str, Shape] = field(default_factory=dict)

    def of(self, name: str, shape: Shape) -> Shape:
        """The sizes of one input; 0 stands for one that is open in the file, () for all of them.

        Raises:
            LayerError: a size that is not known, or another than the file has.
        """
        stated = self.alone or self.by_name.get(name, ())
        has = " × ".join(str(size or "?") for size in shape) or "of any shape"
        if not stated:
            if shape and all(shape):
                return shape
            raise LayerError(
                f"the input '{name[:60]}' is {has}; its sizes have to be known: state them beside 'model', "
                "as 'input: [...]', without the batch and in the order of the file"
            )
        fits = len(shape) == len(stated) and all(
            size in (0, own) for size, own in zip(shape, stated, strict=True)
        )
        if shape and not fits:
            told = " × ".join(map(str, stated))
            raise LayerError(
                f"the input '{name[:60]}' is {has} in the file; the problem states {told}"
            )
        return tuple(stated)

    def check(self, inputs: Iterable[str]) -> None:
        """What is stated is stated of inputs that are there.

        Raises:
            LayerError: it is not.
        """
        names = [f"'{name[:60]}'" for name in inputs]
        if self.alone and len(names) > 1:
            raise LayerError(
                f"the inputs are {', '.join(names[:8])}; their sizes stand by name, under 'inputs'"
            )
        for name in self.by_name:
            if f"'{name[:60]}'" not in names:
                raise LayerError(f"there is no input '{name[:60]}'; known: {', '.join(names[:8])}")


NOTHING = Stated()
