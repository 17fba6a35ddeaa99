"""What is said on stderr while something takes longer than a second: a rewritten line on a
terminal, else one line a stage.
"""

import contextlib
import sys
import threading
import time

PATIENCE = 1.0
_REFRESH = 0.5


class Progress:
    def __init__(self, stream=None):
        self._stream = stream if stream is not None else sys.stderr
        self._terminal = self._stream.isatty()

    def say(self, text):
        self._stream.write(f"models: {text}\n")
        self._stream.flush()

    @contextlib.contextmanager
    def stage(self, text):
        """Shows `text` once the body has run for a second; says nothing of what is quicker."""
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(text, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _watch(self, text, done):
        began = time.monotonic()
        if done.wait(PATIENCE):
            return
        if not self._terminal:
            self.say(text)
            return
        while True:
            self._stream.write(f"\r\033[Kmodels: {text} … {time.monotonic() - began:.0f} s")
            self._stream.flush()
            if done.wait(_REFRESH):
                break
        self._stream.write("\r\033[K")
        self._stream.flush()
