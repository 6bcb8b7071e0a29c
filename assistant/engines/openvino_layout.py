"""Lay the weights of a converted model out as the CPU plugin reads them quickest, without changing one.

OpenVINO reads a Q8_0 file as unsigned bytes, from each of which 128 is taken away before it is scaled. As signed bytes
they need no subtraction, and products of one input with several matrices (a layer's queries, keys and values) are one
product with those matrices below one another. On two cores with AVX2 a token took 16.9 to 18.8 ms for 20.9
(docs/log.md). What does not look as expected is left as it is. On a processor that multiplies bytes (VNNI) OpenVINO
makes signed ones unsigned again and no difference was to be told, so there the model stays as it was converted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino
from openvino import opset13 as ops

MIDDLE = 128  # what stands for zero among unsigned bytes
FEWEST_JOINED = 3  # two are a layer's gate and what it lets through, which the plugin joins better by itself
UNPACKING = ("Reshape", "Multiply", "Subtract")  # from a matrix in float32 down to its bytes


@dataclass(frozen=True)
class Packed:
    """A matrix (n, k) of bytes in groups, each with a scale."""

    node: openvino.Node  # that gives it as float32
    bytes: np.ndarray  # int8 (n, k / group, group)
    scales: np.ndarray  # float16 (n, k / group, 1)


def lay_out(xml: Path, out: Path) -> int:
    """Write the model at `xml` to `out`, laid out; how many matrices were. Raises RuntimeError, of OpenVINO."""
    model = openvino.Core().read_model(xml)
    by_input: dict[openvino.Output, list[tuple[openvino.Node, Packed]]] = defaultdict(list)
    for product in model.get_ordered_ops():
        if product.get_type_name() == "MatMul" and (packed := _packed(product.input_value(1).get_node())):
            by_input[product.input_value(0)].append((product, packed))
    for given, products in by_input.items():
        matrices = [packed for _, packed in products]
        if len(products) >= FEWEST_JOINED and all(_is_alone(product, one.node) for product, one in products):
            _join(given, [product for product, _ in products], matrices)
        else:
            for one in matrices:
                _replace(one.node.output(0), _unpacked(one.bytes, one.scales).output(0))
    model.validate_nodes_and_infer_types()
    openvino.save_model(model, out, compress_to_fp16=False)
    return sum(map(len, by_input.values()))


def _packed(node: openvino.Node) -> Packed | None:
    """The matrix that a node unpacks, where it is one of unsigned bytes around MIDDLE."""
    if node.get_type_name() != "Convert":
        return None
    below = node
    for kind in UNPACKING:
        below = below.input_value(0).get_node()
        if below.get_type_name() != kind:
            return None
        if kind == "Multiply":
            scales = below.input_value(1).get_node()
    converts = [one.get_node() for one in below.input_values()]
    if any(one.get_type_name() != "Convert" for one in converts):
        return None
    values, middle = (one.input_value(0).get_node() for one in converts)
    if any(one.get_type_name() != "Constant" for one in (values, middle, scales)):
        return None
    if values.get_element_type() != openvino.Type.u8 or (middle.get_data() != MIDDLE).any():
        return None
    return Packed(node, (values.get_data().astype(np.int16) - MIDDLE).astype(np.int8), scales.get_data())


def _is_alone(product: openvino.Node, matrix: openvino.Node) -> bool:
    """Whether it multiplies by rows, and nothing else wants the matrix: the output's is the embeddings' too."""
    turned = product.get_attributes()
    by_rows = (turned["transpose_a"], turned["transpose_b"]) == (False, True)
    return by_rows and len(matrix.output(0).get_target_inputs()) == 1


def _join(given: openvino.Output, products: list[openvino.Node], matrices: list[Packed]) -> None:
    weights = _unpacked(
        np.concatenate([one.bytes for one in matrices]), np.concatenate([one.scales for one in matrices])
    )
    rows = np.array([len(one.bytes) for one in matrices], np.int64)
    parts = ops.variadic_split(ops.matmul(given, weights, False, True), ops.constant(np.int64(-1)), ops.constant(rows))
    for product, part in zip(products, parts.outputs(), strict=True):
        _replace(product.output(0), part)


def _unpacked(values: np.ndarray, scales: np.ndarray) -> openvino.Node:
    """Bytes to float32 (n, k), by operations in which the plugin sees packed weights."""
    scaled = ops.multiply(ops.convert(ops.constant(values), "f16"), ops.constant(scales))
    shape = ops.constant(np.array([len(values), -1], np.int64))
    return ops.convert(ops.reshape(scaled, shape, False), "f32")


def _replace(old: openvino.Output, new: openvino.Output) -> None:
    for target in old.get_target_inputs():
        target.replace_source_output(new)
