"""The samples of docs/ci/ and the page about them name what action.yml has, and pin what they use."""

import glob
import re
import sys

import yaml

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
for fault in faults:
    print(fault)
sys.exit(bool(faults))
