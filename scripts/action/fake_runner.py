"""Runs a composite action as GitHub's runner does, offline, and judges all that it prints.

Re-implements what an action meets of the runner: expressions, the environment of steps, the parser of commands (both
grammars, and the words that stop them) and the files for outputs and for the summary. `actions/cache` is a folder here.

usage: fake_runner.py --action DIR --event NAME --payload FILE --workspace DIR --temp DIR --result FILE
                      [--cache DIR] [--input NAME=VALUE]... [--env NAME=VALUE]...
Prints the log. The result is JSON: conclusion, outputs, commands, summary, faults (of the action against the runner's rules).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

# ActionCommandManager and the extensions that it knows; names are compared without regard to case.
COMMANDS = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}
LARGEST_SUMMARY = 1024 * 1024


def plain(value, escapes):
    for code, text in escapes:
        value = value.replace(code, text)
    return value


DATA = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]
PROPERTY = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
OLD = [("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%3B", ";"), ("%25", "%")]


def parse_v2(line, registered):
    """`::name key=value,key=value::data`, after white space."""
    line = line.lstrip()
    if not line.startswith("::"):
        return None
    end = line.find("::", 2)
    if end < 0:
        return None
    return made(line[2:end], ",", PROPERTY, plain(line[end + 2 :], DATA), registered)


def parse_v1(line, registered):
    """`##[name key=value;key=value]data`, anywhere in a line."""
    start = line.find("##[")
    if start < 0:
        return None
    end = line.find("]", start)
    if end < 0:
        return None
    return made(line[start + 3 : end], ";", OLD, plain(line[end + 1 :], OLD), registered)


def made(head, separator, escapes, data, registered):
    name, _, rest = head.partition(" ")
    if name.lower() not in registered:
        return None
    pairs = (pair.split("=", 1) for pair in rest.strip().split(separator) if "=" in pair)
    return {"name": name, "properties": {key: plain(value, escapes) for key, value in pairs}, "data": data}


class Commands:
    """What the runner makes of the lines of one step."""

    def __init__(self):
        self.registered = set(COMMANDS)
        self.token = None
        self.seen = []
        self.kept = 0

    def take(self, line):
        command = parse_v2(line, self.registered) or parse_v1(line, self.registered)
        if command is None:
            return
        name = command["name"].lower()
        if self.token is not None:
            if name == self.token:
                self.registered.discard(name)
                self.token = None
                self.seen.append({"name": "resume", "properties": {}, "data": ""})
            else:
                self.kept += 1
            return
        if name == "stop-commands":
            token = command["data"].lower()
            if not token or token in self.registered:
                raise ValueError("a word that does not stop commands")
            self.token = token
            self.registered.add(token)
        self.seen.append({**command, "name": name})


def lines_of(text):
    """As .NET's StreamReader.ReadLine: line feeds, carriage returns, both."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines[:-1] if lines and lines[-1] == "" else lines


def file_command(text):
    """GITHUB_OUTPUT: `name=value` and `name<<word` up to that word."""
    values, lines = {}, iter(lines_of(text))
    for line in lines:
        if not line:
            continue
        equals, here = line.find("="), line.find("<<")
        if equals >= 0 and (here < 0 or equals < here):
            name, value = line.split("=", 1)
        elif here >= 0:
            name, word = line.split("<<", 1)
            body = []
            for inner in lines:
                if inner == word:
                    break
                body.append(inner)
            else:
                raise ValueError(f"the value of {name} has no end")
            value = "\n".join(body)
        else:
            raise ValueError(f"no output: {line!r}")
        if not name:
            raise ValueError("an output without a name")
        values[name] = value
    return values


TOKEN = re.compile(r"\s*(?:(\|\||&&|==|!=|!|\(|\))|'((?:[^']|'')*)'|(\d+)|([A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*))")


class Expression:
    """`${{ }}`: or, and, equality, not, text, names and the functions of `if:`."""

    def __init__(self, text, context):
        self.context, self.tokens = context, []
        at = 0
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise ValueError(f"no expression: {text!r}")
            self.tokens.append(match.groups())
            at = match.end()

    def value(self):
        result = self.either()
        if self.tokens:
            raise ValueError(f"left over: {self.tokens}")
        return result

    def eat(self, *signs):
        if self.tokens and self.tokens[0][0] in signs:
            return self.tokens.pop(0)[0]
        return None

    def either(self):
        left = self.both()
        while self.eat("||"):
            right = self.both()
            left = left or right
        return left

    def both(self):
        left = self.equal()
        while self.eat("&&"):
            right = self.equal()
            left = left and right
        return left

    def equal(self):
        left = self.single()
        while sign := self.eat("==", "!="):
            same = written(left).lower() == written(self.single()).lower()
            left = same == (sign == "==")
        return left

    def single(self):
        if self.eat("!"):
            return not self.single()
        if self.eat("("):
            inner = self.either()
            if not self.eat(")"):
                raise ValueError("a bracket is open")
            return inner
        sign, text, number, name = self.tokens.pop(0)
        if sign:
            raise ValueError(f"not here: {sign}")
        if text is not None:
            return text.replace("''", "'")
        if number is not None:
            return int(number)
        if self.eat("("):
            if not self.eat(")"):
                raise ValueError("functions take nothing here")
            return self.context["functions"][name]
        if name in ("true", "false"):
            return name == "true"
        value = self.context
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value


def written(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def filled(text, context):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: written(Expression(found[1], context).value()), written(text))


class Job:
    def __init__(self, words):
        self.words = words
        self.temp = Path(words.temp)
        self.temp.mkdir(parents=True, exist_ok=True)
        self.action = yaml.safe_load(Path(words.action, "action.yml").read_text(encoding="utf-8"))
        payload = json.loads(Path(words.payload).read_text(encoding="utf-8"))
        given = dict(pair.split("=", 1) for pair in words.input)
        unknown = set(given) - set(self.action["inputs"])
        if unknown:
            raise SystemExit(f"no such inputs: {unknown}")
        inputs = {name: given.get(name, written(of.get("default", ""))) for name, of in self.action["inputs"].items()}
        self.context = {"github": {"event": payload}, "inputs": inputs, "steps": {}, "functions": {"success": True, "always": True}}
        self.commands, self.faults, self.summary, self.failed = [], [], "", False

    def run(self):
        for number, step in enumerate(self.action["runs"]["steps"]):
            # What has no status function in its condition asks for success.
            condition = filled("${{ " + str(step.get("if", "success()")) + " }}", self.context)
            if self.failed or condition not in ("true",):
                if not self.failed and condition != "false":
                    self.faults.append(f"step {number}: the condition is {condition!r}")
                continue
            outputs = self.used(step) if "uses" in step else self.scripted(step, number)
            if "id" in step:
                self.context["steps"][step["id"]] = {"outputs": outputs}
        return {name: filled(of["value"], self.context) for name, of in self.action["outputs"].items()}

    def used(self, step):
        name, _, pin = step["uses"].partition("@")
        if not re.fullmatch(r"[0-9a-f]{40}", pin):
            self.faults.append(f"not pinned by a hash: {step['uses']}")
        given = {key: filled(value, self.context) for key, value in step.get("with", {}).items()}
        folder, path = Path(self.words.cache or self.temp / "cache"), Path(given["path"])
        # A cache is known by its key and by the paths that it holds.
        kept = folder / hashlib.sha256(f"{given['key']}\0{path}".encode()).hexdigest()
        if name == "actions/cache/restore" and kept.exists():
            shutil.copytree(kept, path, dirs_exist_ok=True)
        elif name == "actions/cache/save" and not kept.exists():
            shutil.copytree(path, kept)
        elif not name.startswith("actions/cache/"):
            self.faults.append(f"unknown here: {name}")
        return {}

    def scripted(self, step, number):
        if "${{" in step["run"]:
            self.faults.append(f"step {number}: an expression in a script")
        files = {kind: self.temp / f"_runner_{kind}_{number}" for kind in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")}
        for path in files.values():
            path.write_bytes(b"")
        script = self.temp / f"_runner_{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = {
            **os.environ,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": self.words.action,
            "GITHUB_EVENT_NAME": self.words.event,
            "GITHUB_EVENT_PATH": str(self.words.payload),
            "GITHUB_WORKSPACE": self.words.workspace,
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            **dict(pair.split("=", 1) for pair in self.words.env),
            **{name: filled(value, self.context) for name, value in step.get("env", {}).items()},
            **{name: str(path) for name, path in files.items()},
        }
        # `shell: bash` of a composite action.
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.words.workspace, env=environment, capture_output=True, check=False,
        )
        if done.stderr:
            self.faults.append(f"step {number}: a second stream, whose lines the runner mixes in anywhere: {done.stderr[:300]!r}")
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        sys.stdout.write(text)
        reader = Commands()
        for line in lines_of(text):
            reader.take(line)
        if reader.token is not None:
            self.faults.append(f"step {number}: commands stay stopped")
        self.commands += reader.seen
        for kind in ("GITHUB_ENV", "GITHUB_PATH"):
            if files[kind].read_bytes():
                self.faults.append(f"step {number}: {kind} was written to")
        summary = files["GITHUB_STEP_SUMMARY"].read_bytes()
        if len(summary) > LARGEST_SUMMARY:
            self.faults.append(f"step {number}: a summary of {len(summary)} bytes is dropped")
        self.summary += summary.decode("utf-8")
        if done.returncode != 0:
            self.failed = True
        return file_command(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser()
    for name in ("action", "event", "payload", "workspace", "temp", "result"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--cache")
    parser.add_argument("--input", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    job = Job(parser.parse_args())
    outputs = job.run()
    result = {
        "conclusion": "failure" if job.failed else "success",
        "outputs": outputs,
        "commands": job.commands,
        "summary": job.summary,
        "faults": job.faults,
    }
    Path(job.words.result).write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
