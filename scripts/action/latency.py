"""What the action's scripts cost beside the scan itself, in pairs. usage: latency.py PROGRAM REPOSITORY ACTION SCRATCH"""

import os
import statistics
import subprocess
import sys
import time

program, repo, here, scratch = sys.argv[1:]
files = {name: f"{scratch}/latency-{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
base = subprocess.run(["git", "-C", repo, "rev-parse", "HEAD^1"], capture_output=True, text=True, check=True).stdout.strip()
head = subprocess.run(["git", "-C", repo, "rev-parse", "HEAD^2"], capture_output=True, text=True, check=True).stdout.strip()
common = {**os.environ, **files, "GITHUB_EVENT_NAME": "pull_request", "EVENT_BASE": base, "EVENT_HEAD": head, "RUNNER_TEMP": scratch,
          "GITHUB_WORKSPACE": repo}
def took(words, environment=common):
    start = time.perf_counter()
    done = subprocess.run(words, cwd=repo, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done
    return (time.perf_counter() - start) * 1000
bare, script, find = [], [], []
for _ in range(21):
    bare.append(took([program, "scan", "--diff", f"{base}..HEAD", "."]))
    find.append(took(["bash", f"{here}/action/find.sh"]))
    script.append(took(["bash", f"{here}/action/run.sh"], {**common, "ACTION_BINARY": program}))
b, f, s = (statistics.median(times) for times in (bare, find, script))
print(f"latency, medians of 21 pairs: scan alone {b:.0f} ms, run.sh {s:.0f} ms (+{s - b:.0f} ms, {s / b:.1f} times), find.sh {f:.0f} ms")
