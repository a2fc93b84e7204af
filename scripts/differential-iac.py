#!/usr/bin/env python3
"""Compare gatepost's evaluated Terraform values with a second, independent evaluator's.

usage: differential-iac.py [--misses N] GATEPOST REPOSITORY FOLDER [FOLDER ...]

The second evaluator is trivy's, through the Python package tfparse (install it beside the
Python that runs this). Each FOLDER is a root module of REPOSITORY, relative to it, that needs
no credentials.

Compared are the leaves of attributes of resources with the same address that both know: the
same text, number or boolean, whatever quotes it had. JSON in a text is compared as JSON. A
value that the other one makes up (an id that does not exist before it is applied) is unknown.

Columns: addresses that both have, only gatepost, only the other; values that agree, differ,
that only gatepost knows, that only the other knows. Exit status 1 if any value differs.
"""

import argparse
import functools
import json
import os
import re
import subprocess
import sys

import tfparse

# What the other evaluator puts for values that exist only once they are applied.
MASKED = re.compile(r"\*{8}")
MADE_UP = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\$\{")
# Not attributes of the provider, or of the other evaluator's own making.
META = {"__tfmeta", "count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection", "id", "arn", "dynamic"}
UNKNOWN = object()


def scalar(value):
    """A leaf as both print it; JSON as its own leaves."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def leaves(value, path, out):
    """The leaves of a plain value by path; a list of one block is the block."""
    if value is UNKNOWN:
        out[path] = UNKNOWN
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in META or path:
                if key != "__tfmeta":
                    leaves(inner, path + (key,), out)
    elif isinstance(value, list):
        if len(value) == 1:
            leaves(value[0], path, out)
        else:
            for number, inner in enumerate(value):
                leaves(inner, path + (str(number),), out)
    elif isinstance(value, str):
        if MADE_UP.search(value):
            out[path] = UNKNOWN
        elif value[:1] in "{[" and value.strip()[-1:] in "}]" and value:
            try:
                leaves(json.loads(value), path, out)
            except ValueError:
                out[path] = value
        else:
            out[path] = value
    elif value is not None:
        out[path] = scalar(value)


def plain(value):
    """A value of `gatepost iac show --format json` without places."""
    if "value" in value:
        masked = isinstance(value["value"], str) and MASKED.search(value["value"])
        return UNKNOWN if "holes" in value or "cut" in value or masked else value["value"]
    if "list" in value:
        return UNKNOWN if value.get("open") else [plain(item) for item in value["list"]]
    if "map" in value:
        return {key: plain(inner) for key, inner in value["map"].items()}
    return UNKNOWN


@functools.cache
def evaluated(binary, repository):
    """All projects of a repository."""
    command = [binary, "iac", "show", "--format", "json", "--in", "."]
    result = subprocess.run(command, cwd=repository, capture_output=True, timeout=600, check=False)
    if result.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}: {result.returncode} {result.stderr.decode()[-500:]}")
    return json.loads(result.stdout)["projects"]


def ours(binary, repository, folder):
    # What a module calls lies beside it: the whole repository is evaluated, and one root of it looked at.
    found = {}
    for project in evaluated(binary, repository):
        root = os.path.relpath(os.path.join(repository, project["path"]), folder)
        if root in (".", "") and not project.get("variant"):
            for resource in project["resources"]:
                out = {}
                if not resource["when"]:
                    leaves({name: plain(value) for name, value in resource.get("attributes", {}).items()}, (), out)
                found.setdefault(resource["address"], out)
    return found


def theirs(folder):
    found = {}
    for kind, blocks in tfparse.load_from_path(folder).items():
        for block in blocks:
            meta = block.get("__tfmeta", {})
            if meta.get("type") == "resource":
                out = {}
                leaves({key: value for key, value in block.items() if key not in META}, (), out)
                found.setdefault(meta["path"], out)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", type=int, default=0, help="print so many differences of each module")
    parser.add_argument("gatepost")
    parser.add_argument("repository")
    parser.add_argument("folder", nargs="+")
    args = parser.parse_args()
    total = [0] * 7
    print("| module | both | only ours | only theirs | agree | differ | only we know | only they know |")
    print("|---|---|---|---|---|---|---|---|")
    repository = os.path.abspath(args.repository)
    for name in args.folder:
        folder = os.path.join(repository, name)
        mine, other = ours(args.gatepost, repository, folder), theirs(folder)
        row = [len(mine.keys() & other.keys()), len(mine.keys() - other.keys()), len(other.keys() - mine.keys()), 0, 0, 0, 0]
        shown = args.misses
        for address in sorted(mine.keys() & other.keys()):
            for path in sorted(mine[address].keys() | other[address].keys()):
                a, b = mine[address].get(path, None), other[address].get(path, None)
                known_a, known_b = a not in (None, UNKNOWN), b not in (None, UNKNOWN)
                if known_a and known_b:
                    same = a == b
                    row[3 if same else 4] += 1
                    if not same and shown:
                        shown -= 1
                        print(f"    {address} {'.'.join(path)}: {a!r} / {b!r}", file=sys.stderr)
                elif known_a:
                    row[5] += 1
                elif known_b and a is UNKNOWN:
                    row[6] += 1
                    if shown:
                        shown -= 1
                        print(f"    {address} {'.'.join(path)}: unknown / {b!r}", file=sys.stderr)
        if args.misses:
            for address in sorted(mine.keys() ^ other.keys())[: args.misses]:
                print(f"    {address}: only {'ours' if address in mine else 'theirs'}", file=sys.stderr)
        total = [a + b for a, b in zip(total, row)]
        print(f"| {os.path.relpath(folder, os.path.dirname(repository))} | " + " | ".join(map(str, row)) + " |", flush=True)
    print("| **all** | " + " | ".join(map(str, total)) + " |")
    return 1 if total[4] else 0


if __name__ == "__main__":
    sys.exit(main())
