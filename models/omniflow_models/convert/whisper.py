"""Whisper as two graphs: an encoder that ends in the decoder's cross keys and values, and a decoder
that only adds to its past.

Both leave nothing to the neighbours in a batch: rows are computed alone, in the same order of
operations at any batch size.
"""

import math

import numpy as np

from ..errors import ModelsError
from . import quantize
from .graph import CONTRIB, GraphBuilder

N_MELS = 80
MASKED = -1e9
PRECISIONS = ("float32", "int8-dynamic", "int8-row", "int8-weight")
EPSILON = 1e-5


class Weights:
    """The variables of a CTranslate2 Whisper model, by meaning. Linear weights are [out, in];
    attention scaling is folded into the query weights, which is exact where the square root of
    the head size is a power of two.
    """

    def __init__(self, variables):
        self._variables = variables
        self.layers = 1 + max(
            int(name.split("/")[1].removeprefix("layer_"))
            for name in variables
            if name.startswith("decoder/layer_") and name.count("/") > 2
        )
        self.encoder_layers = 1 + max(
            int(name.split("/")[1].removeprefix("layer_"))
            for name in variables
            if name.startswith("encoder/layer_") and name.count("/") > 2
        )
        self.width = int(self.raw("decoder/layer_0/attention/linear_0/weight").shape[0])
        self.heads = self._count_heads()
        self.head_dim = self.width // self.heads
        self.vocabulary = int(self.raw("decoder/embeddings/weight").shape[0])
        self.max_text = int(self.raw("decoder/position_encodings/encodings").shape[0])
        self.max_audio = int(self.raw("encoder/position_encodings/encodings").shape[0])
        mels = int(self.raw("encoder/conv1/weight").shape[1])
        if mels != N_MELS:
            raise ModelsError(
                f"the encoder takes {mels} mel bands; this converter is written for {N_MELS}"
            )

    def _count_heads(self):
        counted = self._variables.get("decoder/num_heads", self._variables.get("num_heads"))
        if counted is not None:
            return int(counted.reshape(-1)[0])
        return self.width // 64  # Whisper's head size in every published model

    def raw(self, name):
        if name not in self._variables:
            raise ModelsError(
                f"the model has no variable {name}; is it a Whisper model of CTranslate2?"
            )
        return self._variables[name]

    def get(self, name):
        array = self.raw(name)
        if array.dtype not in (np.float16, np.float32):
            raise ModelsError(
                f"variable {name} is {array.dtype}; only float16 and float32 weights convert"
                " without loss"
            )
        return array.astype(np.float32)

    def linear(self, name, part=0, parts=1):
        """Weight and bias (zeros where there is none) of one of the equal parts that a fused
        projection is made of.
        """
        weight = np.split(self.get(name + "/weight"), parts)[part]
        bias = (
            np.split(self.get(name + "/bias"), parts)[part]
            if name + "/bias" in self._variables
            else None
        )
        return weight, bias

    def query(self, name, parts):
        weight, bias = self.linear(name, 0, parts)
        scale = np.float32(1 / math.sqrt(self.head_dim))
        return weight * scale, bias * scale


class Linears:
    """Emits linear layers in one of the precisions."""

    def __init__(self, builder, precision):
        self._builder = builder
        self._precision = precision
        self._rows = quantize.RowQuantizer(builder)

    def __call__(self, x, name, weight, bias, out=None):
        y = self._multiply(x, name, weight, out)
        if bias is None or not bias.any():
            return y  # Whisper's keys have none; the fused layer of CTranslate2 stores zeros
        return self._builder.op("Add", y, self._builder.weight(name + ".bias", bias))

    def _multiply(self, x, name, weight, out):
        if self._precision == "float32":
            return self._builder.op("MatMul", x, self._builder.weight(name, weight.T), out=out)
        if self._precision == "int8-dynamic":
            return quantize.dynamic_int8(self._builder, x, name, weight, out)
        if self._precision == "int8-row":
            return self._rows.linear(x, name, weight, out)
        if self._precision == "int8-weight":
            return quantize.weight_int8(self._builder, x, name, weight, out)
        raise ModelsError(
            f"the precision {self._precision} is unknown; known are {', '.join(PRECISIONS)}"
        )


def _add_and_norm(b, x, delta, bias, weights, name):
    """Returns (x + delta + bias, its layer norm). One fused kernel: on a CPU it takes a fifth of
    the time of the plain layer norm.
    """
    inputs = [
        x,
        delta,
        b.weight(name + ".gamma", weights.get(name + "/gamma")),
        b.weight(name + ".beta", weights.get(name + "/beta")),
    ]
    if bias is not None:
        inputs.append(b.weight(name + ".bias", bias))
    normal, total = b.op(
        "SkipLayerNormalization", *inputs, domain=CONTRIB, count=4, unused=(1, 2), epsilon=EPSILON
    )
    return total, normal


def _split_heads(b, x, weights, out=None):
    """[B,S,H*D] to [B,H,S,D]."""
    shaped = b.op("Reshape", x, b.ints(0, 0, weights.heads, weights.head_dim))
    return b.op("Transpose", shaped, perm=[0, 2, 1, 3], out=out)


def _merge_heads(b, x, weights):
    return b.op("Reshape", b.op("Transpose", x, perm=[0, 2, 1, 3]), b.ints(0, 0, weights.width))


def _scores(b, query, key):
    return b.op("MatMul", query, b.op("Transpose", key, perm=[0, 1, 3, 2]))


def _feed_forward(b, linear, normal, weights, layer):
    """Returns what the layer adds, and the bias still to be added to it."""
    inner = b.op(
        "Gelu", linear(normal, layer + "/ffn/linear_0", *weights.linear(layer + "/ffn/linear_0"))
    )
    return _project(linear, inner, weights, layer + "/ffn/linear_1")


def _project(linear, x, weights, name):
    weight, bias = weights.linear(name)
    return linear(x, name, weight, None), bias


def build_encoder(weights, precision):
    """`mel` [B,80,F] to `cross_k_l` and `cross_v_l` [B,H,T,D] for each decoder layer, T = F/2."""
    b = GraphBuilder("whisper-encoder")
    linear = Linears(b, precision)
    b.input("mel", "float32", ["B", N_MELS, "F"])
    x = "mel"
    for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
        kernel = b.weight(name + ".weight", weights.get(name + "/weight"))
        bias = b.weight(name + ".bias", weights.get(name + "/bias"))
        x = b.op(
            "Gelu", b.op("Conv", x, kernel, bias, kernel_shape=[3], pads=[1, 1], strides=[stride])
        )
    x = b.op("Transpose", x, perm=[0, 2, 1])
    encodings = b.weight("encoder.positions", weights.get("encoder/position_encodings/encodings"))
    added, bias = (
        b.op("Slice", encodings, b.ints(0), b.op("Shape", x, start=1, end=2), b.ints(0)),
        None,
    )
    for index in range(weights.encoder_layers):
        layer = f"encoder/layer_{index}"
        x, normal = _add_and_norm(b, x, added, bias, weights, layer + "/self_attention/layer_norm")
        fused = layer + "/self_attention/linear_0"
        query, key, value = (
            linear(normal, f"{fused}.{part}", *weights.linear(fused, part, 3)) for part in range(3)
        )
        # One kernel that never writes the [T,T] scores to memory; it scales by itself.
        mixed = b.op(
            "MultiHeadAttention", query, key, value, domain=CONTRIB, num_heads=weights.heads
        )
        added, bias = _project(linear, mixed, weights, layer + "/self_attention/linear_1")
        x, normal = _add_and_norm(b, x, added, bias, weights, layer + "/ffn/layer_norm")
        added, bias = _feed_forward(b, linear, normal, weights, layer)
    _, x = _add_and_norm(b, x, added, bias, weights, "encoder/layer_norm")
    shape = ["B", weights.heads, "T", weights.head_dim]
    for part, port in enumerate(("cross_k", "cross_v")):
        for index in range(weights.layers):
            fused = f"decoder/layer_{index}/attention/linear_1"
            projected = linear(x, f"{fused}.{part}", *weights.linear(fused, part, 2))
            b.output(_split_heads(b, projected, weights, out=f"{port}_{index}"), "float32", shape)
    return b.build()


def build_decoder(weights, precision, suppress, suppress_begin, alignment_heads):
    """One step or one prefill; see the README for the ports."""
    b = GraphBuilder("whisper-decoder")
    linear = Linears(b, precision)
    past = ["B", weights.heads, "P", weights.head_dim]
    cross = ["B", weights.heads, "T", weights.head_dim]
    b.input("tokens", "int64", ["B", "S"])
    b.input("past_len", "int64", ["B"])
    for port, shape in (("past_k", past), ("past_v", past), ("cross_k", cross), ("cross_v", cross)):
        for index in range(weights.layers):
            b.input(f"{port}_{index}", "float32", shape)
    b.input("begin", "float32", ["B"])

    past_len = b.op("Unsqueeze", "past_len", b.ints(1))  # [B,1]
    zero, one = b.constant(0, np.int64), b.constant(1, np.int64)
    count = b.op("Squeeze", b.op("Shape", "tokens", start=1, end=2))
    width = b.op("Squeeze", b.op("Shape", "past_k_0", start=2, end=3))
    new = b.op("Range", zero, count, one)  # [S]
    positions = b.op("Add", past_len, new)  # [B,S]

    # The token table stays in the 16 bits it comes in: widening after the look-up loses nothing and
    # halves the file.
    table = weights.raw("decoder/embeddings/weight")
    embedded = b.op("Gather", b.weight("decoder.embeddings", table), "tokens")
    if table.dtype != np.float32:
        embedded = b.op("Cast", embedded, to=1)
    encodings = b.weight("decoder.positions", weights.get("decoder/position_encodings/encodings"))
    x, added, bias = embedded, b.op("Gather", encodings, positions), None

    # Key j is seen by new token s when it is a valid row of the past, or new and not later than s.
    total = b.op("Add", width, count)
    keys = b.op("Range", zero, total, one)  # [P+S]
    in_past = b.op("Unsqueeze", b.op("Less", keys, past_len), b.ints(1))  # [B,1,P+S]
    is_new = b.op("GreaterOrEqual", keys, width)  # [P+S]
    not_later = b.op(
        "LessOrEqual", b.op("Sub", keys, width), b.op("Unsqueeze", new, b.ints(1))
    )  # [S,P+S]
    old = b.op("And", in_past, b.op("Less", keys, width))  # [B,1,P+S]
    seen = b.op("Or", old, b.op("And", is_new, not_later))  # [B,S,P+S]
    mask = b.op(
        "Where",
        b.op("Unsqueeze", seen, b.ints(1)),
        b.constant(0, np.float32),
        b.constant(MASKED, np.float32),
    )

    aligned = {}
    for index in range(weights.layers):
        layer = f"decoder/layer_{index}"
        x, normal = _add_and_norm(b, x, added, bias, weights, layer + "/self_attention/layer_norm")
        fused = layer + "/self_attention/linear_0"
        query = _split_heads(b, linear(normal, fused + ".0", *weights.query(fused, 3)), weights)
        new_k = _split_heads(
            b,
            linear(normal, fused + ".1", *weights.linear(fused, 1, 3)),
            weights,
            out=f"new_k_{index}",
        )
        new_v = _split_heads(
            b,
            linear(normal, fused + ".2", *weights.linear(fused, 2, 3)),
            weights,
            out=f"new_v_{index}",
        )
        key = b.op("Concat", f"past_k_{index}", new_k, axis=2)
        value = b.op("Concat", f"past_v_{index}", new_v, axis=2)
        attention = b.op("Softmax", b.op("Add", _scores(b, query, key), mask), axis=-1)
        mixed = _merge_heads(b, b.op("MatMul", attention, value), weights)
        added, bias = _project(linear, mixed, weights, layer + "/self_attention/linear_1")

        x, normal = _add_and_norm(b, x, added, bias, weights, layer + "/attention/layer_norm")
        query_name = layer + "/attention/linear_0"
        query = _split_heads(b, linear(normal, query_name, *weights.query(query_name, 1)), weights)
        attention = b.op("Softmax", _scores(b, query, f"cross_k_{index}"), axis=-1)
        aligned[index] = attention
        mixed = _merge_heads(b, b.op("MatMul", attention, f"cross_v_{index}"), weights)
        added, bias = _project(linear, mixed, weights, layer + "/attention/linear_2")

        x, normal = _add_and_norm(b, x, added, bias, weights, layer + "/ffn/layer_norm")
        added, bias = _feed_forward(b, linear, normal, weights, layer)

    _, normal = _add_and_norm(b, x, added, bias, weights, "decoder/layer_norm")
    last = b.op("Gather", normal, b.constant(-1, np.int64), axis=1)  # [B,width]
    projection = weights.get("decoder/projection/weight")
    linear(last, "decoder.projection", projection, None, out="logits")
    masks = b.weight("suppress", _masks(weights.vocabulary, suppress, suppress_begin))
    which = b.op("Cast", b.op("Greater", "begin", b.constant(0, np.float32)), to=7)
    scores = b.op("Add", "logits", b.op("Gather", masks, which))
    # The best by score, not by log-probability: rounding could make two of the latter equal.
    _, best = b.op("TopK", scores, b.ints(1), axis=1, count=2)
    b.op("Squeeze", best, b.ints(1), out="token")
    chosen = b.op("GatherElements", b.op("LogSoftmax", scores, axis=1), best, axis=1)
    b.op("Squeeze", chosen, b.ints(1), out="logprob")
    rows = []
    for index, head in alignment_heads:
        rows.append(b.op("Gather", aligned[index], b.ints(head), axis=1))
    b.op("Concat", *rows, axis=1, out="alignment")

    b.output("token", "int64", ["B"])
    b.output("logprob", "float32", ["B"])
    b.output("logits", "float32", ["B", weights.vocabulary])
    for port in ("new_k", "new_v"):
        for index in range(weights.layers):
            b.output(f"{port}_{index}", "float32", ["B", weights.heads, "S", weights.head_dim])
    b.output("alignment", "float32", ["B", len(alignment_heads), "S", "T"])
    return b.build()


def _masks(size, suppress, suppress_begin):
    """Row 0 for any step, row 1 for the step that gives the first token of the text."""
    masks = np.zeros((2, size), np.float32)
    masks[:, suppress] = MASKED
    masks[1, suppress_begin] = MASKED
    return masks
