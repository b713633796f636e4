"""What the Python drivers share: the entry, the values of each scenario, and the talk with the runner (../scenarios.py)."""
import sys
import time
import traceback

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
EACH = 200  # records of each codec
LARGE = 10_000_000
LARGE_MAX = 11_000_000  # max.message.bytes of the topic that takes it
MANY = 1000


class Skip(Exception):
    """The client cannot do this; not the broker's doing."""


def value(codec, number):
    """Repetitive enough to be compressed, different in each record."""
    return f"{codec}-{number}-".encode() + b"abcdefgh" * 8


def restart(how):
    """The broker ends (kill, clean) and comes back; returns when it is ready."""
    print("restart", how, flush=True)
    assert sys.stdin.readline() == "ready\n"


def eventually(what, check, seconds=40):
    """Waits until check() is true; check does the polling."""
    end = time.monotonic() + seconds
    while not (result := check()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)
    return result


def same(actual, expected, what="values"):
    assert actual == expected, f"{what}: {str(actual)[:500]} instead of {str(expected)[:500]}"


def main(scenarios):
    name, bootstrap = sys.argv[1:3]
    try:
        scenarios[name](bootstrap)
    except Skip as why:
        print("skip:", why)
    except BaseException:
        traceback.print_exc()
        sys.exit(1)
