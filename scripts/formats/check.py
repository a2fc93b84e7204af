"""What no format may do, and what each must: check.py FORMAT FILE REPORT.json [HTML]. Exits 1 with what is wrong.

FILE is REPORT.json rendered in FORMAT. HTML is what a reader of GitHub's Markdown makes of it.
"""
import csv
import html.parser
import json
import re
import sys
import unicodedata

# https://github.com/actions/runner, ActionCommand: a line that begins with `::`, or has `##[` anywhere; Azure and TeamCity have a word between.
COMMAND = re.compile(r"^\s*::|##[a-z]*\[", re.IGNORECASE)
ANNOTATION = re.compile(r"::(error|warning|notice) ((?:file|line|endLine|col|endColumn|title)=[^:,]*(?:,(?:file|line|endLine|col|endColumn|title)=[^:,]*)*)::(.*)")
HOSTILE = set("\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\ufeff") | {chr(c) for c in [*range(0x202A, 0x202F), *range(0x2060, 0x2070)]}
TAGS = {"h2", "h3", "p", "ul", "li", "code", "pre", "details", "summary", "b", "strong", "br"}

faults = []


def fault(text):
    faults.append(text)


def harmless(name, text):
    for number, line in enumerate(text.split("\n"), 1):
        bad = [c for c in line if (unicodedata.category(c) == "Cc" and c != "\t") or c in HOSTILE]
        if bad:
            fault(f"{name}:{number}: raw {bad[0]!r}")
        if name == "github" and ANNOTATION.fullmatch(line):
            continue
        if COMMAND.search(line):
            fault(f"{name}:{number}: a command: {line[:80]!r}")


def annotations(text, active):
    marks = [match for match in map(ANNOTATION.fullmatch, text.split("\n")) if match]
    for level in ("error", "warning", "notice"):
        count = sum(match[1] == level for match in marks)
        if count > 10:
            fault(f"{count} annotations of {level}")
    if active and not marks:
        fault("no annotation")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.code = 0

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            fault(f"a tag of others: <{tag} {attributes}>")
        for name, value in attributes:
            if (name, value) not in (("open", ""), ("open", None), ("class", "language-text")):
                fault(f"an attribute of others: <{tag} {name}={value!r}>")
        self.code += tag in ("code", "pre")

    def handle_endtag(self, tag):
        self.code -= tag in ("code", "pre")

    def handle_data(self, data):
        if not self.code and re.search(r"@\w", data):
            fault(f"somebody is mentioned: {data[:60]!r}")


class Document(html.parser.HTMLParser):
    """The report as a page: nothing of others is a tag, a handler, a style or an address."""

    def handle_starttag(self, tag, attributes):
        if tag in ("img", "iframe", "object", "embed", "base", "link", "form"):
            fault(f"a tag of others: <{tag} {attributes}>")
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "src", "srcset", "action", "formaction"):
                fault(f"an attribute of others: <{tag} {name}={value!r}>")
            if name == "href" and not value.startswith(("#", "https://")):
                fault(f"an address of others: {value!r}")


def table(path, findings, troubles, incomplete):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    want = len(findings) + max(len(troubles), int(incomplete))
    if len(rows) != want:
        fault(f"{len(rows)} rows, not {want}")
    for row in rows:
        if None in row or None in row.values():
            fault(f"a row of another width: {row}")
        for value in row.values():
            if value and value[0] in "=+-@\t\r|%":
                fault(f"a formula: {value[:40]!r}")


def junit(path, active):
    import junitparser

    read = junitparser.JUnitXml.fromfile(path)
    failures = sum(isinstance(result, junitparser.Failure) for suite in read for case in suite for result in case.result)
    if failures != len(active) or read.failures != failures:
        fault(f"{failures} failures, {read.failures} said, {len(active)} findings")


def main(name, path, report_path, page=None):
    report = json.load(open(report_path, encoding="utf-8"))
    active = [f for f in report["findings"] if f["state"] == "active" and f["change"] != "fixed"]
    incomplete = not report["complete"]
    text = open(path, encoding="utf-8", newline="").read()
    harmless(name, text)
    if name == "github":
        annotations(text, active)
    elif name == "markdown":
        Page().feed(open(page, encoding="utf-8").read())
        if len(text.encode()) > 1 << 20:
            fault("longer than GitHub takes")
    elif name == "html":
        Document().feed(text)
    elif name == "csv":
        table(path, report["findings"], report["troubles"], incomplete)
    elif name == "junit":
        junit(path, active)
    elif name == "checkstyle":
        if text.count("<error ") != len(active) + len(report["troubles"]) + incomplete:
            fault("not every finding is told")
    elif name == "rdjson":
        if len(json.loads(text)["diagnostics"]) != len(active) + len(report["troubles"]) + incomplete:
            fault("not every finding is told")
    elif name == "gitlab-codequality":
        items = json.loads(text)
        if len({item["fingerprint"] for item in items}) != len(items) or len(items) != len(active) + len(report["troubles"]) + incomplete:
            fault("not every finding is told, or two have the same fingerprint")
    elif name.startswith("gitlab-"):
        items = json.loads(text)
        if bool(items["scan"]["messages"]) != incomplete:
            fault("what is incomplete is not told")
        if len({item["id"] for item in items["vulnerabilities"]}) != len(items["vulnerabilities"]):
            fault("two have the same id")
    if incomplete and not re.search(r"incomplete|interrupted", text) and name not in ("json", "jsonl"):
        fault("what is incomplete looks clean")
    for text in faults[:20]:
        print(f"{name}: {text}", file=sys.stderr)
    sys.exit(bool(faults))


main(*sys.argv[1:])
