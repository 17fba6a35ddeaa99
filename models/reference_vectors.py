#!/usr/bin/env python3
"""Writes reference vectors of Whisper's log-mel spectrogram, computed from its definition with
numpy alone.

It shares no code with the Java features that are tested against it: the Fourier transform is a
matrix product in float64, and the filters come from Slaney's formula. Usage: `reference_vectors.py
OUTPUT.json`.

Signal: sample n (from 0) of a signal at 16 kHz is, for n < voiced, the sum over its tones of
`amplitude * sin(2 * pi * frequency * n / 16000)`, and 0 from there on; to every sample, noise is
added: `noise * (x[n] / 2**31 - 1)` with `x[n] = (1103515245 * x[n - 1] + 12345) mod 2**32` and
`x[-1] = seed`. All of it in float64; the sum is rounded to float32.

Features: reflect the signal by 200 samples at both ends; frames of 400 samples each 160; periodic
Hann window; power of the Fourier transform (201 bins); the last frame is dropped; 80 triangular
filters on Slaney's mel scale from 0 to 8000 Hz, each scaled by 2 / (its width in Hz); log10 of at
least 1e-10; at least the maximum of all less 8; (x + 4) / 4.
"""

import json
import sys

import numpy as np

RATE, N_FFT, HOP, N_MELS = 16000, 400, 160, 80
TONES = [[0.30, 220.0], [0.15, 440.0], [0.08, 1234.5], [0.05, 3100.0], [0.02, 6500.0]]
SIGNALS = [
    {
        "name": "quiet-tail",
        "samples": 51200,
        "voiced": 32000,
        "tones": TONES,
        "noise": 0.001,
        "seed": 12345,
    },
    {
        "name": "short",
        "samples": 11200,
        "voiced": 11200,
        "tones": TONES[:3],
        "noise": 0.01,
        "seed": 777,
    },
]
FRAMES = 20


def signal(spec):
    count = spec["samples"]
    time = np.arange(count, dtype=np.float64)
    total = sum(
        amplitude * np.sin(2 * np.pi * frequency * time / RATE)
        for amplitude, frequency in spec["tones"]
    )
    total[spec["voiced"] :] = 0
    noise = np.empty(count)
    state = spec["seed"]
    for index in range(count):
        state = (1103515245 * state + 12345) % 2**32
        noise[index] = state / 2**31 - 1
    return (total + spec["noise"] * noise).astype(np.float32)


def mel_filters():
    """[80,201], after Slaney: linear up to 1 kHz (200/3 Hz a mel), logarithmic above (27 steps for
    a factor of 6.4).
    """

    def to_mel(hertz):
        return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)

    def to_hertz(mel):
        return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)

    edges = np.array([to_hertz(mel) for mel in np.linspace(0, to_mel(RATE / 2), N_MELS + 2)])
    bins = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    filters = np.zeros((N_MELS, len(bins)))
    for index in range(N_MELS):
        low, middle, high = edges[index : index + 3]
        rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
        filters[index] = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return filters


def log_mel(samples):
    """[80, frames] in float64."""
    padded = np.pad(samples.astype(np.float64), N_FFT // 2, mode="reflect")
    count = 1 + (len(padded) - N_FFT) // HOP - 1
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    frames = np.stack(
        [padded[HOP * index : HOP * index + N_FFT] * window for index in range(count)]
    )
    angles = 2 * np.pi * np.outer(np.arange(N_FFT), np.arange(N_FFT // 2 + 1)) / N_FFT
    power = (frames @ np.cos(angles)) ** 2 + (frames @ np.sin(angles)) ** 2
    logarithm = np.log10(np.maximum(mel_filters() @ power.T, 1e-10))
    return (np.maximum(logarithm, logarithm.max() - 8) + 4) / 4


def vectors():
    result = []
    for spec in SIGNALS:
        features = log_mel(signal(spec))
        count = features.shape[1]
        chosen = sorted({round(index * (count - 1) / (FRAMES - 1)) for index in range(FRAMES)})
        frames = {
            str(frame): [round(float(value), 6) for value in features[:, frame]] for frame in chosen
        }
        result.append({"signal": spec, "shape": [N_MELS, count], "frames": frames})
    return {
        "description": __doc__.split("\n\n", 1)[1].strip(),
        "sampleRate": RATE,
        "vectors": result,
    }


def render(value):
    """JSON with one frame a line."""
    text = json.dumps(value, indent=1)
    lines, collecting = [], None
    for line in text.split("\n"):
        if collecting is not None:
            collecting += " " + line.strip()
            if line.strip() in ("]", "],"):
                lines.append(collecting.replace("[ ", "[").replace(" ]", "]"))
                collecting = None
        elif (
            line.endswith("[")
            and line.lstrip().startswith('"')
            and line.strip().split('"')[1].isdigit()
        ):
            collecting = line
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def main(arguments):
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stdout if arguments in (["-h"], ["--help"]) else sys.stderr)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    with open(arguments[0], "w", encoding="utf-8") as file:
        file.write(render(vectors()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
