"""A BERT sentence encoder as an OpenVINO graph, built from its safetensors weights.

Token ids and mask in, one vector of length 1 per row out (Reimers and Gurevych, 2019: mean pooling
over the last layer, then L2 norm). Only what BERT's config.json names is needed; no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

Weights = Mapping[str, NDArray[np.float32]]
Node = Any  # openvino has no types; its nodes stay in this file


@dataclass(frozen=True, slots=True, kw_only=True)
class BertShape:
    """The sizes of a BERT, as in its config.json."""

    layers: int
    heads: int
    dims: int
    layer_norm_eps: float


def sentence_graph(weights: Weights, shape: BertShape) -> ov.Model:
    """The whole encoder: inputs "ids" and "mask", int64 (rows, tokens); output (rows, dims)."""
    ids = op.parameter([-1, -1], np.int64, name="ids")
    mask = op.parameter([-1, -1], np.int64, name="mask")
    seen = op.convert(mask, "f32")  # (rows, tokens), 1 where a token stands
    hidden = _embed(ids, weights, shape)  # (rows, tokens, dims)
    allowed = op.unsqueeze(op.convert(mask, "boolean"), _ints(1, 2))  # (rows, 1, 1, tokens)
    for layer in range(shape.layers):
        hidden = _layer(hidden, allowed, weights, f"encoder.layer.{layer}.", shape)
    return ov.Model([_pool(hidden, seen)], [ids, mask], "sentence-encoder")


def _embed(ids: Node, weights: Weights, shape: BertShape) -> Node:
    words = op.gather(_weight(weights, "embeddings.word_embeddings.weight"), ids, _int(0))
    tokens = op.gather(op.shape_of(ids, "i64"), _int(1), _int(0))
    places = op.range(_int(0), tokens, _int(1), "i64")
    positions = op.gather(
        _weight(weights, "embeddings.position_embeddings.weight"), places, _int(0)
    )
    kind = op.constant(weights["embeddings.token_type_embeddings.weight"][0])
    return _norm(op.add(op.add(words, positions), kind), weights, "embeddings.LayerNorm.", shape)


def _layer(hidden: Node, allowed: Node, weights: Weights, at: str, shape: BertShape) -> Node:
    query, key, value = (
        _heads(_linear(hidden, weights, f"{at}attention.self.{name}."), shape)
        for name in ("query", "key", "value")
    )
    mixed = op.scaled_dot_product_attention(query, key, value, allowed)
    joined = op.reshape(
        op.transpose(mixed, _ints(0, 2, 1, 3)), _ints(0, 0, shape.dims), special_zero=True
    )
    attended = op.add(_linear(joined, weights, f"{at}attention.output.dense."), hidden)
    hidden = _norm(attended, weights, f"{at}attention.output.LayerNorm.", shape)
    wide = op.gelu(_linear(hidden, weights, f"{at}intermediate.dense."), "erf")
    narrow = op.add(_linear(wide, weights, f"{at}output.dense."), hidden)
    return _norm(narrow, weights, f"{at}output.LayerNorm.", shape)


def _pool(hidden: Node, seen: Node) -> Node:
    weight = op.unsqueeze(seen, _int(2))  # (rows, tokens, 1)
    total = op.reduce_sum(op.multiply(hidden, weight), _int(1), keep_dims=False)
    mean = op.divide(total, op.reduce_sum(weight, _int(1), keep_dims=False))
    return op.normalize_l2(mean, _ints(1), 1e-12, "max")


def _heads(hidden: Node, shape: BertShape) -> Node:
    split = op.reshape(
        hidden, _ints(0, 0, shape.heads, shape.dims // shape.heads), special_zero=True
    )
    return op.transpose(split, _ints(0, 2, 1, 3))  # (rows, heads, tokens, dims of a head)


def _linear(hidden: Node, weights: Weights, at: str) -> Node:
    product = op.matmul(
        hidden, _weight(weights, f"{at}weight"), transpose_a=False, transpose_b=True
    )
    return op.add(product, _weight(weights, f"{at}bias"))


def _norm(hidden: Node, weights: Weights, at: str, shape: BertShape) -> Node:
    flat = op.mvn(
        hidden, _ints(-1), normalize_variance=True, eps=shape.layer_norm_eps, eps_mode="inside_sqrt"
    )
    return op.add(op.multiply(flat, _weight(weights, f"{at}weight")), _weight(weights, f"{at}bias"))


def _weight(weights: Weights, name: str) -> Node:
    return op.constant(weights[name])


def _int(value: int) -> Node:
    return op.constant(np.int64(value))


def _ints(*values: int) -> Node:
    return op.constant(np.array(values, np.int64))
