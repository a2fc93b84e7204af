"""What must hold of every run of the action, whatever it looked at. usage: judge.py RESULT EXIT-CODE (of fake_runner.py)"""

import collections
import json
import sys

result, code = json.load(open(sys.argv[1], encoding="utf-8")), sys.argv[2]
outputs, said = result["outputs"], collections.Counter(command["name"] for command in result["commands"])


def held(is_so, why):
    if not is_so:
        print(why)
        sys.exit(1)


held(not result["faults"], result["faults"])
held(outputs["exit-code"] == code, f"ended with {outputs['exit-code']}, and not with {code}")
held((result["conclusion"] == "success") == (code == "0"), result["conclusion"])
held(outputs["incomplete"] in ("true", "false") and (code != "3" or outputs["incomplete"] == "true"), "incomplete is not told")
held(said["stop-commands"] == said["resume"], said)
held(set(said) <= {"stop-commands", "resume", "error", "warning", "notice"}, f"foreign commands: {said}")
held(all(said[level] <= 10 for level in ("error", "warning", "notice")), f"more than the runner shows: {said}")
held(len(result["summary"].encode()) <= 921_600, "the summary is too long")
numbers = [outputs[name] for name in ("findings", "new-findings", "scanned-files", "skipped-files")]
held(all(number.isdigit() for number in numbers) or not any(numbers), numbers)
