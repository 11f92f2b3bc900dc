"""Layer norms and GELU that an exporter wrote out in single operations, as one operation again."""

from __future__ import annotations

from dataclasses import replace

from derivations.reading.networks.onnx import OnnxGraph, OnnxNode


class Patterns:
    """Who makes a name, and who takes it."""

    def __init__(self, graph: OnnxGraph) -> None:
        self.nodes = list(graph.nodes)
        self.makers = {name: k for k, node in enumerate(self.nodes) for name in node.outputs}
        self.takers: dict[str, list[int]] = {}
        for k, node in enumerate(self.nodes):
            for name in node.inputs:
                self.takers.setdefault(name, []).append(k)
        self.fixed = {name for node in self.nodes if node.op == "Constant" for name in node.outputs}
        self.fixed |= set(graph.weights)
        self.kept = set(graph.outputs)
        self.gone: set[int] = set()
        self.made: dict[int, OnnxNode] = {}

    def maker(self, name: str, *ops: str) -> OnnxNode | None:
        """The node that makes a name, if it is one of these operations."""
        place = self.makers.get(name)
        node = self.nodes[place] if place is not None and place not in self.gone else None
        return node if node is not None and node.op in ops and node.outputs else None

    def only_taker(self, name: str, *ops: str) -> OnnxNode | None:
        """The one node that takes a name, if it is one of these operations."""
        takers = self.takers.get(name, [])
        if len(takers) != 1 or name in self.kept:
            return None
        node = self.nodes[takers[0]]
        return node if node.op in ops and len(node.outputs) == 1 else None

    def other(self, node: OnnxNode, name: str) -> str:
        """The second input of a node of two."""
        names = [one for one in node.inputs if one != name]
        return names[0] if len(names) == 1 and len(node.inputs) == 2 else ""

    def flowing(self, node: OnnxNode) -> str:
        """The only input that is no constant."""
        names = [name for name in node.inputs if name not in self.fixed]
        return names[0] if len(names) == 1 and len(node.inputs) == 2 else ""

    def join(self, op: str, inputs: tuple[str, ...], parts: list[OnnxNode], **more: int) -> None:
        """One operation in the place of several; the last of them gives the name of the output."""
        places = [self.makers[node.outputs[0]] for node in parts]
        self.gone |= set(places)
        last = parts[-1]
        self.made[places[-1]] = replace(
            last, op=op, inputs=inputs, attributes=dict(more), tensor=None
        )

    def nodes_now(self) -> tuple[OnnxNode, ...]:
        """All nodes, with those that were joined."""
        return tuple(
            self.made.get(k, node)
            for k, node in enumerate(self.nodes)
            if k in self.made or k not in self.gone
        )


def with_patterns(graph: OnnxGraph) -> OnnxGraph:
    """The graph with LayerNormalization and Gelu where their definitions are written out."""
    found = Patterns(graph)
    for node in graph.nodes:
        if node.op == "Erf":
            _gelu(found, node)
        elif node.op == "Sqrt":
            _layer_norm(found, node)
    return replace(graph, nodes=found.nodes_now())


def _gelu(found: Patterns, erf: OnnxNode) -> None:
    """x (1 + erf(x / √2)) / 2, the half before or behind."""
    scaled = found.maker(erf.inputs[0], "Div", "Mul") if erf.inputs else None
    x = found.flowing(scaled) if scaled else ""
    plus = found.only_taker(erf.outputs[0], "Add") if erf.outputs and x else None
    times = found.only_taker(plus.outputs[0], "Mul") if plus and found.flowing(plus) else None
    if scaled is None or plus is None or times is None:
        return
    other = found.other(times, plus.outputs[0])
    if other == x:
        half = found.only_taker(times.outputs[0], "Mul", "Div")
        if half is not None and found.flowing(half):
            found.join("Gelu", (x,), [scaled, erf, plus, times, half])
        return
    half = found.maker(other, "Mul", "Div") if other else None
    if half is not None and found.flowing(half) == x and found.only_taker(other, "Mul"):
        found.join("Gelu", (x,), [scaled, erf, plus, half, times])


def _layer_norm(found: Patterns, root: OnnxNode) -> None:
    """(x - mean) / √(variance + ε), with γ and β behind it."""
    plus = found.maker(root.inputs[0], "Add") if root.inputs else None
    variance = found.maker(found.flowing(plus), "ReduceMean") if plus else None
    square = found.maker(variance.inputs[0], "Pow", "Mul") if variance and variance.inputs else None
    centred = found.maker(square.inputs[0], "Sub") if square and square.inputs else None
    mean = (
        found.maker(centred.inputs[1], "ReduceMean")
        if centred and len(centred.inputs) == 2
        else None
    )
    over = found.only_taker(root.outputs[0], "Div") if root.outputs else None
    if not (plus and variance and square and centred and mean and over and mean.inputs):
        return
    if centred.inputs[0] != mean.inputs[0] or over.inputs[:1] != centred.outputs[:1]:
        return
    if square.op == "Mul" and set(square.inputs) != {centred.outputs[0]}:
        return
    if not mean.attributes.get("axes") == variance.attributes.get("axes") == [-1]:
        return
    parts = [mean, centred, square, variance, plus, root, over]
    inputs = [mean.inputs[0]]
    for op in ("Mul", "Add"):
        after = found.only_taker(parts[-1].outputs[0], op)
        learned = found.other(after, parts[-1].outputs[0]) if after else ""
        if after is None or learned not in found.fixed:
            break
        parts.append(after)
        inputs.append(learned)
    found.join("LayerNormalization", tuple(inputs), parts, axis=-1)
