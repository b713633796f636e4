"""kcat's part of the scenarios: Debian's, with librdkafka 2.0.2. It cannot administrate."""
import os
import signal
import subprocess
import tempfile
import time

import common
from common import CODECS, EACH, LARGE, LARGE_MAX, eventually, restart, same, value

LINE = "%t:%p:%o:%k:%h:%s\n"


def kcat(bootstrap, *arguments, stdin=None, fails=False):
    done = subprocess.run(["kcat", "-b", bootstrap, *arguments], input=stdin, capture_output=True, timeout=60)
    assert (done.returncode != 0) == fails, f"{arguments}: {done.returncode}: {done.stderr.decode()[-1500:]}"
    return (done.stderr if fails else done.stdout).decode()


def produce(bootstrap, topic, values, *more):
    kcat(bootstrap, "-P", "-t", topic, "-k", "key", "-H", "h=1", *more, stdin=b"\n".join(values))


def read(bootstrap, topic, *more):
    return kcat(bootstrap, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", LINE, *more).splitlines()


def codecs(bootstrap):
    for codec in CODECS:
        produce(bootstrap, "codecs", [value(codec, i) for i in range(EACH)], "-p", "0", "-z", codec)
    records = [value(c, i).decode() for c in CODECS for i in range(EACH)]
    same(read(bootstrap, "codecs", "-p", "0"), [f"codecs:0:{o}:key:h=1:{v}" for o, v in enumerate(records)])


def group(bootstrap):
    """kcat -e leaves at the end of the partitions, having committed what it read."""
    for first, count in ((0, 300), (300, 10)):
        produce(bootstrap, "group", [str(i).encode() for i in range(first, first + count)])
        lines = kcat(bootstrap, "-q", "-e", "-X", "auto.offset.reset=earliest", "-G", "g", "group").split()
        same(sorted(map(int, lines)), list(range(first, first + count)))


class Member:
    """A kcat that stays in the group; what it says of its share is on its standard error."""

    def __init__(self, bootstrap, topic):
        self.said = tempfile.TemporaryFile()
        command = ["kcat", "-b", bootstrap, "-u", "-X", "auto.offset.reset=earliest", "-G", "g", topic]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.said)

    def share(self):
        """The partitions of the last assignment."""
        text = os.pread(self.said.fileno(), 1 << 20, 0).decode()
        assigned = [line for line in text.splitlines() if "rebalanced" in line and "assigned" in line]
        return set(assigned[-1].split("assigned: ")[1].split(", ")) if assigned else set()

    def leave(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def rebalance(bootstrap):
    produce(bootstrap, "rebalance", [b"x"])
    members = [Member(bootstrap, "rebalance")]
    try:
        eventually("the first has the partition", lambda: len(members[0].share()) == 1)
        members.append(Member(bootstrap, "rebalance"))
        time.sleep(4)  # the second waits: there is no partition for it
        produce(bootstrap, "rebalance", [b"y"])
        members.pop(0).leave()
        eventually("the second has it", lambda: len(members[0].share()) == 1)
    finally:
        for member in members:
            member.leave()


def restarts(bootstrap):
    for round_, how in enumerate(("kill", "clean", None)):
        produce(bootstrap, "restart", [f"{round_}-{i}".encode() for i in range(500)], "-X", "enable.idempotence=true")
        if how:
            restart(how)
    same([line.split(":")[-1] for line in read(bootstrap, "restart")], [f"{r}-{i}" for r in range(3) for i in range(500)])


def large(bootstrap):
    """kcat cannot raise the topic's limit, so the broker is to refuse."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * LARGE)
        file.flush()
        said = kcat(bootstrap, "-P", "-t", "large", "-X", f"message.max.bytes={LARGE_MAX}", file.name, fails=True)
    assert "Message size too large" in said, said
    produce(bootstrap, "large", [b"x" * 900_000], "-X", f"message.max.bytes={LARGE_MAX}")
    same([len(line) for line in read(bootstrap, "large")], [900_000 + len("large:0:0:key:h=1:")])


def partitions(bootstrap):
    """As many topics of one partition: kcat cannot create a topic but by naming it."""
    for i in range(20):
        produce(bootstrap, f"many-{i}", [str(i).encode()])
    listed = kcat(bootstrap, "-L")
    same(listed.count('topic "many-'), 20)
    lines = kcat(bootstrap, "-q", "-e", "-X", "auto.offset.reset=earliest", "-f", "%t:%s\n", "-G", "g", "^many-.*")
    same(sorted(lines.split()), sorted(f"many-{i}:{i}" for i in range(20)))


common.main({"codecs": codecs, "group": group, "rebalance": rebalance, "restart": restarts, "large": large,
             "partitions": partitions})
