"""Silero's voice activity detector for 16 kHz, rebuilt as a plain graph: no sample-rate input, no
branches, one row a session.

The published graph traces PyTorch: it rebuilds constants at every call, asks `If` questions whose
answers are known, and keeps its state as [2,B,128]. The same operators on the same weights, in the
same order, give the same bits.
"""

import numpy as np
from onnx import numpy_helper

from ..errors import ModelsError
from .graph import GraphBuilder

CONTEXT = 64
CHUNK = 512
SAMPLES = CONTEXT + CHUNK
STATE = 128
_FFT = 256
_HOP = 128
_BINS = _FFT // 2 + 1
_STRIDES = (1, 2, 2, 1)


def build(source):
    """`source` is the published model as an onnx ModelProto."""
    stored = {weight.name: numpy_helper.to_array(weight) for weight in source.graph.initializer}

    def weight(name, shape):
        if name not in stored or stored[name].shape != shape:
            found = stored[name].shape if name in stored else "nothing"
            raise ModelsError(
                f"the Silero model should hold {name} of shape {shape}, and holds {found}"
            )
        return stored[name]

    b = GraphBuilder("silero-vad")
    b.input("samples", "float32", ["B", SAMPLES])
    b.input("state", "float32", ["B", 2, STATE])
    padded = b.op("Pad", "samples", b.ints(0, 0, 0, CONTEXT), mode="reflect")
    basis = b.weight("stft", weight("model.stft.forward_basis_buffer", (2 * _BINS, 1, _FFT)))
    spectrum = b.op(
        "Conv", b.op("Unsqueeze", padded, b.ints(1)), basis, kernel_shape=[_FFT], strides=[_HOP]
    )
    real, imaginary = b.op("Split", spectrum, b.ints(_BINS, _BINS), axis=1, count=2)
    x = b.op("Sqrt", b.op("Add", b.op("Mul", real, real), b.op("Mul", imaginary, imaginary)))
    channels = (_BINS, 128, 64, 64, 128)
    for index, stride in enumerate(_STRIDES):
        name = f"model.encoder.{index}.reparam_conv"
        kernel = b.weight(
            f"encoder.{index}.weight",
            weight(name + ".weight", (channels[index + 1], channels[index], 3)),
        )
        bias = b.weight(f"encoder.{index}.bias", weight(name + ".bias", (channels[index + 1],)))
        x = b.op(
            "Relu", b.op("Conv", x, kernel, bias, kernel_shape=[3], pads=[1, 1], strides=[stride])
        )

    # [B,128,1] is one step for the recurrent layer: [1,B,128].
    step = b.op("Transpose", x, perm=[2, 0, 1])
    state = b.op("Transpose", "state", perm=[1, 0, 2])
    hidden, cell = b.op("Split", state, b.ints(1, 1), axis=0, count=2)
    gates = {
        part: np.concatenate(
            [
                _reordered(weight(f"model.decoder.rnn.{stem}_{source}", shape))
                for stem, source in sources
            ],
            axis=0,
        )
        for part, sources, shape in (
            ("input", (("weight", "ih"),), (4 * STATE, STATE)),
            ("recurrent", (("weight", "hh"),), (4 * STATE, STATE)),
            ("bias", (("bias", "ih"), ("bias", "hh")), (4 * STATE,)),
        )
    }
    names = [b.weight("rnn." + part, gates[part][None]) for part in ("input", "recurrent", "bias")]
    _, hidden, cell = b.op("LSTM", step, *names, "", hidden, cell, hidden_size=STATE, count=3)
    b.op("Transpose", b.op("Concat", hidden, cell, axis=0), perm=[1, 0, 2], out="next_state")

    kernel = b.weight("head.weight", weight("model.decoder.decoder.2.weight", (1, STATE, 1)))
    bias = b.weight("head.bias", weight("model.decoder.decoder.2.bias", (1,)))
    features = b.op("Relu", b.op("Transpose", hidden, perm=[1, 2, 0]))
    score = b.op("Sigmoid", b.op("Conv", features, kernel, bias, kernel_shape=[1]))
    b.op("Squeeze", score, b.ints(1, 2), out="probability")
    b.output("probability", "float32", ["B"])
    b.output("next_state", "float32", ["B", 2, STATE])
    return b.build()


def _reordered(gates):
    """From PyTorch's order of gates (input, forget, cell, output) to that of ONNX (input, output,
    forget, cell).
    """
    first, forget, cell, last = np.split(gates, 4)
    return np.concatenate([first, last, forget, cell])
