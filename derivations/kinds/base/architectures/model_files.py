"""``model: resnet50.onnx``: a file beside the problem, read as an architecture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from derivations.errors import unknown
from derivations.kinds.base.architectures.keras_nodes import architecture_of_keras
from derivations.kinds.base.architectures.onnx_nodes import architecture_of_onnx
from derivations.kinds.base.architectures.open_sizes import Stated
from derivations.kinds.base.fields import found, refuse
from derivations.models.architecture import Architecture, NodeError, traced
from derivations.models.traces import LayerError
from derivations.reading.networks.keras import read_keras
from derivations.reading.networks.onnx import read_onnx
from derivations.reading.networks.protobuf import DamagedFile
from derivations.reading.networks.safetensors import (
    INDEX,
    Checkpoint,
    read_index,
    read_safetensors,
)


def _onnx(path: Path, stated: Stated) -> Architecture:
    return _checked(*architecture_of_onnx(read_onnx(path), stated))


def _keras(path: Path, stated: Stated) -> Architecture:
    return _checked(architecture_of_keras(read_keras(path), stated), {})


READERS: dict[str, Callable[[Path, Stated], Architecture | Checkpoint]] = {  # by how a name ends
    ".onnx": _onnx,
    ".keras": _keras,
    ".safetensors": lambda path, _: read_safetensors(path),
    INDEX: lambda path, _: read_index(path),
    ".json": _keras,
}


def read_model(value: Any, folder: Path | None, stated: Stated) -> Architecture | Checkpoint:
    """The architecture or the tensors in a file of the problem's folder.

    Args:
        value: the name of the file.
        folder: that of the problem.
        stated: the sizes of inputs that stand beside the name.

    Raises:
        PydanticCustomError: no such file, a damaged one, or what is not read here.
    """
    if not isinstance(value, str):
        raise refuse(f"found {found(value)}, expected the name of a file")
    if folder is None:
        raise refuse("a model file is looked for beside a problem file, and there is none")
    path = folder / value
    ending = next((ending for ending in READERS if path.name.endswith(ending)), None)
    if ending is None:
        raise refuse(unknown(path.suffix or value, "a kind of model file", READERS))
    if folder.resolve() not in path.resolve().parents:
        raise refuse(f"'{found(value)}' is not in the folder of the problem")
    try:
        return READERS[ending](path, stated)
    except OSError as error:
        raise refuse(f"{value}: cannot be read: {error.strerror}") from None
    except (DamagedFile, LayerError) as error:
        raise refuse(f"{value}: {error}") from None


def _checked(architecture: Architecture, expected: dict[str, int]) -> Architecture:
    """Every layer fits, and has the channels that its weights expect.

    Raises:
        LayerError: with the name of the layer.
    """
    try:
        nodes = traced(architecture)
    except NodeError as error:
        raise LayerError(str(error)) from None
    for one in nodes:
        if not one.shapes:
            continue
        shape = one.shapes[0]
        channels = shape[0] if one.node.kind in ("conv", "conv_transpose") else shape[-1]
        wanted = expected.get(one.node.name)
        if wanted is not None and wanted != channels:
            raise LayerError(
                f"'{one.node.name[:60]}' has weights for {wanted} channels; {channels} come in"
            )
    return architecture
