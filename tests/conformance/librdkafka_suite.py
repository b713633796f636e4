"""librdkafka_suite [--all] [TEST...]: librdkafka's own tests that need a broker, in quick mode, against Stoker.

Without arguments: those of librdkafka.allow, each of which must pass. --all: every one, to see what could be added.
A TEST is a name or its number (0022). Each number is a process of its own, JOBS of them at once; one that fails is tried
once more alone, since the suite's time limits take an idle machine for granted.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import scenarios
import stoker

HERE = pathlib.Path(__file__).resolve().parent
JOBS = int(os.environ.get("JOBS", "3"))
SECONDS_MAX = 240  # of one number
# These wait for minutes: first, so that nobody waits for them at the end.
LONG = ("0150",)
# The suite calls $KAFKA_PATH/bin/kafka-topics.sh, which is ours.
TOOLS = HERE.parent.parent
TOOL = TOOLS / "bin/kafka-topics.sh"
NEED_TOOL = ("0045_subscribe_update_topic_remove", "0045_subscribe_update_non_exist_and_partchange", "0052_msg_timestamps")
KAFKA_VERSION = "4.3.0"
# What the suite's own cluster is given in each scenario (its tests/scenarios/*.json), on one node.
# The delay lets members that start together join together, as 0089 takes for granted.
BASE = ("num.partitions=4", "group.initial.rebalance.delay.ms=500")
SCENARIOS = {
    "default": (*BASE, "auto.create.topics.enable=true"),
    "noautocreate": (*BASE, "auto.create.topics.enable=false"),
}


def listed(path):
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def declared(tests):
    """{test: scenario} of every test that needs a broker, as test.c declares it."""
    entries = re.findall(r"^    _TEST\((\w+),(.*?)\),\n(?=\S|    \S|\n)", (tests / "test.c").read_text(), re.M | re.S)
    scenario = re.compile(r'scenario = "(\w+)')
    return {name: (scenario.findall(rest) or ["default"])[0] for name, rest in entries
            if not re.search(r"TEST_F_(LOCAL|MANUAL)", rest)}


class Suite:
    def __init__(self, tests, scenario, bootstrap, logs):
        self.tests, self.scenario, self.logs = tests, scenario, logs
        conf = logs / "test.conf"
        conf.write_text(f"metadata.broker.list={bootstrap}\n")
        libraries = f"{tests}/../src:{tests}/../src-cpp"
        self.environment = {**os.environ, "RDKAFKA_TEST_CONF": str(conf), "TEST_KAFKA_VERSION": KAFKA_VERSION,
                            "LD_LIBRARY_PATH": libraries, "BROKERS": bootstrap, "TEST_LEVEL": "2"}
        self.environment.setdefault("KAFKA_PATH", str(TOOLS))
        self.environment.pop("CI", None)  # it would stretch every time limit
        self.lock = threading.Lock()

    def run(self, number):
        """{test: (state, seconds)} of one number. Quick mode leaves some tests empty; those run in full."""
        found = self.run_once(number, "-Q")
        if b"Created    kafka instance" not in (self.logs / f"{number}.log").read_bytes():
            found = self.run_once(number) or found
        return found

    def run_once(self, number, *quick):
        report, log = self.logs / f"{number}.json", self.logs / f"{number}.log"
        environment = {**self.environment, "TESTS": number, "TEST_REPORT": str(report)}
        with open(log, "wb") as output:
            try:
                command = ["./test-runner", "-p1", *quick, "-L", "-V", KAFKA_VERSION, "-s", self.scenario]
                subprocess.run(command, cwd=self.tests, env=environment, stdout=output, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, timeout=SECONDS_MAX)
            except subprocess.TimeoutExpired:
                pass  # its report is missing: nothing passed
        text = report.read_text() if report.exists() else ""
        report.unlink(missing_ok=True)
        found = re.findall(r'"name": "(\w+)", "state": "(\w+)".*?"duration": ([\d.]+)', text)
        return {name: (state, float(seconds)) for name, state, seconds in found if name.startswith(number)}

    def run_all(self, names):
        """The names that did not pass, after a second try, with their states."""
        numbers = sorted({name[:4] for name in names}, key=lambda number: (number not in LONG, number))
        results = {}

        def first(number):
            begin, found = time.monotonic(), self.run(number)
            with self.lock:
                results.update(found)
                self.say(number, names, found, time.monotonic() - begin)

        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            list(pool.map(first, numbers))

        def failed():
            return {name: results.get(name, ("ENDED", 0))[0] for name in names
                    if results.get(name, ("ENDED", 0))[0] not in ("PASSED", "SKIPPED")}

        for number in sorted({name[:4] for name in failed()}):
            print(f"again {number}", flush=True)
            found = self.run(number)
            results.update(found)
            self.say(number, names, found, 0)
        skipped = [name for name in names if results.get(name, ("ENDED", 0))[0] == "SKIPPED"]
        return failed(), skipped

    def say(self, number, names, found, seconds):
        for name in sorted(n for n in names if n.startswith(number)):
            state, duration = found.get(name, ("ENDED", seconds))
            print(f"{state:7} {name} {duration:.1f} s", flush=True)


def main(arguments):
    folder = scenarios.install("librdkafka")
    if folder is None:
        print("librdkafka's suite: SKIPPED, it cannot be installed here")
        return scenarios.SKIPPED
    tests = folder / "librdkafka/tests"
    every, allowed = declared(tests), listed(HERE / "librdkafka.allow")
    names = list(every) if arguments == ["--all"] else [n for n in every if n in arguments or n[:4] in arguments] or allowed
    if not TOOL.exists() and not os.environ.get("CI"):
        left_out = [name for name in names if name in NEED_TOOL]
        names = [name for name in names if name not in NEED_TOOL]
        print(f"there is no {TOOL}, SKIPPED: {' '.join(left_out) or 'nothing'}")
    logs = pathlib.Path(os.environ.get("LOGS") or tempfile.mkdtemp(prefix="stoker-librdkafka-"))
    logs.mkdir(exist_ok=True)
    failed, skipped, alive = {}, [], True
    for scenario, settings in SCENARIOS.items():
        with stoker.Broker(*settings) as broker:
            of_it = [name for name in names if every[name] == scenario]
            more_failed, more_skipped = Suite(tests, scenario, broker.bootstrap, logs).run_all(of_it)
            failed.update(more_failed)
            skipped += more_skipped
            if broker.process.poll() is not None:
                alive = False
                print("the broker ended\n" + "\n".join(broker.log_lines()[-20:]))
    passed = len(names) - len(failed) - len(skipped)
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    for name, state in failed.items():
        print(f"  {name}: {state}; {logs / name[:4]}.log")
    wrong = [name for name in [*failed, *skipped] if name in allowed]
    if wrong:
        print("of librdkafka.allow, and not passed:", " ".join(wrong))
    if not failed and "LOGS" not in os.environ:
        shutil.rmtree(logs)
    return 1 if wrong or not alive or not names else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the broker ends with us
    binary = os.environ.get("STOKER_BINARY")
    link = scenarios.use_binary(binary) if binary else None
    try:
        sys.exit(main(sys.argv[1:]))
    finally:
        if link:
            shutil.rmtree(link)
