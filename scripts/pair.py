#!/usr/bin/env python3
"""Compare commands with a yardstick, in pairs, and print a markdown table.

usage: pair.py [--rounds N] [--timeout S] [--cwd DIR] -- NAME EXITS COMMAND [NAME EXITS COMMAND ...]

The first command is the yardstick. NAME labels the row, EXITS lists the exit statuses that
mean the command did its work ("0,1"), COMMAND is split like a shell line and started without
a shell; a COMMAND in parentheses is given to sh, for pipelines.

Each round runs every command once, starting one further down the list than the round before,
so that none always follows the same neighbour. A ratio is a command's time over the
yardstick's time of the same round. One unmeasured round comes first, to fill the caches.
A command that runs too long or ends with another status is reported as failed, without a
ratio: a tool that gives up early would otherwise look fast.

Columns: ratio, the median [min-max] over the rounds; time, median wall seconds; cpu, median
user and system seconds; peak, the largest resident size of any one process of the command, in
MB; exit, the statuses seen. A forked process starts with the size of this one, so peaks below
that floor can't be told apart and are shown as "<= floor".

Exit status: 0, or 1 if the yardstick failed, or 2 for wrong arguments.
Standard library only; needs a Unix with wait4 and posix_spawn.
"""

import argparse
import dataclasses
import os
import shlex
import shutil
import signal
import statistics
import sys
import time


class Wrong(Exception):
    """What was asked for can't be done; the text says why."""


@dataclasses.dataclass
class Command:
    name: str
    argv: list
    exits: frozenset
    runs: list = dataclasses.field(default_factory=list)
    failure: str = ""


@dataclasses.dataclass
class Run:
    wall: float  # seconds
    cpu: float  # seconds
    peak: float  # MB
    status: int


class Overrun(Exception):
    """The time limit of a run has passed."""


def on_alarm(_signal, _frame):
    raise Overrun


def parse(line):
    """The argument vector of a command line, its program found on PATH."""
    if line.startswith("("):
        return [shutil.which("sh"), "-c", line]
    argv = shlex.split(line)
    if not argv:
        raise Wrong("an empty command")
    program = shutil.which(argv[0])
    if program is None:
        raise Wrong(f"{argv[0]} is not on PATH")
    return [program, *argv[1:]]


def run(argv, limit):
    """Start a command, wait for it and measure it. An overrun kills its process group."""
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1, 2)]
    started = time.monotonic()
    # its own process group, so that a pipeline can be ended as a whole
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions, setpgroup=0)
    try:
        signal.setitimer(signal.ITIMER_REAL, limit)
        _, status, usage = os.wait4(child, 0)
        wall = time.monotonic() - started
    except (Overrun, KeyboardInterrupt):
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.close(null)
    cpu = usage.ru_utime + usage.ru_stime
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, KiB here
    return Run(wall, cpu, usage.ru_maxrss / unit, os.waitstatus_to_exitcode(status))


def attempt(command, limit):
    """Run a command that has not failed yet; None if it fails now."""
    if command.failure:
        return None
    try:
        result = run(command.argv, limit)
    except Overrun:
        command.failure = f"over {limit:g} s"
        return None
    if result.status not in command.exits:
        command.failure = f"exit {result.status}"
        return None
    return result


def measure(commands, rounds, limit):
    """Fill in the runs of every command; stops early if the yardstick fails."""
    yardstick = commands[0]
    for command in commands:
        attempt(command, limit)
    for turn in range(rounds):
        shift = turn % len(commands)
        for command in commands[shift:] + commands[:shift]:
            result = attempt(command, limit)
            if result is not None:
                command.runs.append(result)
        if yardstick.failure:
            raise Wrong(f"the yardstick {yardstick.name} failed: {yardstick.failure}")


def row(command, yardstick, floor):
    """The table row of one command."""
    if command.failure:
        return f"| {command.name} | failed: {command.failure} | | | | |"
    ratios = [mine.wall / base.wall for mine, base in zip(command.runs, yardstick.runs)]
    peak = max(each.peak for each in command.runs)
    shown_peak = f"<= {floor:.0f}" if peak <= floor * 1.05 else f"{peak:.0f}"
    exits = ",".join(str(status) for status in sorted({each.status for each in command.runs}))
    return (
        f"| {command.name} "
        f"| {statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}] "
        f"| {statistics.median(each.wall for each in command.runs):.3f} "
        f"| {statistics.median(each.cpu for each in command.runs):.3f} "
        f"| {shown_peak} | {exits} |"
    )


def arguments():
    parser = argparse.ArgumentParser(
        usage="pair.py [--rounds N] [--timeout S] [--cwd DIR] -- NAME EXITS COMMAND ..."
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timeout", type=float, default=600.0)
    parser.add_argument("--cwd", default=".")
    parser.add_argument("triple", nargs="+")
    given = parser.parse_args()
    if given.rounds < 1 or given.timeout <= 0 or len(given.triple) % 3:
        parser.error("rounds and timeout above zero, and three words per command")
    return given


def commands_of(words):
    """The commands, from NAME EXITS COMMAND NAME EXITS COMMAND ..."""
    triples = zip(words[0::3], words[1::3], words[2::3])
    return [
        Command(name, parse(line), frozenset(int(exit) for exit in exits.split(",")))
        for name, exits, line in triples
    ]


def main():
    given = arguments()
    signal.signal(signal.SIGALRM, on_alarm)
    try:
        commands = commands_of(given.triple)
        os.chdir(given.cwd)
        floor = run(parse("true"), given.timeout).peak
        measure(commands, given.rounds, given.timeout)
    except (Wrong, OSError, ValueError) as problem:
        print(f"pair.py: {problem}", file=sys.stderr)
        return 1
    print("| command | ratio [min-max] | time (s) | cpu (s) | peak (MB) | exit |")
    print("|---|---|---|---|---|---|")
    for command in commands:
        print(row(command, commands[0], floor), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
