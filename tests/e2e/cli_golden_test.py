#!/usr/bin/env python3
"""The kafka-* tools print what Apache Kafka's print: the recorded cases of tests/golden/cli, one after the other on one
broker, and those of its folder acl on another one, which asks for rights. A case that may differ is named in docs/cli-differences.md with the reason; any other difference fails.

    cli_golden_test.py [-v] [--apache] [--part PART] [--only REGEX] [--until CASE]

-v shows what differs; --apache takes a real Apache Kafka as the broker; --part runs the cases of one folder, "" those of
the uppermost; --only runs the files that match (their cases may lack what earlier ones made); --until stops after a case."""
import argparse
import difflib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import cli_cases
from apache_kafka import ApacheKafka, free_port
from stoker import BIN, ROOT, Broker

TIMEOUT = 90
CLUSTER_ID = "QWthLXJlZmVyZW5jZS0xMA"
# What the record's broker had in its server.properties, that of the release: some of it is seen in listings.
SETTINGS = """num.network.threads=3 num.io.threads=8 socket.send.buffer.bytes=102400 socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600 num.partitions=1 num.recovery.threads.per.data.dir=2 offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1 transaction.state.log.min.isr=1 log.retention.hours=168
log.segment.bytes=1073741824 log.retention.check.interval.ms=300000""".split()
PATIENCE = 60
# The folders of cases, and what their brokers have besides.
PARTS = {"": [], "acl": ["authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                         "super.users=User:ANONYMOUS"]}


def allowed():
    """The names in the first column of the tables of docs/cli-differences.md."""
    text = (ROOT / "docs" / "cli-differences.md").read_text()
    return {name for row in re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}


class Runner:
    def __init__(self, port, data, scratch, tools):
        self.scratch = scratch
        self.environment = {"PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                            "HOME": os.environ.get("HOME", "/"), "BOOTSTRAP": f"localhost:{port}", "DEAD": "localhost:1",
                            "DATA": str(data), "BROKER2_PID": ""}
        self.background = {}

    def spawn(self, command, out, err):
        return subprocess.Popen(["bash", "-c", command], cwd=self.scratch, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=out, stderr=err, start_new_session=True)

    def to_end(self, command, seconds=TIMEOUT):
        """Standard output, standard error and the status of a command; one that hangs is killed."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = self.spawn(command, out, err)
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                status = 124
            return self.text_of(out), self.text_of(err), status

    @staticmethod
    def text_of(file):
        file.seek(0)
        return file.read().decode("utf-8", "surrogateescape")

    def run(self, case):
        """What the case printed; nothing for one that is not compared."""
        if case.kind == "bg":
            out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
            self.background[case.name] = self.spawn("exec " + case.command, out, err), out, err
            return None
        if case.kind == "until":
            end = time.monotonic() + PATIENCE
            while self.to_end(case.command)[2] != 0 and time.monotonic() < end:
                time.sleep(0.1)
            return None
        if case.kind == "stop":
            process, out, err = self.background.pop(case.name)
            process.send_signal(getattr(signal, "SIG" + case.signal))
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            status = process.returncode
            return self.text_of(out), self.text_of(err), 128 - status if status < 0 else status
        return self.to_end(case.command)

    def end(self):
        for process, _, _ in self.background.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def show(case, seen):
    out, err, status = seen
    print(f"--- {case.name}: status {status}, recorded {case.status}\n    {case.command.strip()[:300]}")
    for name, ours, recorded in (("out", out, case.out), ("err", err, case.err)):
        ours = cli_cases.normalise(ours, case.rules, case.is_help())
        if ours != recorded:
            lines = difflib.unified_diff(recorded.splitlines(), ours.splitlines(), "recorded " + name, "ours", "", "", 0, "")
            print("\n".join(list(lines)[:40]))


class Score:
    """How many cases were as recorded, and which were not though nothing says so."""

    def __init__(self):
        self.known, self.same, self.differ, self.wrong, self.stale = allowed(), 0, 0, [], []

    def compare(self, runner, part, arguments):
        for file, case in cli_cases.read_all(part):
            if arguments.only and not re.search(arguments.only, file):
                continue
            seen = runner.run(case)
            if seen is not None:
                self.take(case, seen, f"{part}/{file}/{case.name}".lstrip("/"), arguments.verbose)
            if case.name == arguments.until:
                break

    def take(self, case, seen, where, verbose):
        differs = cli_cases.differences(case, *seen)
        known = case.name in self.known
        self.same, self.differ = self.same + (not differs), self.differ + bool(differs)
        if differs and verbose:
            show(case, seen)
        if differs and not known:
            self.wrong.append(f"{where}: {' '.join(differs)}")
        elif known and not differs:
            self.stale.append(case.name)

    def told(self):
        print("\n".join(self.wrong))
        if self.stale:
            print("named in docs/cli-differences.md, but equal:", *self.stale)
        print(f"equal to Apache Kafka's: {self.same} of {self.same + self.differ}; {len(self.wrong)} differ without a reason")
        return not self.wrong


def format_folder(tools, data, top):
    """The record's cluster id comes from formatting, as ours does."""
    properties = top / "format.properties"
    properties.write_text(f"node.id=1\nlog.dirs={data}\n")
    subprocess.run([tools / "kafka-storage", "format", "--standalone", "-t", CLUSTER_ID, "-c", properties], check=True,
                   stdout=subprocess.DEVNULL)


def run_part(part, arguments, score):
    """The folders' names are those that the rules know: .../golden.XXXXXX/, .../1/data."""
    top = pathlib.Path(tempfile.mkdtemp(prefix="stoker-cli-"))
    scratch, data, tools = top / f"golden.{os.getpid() % 1000000:06d}" / "one-node", top / "1" / "data", top / "bin"
    for folder in (scratch, data.parent, tools):
        folder.mkdir(parents=True)
    (tools / "kafka-tools").symlink_to((BIN / "kafka-tools").resolve())
    subprocess.run([tools / "kafka-tools", "--install", tools], check=True)
    port = free_port()
    settings = [*SETTINGS, *PARTS[part], f"advertised.listeners=PLAINTEXT://localhost:{port}"]
    try:
        if arguments.apache:
            server = ApacheKafka(data, top, port)
            with open(server.properties, "a") as properties:
                properties.write("\n".join(settings) + "\n")
            server.format(CLUSTER_ID)
        else:
            format_folder(tools, data, top)
            server = Broker(*settings, data=data, port=port)
        with server:
            runner = Runner(port, data, scratch, tools)
            try:
                score.compare(runner, part, arguments)
            finally:
                runner.end()
    finally:
        shutil.rmtree(top, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--apache", action="store_true")
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--only")
    parser.add_argument("--until")
    arguments = parser.parse_args()
    score = Score()
    for part in PARTS:
        if arguments.part in (None, part):
            run_part(part, arguments, score)
    return 0 if score.told() else 1


if __name__ == "__main__":
    sys.exit(main())
