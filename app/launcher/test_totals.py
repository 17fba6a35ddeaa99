"""Sums up the reports that Maven's test plugins wrote in this run: test_totals.py CLONE FILE

FILE was made when the run began; older reports are of earlier runs. Exit status: 0 if there were tests and all of them
passed, else 1.
"""

import pathlib
import sys
import xml.etree.ElementTree


def main(clone, began):
    since = pathlib.Path(began).stat().st_mtime
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for report in sorted(pathlib.Path(clone).glob("**/target/*-reports/TEST-*.xml")):
        if report.stat().st_mtime < since:
            continue
        suite = xml.etree.ElementTree.parse(report).getroot()
        for name in totals:
            totals[name] += int(suite.get(name, "0"))
    failed = totals["failures"] + totals["errors"]
    passed = totals["tests"] - failed - totals["skipped"]
    print(f"Java: {passed} passed, {failed} failed, {totals['skipped']} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
