"""transactional_copy CLIENT [--messages N] [--bounces N] [--transaction N] [--protocol classic|consumer] [--seed N] [--meddle]:
Kafka's own transactional copy, with foreign clients and with our own.

Two copiers move a topic's records into another topic, records and offsets in one transaction, a tenth of which they abort,
while one by one the broker is killed (kill -9) and started again, a copier is killed and another started, a copier is told
to stop and another started. What a reader of committed records then sees of each partition is the input of that partition:
every record, once, in order.

With --meddle all of them reach the broker through a proxy that repeats requests of producers, and delivers some only when
their connection has been superseded (meddling_proxy.py). For clients with transactions of version 2 (KIP-890): in those of
version 1 a late EndTxn ends whatever transaction is open then, and nobody can tell.

The copiers are programs in the client's language (java/Copier.java, python/copier.py, npm/copier.mjs, copier.cpp), started
as `copier BOOTSTRAP TRANSACTIONAL_ID SIZE PROTOCOL`.
"""
import argparse
import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import meddling_proxy
import scenarios
import stoker

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INPUT, OUTPUT, GROUP = "copy-in", "copy-out", "copy"  # as the copiers know them
PARTITIONS = 4
COPIERS = 2
STILL_SECONDS = 120  # without progress
FULL = {"messages": 100_000, "bounces": 30}
BOUNCES = ("broker", "kill", "broker", "stop")
# The sweep that aborts what a copier left behind looks every second; the rest is the broker's own.
SETTINGS = ("group.initial.rebalance.delay.ms=0", "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000")


def java(folder):
    return ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}/classes:{folder}/libs/*",
            "Copier"]


def ours(_):
    """What the build has made of copier.cpp."""
    return [os.environ.get("STOKER_COPIER", ROOT / "build/release/tests/conformance/transactional_copier")]


CLIENTS = {
    "stoker": (None, ours),
    "java_4": ("java4", java),
    "java_3_9": ("java39", java),
    "confluent_kafka": ("python", scenarios.python("copier.py")),
    "librdkafka_2_0_2": ("debian", scenarios.python("copier.py")),
    "kafkajs": ("npm", scenarios.node("copier.mjs")),
}


class Copier:
    """A copier process, started again whenever it ends by itself; `ends` counts that."""

    def __init__(self, command, bootstrap, name, options, log):
        self.command = [*command, bootstrap, name, options.transaction, options.protocol]
        self.log, self.ends = log, 0
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in self.command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)

    def look(self):
        if self.process.poll() is not None:
            self.ends += 1
            self.start()

    def bounce(self, signal_number):
        """What is told to stop has three seconds, since the other one goes on meanwhile."""
        self.process.send_signal(signal_number)
        self.end(3)
        self.start()

    def end(self, seconds=20):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def kill(self):
        self.process.kill()
        self.end()


def settings(broker, **more):
    return {"bootstrap.servers": broker.bootstrap, "metadata.recovery.strategy": "none", "log_level": 0,
            **{name.replace("_", "."): value for name, value in more.items()}}


def create(broker):
    admin = AdminClient(settings(broker))
    for future in admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in (INPUT, OUTPUT)]).values():
        future.result(20)


class Input:
    """Fills the input in portions, one a bounce, so that there is something left to copy at each; `written` is what was
    written, by partition."""

    def __init__(self, broker):
        self.written, self.failures = [[] for _ in range(PARTITIONS)], []
        self.producer = Producer(settings(broker, enable_idempotence=True, linger_ms=5))

    def write(self, count):
        first = self.total()
        for number in range(first, first + count):
            partition = number % PARTITIONS
            value = f"{partition}:{number}".encode()
            self.written[partition].append(value)
            self.producer.produce(INPUT, value, partition=partition,
                                  on_delivery=lambda error, _: self.failures.append(error) if error else None)
        assert self.producer.flush(60) == 0 and not self.failures, self.failures[:3]

    def total(self):
        return sum(len(values) for values in self.written)


class Progress:
    """How many records the group has committed, asked again and again; fails when that stands still."""

    def __init__(self, broker):
        self.consumer = Consumer(settings(broker, group_id=GROUP))
        self.places = [TopicPartition(INPUT, p) for p in range(PARTITIONS)]
        self.done, self.since = 0, time.monotonic()

    def look(self):
        try:
            found = self.consumer.committed(self.places, 5)
        except KafkaException:
            return self.done  # the broker is away
        done = sum(max(0, place.offset) for place in found)
        assert done >= self.done, f"committed offsets went back from {self.done} to {done}"
        if done > self.done:
            self.done, self.since = done, time.monotonic()
        assert time.monotonic() < self.since + STILL_SECONDS, f"no progress for {STILL_SECONDS} s at {done}"
        return done


def read(broker, isolation):
    """The values of the output's partitions."""
    consumer = Consumer(settings(broker, group_id="reader", isolation_level=isolation, enable_auto_commit=False,
                                 enable_partition_eof=True, auto_offset_reset="earliest"))
    consumer.assign([TopicPartition(OUTPUT, p, 0) for p in range(PARTITIONS)])
    found, ends, deadline = [[] for _ in range(PARTITIONS)], set(), time.monotonic() + 120
    while len(ends) < PARTITIONS:
        assert time.monotonic() < deadline, f"{isolation}: no end within 120 s; a transaction hangs?"
        for message in consumer.consume(1000, 0.5):
            if not message.error():
                found[message.partition()].append(message.value())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                ends.add(message.partition())
    consumer.close()
    return found


def bounce(what, broker, copier):
    if what == "broker":
        broker.kill_and_restart()
    else:
        copier.bounce(signal.SIGKILL if what == "kill" else signal.SIGTERM)


def run(broker, copiers, source, options, dice):
    """How many of the bounces came while there was something left to copy."""
    progress, in_time = Progress(broker), 0
    portion = options.messages // (options.bounces + 1)
    for number in range(1, options.bounces + 2):
        last = number > options.bounces
        before = source.total()
        source.write(options.messages - before if last else portion)
        progress.since = time.monotonic()
        while progress.look() < (options.messages if last else before + 1):
            for copier in copiers:
                copier.look()
            assert broker.process.poll() is None, "the broker ended\n" + "\n".join(broker.log_lines()[-20:])
            time.sleep(0.005)
        if not last:
            in_time += progress.done < source.total()
            time.sleep(dice.uniform(0, 0.05))  # anywhere in a transaction
            bounce(BOUNCES[number % len(BOUNCES)], broker, dice.choice(copiers))
    return in_time


def circumstances(broker, logs):
    """What an operator would look at when nothing goes on: the programs' last lines, transactions and groups."""
    def tool(name, *arguments):
        command = [ROOT / "bin" / name, "--bootstrap-server", broker.bootstrap, *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
            return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("__"))
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    said = [line for log in logs for line in (f"{log}:", *log.read_text().splitlines()[-20:])]
    return "\n".join([*said, "the broker's last lines:", *broker.log_lines()[-40:], "transactions:",
                      tool("kafka-transactions", "list"), "groups:",
                      tool("kafka-consumer-groups", "--describe", "--all-groups"), "offsets:", tool("kafka-get-offsets")])


@contextlib.contextmanager
def explained(broker, logs):
    """Says what there was to see when what is within fails. `logs`: of the clients."""
    try:
        yield
    except AssertionError:
        print(circumstances(broker, logs), flush=True)
        raise


def differences(found, expected):
    """What is wrong, in words; empty when nothing is."""
    wrong = []
    for partition, (got, want) in enumerate(zip(found, expected)):
        if got != want:
            lost, unknown = set(want) - set(got), set(got) - set(want)
            wrong.append(f"partition {partition}: {len(got)} of {len(want)} records, {len(lost)} lost, "
                         f"{len(got) - len(set(got))} double, {len(unknown)} unknown"
                         + ("" if lost or unknown or len(got) != len(want) else ", out of order"))
    return wrong


def main(options):
    what, command = CLIENTS[options.client]
    folder = scenarios.install(what) if what else HERE
    if folder is None:
        print(f"{options.client}: SKIPPED, it cannot be installed here")
        return scenarios.SKIPPED
    dice, begin = random.Random(options.seed), time.monotonic()
    print(f"{options.client}, seed {options.seed}: {options.messages} messages, {options.bounces} bounces", flush=True)
    logs = pathlib.Path(tempfile.mkdtemp(prefix="stoker-copy-"))
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(meddling_proxy.Proxy(options.seed)) if options.meddle else None
        more = (f"advertised.listeners=PLAINTEXT://127.0.0.1:{proxy.port}",) if proxy else ()
        broker = stack.enter_context(stoker.Broker(*SETTINGS, *more))
        if proxy:
            proxy.broker = broker.port
        create(broker)
        source = Input(broker)
        copiers = [Copier(command(folder), broker.bootstrap, f"copier-{n}", options, logs / f"{n}.log") for n in range(COPIERS)]
        try:
            with explained(broker, [copier.log for copier in copiers]):
                in_time = run(broker, copiers, source, options, dice)
            for copier in copiers:
                copier.process.send_signal(signal.SIGTERM)
                copier.end()
        finally:
            for copier in copiers:
                copier.kill()
        wrong = differences(read(broker, "read_committed"), source.written)
        written = sum(len(values) for values in read(broker, "read_uncommitted"))
        errors = [line for line in broker.log_lines() if "[error]" in line]
    ends = sum(copier.ends for copier in copiers)
    print(f"{'FAIL' if wrong else 'ok'} {time.monotonic() - begin:.0f} s; {in_time} bounces while copying; "
          f"{written - options.messages} aborted records that nobody saw, {ends} copiers ended by themselves")
    if proxy:
        print(f"repeated + held back: {', '.join(proxy.meddles())}; {proxy.sent_late} of them came late")
        wrong += [] if proxy.sent_late > 0 else ["nothing came late"]
    print("\n".join([*wrong, *errors[:3]]))
    if not wrong:
        shutil.rmtree(logs)
    return 1 if wrong else 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("--full", action="store_true", help="100,000 messages, 30 bounces")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--bounces", type=int, default=6)
    parser.add_argument("--transaction", type=int, default=750)
    parser.add_argument("--protocol", default="classic", choices=("classic", "consumer"))
    parser.add_argument("--meddle", action="store_true", help="repeat and hold back requests")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    if options.full:
        options.messages, options.bounces = FULL["messages"], FULL["bounces"]
    return options


def with_clients():
    """This program reads and writes through confluent-kafka: it goes on in a Python that has it."""
    try:
        import confluent_kafka  # noqa: F401
    except ImportError:
        folder = scenarios.install("python")
        if folder is None:
            print("confluent-kafka: SKIPPED, it cannot be installed here")
            sys.exit(scenarios.SKIPPED)
        python = folder / "venv/bin/python"
        os.execv(python, [str(python), *sys.argv])


if __name__ == "__main__":
    with_clients()
    from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic

    scenarios.run_program(main, arguments())
