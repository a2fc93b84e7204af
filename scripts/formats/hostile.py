"""Writes a tree of 200 files with hostile names and contents, a key in each: hostile.py FOLDER. Prints how many names there are."""
import os
import random
import sys

PIECES = [
    b"::error::x", b"::warning file=a,line=1::y", b"##[error]z", b"##vso[task.setvariable]v", b"##teamcity[x]", b"::add-mask::*", b"::stop-commands::s",
    b"\n", b"\r\n", b"\r", b"\x1b[2J", b"\x1b]8;;https://e.example\x1b\\", b"\x07", b"\x9b31m", "\u202e".encode(), "\u2066".encode(), "\ufeff".encode(), b"\xff\xfe", b"\xc0\xaf",
    b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"</code></pre></details>", b"]]>", b"<!--", b"-->", b"&lt;", b"'\"", b"style=x",
    b"![x](https:e.example)", b"[x](javascript:alert(1))", b"`", b"```", b"~~~", b"|", b"www.e.example", b"a@b.example", b"@someone", b"#1", b"$x$", b"\\",
    b"=1+1", b"=cmd|' C'!A0", b"+1", b"-1", b"@SUM(A1)", b",", b";", b"%0A::error::", b"%25", b"%", b"${{ github.token }}", b"$(id)", b"`id`",
    b" ", b"-rf", b"a", b"b.env", "ü".encode(), "漢".encode(),
]


def main(folder: str) -> None:
    chance = random.Random(7)
    key = lambda: "AKIA" + "".join(chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16))
    secret = lambda: "".join(chance.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/") for _ in range(40))
    names = set()
    while len(names) < 200:
        name = b"".join(chance.choice(PIECES).replace(b"/", b"_") for _ in range(chance.randint(1, 5)))[:200]
        if name in names or name in (b".", b"..") or name.endswith(b".env"):
            continue
        around = lambda: b"".join(chance.choice(PIECES) for _ in range(chance.randint(0, 4)))
        text = around() + b"\naws_access_key_id = " + key().encode() + b" " + around() + b"\naws_secret_access_key = " + secret().encode() + b"\n" + around()
        try:
            with open(os.path.join(os.fsencode(folder), name), "wb") as file:
                file.write(text)
        except OSError:  # where a file system takes no such name
            continue
        names.add(name)
    print(len(names))


main(sys.argv[1])
