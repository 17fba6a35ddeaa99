"""Weights in 8 bits, three ways; each is plain arithmetic on float32, so the bytes do not depend on
the machine.

*Dynamic* multiplies 8 bits by 8 bits with one scale for the whole activation tensor: cheap, but
neighbours in a batch change each other's result, so a graph with it may only run at batch 1; and
one loud frame takes the precision of all others. *Row* gives every row a scale of its own: nearly
as cheap, rows know nothing of each other, and the products are exact integers. *Weight-only* has
its activations quantised block by block of each row, by the kernel (`accuracy_level` 4): the most
exact, best where there are few rows.
"""

import numpy as np

from ..errors import ModelsError
from .graph import CONTRIB

BLOCK = 32
_ACCURACY_INT8 = 4


def _per_output(weight):
    """Signed, symmetric, one scale for each output."""
    scale = np.abs(weight).max(axis=1) / np.float32(127)
    scale[scale == 0] = 1
    return np.clip(np.rint(weight / scale[:, None]), -127, 127).astype(np.int8), scale


def dynamic_int8(builder, x, name, weight, out=None):
    """x times the transpose of `weight` [out, in]."""
    quantized, scale = _per_output(weight)
    activation, activation_scale, zero = builder.op("DynamicQuantizeLinear", x, count=3)
    weights = builder.weight(name + ".int8", quantized.T)
    product = builder.op("MatMulInteger", activation, weights, zero)
    scales = builder.op("Mul", activation_scale, builder.weight(name + ".scale", scale))
    return builder.op("Mul", builder.op("Cast", product, to=1), scales, out=out)


class RowQuantizer:
    """Linear layers on rows of their own scale. A tensor that several layers share is quantised
    once.
    """

    _QUANTIZED_ZERO = 128

    def __init__(self, builder):
        self._builder = builder
        self._rows = {}

    def linear(self, x, name, weight, out=None):
        """x [B,T,in] times the transpose of `weight` [out, in]."""
        b = self._builder
        if x not in self._rows:
            self._rows[x] = self._quantize(x, weight.shape[1])
        rows, zero, row_scale, length = self._rows[x]
        quantized, scale = _per_output(weight)
        product = b.op(
            "MatMulIntegerToFloat",
            rows,
            b.weight(name + ".int8", quantized.T),
            b.constant(1, np.float32),
            b.weight(name + ".scale", scale),
            zero,
            domain=CONTRIB,
        )
        shape = b.op("Concat", length, b.ints(weight.shape[0]), axis=0)
        return b.op("Reshape", b.op("Mul", product, row_scale), shape, out=out)

    def _quantize(self, x, width):
        b = self._builder
        flat = b.op("Reshape", x, b.ints(-1, width))
        largest = b.op("ReduceMax", b.op("Abs", flat), b.ints(1), keepdims=0)
        # The floor keeps a row of zeros from being divided by zero; it is far below any row that
        # means something.
        scale = b.op(
            "Mul",
            b.op("Max", largest, b.constant(1e-20, np.float32)),
            b.constant(1 / 127, np.float32),
        )
        zero = b.constant(self._QUANTIZED_ZERO, np.uint8)
        zeros = b.op("Expand", zero, b.op("Shape", scale))
        rows = b.op("QuantizeLinear", flat, scale, zeros, axis=0)
        return rows, zero, b.op("Unsqueeze", scale, b.ints(1)), b.op("Shape", x, start=0, end=2)


def weight_int8(builder, x, name, weight, out=None):
    """x times the transpose of `weight` [out, in]: blocks of 32 inputs share a scale; 128 stands
    for zero.
    """
    outputs, inputs = weight.shape
    if inputs % BLOCK:
        raise ModelsError(
            f"{name} has {inputs} inputs; blocks of {BLOCK} need a multiple of {BLOCK}"
        )
    blocks = weight.reshape(outputs, inputs // BLOCK, BLOCK)
    scale = np.abs(blocks).max(axis=2) / np.float32(127)
    scale[scale == 0] = 1
    quantized = (np.clip(np.rint(blocks / scale[:, :, None]), -127, 127) + 128).astype(np.uint8)
    return builder.op(
        "MatMulNBits",
        x,
        builder.weight(name + ".uint8", quantized),
        builder.weight(name + ".scale", scale),
        out=out,
        domain=CONTRIB,
        K=inputs,
        N=outputs,
        bits=8,
        block_size=BLOCK,
        accuracy_level=_ACCURACY_INT8,
    )
