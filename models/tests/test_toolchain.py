import pathlib
import sys
import tempfile
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from omniflow_models import toolchain
from omniflow_models.errors import ModelsError
from omniflow_models.home import Home
from omniflow_models.progress import Progress


class ToolchainTest(unittest.TestCase):
    def test_says_which_package_brings_ensurepip(self):
        with tempfile.TemporaryDirectory() as folder:
            chain = toolchain.Toolchain(Home(folder))
            with unittest.mock.patch("importlib.util.find_spec", return_value=None):
                with self.assertRaisesRegex(ModelsError, "apt-get install python3-venv"):
                    chain.prepare(Progress())

    def test_requirements_change_the_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "requirements.txt"
            other.write_text("numpy==1\n")
            home = Home(folder)
            self.assertNotEqual(
                toolchain.Toolchain(home).folder, toolchain.Toolchain(home, other).folder
            )

    def test_explains_what_pip_says(self):
        mismatch = (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
            "    toy==1 from file:///toy.whl:\n"
            "        Expected sha256 aaa\n             Got        bbb\n"
        )
        for output, expected in (
            (mismatch, "Expected sha256 aaa; Got        bbb"),
            ("OSError: [Errno 28] No space left on device", "is full"),
            ("WARNING: Retrying after connection broken\nERROR: No matching", "not be reached"),
            ("ERROR: No matching distribution found for toy==1", "found for toy==1"),
            ("Traceback\nERROR: something odd\n", "failed: something odd"),
            ("", "no reason was given"),
        ):
            with self.subTest(output=output):
                self.assertIn(expected, str(toolchain.explain(output, "it failed", "home")))

    def test_every_wheel_of_the_tool_chain_has_its_hash(self):
        lines = toolchain.REQUIREMENTS.read_text("utf-8").splitlines()
        pins = [line for line in lines if "==" in line and not line.startswith("#")]
        self.assertGreaterEqual(len(pins), 6)
        for pin in pins:
            self.assertTrue(pin.endswith("\\"), pin)
            self.assertIn("--hash=sha256:", lines[lines.index(pin) + 1])


if __name__ == "__main__":
    unittest.main()
