"""A saved report in which every text of others means harm: ids and pages of rules, messages, people, refs, paths. mutate.py REPORT.json SEED"""
import json
import random
import sys

PIECES = [
    "::error::x", "##[error]z", "\n::warning::y\n", "\r", "\x1b[2J", "\u202e", "\u2028", "\ufffe", "%0A::error::", "${{ x }}",
    "<script>alert(1)</script>", "</style><script>x</script>", '"><img src=x onerror=y>', "' onmouseover=z '", "</details>", "-->", "<!--", "]]>", "&lt;",
    "![x](https://e.example)", "[x](javascript:alert(1))", "javascript:alert(1)", 'https://e.example/" onclick="x', "https://e.example/a b",
    "@someone", "`", "```", "|", "=1+1", "$$x$$", "\\", "a", "b c",
]
TEXTS = {"message", "resource", "reason", "account", "author", "still_in", "why", "title", "known_in", "help"}
LISTS = {"references", "controls", "families", "commands", "notes"}


def main(path: str, seed: str) -> None:
    chance = random.Random(int(seed))
    text = lambda: "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 4)))
    report = json.load(open(path, encoding="utf-8"))

    def walk(value):
        if isinstance(value, list):
            for item in value:
                walk(item)
        if not isinstance(value, dict):
            return
        for key, inner in value.items():
            if isinstance(inner, str) and (key in TEXTS or key == "fix"):
                value[key] = text()
            elif isinstance(inner, list) and key in LISTS:
                value[key] = [text(), text()]
            else:
                walk(inner)

    walk(report)
    names = {name: f"{text()}{number}" for number, name in enumerate(report["rules"])}
    report["rules"] = {names[name]: rule for name, rule in report["rules"].items()}
    for finding in report["findings"]:
        finding["rule"] = names.get(finding["rule"], text())
        finding["path"] = text()
        for key in ("path_base64", "member_at", "outer_end"):
            finding.pop(key, None)
    json.dump(report, sys.stdout)


main(*sys.argv[1:])
