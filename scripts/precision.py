#!/usr/bin/env python3
"""How much there is to read: secret findings per million lines of twelve large public repositories, beside other scanners.

usage: precision.py [--scratch DIR] [--only NAME,..] [--peers DIR] [--list FILE] OUR_BINARY MIRRORS

MIRRORS holds bare clones, one folder each: `owner+name/repo`, or `owner/name.git`. Of each repository of REPOSITORIES the tree of
the commit that is pinned there is written out (no history, no .git), then scanned by every tool that is found: in --peers, or on
PATH. One markdown table on standard output: for each repository its lines and what each tool reports, then findings per million
lines over all. Of gatepost those of secret rules at medium and above; of others, which have no severities, all.

A finding is a line that a tool reports, however many of its rules do. Validation by network is off for all tools. --list writes a
line for each of ours: repository, rule, severity, confidence, path, line and message, never the secret, to be read by hand.

Standard library only. Exit status: 0, or 2 for wrong arguments, or 1 if a tool failed, which the table says.
"""

import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

REPOSITORIES = {
    "ansible/ansible": "c9ac477e53a99e95781f333eec3329a935c1bf95",
    "apache/kafka": "1eb7644349cb07139d6a3c1ad1986979647cac99",
    "prometheus/prometheus": "d15adb9ad7e5d9fbde3a9a8f30200593a5a14d86",
    "rails/rails": "2a2db1e8d6d104ee0611efcae7eb023af65cff34",
    "matomo-org/matomo": "f09912cb702a76d06ab1a129a8e0a4e2a61818a8",
    "spring-projects/spring-boot": "c329ffa25dc160a90ebe5e4b006ad4cdf89d8683",
    "redis/redis": "4f8cdc2a1ea53e42955af758aabffee67cb455dd",
    "moby/moby": "b985e2313a8676e18072b442911fc8f64f17d440",
    "discordjs/discord.js": "219ad7ba07cccc256aa0a169d551a43686c14e23",
    "dotnet/eShop": "5624ad564d1602a927879df32a79b94522eb6101",
    "helm/charts": "390ee6614b4bb0da96b397f9b382e3ddca9f59a4",
    "saleor/saleor": "723cd4eba87dfc72822ade45dc08a3caa548428d",
}
ENOUGH = {"medium", "high", "critical"}
LIMIT = 1800  # seconds for one tool on one tree


def checkout(mirrors, name, scratch):
    """The tree of the pinned commit, without anything of git."""
    owner, project = name.split("/")
    candidates = [mirrors / f"{owner}+{project}" / "repo", mirrors / owner / f"{project}.git", mirrors / f"{project}.git"]
    source = next((path for path in candidates if path.is_dir()), None)
    if source is None:
        return None
    tree = scratch / project
    tree.mkdir()
    archive = subprocess.Popen(["git", "--git-dir", source, "archive", REPOSITORIES[name]], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", tree], stdin=archive.stdout, check=True)
    if archive.wait() != 0:
        raise SystemExit(f"precision.py: {name} has no commit {REPOSITORIES[name]}")
    return tree


def lines_of(tree):
    """Line ends of all files that are text: without a zero in their first 8,000 bytes, as git tells."""
    count = 0
    for folder, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                continue
            with open(path, "rb") as file:
                content = file.read()
            if b"\0" not in content[:8000]:
                count += content.count(b"\n")
    return count


def run(command, tree, good):
    done = subprocess.run(command, cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=LIMIT)
    if done.returncode not in good:
        raise RuntimeError(f"{pathlib.Path(command[0]).name} ended with {done.returncode}")
    return done.stdout


def gatepost(binary, tree):
    command = [binary, "scan", "--isolated", "--select", "secrets", "--format", "json", "."]
    report = json.loads(run(command, tree, (0, 1, 3)))
    return [f for f in report["findings"] if f["severity"] in ENOUGH and f.get("state", "active") == "active"]


def gitleaks(binary, tree):
    report = json.loads(run([binary, "dir", ".", "--no-banner", "-f", "json", "-r", "-", "--exit-code", "0"], tree, (0,)) or b"[]")
    return {(f["File"], f["StartLine"]) for f in report}


def betterleaks(binary, tree):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "report.json"
        run([binary, ".", "--no-banner", "--silent", "-o", path], tree, (0, 1))
        report = json.loads(path.read_text() or "[]") if path.exists() else []
    found = report if isinstance(report, list) else report.get("findings", report.get("Findings", []))
    return {place(f) for f in found}


def place(finding):
    """Path and line, wherever a report has them."""
    flat = {}
    stack = [finding]
    while stack:
        for key, value in stack.pop().items():
            if isinstance(value, dict):
                stack.append(value)
            else:
                flat.setdefault(key.lower().replace("_", ""), value)
    path = next(flat[k] for k in ("file", "path", "filepath") if k in flat)
    return path, next(flat[k] for k in ("startline", "line", "linenumber") if k in flat)


def kingfisher(binary, tree):
    command = [binary, "scan", ".", "--no-validate", "--no-update-check", "--format", "jsonl", "--git-history", "none"]
    lines = run(command, tree, (0, 200, 205)).decode(errors="replace").splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return {place(f["finding"]) for f in found if "finding" in f}


PEERS = {"gitleaks": gitleaks, "betterleaks": betterleaks, "kingfisher": kingfisher}


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--scratch")
    parser.add_argument("--only", default=",".join(REPOSITORIES))
    parser.add_argument("--peers", default="")
    parser.add_argument("--list")
    parser.add_argument("binary")
    parser.add_argument("mirrors", type=pathlib.Path)
    args = parser.parse_args()
    path = os.pathsep.join([args.peers, os.environ.get("PATH", "")])
    tools = {name: shutil.which(name, path=path) for name in PEERS}
    scratch = pathlib.Path(tempfile.mkdtemp(dir=args.scratch))
    totals = collections.Counter()
    failed = False
    listed = open(args.list, "w") if args.list else None
    columns = ["gatepost", *(name for name in PEERS if tools[name])]
    print(f"| repository | commit | lines | {' | '.join(columns)} |")
    print(f"|---|---|---|{'---|' * len(columns)}")
    try:
        for name in args.only.split(","):
            tree = checkout(args.mirrors, name, scratch)
            if tree is None:
                print(f"| {name} | not there | | {' | ' * (len(columns) - 1)} |")
                continue
            lines = lines_of(tree)
            totals["lines"] += lines
            row = []
            for tool in columns:
                try:
                    if tool == "gatepost":
                        findings = gatepost(os.path.abspath(args.binary), tree)
                        found = {(f["path"], (f.get("start") or {}).get("line")) for f in findings}
                        for f in findings if listed else []:
                            line = (f.get("start") or {}).get("line")
                            listed.write(f"{name}\t{f['rule']}\t{f['severity']}\t{f['confidence']}\t{f['path']}\t{line}\t{f['message']}\n")
                    else:
                        found = PEERS[tool](tools[tool], tree)
                    totals[tool] += len(found)
                    row.append(f"{len(found):,}")
                except (RuntimeError, subprocess.TimeoutExpired, ValueError, StopIteration) as error:
                    failed = True
                    row.append(f"failed: {error}")
            print(f"| {name} | {REPOSITORIES[name][:10]} | {lines:,} | {' | '.join(row)} |", flush=True)
            shutil.rmtree(tree)
        if totals["lines"]:
            each = (f"{totals[tool] / totals['lines'] * 1e6:,.1f}" for tool in columns)
            print(f"| per million lines | | {totals['lines']:,} | {' | '.join(each)} |")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if listed:
            listed.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
