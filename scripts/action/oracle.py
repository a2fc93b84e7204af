"""The imitated runner against what is known of the real one: it must see every command, or the tests of the action say nothing."""

from fake_runner import Commands, Expression, file_command, filled, lines_of


def seen(text):
    reader = Commands()
    for line in lines_of(text):
        reader.take(line)
    return [(command["name"], command["properties"], command["data"]) for command in reader.seen]


def same(is_so, wanted):
    if is_so != wanted:
        raise SystemExit(f"{is_so!r} and not {wanted!r}")


same(seen("::error file=a%3Ab%2Cc.ini,line=3::x%0Ay%25\n"), [("error", {"file": "a:b,c.ini", "line": "3"}, "x\ny%")])
same(seen(" \t::add-mask::x\n"), [("add-mask", {}, "x")])
same(seen("a\r::Set-Output name=a::b\rc"), [("set-output", {"name": "a"}, "b")])
same(seen("text ##[add-path]/tmp; more"), [("add-path", {}, "/tmp; more")])
same(seen("##[warning file=a%5Db;line=1]x"), [("warning", {"file": "a]b", "line": "1"}, "x")])
same(seen("a ::error::x\n::nothing::x\n# #[error]x\n:: error::x\n::error\n"), [])
stopped = "::stop-commands::word\n::error::x\n##[error]y\n::other::\n::WORD::\n::error::z\n"
same([name for name, _, _ in seen(stopped)], ["stop-commands", "resume", "error"])
# A word that comes behind something else on its line resumes nothing.
same([name for name, _, _ in seen("::stop-commands::word\nx::word::\n::error::z")], ["stop-commands"])

same(file_command("a=b<<c\nd<<e=f\nx\ny=z\ne=f\n\n"), {"a": "b<<c", "d": "x\ny=z"})
for wrong in ("a<<b\nc\n", "nothing\n", "=a\n"):
    try:
        file_command(wrong)
    except ValueError:
        continue
    raise SystemExit(f"{wrong!r} was taken")

context = {"github": {"event": {"before": "a", "pull_request": None, "forced": True}}, "functions": {"always": True}}
same(filled("${{ github.event.pull_request.base.sha || github.event.before }}-${{ github.event.forced }}", context), "a-true")
same(filled("${{ github.event.nothing }}", context), "")
same(Expression("always() && github.event.before != '' && !(github.event.before == 'b')", context).value(), True)
