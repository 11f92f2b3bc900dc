"""An encoder of ONNX files for the tests: weights are given by their sizes only, as external data."""

from __future__ import annotations

import struct
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


class Net(Graph):
    """A graph of any operations: tensors of whole numbers or factors, several outputs, what is put out."""

    def ids(self, shape: Sequence[int]) -> str:
        """An input of whole numbers, such as tokens."""
        dims = b"".join(part(1, whole(1, size)) for size in shape)
        self.body += part(11, part(1, "ids") + part(2, part(1, whole(1, 7) + part(2, dims))))
        return "ids"

    def numbers(self, *values: int, dims: Sequence[int] | None = None) -> str:
        """Whole numbers, as the values of a weight."""
        self.count += 1
        name = f"k{self.count}"
        sizes = b"".join(whole(1, size) for size in ([len(values)] if dims is None else dims))
        raw = b"".join((value & 2**64 - 1).to_bytes(8, "little") for value in values)
        self.body += part(5, sizes + whole(2, 7) + part(8, name) + part(9, raw))
        return name

    def factors(self, *values: float, dims: Sequence[int] | None = None) -> str:
        """Numbers with a point, as the values of a weight."""
        self.count += 1
        name = f"k{self.count}"
        sizes = b"".join(whole(1, size) for size in ([len(values)] if dims is None else dims))
        raw = b"".join(struct.pack("<f", value) for value in values)
        self.body += part(5, sizes + whole(2, 1) + part(8, name) + part(9, raw))
        return name

    def op(
        self, op: str, *inputs: str, outputs: int = 1, **attributes: int | str | Sequence[int]
    ) -> str:
        """A node; further outputs are called as the first one, with ``.1`` behind."""
        self.count += 1
        name = f"t{self.count}"
        names = [name, *(f"{name}.{k}" for k in range(1, outputs))]
        body = b"".join(part(1, one) for one in inputs) + b"".join(part(2, one) for one in names)
        body += part(3, f"/{op}_{self.count}") + part(4, op)
        body += b"".join(attribute(key, value) for key, value in attributes.items())
        self.body += part(1, body)
        return name

    def linear(self, x: str, seen: int, units: int) -> str:
        """x W + b, as exporters write a layer for every step."""
        x = self.op("MatMul", x, self.weight(f"W{self.count}", seen, units))
        return self.op("Add", x, self.weight(f"b{self.count}", units))

    def put_out(self, name: str) -> None:
        """An output of the graph."""
        self.body += part(12, part(1, name))


def lstm(bidirectional: bool, last: bool) -> Net:
    """Embedding(100, 16), LSTM(16, 32), Linear(·, 5) with the batch first, as torch.onnx writes it."""
    g = Net([1, 7])
    ways = 2 if bidirectional else 1
    x = g.op("Gather", g.weight("table", 100, 16), "input")
    x = g.op("Transpose", x, perm=[1, 0, 2])
    batch = g.op("Unsqueeze", g.op("Gather", g.op("Shape", x), g.numbers(1, dims=[])), g.numbers(0))
    state = g.op("Expand", g.factors(0.0, dims=[1, 1, 1]),
                 g.op("Concat", g.numbers(ways), batch, g.numbers(32), axis=0))  # fmt: skip
    own = [g.weight("W", ways, 128, 16), g.weight("R", ways, 128, 32), g.weight("B", ways, 256)]
    x = g.op("LSTM", x, *own, "", state, state, outputs=3, hidden_size=32,
             direction="bidirectional" if bidirectional else "forward")  # fmt: skip
    if last:
        x = g.op("Reshape", g.op("Transpose", f"{x}.1", perm=[1, 0, 2]), g.numbers(1, -1))
    else:
        x = g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 1, 3]), g.numbers(0, 0, -1))
        x = g.op("Gather", g.op("Transpose", x, perm=[1, 0, 2]), g.numbers(-1, dims=[]), axis=1)
    g.put_out(g.op("Gemm", x, g.weight("F", 5, 32 * ways), g.weight("f", 5), transB=1))
    return g


def attention(written_out: bool) -> Net:
    """A block of a decoder of width 32 with 4 heads over 10 tokens, as torch.onnx writes it."""
    g = Net([1, 10])
    x = g.op("Gather", g.weight("tokens", 50, 32), "input")
    x = g.op("Add", x, g.weight("places", 1, 10, 32))
    own = [g.weight("gamma", 32), g.weight("beta", 32)]
    if written_out:
        mean = g.op("ReduceMean", x, axes=[-1])
        centred = g.op("Sub", x, mean)
        square = g.op("ReduceMean", g.op("Pow", centred, g.factors(2.0, dims=[])), axes=[-1])
        root = g.op("Sqrt", g.op("Add", square, g.factors(1e-5, dims=[])))
        y = g.op("Mul", g.op("Div", centred, root), own[0])
        y = g.op("Add", y, own[1])
    else:
        y = g.op("LayerNormalization", x, *own, axis=-1)
    first = g.op("Split", g.linear(y, 32, 96), g.numbers(32, 32, 32), outputs=3, axis=2)
    heads = [
        g.op("Transpose", g.op("Reshape", part, g.numbers(1, 10, 4, 8)), perm=order)
        for part, order in ((first, [0, 2, 1, 3]), (f"{first}.1", [0, 2, 3, 1]), (f"{first}.2", [0, 2, 1, 3]))
    ]  # fmt: skip
    scores = g.op("Div", g.op("MatMul", heads[0], heads[1]), g.factors(8**0.5, dims=[]))
    mask = g.op(
        "Equal", g.op("Trilu", g.op("ConstantOfShape", g.numbers(10, 10))), g.factors(0.0, dims=[])
    )
    scores = g.op("Where", mask, g.factors(-1e9, dims=[]), scores)
    y = g.op("MatMul", g.op("Softmax", scores, axis=-1), heads[2])
    y = g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), g.numbers(1, 10, 32))
    x = g.op("Add", x, g.linear(y, 32, 32))
    y = g.linear(x, 32, 64)
    if written_out:
        bent = g.op(
            "Add", g.op("Erf", g.op("Div", y, g.factors(2**0.5, dims=[]))), g.factors(1.0, dims=[])
        )
        y = g.op("Mul", g.op("Mul", y, bent), g.factors(0.5, dims=[]))
    else:
        y = g.op("Gelu", y)
    x = g.op("Add", x, g.linear(y, 64, 32))
    g.put_out(g.op("ReduceMean", x, axes=[1], keepdims=0))
    return g


def u_net() -> Net:
    """Two steps down, two up: one by interpolation, one by a transposed convolution."""
    g = Net([1, 3, 32, 32])

    def conv(x: str, seen: int, filters: int, size: int = 3) -> str:
        own = [g.weight(f"w{g.count}", filters, seen, size, size), g.weight(f"v{g.count}", filters)]
        return g.op("Conv", x, *own, kernel_shape=[size] * 2, pads=[size // 2] * 4)

    def halved(x: str) -> str:
        return g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])

    a = g.op("Relu", conv("input", 3, 8))
    b = g.op("Relu", conv(halved(a), 8, 16))
    m = g.op("Relu", conv(halved(b), 16, 32))
    up = g.op("Resize", m, "", g.factors(1, 1, 2, 2), mode="linear")
    d = g.op("Relu", conv(g.op("Concat", up, b, axis=1), 48, 16))
    up = g.op("ConvTranspose", d, g.weight("T", 16, 8, 2, 2), g.weight("t", 8),
              kernel_shape=[2, 2], strides=[2, 2])  # fmt: skip
    g.put_out(conv(g.op("Concat", up, a, axis=1), 16, 2, 1))
    return g
