"""A converted model lays its weights out anew and gives what it gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino
import pytest
from openvino import opset13 as ops

from assistant.engines.openvino_layout import lay_out

WIDTH, GROUP = 64, 32


def packed(random: np.random.Generator, rows: int, middle: int = 128) -> openvino.Node:
    """A matrix as OpenVINO reads Q8_0."""
    values = ops.constant(random.integers(0, 256, (rows, WIDTH // GROUP, GROUP)).astype(np.uint8))
    zero = ops.constant(np.full((rows, WIDTH // GROUP, 1), middle, np.uint8))
    scales = ops.constant(random.uniform(0.001, 0.01, (rows, WIDTH // GROUP, 1)).astype(np.float16))
    signed = ops.subtract(ops.convert(values, "f16"), ops.convert(zero, "f16"))
    return ops.convert(ops.reshape(ops.multiply(signed, scales), ops.constant([rows, WIDTH]), False), "f32")


@pytest.fixture
def small_model(tmp_path) -> Path:
    """Tokens of 100: embeddings that are the output's matrix too, queries, keys and values, a gate, and one matrix
    around another middle."""
    random = np.random.default_rng(5)
    tokens = ops.parameter([-1], np.int64, "tokens")
    words = packed(random, 100)
    state = ops.gather(words, tokens, ops.constant(0))
    three = [ops.matmul(state, packed(random, rows), False, True) for rows in (64, 32, 32)]
    state = ops.add(three[0], ops.concat(three[1:], -1))
    gate, up = (ops.matmul(state, packed(random, WIDTH), False, True) for _ in range(2))
    state = ops.multiply(ops.sigmoid(gate), up)
    state = ops.matmul(state, packed(random, WIDTH, middle=120), False, True)
    logits = ops.matmul(state, words, False, True)
    openvino.save_model(openvino.Model([logits], [tokens]), tmp_path / "model.xml", compress_to_fp16=False)
    return tmp_path / "model.xml"


def logits(xml: Path) -> np.ndarray:
    core = openvino.Core()
    model = core.compile_model(core.read_model(xml), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    given: np.ndarray = model([np.array([7, 99, 0, 31])])[0]
    return given


def kinds(xml: Path) -> list[str]:
    return [one.get_type_name() for one in openvino.Core().read_model(xml).get_ordered_ops()]


def test_it_gives_the_same(small_model, tmp_path):
    out = tmp_path / "laid out.xml"
    assert lay_out(small_model, out) == 6
    before = logits(small_model)
    assert np.abs(before).max() > 1e-3
    np.testing.assert_allclose(logits(out), before, rtol=1e-4, atol=1e-6)


def test_three_products_of_one_input_become_one_and_two_stay(small_model, tmp_path):
    out = tmp_path / "laid out.xml"
    lay_out(small_model, out)
    assert kinds(small_model).count("MatMul") == 7 and kinds(out).count("MatMul") == 5
    assert kinds(out).count("VariadicSplit") == 1


def test_products_by_columns_stay_apart(tmp_path):
    random, tokens = np.random.default_rng(5), ops.parameter([-1, WIDTH], np.float32, "tokens")
    products = [ops.matmul(tokens, packed(random, WIDTH), False, False) for _ in range(3)]
    model = openvino.Model([ops.concat(products, -1)], [tokens])
    openvino.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    lay_out(tmp_path / "model.xml", tmp_path / "out.xml")
    assert kinds(tmp_path / "out.xml").count("MatMul") == 3


def test_a_matrix_that_is_unpacked_otherwise_stays(tmp_path):
    tokens, values = ops.parameter([-1, WIDTH], np.float32, "tokens"), np.ones((8, WIDTH // GROUP, GROUP), np.float16)
    scaled = ops.multiply(
        ops.subtract(ops.constant(values), ops.constant(values / 2)), ops.constant(values[..., :1].copy())
    )
    weights = ops.convert(ops.reshape(scaled, ops.constant([8, WIDTH]), False), "f32")
    model = openvino.Model([ops.matmul(tokens, weights, False, True)], [tokens])
    openvino.save_model(model, tmp_path / "model.xml", compress_to_fp16=False)
    assert lay_out(tmp_path / "model.xml", tmp_path / "out.xml") == 0


def test_signed_bytes_need_no_subtraction_and_stay_one_copy(small_model, tmp_path):
    out = tmp_path / "laid out.xml"
    lay_out(small_model, out)
    assert kinds(out).count("Subtract") == 1  # around the other middle
    assert out.with_suffix(".bin").stat().st_size <= small_model.with_suffix(".bin").stat().st_size
