"""An encoder of ONNX files for the tests: weights are given by their sizes only, as external data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def varint(value: int) -> bytes:
    value &= 2**64 - 1
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def part(number: int, data: bytes | str) -> bytes:
    raw = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def attribute(name: str, value: int | str | Sequence[int]) -> bytes:
    if isinstance(value, int):
        body = whole(3, value)
    elif isinstance(value, str):
        body = part(4, value)
    else:
        body = b"".join(whole(8, v) for v in value)
    return part(5, part(1, name) + body)


class Graph:
    """A graph in the making; every method gives the name of its output."""

    def __init__(self, shape: Sequence[int]) -> None:
        self.body = b""
        dims = b"".join(part(1, whole(1, size)) for size in shape)
        self.body += part(11, part(1, "input") + part(2, part(1, whole(1, 1) + part(2, dims))))
        self.channels = {"input": shape[1]}
        self.count = 0

    def weight(self, name: str, *dims: int) -> str:
        sizes = b"".join(whole(1, size) for size in dims)
        place = part(13, part(1, "location") + part(2, "weights.bin"))
        self.body += part(5, sizes + whole(2, 1) + part(8, name) + place + whole(14, 1))
        return name

    def node(
        self, op: str, inputs: Sequence[str], channels: int, **attributes: int | str | Sequence[int]
    ) -> str:
        self.count += 1
        output = f"t{self.count}"
        body = b"".join(part(1, name) for name in inputs) + part(2, output)
        body += part(3, f"/{op}_{self.count}") + part(4, op)
        body += b"".join(attribute(key, value) for key, value in attributes.items())
        self.body += part(1, body)
        self.channels[output] = channels
        return output

    def conv(self, x: str, filters: int, size: int, stride: int = 1) -> str:
        """A convolution and its batch normalisation."""
        seen = self.channels[x]
        own = self.weight(f"w{self.count}", filters, seen, size, size)
        x = self.node("Conv", [x, own], filters, kernel_shape=[size] * 2, strides=[stride] * 2,
                      pads=[size // 2] * 4, dilations=[1, 1], group=1)  # fmt: skip
        kept = [self.weight(f"bn{self.count}_{k}", filters) for k in range(4)]
        return self.node("BatchNormalization", [x, *kept], filters)

    def relu(self, x: str) -> str:
        return self.node("Relu", [x], self.channels[x])

    def model(self) -> bytes:
        return whole(1, 8) + part(2, "tests") + part(7, self.body) + part(8, whole(2, 17))

    def write(self, path: Path) -> Path:
        path.write_bytes(self.model())
        return path


def resnet_50() -> Graph:
    """The graph of torchvision's ResNet-50."""
    g = Graph([1, 3, 224, 224])
    x = g.relu(g.conv("input", 64, 7, 2))
    x = g.node("MaxPool", [x], 64, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    for stage, (width, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            y = g.relu(g.conv(x, width, 1))
            y = g.relu(g.conv(y, width, 3, stride))
            y = g.conv(y, 4 * width, 1)
            short = g.conv(x, 4 * width, 1, stride) if not block else x
            x = g.relu(g.node("Add", [y, short], 4 * width))
    x = g.node("GlobalAveragePool", [x], 2048)
    x = g.node("Flatten", [x], 2048, axis=1)
    g.node(
        "Gemm", [x, g.weight("fc.weight", 1000, 2048), g.weight("fc.bias", 1000)], 1000, transB=1
    )
    return g
