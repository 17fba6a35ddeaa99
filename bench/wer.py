#!/usr/bin/env python3
"""The word error rate (WER) of transcripts, by rules that every implementation under test shares.

WER is (substitutions + deletions + insertions) / (words of the references), over all utterances of a language together, with
the fewest edits for each utterance, after both sides were normalised. ``normalise(text, language)`` applies these rules in
this order; normalisation-cases.tsv beside this script holds examples, which the Java implementation is tested on as well:

 1. Apostrophes: U+2018, U+2019, U+02BC, U+00B4, U+0060, U+2032 and U+FF07 become ' (U+0027). It comes first because NFKC would
    turn U+00B4 into a space and an accent.
 2. Unicode NFKC.
 3. Lower case, independent of the locale (Java: ``toLowerCase(Locale.ROOT)``), then NFC.
 4. Groups of thousands: a '.' or ',' that has an ASCII digit before it, and after it exactly three ASCII digits (a fourth digit
    does not follow), is removed: 8,500 and 8.500 become 8500. All such places are found before any is removed.
 5. Numbers: each longest run of ASCII digits becomes words of ``language``, set off by spaces ("3d" becomes "three d",
    "28.8" becomes "twenty eight eight"):
    - of up to six digits, without a leading zero (or just "0"): the cardinal number 0 to 999,999 in words,
      as ``number_words`` spells it: no hyphens, no "and" in English, the masculine "un" and "uno" in French and Spanish;
    - a longer one, or one with a leading zero: its digits, one by one ("007" becomes "zero zero seven");
    - in languages other than en, fr and es it stays as it is, set off by spaces.
 6. Characters that make words: those of the Unicode categories L*, M* and N*, and ' between two characters of L* or M*.
    Everything else, so all punctuation, hyphens, symbols and other apostrophes, becomes a space. "re-enter" becomes two words;
    "don't" and "d'agent" stay one each; 'quoted' loses its quotes.
 7. White space parts the words; a row of it counts once.

"Character" means a Unicode code point throughout.

Nothing else is done. In particular diacritics stay ("numero" is not "número"), contractions stay ("it's" is not "it is"), no
spelling is mended, no filler words are removed, and ordinals, times, units and the symbols % $ & + @ # * are not put in words.

Published transcripts may leave out accents that are spoken (the Spanish prompts do so widely, the French ones now and then), so
a second figure is printed beside the WER: the same with the accents folded. That is rule 8, done to both sides after rule 7:
NFD, all characters of category Mn removed, NFC. It also makes ñ an n and ç a c.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060\u2032\uff07", "'"))
GROUP_SEPARATOR = re.compile(r"(?<=[0-9])[.,](?=[0-9]{3}(?![0-9]))")
DIGITS = re.compile(r"[0-9]+")
LARGEST_NUMBER_OF_DIGITS = 6


def normalise(text: str, language: str) -> str:
    """``text`` by rules 1 to 7: its words, parted by one space each."""
    text = unicodedata.normalize("NFKC", text.translate(APOSTROPHES))
    text = unicodedata.normalize("NFC", text.lower())
    text = GROUP_SEPARATOR.sub("", text)
    text = DIGITS.sub(lambda run: f" {_spell_digits(run.group(), language)} ", text)
    words = "".join(character if _makes_words(text, index) else " " for index, character in enumerate(text))
    return " ".join(words.split())


def fold_accents(text: str) -> str:
    """Rule 8: ``text`` without accents."""
    letters = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", "".join(letters))


def _makes_words(text: str, index: int) -> bool:
    if text[index] == "'":
        return 0 < index < len(text) - 1 and _is_letter(text[index - 1]) and _is_letter(text[index + 1])
    return unicodedata.category(text[index])[0] in "LMN"


def _is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LM"


def _spell_digits(digits: str, language: str) -> str:
    if language not in _NUMBER_WORDS:
        return digits
    leading_zero = digits[0] == "0" and len(digits) > 1
    if leading_zero or len(digits) > LARGEST_NUMBER_OF_DIGITS:
        return " ".join(number_words(int(digit), language) for digit in digits)
    return number_words(int(digits), language)


def number_words(number: int, language: str) -> str:
    """The cardinal number from 0 to 999,999 in words of en, fr or es, parted by spaces."""
    if not 0 <= number <= 999_999:
        raise ValueError(f"expected a number from 0 to 999999, got {number}")
    return _NUMBER_WORDS[language](number)


_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
    " nineteen"
).split()
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def _english(number: int) -> str:
    if number < 20:
        return _ENGLISH[number]
    if number < 100:
        return _joined(_ENGLISH_TENS[number // 10 - 2], _rest(number % 10, _english))
    if number < 1000:
        return _joined(_ENGLISH[number // 100], "hundred", _rest(number % 100, _english))
    return _joined(_english(number // 1000), "thousand", _rest(number % 1000, _english))


_FRENCH = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
).split()
_FRENCH_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre vingt"}


def _french(number: int) -> str:
    if number < 17:
        return _FRENCH[number]
    if number < 20:
        return _joined("dix", _FRENCH[number - 10])
    if number < 100:
        return _french_below_hundred(number)
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        if hundreds == 1:
            return _joined("cent", _rest(rest, _french))
        return _joined(_FRENCH[hundreds], "cent" if rest else "cents", _rest(rest, _french))
    thousands, rest = divmod(number, 1000)
    # "quatre-vingts" and "cents" lose their s before "mille".
    many = "" if thousands == 1 else re.sub(r"\b(vingt|cent)s$", r"\1", _french(thousands))
    return _joined(many, "mille", _rest(rest, _french))


def _french_below_hundred(number: int) -> str:
    if number == 80:
        return "quatre vingts"
    tens = number // 10
    if tens in (7, 9):  # Counted on from sixty and eighty: 71 is "soixante et onze", 91 "quatre vingt onze".
        tens -= 1
    units = number - 10 * tens
    link = "et" if units in (1, 11) and tens != 8 else ""
    return _joined(_FRENCH_TENS[tens], link, _rest(units, _french))


_SPANISH = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho"
    " diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
).split()
_SPANISH_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_SPANISH_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()


def _spanish(number: int) -> str:
    if number < 30:
        return _SPANISH[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _joined(_SPANISH_TENS[tens - 3], "y" if units else "", _rest(units, _spanish))
    if number == 100:
        return "cien"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _joined(_SPANISH_HUNDREDS[hundreds - 1], _rest(rest, _spanish))
    thousands, rest = divmod(number, 1000)
    return _joined(_spanish_before_thousand(thousands), "mil", _rest(rest, _spanish))


def _spanish_before_thousand(number: int) -> str:
    """How many thousands: none named for one, and "uno" at the end cut to "un"."""
    if number == 1:
        return ""
    words = _spanish(number)
    if words.endswith("veintiuno"):
        return words.removesuffix("veintiuno") + "veintiún"
    return words.removesuffix("o") if words.endswith(" uno") else words


_NUMBER_WORDS = {"en": _english, "fr": _french, "es": _spanish}


def _rest(number: int, spell) -> str:
    return spell(number) if number else ""


def _joined(*words: str) -> str:
    return " ".join(word for word in words if word)


@dataclass
class Errors:
    """Edits between references and hypotheses, summed up over utterances."""

    words: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def total(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float | None:
        """In percent; None where the references have no words, as of recordings without speech: look at the insertions."""
        return 100 * self.total / self.words if self.words else None

    def add(self, other: Errors) -> None:
        self.words += other.words
        self.substitutions += other.substitutions
        self.deletions += other.deletions
        self.insertions += other.insertions


def count_errors(reference: list[str], hypothesis: list[str]) -> Errors:
    """The fewest edits that turn ``reference`` into ``hypothesis``.

    Where several ways have equally few, their sum is the same; which kinds they count as then prefers substitutions to
    deletions to insertions.
    """
    # row[j]: (edits, substitutions, deletions, insertions) from the references so far to the first j words of the hypothesis.
    row = [(j, 0, 0, j) for j in range(len(hypothesis) + 1)]
    for i, expected in enumerate(reference, 1):
        previous, row = row, [(i, 0, i, 0)]
        for j, heard in enumerate(hypothesis, 1):
            if expected == heard:
                row.append(previous[j - 1])
                continue
            edits, s, d, n = previous[j - 1]
            best = (edits + 1, s + 1, d, n)
            edits, s, d, n = previous[j]
            if edits + 1 < best[0]:
                best = (edits + 1, s, d + 1, n)
            edits, s, d, n = row[j - 1]
            if edits + 1 < best[0]:
                best = (edits + 1, s, d, n + 1)
            row.append(best)
    _, substitutions, deletions, insertions = row[-1]
    return Errors(len(reference), substitutions, deletions, insertions)


class InputError(Exception):
    """A file cannot be used. The message says what was expected, what came and what to change."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="wer.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpus", metavar="DIR", type=Path, help="the references: a folder as make-corpus makes it")
    parser.add_argument(
        "hypotheses", metavar="JSONL", type=Path, nargs="*", help="lines with path and text; lines without a path are passed over"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a language instead of the table")
    parser.add_argument("--worst", metavar="N", type=int, default=0, help="print the N utterances with the most errors too")
    parser.add_argument("--cases", metavar="TSV", type=Path, help="check the examples of this table instead, and nothing else")
    options = parser.parse_args()
    try:
        if options.cases is not None:
            return check_cases(options.cases)
        if options.corpus is None or not options.hypotheses:
            parser.error("name a corpus with --corpus and at least one file of hypotheses, or a table with --cases")
        report(options)
    except InputError as error:
        print(f"wer.py: {error}", file=sys.stderr)
        return 1
    return 0


def report(options: argparse.Namespace) -> None:
    references = {row["path"]: row for row in read_tsv(options.corpus / "transcripts.tsv", ["path", "language", "transcript"])}
    languages: dict[str, tuple[Errors, Errors]] = {}
    utterances = []
    seen: set[str] = set()
    for path, text in read_hypotheses(options.hypotheses):
        if path not in references:  # Scored against nothing, it would be lost silently.
            raise InputError(f"{path} has a hypothesis, but {options.corpus} has no such file: name the corpus that was heard.")
        if path in seen:
            raise InputError(f"{path} has two hypotheses: name one result at a time.")
        seen.add(path)
        language = references[path]["language"]
        expected, heard = (normalise(words, language) for words in (references[path]["transcript"], text))
        errors = count_errors(expected.split(), heard.split())
        folded = count_errors(fold_accents(expected).split(), fold_accents(heard).split())
        for total, found in zip(languages.setdefault(language, (Errors(), Errors())), (errors, folded), strict=True):
            total.add(found)
        utterances.append((folded.total, path, expected, heard))
    # A language that was heard must have been heard whole: files left out would otherwise better the figure.
    missing = [path for path, row in references.items() if row["language"] in languages and path not in seen]
    if missing:
        raise InputError(f"{len(missing)} files of the corpus have no hypothesis, such as {missing[0]}: run them all.")
    if not options.json:
        print("language  words   WER %  substituted  deleted  inserted   WER % without accents")
    for language, (errors, folded) in sorted(languages.items()):
        if options.json:
            print(
                json.dumps(
                    {
                        "language": language,
                        "words": errors.words,
                        "wer": rounded(errors.rate),
                        "substitutions": errors.substitutions,
                        "deletions": errors.deletions,
                        "insertions": errors.insertions,
                        "wer_without_accents": rounded(folded.rate),
                    }
                )
            )
        else:
            print(
                f"{language:8}  {errors.words:5}  {percent(errors.rate)}  {errors.substitutions:11}  {errors.deletions:7}"
                f"  {errors.insertions:8}   {percent(folded.rate)}"
            )
    for count, path, expected, heard in sorted(utterances, key=lambda utterance: (-utterance[0], utterance[1]))[: options.worst]:
        print(f"\n{path}: {count} errors without accents\n  expected  {expected}\n  heard     {heard}")


def rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 3)


def percent(rate: float | None) -> str:
    return "     -" if rate is None else f"{rate:6.2f}"


def read_tsv(path: Path, columns: list[str]) -> list[dict[str, str]]:
    if not path.exists():
        raise InputError(f"{path} is not there.")
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if table.fieldnames != columns:
            raise InputError(f"{path} has the columns {table.fieldnames}; expected {columns}.")
        return list(table)


def read_hypotheses(paths: list[Path]) -> list[tuple[str, str]]:
    hypotheses = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} is not there.")
        for number, line in enumerate(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), 1):
            try:
                value = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}, line {number}: expected a JSON object, got {line[:40]!r} ({error}).") from error
            if "path" in value:
                hypotheses.append((value["path"], value["text"]))
    return hypotheses


def check_cases(path: Path) -> int:
    failed = 0
    cases = read_tsv(path, ["input", "language", "expected"])
    for case in cases:
        found = normalise(case["input"], case["language"])
        if found != case["expected"]:
            failed += 1
            print(f"{case['language']} {case['input']!r}: expected {case['expected']!r}, got {found!r}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
