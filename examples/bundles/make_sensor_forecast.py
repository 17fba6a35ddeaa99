#!/usr/bin/env python3
"""Makes the bundle `sensor-forecast`: an echo state network that forecasts a sensor's next reading.

    python make_sensor_forecast.py           writes the bundle beside this file
    python make_sensor_forecast.py --check   says whether what lies there is what it would write

An echo state network is a recurrent network of which only the read-out is learnt: the recurrent
weights are drawn once and stay as they are, so learning is one linear regression. It needs numpy
and onnx; `$OMNIFLOW_HOME/toolchain/HASH/bin/python`, which `omniflow models make` makes, has both.

The same bytes come out on any machine: chance is numpy's frozen generator, and weights are rounded
to 1/1024, which hides that sums and functions differ in their last bits between processors.
"""

import argparse
import hashlib
import pathlib
import shutil
import sys
import tempfile

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "models"))

from omniflow_models import simple_yaml  # noqa: E402
from omniflow_models.convert.graph import GraphBuilder, describe_ports, write_model  # noqa: E402

NAME = "sensor-forecast"
VERSION = "1.0.0"
LICENCE = "LICENCE-omniflow.txt"

UNITS = 32
LEAK = 0.5
SPECTRAL_RADIUS = 0.9
INPUT_SCALE = 0.5
RIDGE = 1e-2
GRID = 1024

# A reading an hour, and what follows the day.
DAY = 24
SETTLING = 2 * DAY
LEARNING = 4 * DAY
TEACHERS = 200
WASHOUT = DAY

HEADER = (
    "Made by make_sensor_forecast.py; do not edit."
    " Every value is JSON, so any YAML reader takes it."
)


def rounded(weights):
    """As near as 1/1024 allows, as float32, which holds that exactly."""
    return (np.round(np.asarray(weights) * GRID) / GRID).astype(np.float32)


def reservoir(random):
    """What is not learnt: recurrent weights, weights of the input, biases."""
    recurrent = random.random_sample((UNITS, UNITS)) * 2 - 1
    recurrent *= SPECTRAL_RADIUS / np.abs(np.linalg.eigvals(recurrent)).max()
    from_value = (random.random_sample(UNITS) * 2 - 1) * INPUT_SCALE
    bias = (random.random_sample(UNITS) * 2 - 1) * 0.2
    return rounded(recurrent), rounded(from_value), rounded(bias)


def readings(random, sensors, hours):
    """Sensors that follow the day, each in its way, and wander a little."""
    phase, second_phase, second = random.random_sample((3, sensors, 1))
    hour = np.arange(hours)
    day = np.sin(2 * np.pi * (hour / DAY + phase))
    half_day = np.sin(4 * np.pi * (hour / DAY + second_phase))
    wander = np.zeros((sensors, hours))
    for t in range(1, hours):
        wander[:, t] = 0.9 * wander[:, t - 1] + 0.1 * (random.random_sample(sensors) - 0.5)
    noise = 0.1 * (random.random_sample((sensors, hours)) - 0.5)
    return day + 0.5 * second * half_day + wander + noise


def scaled(values):
    """In the sensor's own units: spreads from its mean, as the session program knows them."""
    first = values[:, :SETTLING]
    return (values - first.mean(axis=1, keepdims=True)) / first.std(axis=1, keepdims=True)


def states(weights, values):
    """The network's states after each value, beginning with a state of zeros."""
    recurrent, from_value, bias = (weight.astype(np.float64) for weight in weights)
    state = np.zeros((values.shape[0], UNITS))
    after = []
    for t in range(values.shape[1]):
        drive = state @ recurrent.T + values[:, t : t + 1] * from_value + bias
        state = (1 - LEAK) * state + LEAK * np.tanh(drive)
        after.append(state)
    return np.stack(after, axis=1)


def features(weights, values):
    """What the read-out sees, and what it is to say: the change to the next value."""
    after = states(weights, values)[:, WASHOUT:-1]
    now = values[:, WASHOUT:-1]
    seen = np.concatenate([after, now[..., None], np.ones_like(now)[..., None]], axis=2)
    change = values[:, WASHOUT + 1 :] - now
    return seen.reshape(-1, UNITS + 2), change.reshape(-1)


def learn(weights, values):
    """The read-out, by ridge regression."""
    seen, change = features(weights, values)
    gram = seen.T @ seen / len(seen) + RIDGE / UNITS * np.eye(seen.shape[1])
    return rounded(np.linalg.solve(gram, seen.T @ change / len(seen)))


def graph(weights, readout):
    """value [B], state [B,UNITS] -> forecast [B], next_state [B,UNITS].

    Products and sums along a row, not MatMul: so every row is computed by itself, whoever shares
    its batch. A runtime may choose another kernel for the product of one row than for that of many,
    and where these differ in the last bit a session's forecast would depend on its neighbours. Rows
    of 32 units fill vector registers, so all rows are summed alike.
    """
    recurrent, from_value, bias = weights
    b = GraphBuilder(NAME)
    b.input("value", "float32", ["B"])
    b.input("state", "float32", ["B", UNITS])
    value = b.op("Unsqueeze", "value", b.ints(1))
    product = b.op("Mul", b.op("Unsqueeze", "state", b.ints(1)), b.weight("recurrent", recurrent))
    echo = b.op("ReduceSum", product, b.ints(2), keepdims=0)
    heard = b.op("Mul", value, b.weight("from_value", from_value))
    heard = b.op("Add", heard, b.weight("bias", bias))
    fresh = b.op("Tanh", b.op("Add", echo, heard))
    leak, keep = (b.constant(part, np.float32) for part in (LEAK, 1 - LEAK))
    b.op("Add", b.op("Mul", "state", keep), b.op("Mul", fresh, leak), out="next_state")
    b.output("forecast", "float32", ["B"])
    b.output("next_state", "float32", ["B", UNITS])
    read = b.op("Mul", "next_state", b.weight("readout", readout[:UNITS]))
    read = b.op("ReduceSum", read, b.ints(1), keepdims=0)
    kept = b.op("Mul", "value", b.constant(np.float32(1) + readout[UNITS], np.float32))
    b.op("Add", b.op("Add", read, kept), b.constant(readout[UNITS + 1], np.float32), out="forecast")
    return b.build()


def quality(weights, readout, random):
    """Root mean square errors on sensors that it has not seen: its own, and of saying that nothing
    changes.
    """
    seen, change = features(weights, scaled(readings(random, TEACHERS, SETTLING + LEARNING)))
    return float(np.sqrt(np.mean((seen @ readout - change) ** 2))), float(
        np.sqrt(np.mean(change**2))
    )


def write(folder):
    random = np.random.RandomState(20260101)
    weights = reservoir(random)
    readout = learn(weights, scaled(readings(random, TEACHERS, SETTLING + LEARNING)))
    model = graph(weights, readout)
    folder.mkdir(parents=True, exist_ok=True)
    write_model(model, folder / "forecast.onnx")
    shutil.copyfile(ROOT / "LICENSE", folder / LICENCE)
    inputs, outputs = describe_ports(model)
    flow = simple_yaml.Flow
    description = {
        "schema": 1,
        "name": NAME,
        "version": VERSION,
        "kind": "forecast",
        "program": "sensor-alarms",
        "licences": [flow(name="Apache-2.0", text=LICENCE, covers="weights, made by Omniflow")],
        "sources": [],
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in [folder / LICENCE, folder / "forecast.onnx"]
        },
        "graphs": {
            "forecast": {
                "file": "forecast.onnx",
                "precision": "float32",
                "maxBatchSize": 256,
                "inputs": {name: flow(port) for name, port in inputs.items()},
                "outputs": {name: flow(port) for name, port in outputs.items()},
            }
        },
        "parameters": {
            "units": UNITS,
            "settlingReadings": SETTLING,
            "learningReadings": DAY * 3,
            "valueLimit": 4.0,
            "alarmFactor": 6.0,
            "quietReadings": DAY,
        },
    }
    (folder / "bundle.yaml").write_text(simple_yaml.dump(description, HEADER), "utf-8")
    return quality(weights, readout, random)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    arguments = parser.parse_args()
    target = HERE / NAME / VERSION
    if not arguments.check:
        own, idle = write(target)
        print(f"wrote {target}")
        print(f"root mean square error {own:.4f}, of saying that nothing changes {idle:.4f}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        made = pathlib.Path(folder)
        write(made)
        differing = [
            path.name
            for path in sorted(made.iterdir())
            if not (target / path.name).is_file()
            or (target / path.name).read_bytes() != path.read_bytes()
        ]
    for name in differing:
        print(f"{target / name} is not what this script writes: run it", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
