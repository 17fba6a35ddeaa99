"""The command from outside: bundles from wheels on disk, and every way it may fail."""

import fcntl
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import synthetic
from omniflow_models import bundles, home, progress, simple_yaml
from omniflow_models.errors import ModelsError

DRIVER = [sys.executable, "-B", str(FOLDER / "driver.py")]
ENTRY = [sys.executable, "-B", str(FOLDER.parent / "omniflow_models")]


class MakeTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.wheels = self.folder / "wheels"
        self.wheels.mkdir()
        self.home = self.folder / "home"
        self.content = synthetic.lock(self.wheels)
        self.lock = self.folder / "lock.json"
        self.write_lock()

    def write_lock(self):
        self.lock.write_text(json.dumps(self.content))

    def environment(self, home=None):
        return {
            **os.environ,
            "OMNIFLOW_HOME": str(home or self.home),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }

    def run_command(self, *arguments, file_limit=None, home=None):
        own = [str(self.lock)] + ([str(file_limit)] if file_limit else [])
        return subprocess.run(
            [*DRIVER, *own, "--", *arguments],
            capture_output=True,
            text=True,
            env=self.environment(home),
            timeout=120,
        )

    def start(self, *arguments):
        child = subprocess.Popen(
            [*DRIVER, str(self.lock), "--", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
        )
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stderr.close)
        return child

    def files(self, root=None):
        root = root or self.home / "bundles"
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def assert_failed(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stderr)
        lines = done.stderr.strip().splitlines()
        self.assertTrue(lines[-1].startswith("models: "), done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        for word in words:
            self.assertIn(word, lines[-1])

    def assert_nothing_made(self):
        left = [str(path) for path in (self.home / "bundles").rglob("*") if path.is_file()]
        self.assertEqual(left, [])
        self.assertEqual([str(path) for path in self.home.rglob(".tmp-*")], [])

    def test_makes_verifies_lists_and_cleans(self):
        done = self.run_command("make")
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        done = self.run_command("verify")
        self.assertEqual(done.stdout, "toy 1.0.0 ok\ntoy-vad 2.1.0 ok\n", done.stderr)
        rows = json.loads(self.run_command("list", "--json").stdout)
        self.assertEqual(
            [(row["name"], row["state"]) for row in rows], [("toy", "made"), ("toy-vad", "made")]
        )
        described = simple_yaml.load((self.home / "bundles/toy/1.0.0/bundle.yaml").read_text())
        self.assertEqual(described["parameters"]["languages"], {"en": 22, "no": 23})
        self.assertEqual(described["parameters"]["suppressedRanges"], [[3, 5], [9, 9], [21, 35]])
        self.assertEqual(described["parameters"]["alignmentHeads"], [[0, 1], [1, 3], [1, 0]])
        self.assertEqual(
            described["graphs"]["encoder"]["inputs"],
            {"mel": {"type": "float32", "shape": ["B", 80, "F"]}},
        )
        self.assertEqual(self.run_command("clean", "toy").returncode, 0)
        self.assertFalse((self.home / "bundles/toy").exists())
        self.assertTrue((self.home / "bundles/toy-vad").exists())
        self.assertEqual(self.run_command("clean", "--downloads").returncode, 0)
        self.assertEqual([path.name for path in (self.home / "bundles").iterdir()], [])
        self.assertFalse((self.home / "downloads").exists())

    def test_is_quiet_and_offline_once_made(self):
        self.run_command("make")
        shutil.rmtree(self.wheels)
        shutil.rmtree(self.home / "downloads")
        before = self.files()
        done = self.run_command("make")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertEqual(self.files(), before)

    def test_same_bytes_when_made_twice(self):
        self.assertEqual(self.run_command("make").returncode, 0)
        other = self.folder / "other"
        self.assertEqual(self.run_command("make", home=other).returncode, 0)
        self.assertEqual(self.files(), self.files(other / "bundles"))

    def test_wrong_hash_of_a_download(self):
        self.content["packages"]["toy-part-2"]["sha256"] = "0" * 64
        self.write_lock()
        self.assert_failed(self.run_command("make", "toy"), "toy-part-2", "0" * 64, "hash")
        self.assert_nothing_made()

    def test_wrong_hash_of_a_kept_download(self):
        self.run_command("make", "toy-vad")
        self.run_command("clean", "toy-vad")
        package = self.content["packages"]["toy-vad"]
        (self.home / "downloads" / package["file"]).write_bytes(b"something else")
        self.assert_failed(
            self.run_command("make", "toy-vad"), "toy-vad 2.0.0", package["sha256"], "got", "clean"
        )
        self.assert_nothing_made()

    def test_wrong_hash_of_the_joined_model(self):
        self.content["bundles"]["toy"]["parameters"]["modelSha256"] = "0" * 64
        self.write_lock()
        self.assert_failed(self.run_command("make", "toy"), "toy 1.0.0", "model.bin")
        self.assert_nothing_made()

    def test_missing_package(self):
        (self.wheels / self.content["packages"]["toy-vad"]["file"]).unlink()
        self.assert_failed(
            self.run_command("make", "toy-vad"), "toy-vad 2.0.0 could not be downloaded"
        )
        self.assert_nothing_made()

    def test_no_network(self):
        environment = {
            **self.environment(),
            "PIP_NO_INDEX": "0",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "1",
        }
        del environment["PIP_FIND_LINKS"]
        command = [*DRIVER, str(self.lock), "--", "make", "toy-vad"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
        self.assert_failed(done, "toy-vad 2.0.0", "could not be reached", "network")
        self.assert_nothing_made()

    def test_disk_full_before(self):
        self.content["bundles"]["toy"]["size"] = 10**18
        self.write_lock()
        self.assert_failed(self.run_command("make", "toy"), "free", "OMNIFLOW_HOME")
        self.assert_nothing_made()

    def test_disk_full_while_downloading(self):
        self.assert_failed(
            self.run_command("make", "toy", file_limit=100_000), "full", "OMNIFLOW_HOME"
        )
        self.assert_nothing_made()

    def test_disk_full_while_converting(self):
        self.run_command("make", "toy")
        size = (self.home / "bundles/toy/1.0.0/encoder.onnx").stat().st_size
        self.run_command("clean", "toy")
        self.assert_failed(
            self.run_command("make", "toy", file_limit=size - 1000),
            "toy 1.0.0",
            "full",
            "OMNIFLOW_HOME",
        )
        self.assert_nothing_made()

    def test_second_run_waits_and_finds_it_done(self):
        first = self.run_command("make", "toy-vad")
        self.assertEqual(first.returncode, 0, first.stderr)
        made = self.home / "bundles" / "toy-vad"
        aside = self.folder / "aside"
        made.rename(aside)
        with open(self.home / "models.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            second = self.start("make", "toy-vad")
            self.assertIn("waiting", second.stderr.readline())
            aside.rename(made)  # what the first run would do before it lets go
            before = (made / "2.1.0" / "vad.onnx").stat().st_ino
        self.assertEqual(second.wait(60), 0)
        self.assertEqual((made / "2.1.0" / "vad.onnx").stat().st_ino, before)

    def test_two_runs_at_once(self):
        runs = [self.start("make") for _ in range(2)]
        for child in runs:
            _, errors = child.communicate(timeout=120)
            self.assertEqual(child.returncode, 0, errors)
        self.assertEqual(self.run_command("verify").returncode, 0)

    def test_interrupted_while_converting(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                child = self.start("make", "toy")
                deadline = time.monotonic() + 60
                while (
                    not list(self.home.glob("bundles/toy/.tmp-*")) and time.monotonic() < deadline
                ):
                    time.sleep(0.01)
                child.send_signal(number)
                _, errors = child.communicate(timeout=60)
                self.assertEqual(child.returncode, 130, errors)
                self.assertIn("interrupted", errors)
                self.assert_nothing_made()

    def test_sweeps_what_a_killed_run_left(self):
        child = self.start("make", "toy")
        deadline = time.monotonic() + 60
        while not list(self.home.glob("bundles/toy/.tmp-*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        child.kill()
        child.communicate(timeout=60)
        time.sleep(1)  # its converter, which a kill does not reach, ends by itself
        self.assertFalse((self.home / "bundles/toy/1.0.0").exists())
        self.assertEqual(self.run_command("make", "toy").returncode, 0)
        self.assertEqual([str(path) for path in self.home.rglob(".tmp-*")], [])

    def test_corrupted_bundle(self):
        self.run_command("make", "toy-vad")
        graph = self.home / "bundles/toy-vad/2.1.0/vad.onnx"
        data = bytearray(graph.read_bytes())
        data[len(data) // 2] ^= 1
        graph.write_bytes(data)
        self.assert_failed(
            self.run_command("verify", "toy-vad"),
            "toy-vad 2.1.0",
            "vad.onnx",
            "expected",
            "got",
            "clean",
        )
        graph.unlink()
        self.assertEqual(
            json.loads(self.run_command("list", "--json").stdout)[1]["state"], "damaged"
        )
        self.assert_failed(self.run_command("verify", "toy-vad"), "vad.onnx is missing", "make")
        self.assertEqual(self.run_command("make", "toy-vad").returncode, 0)
        self.assertEqual(self.run_command("verify", "toy-vad").returncode, 0)

    def test_graph_that_does_not_load(self):
        self.run_command("make", "toy-vad")
        folder = self.home / "bundles/toy-vad/2.1.0"
        (folder / "vad.onnx").write_bytes(b"no graph")
        text = (folder / "bundle.yaml").read_text()
        old = simple_yaml.load(text)["files"]["vad.onnx"]
        (folder / "bundle.yaml").write_text(text.replace(old, home.sha256(folder / "vad.onnx")))
        self.assert_failed(self.run_command("verify", "toy-vad"), "vad.onnx does not load")

    def test_verify_of_what_is_not_made(self):
        self.assert_failed(self.run_command("verify"), "no bundle is made")
        self.assert_failed(self.run_command("verify", "toy"), "not made")

    def test_usage(self):
        for arguments in ([], ["grow"], ["make", "--loud"], ["make", "nothing-of-this-name"]):
            done = self.run_command(*arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
        for arguments in (
            ["--help"],
            ["list", "--help"],
            ["make", "--help"],
            ["verify", "--help"],
            ["clean", "--help"],
        ):
            done = self.run_command(*arguments)
            self.assertEqual(done.returncode, 0)
            self.assertIn("exit codes", done.stdout)

    def test_entry_needs_only_the_standard_library(self):
        environment = {**os.environ, "OMNIFLOW_HOME": str(self.home)}
        command = [sys.executable, "-I", "-S", "-B", ENTRY[-1], "list"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("whisper-base", done.stdout)


class HomeTest(unittest.TestCase):
    def test_default_places(self):
        user = pathlib.Path.home()
        self.assertEqual(home.default_home({"OMNIFLOW_HOME": "/a/b"}), pathlib.Path("/a/b"))
        if sys.platform != "darwin":
            self.assertEqual(
                home.default_home({"XDG_CACHE_HOME": "/c"}), pathlib.Path("/c/omniflow")
            )
            self.assertEqual(home.default_home({}), user / ".cache" / "omniflow")

    def test_description_without_its_maps_is_damage(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            (path / "bundle.yaml").write_text("schema: 1\n")
            with self.assertRaisesRegex(ModelsError, "no map called files"):
                bundles.read_description(path)
            self.assertIn("no map called files", bundles.damage(path))


class ProgressTest(unittest.TestCase):
    def test_speaks_only_of_what_takes_long(self):
        stream = io.StringIO()
        shown = progress.Progress(stream)
        with shown.stage("quick"):
            pass
        self.assertEqual(stream.getvalue(), "")
        written = threading.Event()
        stream.write = lambda text: written.set()
        with shown.stage("slow"):
            self.assertTrue(written.wait(30))


if __name__ == "__main__":
    unittest.main()
