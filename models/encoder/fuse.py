"""The graph that is run: that of encoder.onnx with each layer's steps fused, around the same weights.

    python -m models.encoder.fuse [FOLDER]

Writes graph.onnx beside encoder.onnx, whose large weights it refers to by place and length instead of holding them again. One
window at a time goes in, without padding, so attention needs no mask; queries, keys and values are one product. Needs onnx (the
extra train); the same encoder.onnx gives the same bytes.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

SOURCE, TARGET = "encoder.onnx", "graph.onnx"
HEADS = 12  # of multilingual-e5-small
LARGE = 10_000  # bytes
EPSILON = 9.999999960041972e-13
SHORTEST = 1e-12  # a vector of length 0 stays what it is
LAYER, EMBEDDINGS = "model.encoder.encoder.layer.", "model.encoder.embeddings."
TRIPLE = ("query", "key", "value")
OURS = "com.microsoft"


def fuse(folder: Path) -> Path:
    """Read `folder`/encoder.onnx, write `folder`/graph.onnx."""
    writer = _Writer(folder / SOURCE)
    hidden = _embed(writer)
    for layer in range(writer.layers):
        hidden = _write_layer(writer, f"{LAYER}{layer}.", hidden, "hidden" if layer == writer.layers - 1 else f"hidden{layer}")
    _project(writer)
    target = folder / TARGET
    target.write_bytes(writer.finish())
    return target


class _Writer:
    """Nodes and the weights that they ask for, in order."""

    def __init__(self, path: Path) -> None:
        self.path, self.bytes = path, path.read_bytes()
        graph = onnx.load_model_from_string(self.bytes).graph
        self.known = {weight.name: weight for weight in graph.initializer}
        self.products = {
            node.output[0].removeprefix("/").partition("/MatMul")[0].replace("/", "."): node
            for node in graph.node
            if node.op_type == "MatMulInteger"
        }
        names = [name for name in self.known if name.startswith(LAYER) and name.endswith(".intermediate.dense.bias")]
        self.layers, self.size = len(names), self.known[f"{EMBEDDINGS}LayerNorm.weight"].dims[0]
        self.used: dict[str, Any] = {}
        self.nodes: list[Any] = []

    def use(self, name: str) -> str:
        """A weight of the source: a small one is copied, of a large one place and length are noted."""
        weight = self.known[name]
        if len(weight.raw_data) > LARGE and weight.data_type in (onnx.TensorProto.INT8, onnx.TensorProto.UINT8):
            place = self.bytes.index(weight.raw_data)
            weight = onnx.TensorProto(name=name, data_type=weight.data_type, dims=weight.dims)
            weight.data_location = onnx.TensorProto.EXTERNAL
            for key, value in {"location": self.path.name, "offset": place, "length": len(self.known[name].raw_data)}.items():
                weight.external_data.add(key=key, value=str(value))
        self.used[name] = weight
        return name

    def keep(self, name: str, values: list[int] | float) -> str:
        """A constant of our own: whole numbers, or one float."""
        kind = np.float32 if isinstance(values, float) else np.int64
        self.used[name] = numpy_helper.from_array(np.array(values, dtype=kind), name)
        return name

    def add(self, kind: str, inputs: list[str], *outputs: str, domain: str = "", **settings: Any) -> str:
        """A node; returns its first output."""
        self.nodes.append(helper.make_node(kind, inputs, list(outputs), domain=domain, **settings))
        return outputs[0]

    def multiply(self, name: str) -> tuple[str, str, str]:
        """Weight, scale and zero point of a quantised product."""
        _, weight, _, zero = self.products[name].input
        return self.use(weight), self.use(weight.removesuffix("_quantized") + "_scale"), self.use(zero)

    def finish(self) -> bytes:
        """The graph as bytes."""
        sizes = {"numbers": (onnx.TensorProto.INT64, [1, "tokens"]), "hidden": (onnx.TensorProto.FLOAT, [1, "tokens", self.size]),
                 "vector": (onnx.TensorProto.FLOAT, [1, self.size])}  # fmt: skip
        values = {name: helper.make_tensor_value_info(name, *kind) for name, kind in sizes.items()}
        outputs = [values["hidden"], values["vector"]]
        graph = helper.make_graph(self.nodes, "encoder", [values["numbers"]], outputs, list(self.used.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(OURS, 1)], ir_version=8)
        return bytes(model.SerializeToString(deterministic=True))


def _embed(writer: _Writer) -> str:
    """Pieces, places and the one kind of segment, added up."""
    length = writer.add("Shape", ["numbers"], "length", start=1, end=2)
    first = writer.keep("first", [0])
    weights = {name: writer.use(f"{EMBEDDINGS}{name}_embeddings.weight_quantized") for name in ("word", "position", "token_type")}
    found = {
        "word": writer.add("Gather", [weights["word"], "numbers"], "words"),
        "token_type": writer.add("Gather", [weights["token_type"], first], "segments"),
        "position": writer.add("Slice", [weights["position"], first, length], "places"),
    }
    floats = []
    for name, taken in found.items():
        prefix = f"{EMBEDDINGS}{name}_embeddings.weight_"
        inputs = [taken, writer.use(f"{prefix}scale"), writer.use(f"{prefix}zero_point")]
        floats.append(writer.add("DequantizeLinear", inputs, f"{taken}_float"))
    both = writer.add("Add", floats[:2], "embedded_kinds")
    return _normalise(writer, writer.add("Add", [both, floats[2]], "embedded"), f"{EMBEDDINGS}LayerNorm", "embeddings")


def _write_layer(writer: _Writer, name: str, hidden: str, output: str) -> str:
    """Attention and the two dense steps, each added to what it read and normalised."""
    attended = writer.add("MultiHeadAttention", _ask(writer, name, hidden), f"{name}heads", domain=OURS, num_heads=HEADS)
    dense = _multiply(writer, attended, f"{name}attention.output.dense")
    summed = writer.add("Add", [dense, hidden], f"{name}attended")
    hidden = _normalise(writer, summed, f"{name}attention.output.LayerNorm", f"{name}attention")
    wide = writer.add("Gelu", [_multiply(writer, hidden, f"{name}intermediate.dense")], f"{name}wide", domain=OURS)
    summed = writer.add("Add", [_multiply(writer, wide, f"{name}output.dense"), hidden], f"{name}summed")
    return _normalise(writer, summed, f"{name}output.LayerNorm", output)


def _ask(writer: _Writer, name: str, hidden: str) -> list[str]:
    """Queries, keys and values in one product. The runtime joins the weights once, when it loads them."""
    parts = [(*writer.multiply(f"{name}attention.self.{one}"), writer.use(f"{name}attention.self.{one}.bias")) for one in TRIPLE]
    joined = []
    for place, (what, axis) in enumerate((("weight", 1), ("scale", 0), ("zero", 0), ("bias", 0))):
        joined.append(writer.add("Concat", [part[place] for part in parts], f"{name}triple.{what}", axis=axis))
    product = writer.add("DynamicQuantizeMatMul", [hidden, *joined], f"{name}triple", domain=OURS)
    thirds = [f"{name}{one}" for one in TRIPLE]
    writer.add("Split", [product, writer.keep("thirds", [writer.size] * 3)], *thirds, axis=-1)
    return thirds


def _multiply(writer: _Writer, value: str, name: str) -> str:
    return writer.add("DynamicQuantizeMatMul", [value, *writer.multiply(name), writer.use(f"{name}.bias")], name, domain=OURS)


def _normalise(writer: _Writer, value: str, name: str, output: str) -> str:
    inputs = [value, writer.use(f"{name}.weight"), writer.use(f"{name}.bias")]
    return writer.add("LayerNormalization", inputs, output, axis=-1, epsilon=EPSILON)


def _project(writer: _Writer) -> None:
    """The mean state's direction, projected, of unit length."""
    summed = writer.add("ReduceSum", ["hidden", writer.keep("axis", [1])], "summed", keepdims=0)
    direction = _shorten(writer, summed, "direction")
    name = "model.projection.weight_Transposed"
    inputs = [direction, *(writer.use(f"{name}_{part}") for part in ("quantized", "scale", "zero_point"))]
    projected = writer.add("DynamicQuantizeMatMul", [*inputs, writer.use("model.projection.bias")], "projected", domain=OURS)
    _shorten(writer, projected, "vector")


def _shorten(writer: _Writer, value: str, output: str) -> str:
    length = writer.add("ReduceL2", [value], f"{output}_length", axes=[-1], keepdims=1)
    least = writer.add("Clip", [length, writer.keep("least", SHORTEST), ""], f"{output}_least")
    return writer.add("Div", [value, least], output)


if __name__ == "__main__":
    sys.stdout.write(f"{fuse(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)}\n")
