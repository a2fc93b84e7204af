#!/usr/bin/env python3
"""What the licences of the crates in the program ask for: their texts, each once, with the crates that it is of.

usage: notices.py TARGET >FILE. From Cargo.lock and the sources that Cargo has; crates that only build or test are not in the program.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

TEXT = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def crates(target):
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--filter-platform", target]
    data = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout)
    packages = {p["id"]: p for p in data["packages"]}
    nodes = {n["id"]: n for n in data["resolve"]["nodes"]}
    root = data["resolve"]["root"]
    met, waiting = set(), [root]
    while waiting:
        current = waiting.pop()
        macros = any("proc-macro" in t["kind"] for t in packages[current]["targets"])
        if current in met or macros:
            continue
        met.add(current)
        waiting += [d["pkg"] for d in nodes[current]["deps"] if any(k["kind"] is None for k in d["dep_kinds"])]
    met.discard(root)
    return sorted((packages[m] for m in met), key=lambda p: (p["name"], p["version"]))


def texts(crate):
    folder = Path(crate["manifest_path"]).parent
    for file in sorted(folder.iterdir()):
        for one in sorted(file.iterdir()) if file.is_dir() and TEXT.match(file.name) else [file]:
            if one.is_file() and (TEXT.match(one.name) or one is not file) and one.suffix not in (".rs", ".toml", ".json"):
                yield "\n".join(line.rstrip() for line in one.read_text(encoding="utf-8", errors="replace").strip().splitlines())


def main():
    all_crates = crates(sys.argv[1])
    assert len(all_crates) > 50, "the crates of the program are known"
    by_text, silent = {}, []
    for crate in all_crates:
        name = f"{crate['name']} {crate['version']}"
        found = list(dict.fromkeys(texts(crate)))
        for text in found:
            by_text.setdefault(text, []).append(name)
        if not found:
            by = ", ".join(crate["authors"]) or "its authors"
            silent.append(f"{name}, {crate['license']}, by {by}: {crate['repository'] or crate['homepage'] or 'no address'}")
    out = [f"The program is made of {len(all_crates)} crates beside its own code and Rust's standard library (MIT OR Apache-2.0)."]
    out += ["Each follows with its licence; where it offers several, any of them holds.", ""]
    out += [f"{c['name']} {c['version']}: {c['license'] or 'see its text'}" for c in all_crates]
    if silent:
        out += ["", "Without a text of their own in what they publish:", "", *silent]
    for text, names in sorted(by_text.items(), key=lambda item: item[1]):
        out += ["", "=" * 78, ", ".join(names), "=" * 78, "", text]
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    print("\n".join(out))


main()
