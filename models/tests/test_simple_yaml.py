import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from omniflow_models import simple_yaml
from omniflow_models.errors import ModelsError
from omniflow_models.simple_yaml import Flow


class SimpleYamlTest(unittest.TestCase):
    def test_reads_what_it_wrote(self):
        value = {
            "schema": 1,
            "text": 'quotes " and : colons # and ümlauts\n',
            "deep": {"deeper": {"list": [1, "a", None], "empty": {}, "none": []}},
            "rows": [{"a": 1, "b": [2]}, {"a": 2, "b": []}],
            "port": Flow(type="float32", shape=["B", 80]),
            "after": True,
        }
        self.assertEqual(simple_yaml.load(simple_yaml.dump(value, "two\nlines")), value)

    def test_quotes_keys_that_yaml_takes_for_something_else(self):
        text = simple_yaml.dump({"languages": {"no": 1, "en": 2, "a b": 3, "1": 4}})
        self.assertEqual(text, 'languages:\n  "no": 1\n  en: 2\n  "a b": 3\n  "1": 4\n')
        self.assertEqual(
            simple_yaml.load(text), {"languages": {"no": 1, "en": 2, "a b": 3, "1": 4}}
        )

    def test_names_the_line_that_it_cannot_read(self):
        for text in ("a: 1\nb", "a: 1\nb: c", "a: 1\n   b: 2", "a: 1\na: 2", 'a: 1\n"b'):
            with self.subTest(text=text), self.assertRaisesRegex(ModelsError, "line 2"):
                simple_yaml.load(text)


if __name__ == "__main__":
    unittest.main()
