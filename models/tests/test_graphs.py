"""The graphs against a forward pass in numpy that shares no code with them."""

import math
import pathlib
import sys
import unittest

import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import synthetic
from omniflow_models.convert import ctranslate2, silero, whisper
from omniflow_models.errors import ModelsError
from synthetic import CONFIG, HEADS, LAYERS, VOCABULARY, WIDTH

HEAD_DIM = WIDTH // HEADS
SUPPRESSED = [3, 4, 5, 9, *range(synthetic.WORDS + 1, VOCABULARY)]


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def run(graph, inputs):
    """All outputs by name; also holds them to the shapes that the graph declares."""
    values = graph.run(None, inputs)
    for port, value in zip(graph.get_outputs(), values):
        assert len(port.shape) == value.ndim, (port.name, port.shape, value.shape)
        for declared, actual in zip(port.shape, value.shape):
            assert not isinstance(declared, int) or declared == actual, (
                port.name,
                port.shape,
                value.shape,
            )
    return {port.name: value for port, value in zip(graph.get_outputs(), values)}


class Reference:
    """Whisper, one utterance at a time, in float64."""

    def __init__(self, variables):
        self.w = {name: array.astype(np.float64) for name, array in variables.items()}

    def linear(self, x, name):
        return x @ self.w[name + "/weight"].T + self.w[name + "/bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * self.w[name + "/gamma"] + self.w[name + "/beta"]

    @staticmethod
    def gelu(x):
        return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))

    @staticmethod
    def heads(x):
        return x.reshape(len(x), HEADS, HEAD_DIM).transpose(1, 0, 2)

    def attend(self, query, key, value, mask=0.0):
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(HEAD_DIM) + mask
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return (weights @ value).transpose(1, 0, 2).reshape(query.shape[1], WIDTH), weights

    def feed_forward(self, x, base):
        inner = self.gelu(
            self.linear(self.norm(x, base + "/ffn/layer_norm"), base + "/ffn/linear_0")
        )
        return x + self.linear(inner, base + "/ffn/linear_1")

    def convolve(self, x, name, stride):
        kernel, padded = self.w[name + "/weight"], np.pad(x, ((0, 0), (1, 1)))
        steps = range(0, x.shape[1], stride)
        columns = [np.einsum("oik,ik->o", kernel, padded[:, at : at + 3]) for at in steps]
        return self.gelu(np.stack(columns, 1) + self.w[name + "/bias"][:, None])

    def encode(self, mel):
        x = self.convolve(
            self.convolve(mel.astype(np.float64), "encoder/conv1", 1), "encoder/conv2", 2
        ).T
        x = x + self.w["encoder/position_encodings/encodings"][: len(x)]
        for layer in range(LAYERS):
            base = f"encoder/layer_{layer}"
            fused = self.linear(
                self.norm(x, base + "/self_attention/layer_norm"), base + "/self_attention/linear_0"
            )
            mixed, _ = self.attend(*map(self.heads, np.split(fused, 3, -1)))
            x = self.feed_forward(x + self.linear(mixed, base + "/self_attention/linear_1"), base)
        x = self.norm(x, "encoder/layer_norm")
        cross = [
            np.split(self.linear(x, f"decoder/layer_{layer}/attention/linear_1"), 2, -1)
            for layer in range(LAYERS)
        ]
        return [(self.heads(key), self.heads(value)) for key, value in cross]

    def decode(self, tokens, cross):
        """Logits of the last position, keys and values of every layer, and cross-attention weights
        [layer][H,S,T].
        """
        count = len(tokens)
        x = (
            self.w["decoder/embeddings/weight"][tokens]
            + self.w["decoder/position_encodings/encodings"][:count]
        )
        mask = np.triu(np.full((count, count), -np.inf), 1)
        kept, seen = [], []
        for layer in range(LAYERS):
            base = f"decoder/layer_{layer}"
            fused = self.linear(
                self.norm(x, base + "/self_attention/layer_norm"), base + "/self_attention/linear_0"
            )
            query, key, value = map(self.heads, np.split(fused, 3, -1))
            kept.append((key, value))
            mixed, _ = self.attend(query, key, value, mask)
            x = x + self.linear(mixed, base + "/self_attention/linear_1")
            query = self.heads(
                self.linear(
                    self.norm(x, base + "/attention/layer_norm"), base + "/attention/linear_0"
                )
            )
            mixed, weights = self.attend(query, *cross[layer])
            seen.append(weights)
            x = self.feed_forward(x + self.linear(mixed, base + "/attention/linear_2"), base)
        logits = self.norm(x[-1], "decoder/layer_norm") @ self.w["decoder/embeddings/weight"].T
        return logits, kept, seen


class WhisperTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.variables = synthetic.variables()
        _, read = ctranslate2.read(synthetic.ctranslate2_file(cls.variables))
        cls.weights = whisper.Weights(read)
        cls.reference = Reference(cls.variables)
        cls.random = np.random.default_rng(5)
        cls.mel = cls.random.standard_normal((3, 80, 30)).astype(np.float32)
        cls.cross = [cls.reference.encode(mel) for mel in cls.mel]
        cls.decoders = {name: session(cls.decoder(name)) for name in ("float32", "int8-weight")}

    @classmethod
    def decoder(cls, precision):
        heads = CONFIG["alignment_heads"]
        return whisper.build_decoder(
            cls.weights, precision, SUPPRESSED, CONFIG["suppress_ids_begin"], heads
        )

    def inputs(self, tokens, past_len, past=None, width=0, begin=0.0):
        """One row's inputs; `past` is [(key, value)] by layer, padded with what must not be seen to
        `width`.
        """
        fed = {
            "tokens": np.array([tokens], np.int64),
            "past_len": np.array([past_len], np.int64),
            "begin": np.array([begin], np.float32),
        }
        for layer in range(LAYERS):
            for part, name in enumerate("kv"):
                room = np.full((HEADS, width, HEAD_DIM), 37.0, np.float32)
                if past is not None:
                    room[:, :past_len] = past[layer][part][:, :past_len]
                fed[f"past_{name}_{layer}"] = room[None]
                fed[f"cross_{name}_{layer}"] = self.cross[0][layer][part].astype(np.float32)[None]
        return fed

    def test_encoder_equals_reference(self):
        graph = session(whisper.build_encoder(self.weights, "float32"))
        out = run(graph, {"mel": self.mel})
        for row in range(len(self.mel)):
            for layer in range(LAYERS):
                for part, name in enumerate("kv"):
                    np.testing.assert_allclose(
                        out[f"cross_{name}_{layer}"][row], self.cross[row][layer][part], atol=2e-5
                    )

    def test_quantised_encoders_are_close(self):
        for precision, tolerance in (
            ("int8-dynamic", 0.05),
            ("int8-row", 0.04),
            ("int8-weight", 0.04),
        ):
            out = run(
                session(whisper.build_encoder(self.weights, precision)), {"mel": self.mel[:1]}
            )
            for layer in range(LAYERS):
                expected = self.cross[0][layer][0]
                error = np.sqrt(
                    ((out[f"cross_k_{layer}"][0] - expected) ** 2).mean() / (expected**2).mean()
                )
                self.assertLess(error, tolerance, precision)

    def test_batch_changes_no_row_of_the_encoder(self):
        loud = self.mel * np.array([1, 30, 0.01], np.float32)[:, None, None]
        for precision in ("float32", "int8-row", "int8-weight"):
            graph = session(whisper.build_encoder(self.weights, precision))
            together = run(graph, {"mel": loud})
            for row in range(len(loud)):
                for name, value in run(graph, {"mel": loud[row : row + 1]}).items():
                    np.testing.assert_array_equal(
                        value[0], together[name][row], f"{precision} {name} row {row}"
                    )

    def test_silent_input_is_finite_in_every_precision(self):
        for precision in whisper.PRECISIONS:
            out = run(
                session(whisper.build_encoder(self.weights, precision)),
                {"mel": np.zeros((1, 80, 2), np.float32)},
            )
            self.assertTrue(all(np.isfinite(value).all() for value in out.values()), precision)

    def test_prefill_equals_reference(self):
        tokens = [21, 22, 25, 29, 7]
        logits, kept, seen = self.reference.decode(tokens, self.cross[0])
        out = run(self.decoders["float32"], self.inputs(tokens, 0))
        np.testing.assert_allclose(out["logits"][0], logits, atol=1e-4)
        for layer in range(LAYERS):
            for part, name in enumerate("kv"):
                np.testing.assert_allclose(
                    out[f"new_{name}_{layer}"][0], kept[layer][part], atol=1e-4
                )
        for place, (layer, head) in enumerate(CONFIG["alignment_heads"]):
            np.testing.assert_allclose(out["alignment"][0, place], seen[layer][head], atol=1e-5)

    def test_step_on_a_padded_past_equals_reference(self):
        tokens = [21, 22, 25, 29, 7, 11]
        logits, kept, _ = self.reference.decode(tokens, self.cross[0])
        for width in (5, 8, 16):
            out = run(self.decoders["float32"], self.inputs(tokens[5:], 5, kept, width))
            np.testing.assert_allclose(out["logits"][0], logits, atol=1e-4)

    def test_several_tokens_on_a_padded_past_equal_reference(self):
        tokens = [21, 22, 25, 29, 7, 11]
        logits, kept, _ = self.reference.decode(tokens, self.cross[0])
        out = run(self.decoders["float32"], self.inputs(tokens[3:], 3, kept, 8))
        np.testing.assert_allclose(out["logits"][0], logits, atol=1e-4)

    def test_chosen_token_is_the_best_that_may_be_said(self):
        for tokens in ([21, 22, 25, 29], [21, 2], [1, 7, 8]):
            for begin in (0.0, 1.0):
                out = run(self.decoders["float32"], self.inputs(tokens, 0, begin=begin))
                scores = out["logits"][0].astype(np.float64)
                scores[SUPPRESSED] = -np.inf
                if begin:
                    scores[CONFIG["suppress_ids_begin"]] = -np.inf
                self.assertEqual(out["token"][0], scores.argmax())
                best = scores.max()
                self.assertAlmostEqual(
                    out["logprob"][0], -np.log(np.exp(scores - best).sum()), places=5
                )

    def test_begin_suppresses_what_would_have_won(self):
        graph = session(
            whisper.build_decoder(
                self.weights, "float32", [], list(range(5)), CONFIG["alignment_heads"]
            )
        )
        free = run(graph, self.inputs([21], 0, begin=0.0))
        held = run(graph, self.inputs([21], 0, begin=1.0))
        np.testing.assert_array_equal(free["logits"], held["logits"])
        self.assertGreaterEqual(held["token"][0], 5)

    def test_batch_changes_no_row_of_the_decoder(self):
        tokens = [21, 22, 25, 29, 7]
        _, kept, _ = self.reference.decode(tokens, self.cross[0])
        rows = [
            self.inputs([7], length, kept, 8, begin)
            for length, begin in ((4, 0.0), (1, 1.0), (3, 0.0))
        ]
        for row, fed in enumerate(rows):
            for layer in range(LAYERS):
                for part, name in enumerate("kv"):
                    fed[f"cross_{name}_{layer}"] = self.cross[row][layer][part].astype(np.float32)[
                        None
                    ]
        together = {name: np.concatenate([fed[name] for fed in rows]) for name in rows[0]}
        for precision, graph in self.decoders.items():
            batched = run(graph, together)
            for row, fed in enumerate(rows):
                for name, value in run(graph, fed).items():
                    np.testing.assert_array_equal(
                        value[0], batched[name][row], f"{precision} {name} row {row}"
                    )

    def test_same_weights_give_the_same_bytes(self):
        for precision in whisper.PRECISIONS:
            one, two = (
                whisper.build_encoder(self.weights, precision).SerializeToString(deterministic=True)
                for _ in "12"
            )
            self.assertEqual(one, two)
        one, two = (self.decoder("int8-weight").SerializeToString(deterministic=True) for _ in "12")
        self.assertEqual(one, two)

    def test_refuses_files_that_are_no_ctranslate2(self):
        whole = synthetic.ctranslate2_file(self.variables)
        for data, reason in (
            (whole[:-10], "ends too early"),
            (whole + b"x", "1 bytes follow"),
            (synthetic.ctranslate2_file(self.variables, version=7), "version 7"),
        ):
            with self.assertRaisesRegex(ModelsError, reason):
                ctranslate2.read(data)

    def test_refuses_an_unknown_precision(self):
        with self.assertRaisesRegex(ModelsError, "int4"):
            whisper.build_encoder(self.weights, "int4")


class SileroTest(unittest.TestCase):
    def setUp(self):
        self.made = synthetic.silero_weights()
        self.graph = session(silero.build(synthetic.silero_model(self.made)))

    def reference(self, samples, state):
        w = {
            name.removeprefix("model."): array.astype(np.float64)
            for name, array in self.made.items()
        }
        padded = np.pad(samples.astype(np.float64), (0, 64), mode="reflect")
        frames = np.stack([padded[at : at + 256] for at in range(0, len(padded) - 255, 128)], 1)
        spectrum = w["stft.forward_basis_buffer"][:, 0] @ frames
        x = np.sqrt(spectrum[:129] ** 2 + spectrum[129:] ** 2)
        for index, stride in enumerate((1, 2, 2, 1)):
            name = f"encoder.{index}.reparam_conv"
            wide = np.pad(x, ((0, 0), (1, 1)))
            columns = [
                np.einsum("oik,ik->o", w[name + ".weight"], wide[:, at : at + 3])
                for at in range(0, x.shape[1], stride)
            ]
            x = np.maximum(0, np.stack(columns, 1) + w[name + ".bias"][:, None])
        gates = w["decoder.rnn.weight_ih"] @ x[:, 0] + w["decoder.rnn.bias_ih"]
        gates += w["decoder.rnn.weight_hh"] @ state[0] + w["decoder.rnn.bias_hh"]
        first, forget, candidate, last = np.split(gates, 4)
        squash = lambda value: 1 / (1 + np.exp(-value))  # noqa: E731
        cell = squash(forget) * state[1] + squash(first) * np.tanh(candidate)
        hidden = squash(last) * np.tanh(cell)
        score = (
            w["decoder.decoder.2.weight"][0, :, 0] @ np.maximum(0, hidden)
            + w["decoder.decoder.2.bias"][0]
        )
        return squash(score), np.stack([hidden, cell])

    def test_equals_reference_over_a_sequence(self):
        random = np.random.default_rng(1)
        state, expected = np.zeros((1, 2, 128), np.float32), np.zeros((2, 128))
        for _ in range(5):
            samples = random.standard_normal((1, 576)).astype(np.float32)
            out = run(self.graph, {"samples": samples, "state": state})
            probability, expected = self.reference(samples[0], expected)
            state = out["next_state"]
            np.testing.assert_allclose(out["probability"][0], probability, atol=1e-5)
            np.testing.assert_allclose(state[0], expected, atol=1e-5)

    def test_batch_changes_no_row(self):
        random = np.random.default_rng(2)
        samples = random.standard_normal((7, 576)).astype(np.float32)
        state = random.standard_normal((7, 2, 128)).astype(np.float32)
        together = run(self.graph, {"samples": samples, "state": state})
        for row in range(7):
            alone = run(
                self.graph, {"samples": samples[row : row + 1], "state": state[row : row + 1]}
            )
            for name, value in alone.items():
                np.testing.assert_array_equal(value[0], together[name][row])

    def test_names_the_weight_that_is_missing(self):
        del self.made["model.decoder.rnn.weight_hh"]
        with self.assertRaisesRegex(ModelsError, "weight_hh"):
            silero.build(synthetic.silero_model(self.made))


if __name__ == "__main__":
    unittest.main()
