"""librdkafka_suite [--all] [--over LISTENER] [TEST...]: librdkafka's own tests that need a broker, in quick mode, against
Stoker.

Without arguments: those of librdkafka.allow, each of which must pass, on the listener named behind it, or else a plain one.
--all: every one, to see what could be added. --over: all on a listener of ssl, sasl_plaintext or sasl_ssl, but for
those of librdkafka.plain_only. A TEST is a name or its number (0022). Each number is a process of its own, JOBS of them at
once; one that fails is tried once more, alone and on a fresh broker, since the suite's time limits take an idle machine for
granted.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import time

import scenarios
import secure
import stoker

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
JOBS = max(2, int(os.environ.get("JOBS", "3")))  # what is tried again is alone
SECONDS_MAX = 300  # of one number
# These wait for minutes: first, so that nobody waits for them at the end.
LONG = ("0150", "0142", "0077", "0103")
# Those that quick mode leaves empty although they start a client, and those of transactions: in full.
FULL = ("0098", "0103", "0142")
# What the suite calls in $KAFKA_PATH/bin, which is ours, and who calls it.
TOOLS = ("kafka-topics.sh", "kafka-acls.sh")
NEED_TOOLS = ("0045_subscribe_update_topic_remove", "0045_subscribe_update_non_exist_and_partchange", "0052_msg_timestamps",
              "0077_compaction", "0109_auto_create_topics", "0115_producer_auth", "0119_consumer_auth")
NEED_JAVA = ("0098_consumer_txn",)
KAFKA_VERSION = "4.3.0"
# What the suite's own cluster is given in each scenario (its tests/scenarios/*.json), on one node. The delay lets members
# that start together join together, as 0089 takes for granted.
BASE = ("num.partitions=4", "group.initial.rebalance.delay.ms=500",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found=true")
SCENARIOS = {
    "default": (*BASE, "auto.create.topics.enable=true"),
    "noautocreate": (*BASE, "auto.create.topics.enable=false"),
}
PLAIN = "plaintext"
LISTENERS = (PLAIN, "ssl", "sasl_plaintext", "sasl_ssl")


def listed(path):
    """{test: the listener named behind it, or plaintext}"""
    lines = (line.split("#")[0].split() for line in path.read_text().splitlines())
    return {words[0]: (words[1:] or [PLAIN])[0] for words in lines if words}


def declared(tests):
    """{test: scenario} of every test that needs a broker, as test.c declares it."""
    entries = re.findall(r"^    _TEST\((\w+),(.*?)\),\n(?=\S|    \S|\n)", (tests / "test.c").read_text(), re.M | re.S)
    scenario = re.compile(r'scenario = "(\w+)')
    return {name: (scenario.findall(rest) or ["default"])[0] for name, rest in entries
            if not re.search(r"TEST_F_(LOCAL|MANUAL)", rest)}


def kafka_path(folder):
    """A KAFKA_PATH of our tools, and of Apache Kafka's jars for the tests that bring a Java program; whether it has jars."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    for tool in TOOLS:
        (folder / "bin" / tool).unlink(missing_ok=True)
        (folder / "bin" / tool).symlink_to(ROOT / "bin" / tool)
    java = folder / "bin/kafka-run-class.sh"
    java.write_text('#!/bin/sh\nexec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 '
                    '-cp "$CLASSPATH:$KAFKA_PATH/libs/*" "$@"\n')
    java.chmod(0o755)
    found = subprocess.run([ROOT / "scripts/kafka-libs"], stdout=subprocess.PIPE, text=True)
    if found.returncode == 0 and not (folder / "libs").exists():
        (folder / "libs").symlink_to(found.stdout.strip())
    return found.returncode == 0


class Suite:
    def __init__(self, tests, scenario, bootstrap, logs, properties, variables):
        self.tests, self.scenario, self.logs = tests, scenario, logs
        conf = logs / "test.conf"
        conf.write_text(f"metadata.broker.list={bootstrap}\n" + "".join(f"{k}={v}\n" for k, v in properties.items()))
        libraries = f"{tests}/../src:{tests}/../src-cpp"
        self.environment = {**os.environ, "RDKAFKA_TEST_CONF": str(conf), "TEST_KAFKA_VERSION": KAFKA_VERSION,
                            "LD_LIBRARY_PATH": libraries, "BROKERS": bootstrap, "TEST_LEVEL": "2", **variables}
        self.environment.pop("CI", None)  # it would stretch every time limit
        self.lock = threading.Lock()

    def run(self, number):
        """{test: (state, seconds)} of one number. Quick mode leaves some tests empty; those run in full."""
        found = {} if number in FULL else self.run_once(number, "-Q")
        if number in FULL or b"Created    kafka instance" not in (self.logs / f"{number}.log").read_bytes():
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

    def run_all(self, names, jobs):
        """{test: state} of names, ENDED for those that left no report."""
        numbers = sorted({name[:4] for name in names}, key=lambda number: (number not in LONG, number))
        results = {}

        def one(number):
            begin, found = time.monotonic(), self.run(number)
            with self.lock:
                results.update(found)
                self.say(number, names, found, time.monotonic() - begin)

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            try:
                list(pool.map(one, numbers))
            finally:
                pool.shutdown(cancel_futures=True)  # those that have not begun, when we are told to end
        return {name: results.get(name, ("ENDED", 0))[0] for name in names}

    def say(self, number, names, found, seconds):
        for name in sorted(n for n in names if n.startswith(number)):
            state, duration = found.get(name, ("ENDED", seconds))
            print(f"{state:7} {name} {duration:.1f} s", flush=True)


def cluster(listener, settings, logs):
    """The broker of one scenario, and the certificates' variables."""
    if listener == PLAIN:
        return stoker.Broker(*settings), {}
    variables = secure.make_certificates(pathlib.Path(tempfile.mkdtemp(dir=logs)))
    return secure.Broker(listener, pathlib.Path(variables["SSL_pkcs"]).parent, *settings), variables


def run_on(listener, every, names, tests, logs, tools):
    """({test: state} of names on one listener, whether the brokers lived). What fails is tried once more, alone and on a
    broker of its own, where no topic of the first try is left."""
    states, alive = {}, True
    for scenario, settings in SCENARIOS.items():
        left, jobs = [name for name in names if every[name] == scenario], JOBS
        while left:
            broker, variables = cluster(listener, settings, logs)
            with broker:
                properties = {} if listener == PLAIN else broker.properties()
                suite = Suite(tests, scenario, broker.bootstrap, logs, properties, {"KAFKA_PATH": tools, **variables})
                states.update(suite.run_all(left, jobs))
                if broker.process.poll() is not None:
                    alive = False
                    print("the broker ended\n" + "\n".join(broker.log_lines()[-20:]))
            left = [name for name in left if jobs > 1 and states[name] not in ("PASSED", "SKIPPED")]
            jobs = 1
            if left:
                print("again, alone:", *left, flush=True)
    return states, alive


def chosen(options, every, allowed):
    """{test: listener} of what is to run."""
    wanted = list(every) if options.all else [n for n in every if n in options.tests or n[:4] in options.tests]
    found = {name: options.over or allowed.get(name, PLAIN) for name in wanted or allowed}
    if options.over and not wanted:
        left_out = listed(HERE / "librdkafka.plain_only")
        found = {name: over for name, over in found.items() if name not in left_out and fits(over, allowed[name])}
    return found


def fits(listener, wanted):
    return wanted in (PLAIN, listener) or ("sasl" in wanted and "sasl" in listener)


def without_missing_tools(found, have_java):
    """Where our tools are not built, or there is no Java, what needs them is left out; in CI it is not, and fails."""
    missing = [] if all((ROOT / "bin" / tool).exists() for tool in TOOLS) else [n for n in NEED_TOOLS if n in found]
    missing += [] if have_java else [n for n in NEED_JAVA if n in found]
    if missing and not os.environ.get("CI"):
        print(f"there is no {', '.join(TOOLS)} in {ROOT / 'bin'}, or no Java; SKIPPED:", *missing)
        found = {name: listener for name, listener in found.items() if name not in missing}
    return found


def main(options):
    folder = scenarios.install("librdkafka")
    if folder is None:
        print("librdkafka's suite: SKIPPED, it cannot be installed here")
        return scenarios.SKIPPED
    tests = folder / "librdkafka/tests"
    every, allowed = declared(tests), listed(HERE / "librdkafka.allow")
    logs = pathlib.Path(os.environ.get("LOGS") or tempfile.mkdtemp(prefix="stoker-librdkafka-"))
    logs.mkdir(exist_ok=True)
    have_java = kafka_path(logs / "kafka")
    names = without_missing_tools(chosen(options, every, allowed), have_java)
    states, alive = {}, True
    for listener in LISTENERS:
        of_it = [name for name, over in names.items() if over == listener]
        more, lived = run_on(listener, every, of_it, tests, logs, os.environ.get("KAFKA_PATH", str(logs / "kafka")))
        states.update(more)
        alive = alive and lived
    skipped = [name for name, state in states.items() if state == "SKIPPED"]
    failed = {name: state for name, state in states.items() if state not in ("PASSED", "SKIPPED")}
    passed = len(names) - len(failed) - len(skipped)
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    for name, state in failed.items():
        print(f"  {name}: {state}; {logs / name[:4]}.log")
    for name in skipped:
        print(f"  {name}: skipped itself")
    wrong = [name for name in [*failed, *skipped] if name in allowed]
    if wrong:
        print("of librdkafka.allow, and not passed:", " ".join(wrong))
    if not failed and "LOGS" not in os.environ:
        shutil.rmtree(logs)
    return 1 if wrong or not alive or not names else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--over", choices=LISTENERS[1:])
    parser.add_argument("tests", nargs="*")
    return parser.parse_args()


if __name__ == "__main__":
    scenarios.run_program(main, arguments())
