import json
import pathlib
import sys
import unittest

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import reference_vectors


class ReferenceVectorsTest(unittest.TestCase):
    def test_fixture_is_what_the_script_writes(self):
        fixture = json.loads((FOLDER / "fixtures" / "log_mel.json").read_text("utf-8"))
        for spec, vector in zip(reference_vectors.SIGNALS, fixture["vectors"], strict=True):
            features = reference_vectors.log_mel(reference_vectors.signal(spec))
            self.assertEqual(vector["signal"], spec)
            self.assertEqual(vector["shape"], list(features.shape))
            for frame, values in vector["frames"].items():
                np.testing.assert_allclose(features[:, int(frame)], values, atol=2e-6)

    def test_a_tone_lies_in_its_band(self):
        tone = {
            "samples": 16000,
            "voiced": 16000,
            "tones": [[0.5, 1000.0]],
            "noise": 0.0,
            "seed": 1,
        }
        features = reference_vectors.log_mel(reference_vectors.signal(tone))
        self.assertEqual(features.shape, (80, 100))
        # 1000 Hz is mel 15 of 45.2 in all, so band 15 / 45.2 * 81, less the first edge.
        self.assertEqual(features[:, 50].argmax(), 26)


if __name__ == "__main__":
    unittest.main()
