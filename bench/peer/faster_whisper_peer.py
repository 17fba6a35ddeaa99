#!/usr/bin/env python3
"""Transcribes a corpus with faster-whisper: the peer that Omniflow's accuracy and speed are measured against.

The settings are those of a plain, fair comparison: greedy or beam search at temperature 0 alone (no fallback to other
temperatures), no conditioning on earlier text, one file at a time, all the rest as faster-whisper sets it. A file's time runs
from opening it to its last word; loading the model is timed apart.

CORPUS has transcripts.tsv (path, language, transcript), as bench/make-corpus makes it. OUT.jsonl gets one line a file, in the
order of the table: path, language, text, seconds (of audio), elapsed (seconds of wall time); then one line with "summary": true
and the totals audio_seconds, wall_seconds, cpu_seconds, rtf, load_seconds and the settings.

Its packages are pinned in requirements.txt beside this script and installed with pip, once, into an environment of their own
under $OMNIFLOW_HOME/toolchain; nothing else on the machine changes.

Exit status: 0 done; 1 not done, with the reason; 2 bad usage.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from package_files import omniflow_home  # noqa: E402  (the folder above must be on the path)

REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")


class PeerError(Exception):
    """The run cannot be done. The message says what was expected, what came and what to change."""


def main() -> int:
    options = parse_options()
    try:
        rows = read_table(options.corpus / "transcripts.tsv", options.only)
        if not (options.model_dir / "model.bin").exists():
            raise PeerError(f"{options.model_dir} has no model.bin: make the folder with bench/peer/make-model-dir.")
        environment = make_environment()
        if Path(sys.prefix).resolve() != environment.resolve():
            python = environment / "bin" / "python"
            os.execv(python, [str(python), str(Path(__file__).resolve()), *sys.argv[1:]])
        transcribe_corpus(options, rows)
    except PeerError as error:
        print(f"faster_whisper_peer: {error}", file=sys.stderr)
        return 1
    return 0


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="faster_whisper_peer.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model-dir", metavar="DIR", type=Path, required=True, help="as peer/make-model-dir makes it")
    parser.add_argument("--corpus", metavar="DIR", type=Path, required=True, help="as make-corpus makes it")
    parser.add_argument("--json", metavar="OUT.jsonl", type=Path, required=True, help="where the results go")
    parser.add_argument("--threads", metavar="N", type=int, default=2, help="threads of CTranslate2 (default 2)")
    parser.add_argument("--compute", metavar="TYPE", default="int8", help="CTranslate2's compute type (default int8)")
    parser.add_argument("--beam", metavar="N", type=int, default=1, help="beam size (default 1: greedy)")
    parser.add_argument(
        "--language",
        metavar="CODE",
        default="table",
        help="the language told to the model: 'table' as the corpus says (default), 'auto' to have it detected, or a code",
    )
    parser.add_argument(
        "--only", metavar="CODES", help="only the files of these languages of the corpus, such as en,fr (default: all)"
    )
    parser.add_argument(
        "--vad",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="faster-whisper's own voice activity filter before the model (default: off)",
    )
    parser.add_argument(
        "--without-timestamps",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="decode without timestamp tokens (default: with them, as faster-whisper does)",
    )
    return parser.parse_args()


def make_environment() -> Path:
    """The environment of requirements.txt, made if it is not there: whole or not at all, also by two runs at once."""
    key = REQUIREMENTS.read_bytes() + f"python {sys.version_info.major}.{sys.version_info.minor}".encode()
    environment = omniflow_home() / "toolchain" / f"peer-{hashlib.sha256(key).hexdigest()[:16]}"
    if environment.exists():
        return environment
    environment.parent.mkdir(parents=True, exist_ok=True)
    print("Installing faster-whisper into its own environment …", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix=".peer-", dir=environment.parent) as folder:
        made = Path(folder) / "made"
        run([sys.executable, "-m", "venv", str(made)], "make a virtual environment (is python3-venv installed?)")
        run(
            [
                str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                "--only-binary=:all:", "--no-deps", "--requirement", str(REQUIREMENTS),
            ],
            "install the packages of requirements.txt",
        )
        try:
            # Moving breaks the environment's console scripts, of which none is used; its python works anywhere.
            made.rename(environment)
        except OSError:
            if not environment.exists():
                raise
            # Another run was faster, with the same packages: use its environment.
    return environment


def run(command: list[str], purpose: str) -> None:
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise PeerError(f"Could not {purpose}: {command[0]} ended with {done.returncode} and said:\n{done.stdout.strip()}")


def transcribe_corpus(options: argparse.Namespace, rows: list[dict[str, str]]) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"  # The model lies in a folder: nothing is to be asked of a hub.
    import ctranslate2
    import faster_whisper

    start = time.perf_counter()
    model = faster_whisper.WhisperModel(
        str(options.model_dir), device="cpu", compute_type=options.compute, cpu_threads=options.threads, num_workers=1
    )
    load_seconds = time.perf_counter() - start

    options.json.parent.mkdir(parents=True, exist_ok=True)
    audio_seconds = 0.0
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=options.json.parent, prefix=f".{options.json.name}-", delete=False
    ) as out:
        unfinished = Path(out.name)
        try:
            start, start_cpu = time.perf_counter(), time.process_time()
            for number, row in enumerate(rows, 1):
                result = transcribe_file(model, options, row)
                audio_seconds += result["seconds"]
                write_line(out, result)
                show_progress(number, len(rows), final=number == len(rows))
            wall_seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
            write_line(
                out,
                {
                    "summary": True,
                    "files": len(rows),
                    "audio_seconds": round(audio_seconds, 3),
                    "wall_seconds": round(wall_seconds, 3),
                    "cpu_seconds": round(cpu_seconds, 3),
                    "rtf": round(wall_seconds / audio_seconds, 4),
                    "load_seconds": round(load_seconds, 3),
                    "faster_whisper": faster_whisper.__version__,
                    "ctranslate2": ctranslate2.__version__,
                    "threads": options.threads,
                    "compute": options.compute,
                    "beam": options.beam,
                    "language": options.language,
                    "vad": options.vad,
                    "without_timestamps": options.without_timestamps,
                },
            )
        except BaseException:
            unfinished.unlink()
            raise
    unfinished.chmod(0o644)  # A temporary file is made for its owner alone.
    unfinished.replace(options.json)
    print(
        f"{len(rows)} files, {audio_seconds:.1f} s of audio in {wall_seconds:.1f} s (RTF {wall_seconds / audio_seconds:.3f}),"
        f" {cpu_seconds:.1f} s of CPU; {options.json}"
    )


def read_table(path: Path, only: str | None) -> list[dict[str, str]]:
    if not path.exists():
        raise PeerError(f"{path} is not there: make the corpus with bench/make-corpus.")
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if table.fieldnames != ["path", "language", "transcript"]:
            raise PeerError(f"{path} has the columns {table.fieldnames}; expected path, language, transcript.")
        rows = list(table)
    wanted = None if only is None else set(only.split(","))
    chosen = [row for row in rows if wanted is None or row["language"] in wanted]
    if not chosen:
        languages = ", ".join(sorted({row["language"] for row in rows}))
        raise PeerError(f"{path} has no file in the languages {only}; it has {languages or 'no files at all'}.")
    return chosen


def transcribe_file(model, options: argparse.Namespace, row: dict[str, str]) -> dict[str, object]:
    path = options.corpus / row["path"]
    language = {"table": row["language"], "auto": None}.get(options.language, options.language)
    start = time.perf_counter()
    segments, found = model.transcribe(
        str(path),
        language=language,
        beam_size=options.beam,
        temperature=0,
        condition_on_previous_text=False,
        vad_filter=options.vad,
        without_timestamps=options.without_timestamps,
    )
    text = "".join(segment.text for segment in segments).strip()
    elapsed = time.perf_counter() - start
    with wave.open(str(path)) as audio:
        seconds = audio.getnframes() / audio.getframerate()
    return {
        "path": row["path"],
        "language": found.language,
        "text": text,
        "seconds": round(seconds, 6),
        "elapsed": round(elapsed, 6),
    }


def write_line(out, value: dict[str, object]) -> None:
    out.write(json.dumps(value, ensure_ascii=False) + "\n")


def show_progress(done: int, total: int, final: bool) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} files", end="\n" if final else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
