"""The samples of docs/ci/ and the page about them name what action.yml has, and pin what they use."""

import glob
import re
import sys

import yaml
from fake_runner import filled

action = yaml.safe_load(open("action.yml", encoding="utf-8"))
page = open("docs/ci.md", encoding="utf-8").read()
faults = [f"docs/ci.md does not tell of {name}" for name in [*action["inputs"], *action["outputs"]] if f"`{name}`" not in page]
for path in glob.glob("docs/ci/github-*.yml"):
    text = open(path, encoding="utf-8").read()
    for job in yaml.safe_load(text)["jobs"].values():
        for step in job["steps"]:
            if step["uses"].startswith("OWNER/gatepost@"):
                faults += [f"{path}: no input {name}" for name in step.get("with", {}) if name not in action["inputs"]]
            elif not re.search(r"@[0-9a-f]{40}$", step["uses"]):
                faults.append(f"{path}: {step['uses']} is not pinned")
    faults += [f"{path}: no output {name}" for name in re.findall(r"steps\.gatepost\.outputs\.([\w-]+)", text) if name not in action["outputs"]]
    if path not in page and path.removeprefix("docs/") not in page:
        faults.append(f"docs/ci.md does not name {path}")


def given(path, name, event, payload):
    """What a sample gives to an input in an event."""
    steps = (step for job in yaml.safe_load(open(path, encoding="utf-8"))["jobs"].values() for step in job["steps"])
    inputs = next(step["with"] for step in steps if step["uses"].startswith("OWNER/gatepost@"))
    return filled(inputs[name], {"github": {"event_name": event, "event": payload}})


labels = [{"name": "gatepost-accepted"}]
for wanted, payload in (
    ("true", {"action": "labeled", "label": {"name": "gatepost-accepted"}}),
    ("false", {"action": "labeled", "label": {"name": "bug"}, "pull_request": {"labels": labels}}),
    ("false", {"action": "synchronize", "pull_request": {"labels": labels}}),
    ("false", {"merge_group": {}}),
):
    if given("docs/ci/github-pull-request.yml", "accept-new-suppressions", "pull_request", payload) != wanted:
        faults.append(f"docs/ci/github-pull-request.yml: not {wanted} for {payload}")
for wanted, event in (("tree", "push"), ("auto", "pull_request")):
    if given("docs/ci/github-sarif-upload.yml", "mode", event, {}) != wanted:
        faults.append(f"docs/ci/github-sarif-upload.yml: not {wanted} on {event}")
for fault in faults:
    print(fault)
sys.exit(bool(faults))
