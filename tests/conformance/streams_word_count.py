"""streams_word_count [--lines N] [--bounces N] [--seed N]: Kafka Streams with processing.guarantee=exactly_once_v2 counts words
while it and the broker are killed.

Two instances of streams/WordCount.java (classic group protocol, its repartition topic and its compacted changelog on the
broker) count the words of a topic that is filled meanwhile. One by one the broker is killed (kill -9) and started again,
an instance is killed and another started, an instance is told to stop and another started. What a reader of committed
records then sees of each word is 1, 2, 3 … and so on to how often it was written: no count lost, none twice, in order.
"""
import argparse
import collections
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

import scenarios
import stoker
import transactional_copy

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORDS = [f"word{n}" for n in range(200)]
WORDS_A_LINE = 5
PARTITIONS = 4
INSTANCES = 2
STILL_SECONDS = 120
BOUNCES = ("broker", "kill", "broker", "stop")
FULL = {"lines": 40_000, "bounces": 20}


def compiled(folder):
    """The class path; None when there is no Java or no network."""
    libs = subprocess.run([ROOT / "scripts/kafka-libs"], stdout=subprocess.PIPE, text=True)
    if libs.returncode != 0 or shutil.which("javac") is None:
        return None
    jars = libs.stdout.strip() + "/*"
    stoker.run("javac", "-d", folder, "-cp", jars, HERE / "streams/WordCount.java")
    return f"{folder}:{jars}"


class Instance:
    """A process of the application, with a state folder of its own."""

    def __init__(self, class_path, bootstrap, folder):
        self.command = ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", class_path, "WordCount",
                        bootstrap, str(folder / "state")]
        folder.mkdir()
        self.log = folder / "log"
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def look(self):
        assert self.process.poll() is None, f"an instance ended by itself\n{self.log.read_text()[-3000:]}"

    def end(self, signal_number):
        self.process.send_signal(signal_number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class Lines:
    """Fills the input in small portions, and knows how often each word is in it."""

    def __init__(self, broker, dice):
        self.dice, self.written, self.failures = dice, collections.Counter(), []
        self.producer = Producer(transactional_copy.settings(broker, enable_idempotence=True, linger_ms=5))

    def write(self, count):
        for _ in range(count):
            words = [self.dice.choice(WORDS) for _ in range(WORDS_A_LINE)]
            self.written.update(words)
            self.producer.produce("lines", " ".join(words), partition=self.dice.randrange(PARTITIONS),
                                  on_delivery=lambda error, _: self.failures.append(error) if error else None)
        self.producer.poll(0)

    def end(self):
        assert self.producer.flush(60) == 0 and not self.failures, self.failures[:3]


class Counts:
    """Reads the output's committed records as they come, and checks that each word's count grows by one each time."""

    def __init__(self, broker):
        self.seen, self.since = collections.Counter(), time.monotonic()
        self.consumer = Consumer(transactional_copy.settings(broker, group_id="reader", isolation_level="read_committed",
                                                             enable_auto_commit=False, auto_offset_reset="earliest"))
        self.consumer.assign([TopicPartition("counts", p, 0) for p in range(PARTITIONS)])

    def look(self, seconds=0.05):
        for message in self.consumer.consume(1000, seconds):
            if message.error():
                continue  # the broker is away
            word, count = message.key().decode(), int(message.value())
            assert count == self.seen[word] + 1, f"{word}: {count} after {self.seen[word]}"
            self.seen[word] = count
            self.since = time.monotonic()
        assert time.monotonic() < self.since + STILL_SECONDS, f"no count for {STILL_SECONDS} s after {self.total()}"

    def total(self):
        return sum(self.seen.values())


def run(broker, instances, options, dice):
    lines, counts = Lines(broker, dice), Counts(broker)
    portion = options.lines // (options.bounces + 1)
    for number in range(1, options.bounces + 2):
        last = number > options.bounces
        lines.write(options.lines - portion * options.bounces if last else portion)
        due = sum(lines.written.values()) - (0 if last else portion * WORDS_A_LINE // 2)
        while counts.total() < due:
            counts.look()
            for instance in instances:
                instance.look()
            assert broker.process.poll() is None, "the broker ended\n" + "\n".join(broker.log_lines()[-20:])
        if not last:
            time.sleep(dice.uniform(0, 0.2))  # anywhere in a transaction
            bounce(BOUNCES[number % len(BOUNCES)], broker, dice.choice(instances))
    lines.end()
    counts.look(5)  # nothing comes after the last
    assert counts.seen == lines.written
    return counts.total()


def bounce(what, broker, instance):
    if what == "broker":
        broker.kill_and_restart()
    else:
        instance.end(signal.SIGKILL if what == "kill" else signal.SIGTERM)
        instance.start()


def main(options):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stoker-streams-"))
    class_path = compiled(folder)
    if class_path is None:
        print("Kafka Streams: SKIPPED, there is no Java here, or its jars cannot be had")
        return scenarios.SKIPPED
    dice, begin = random.Random(options.seed), time.monotonic()
    print(f"seed {options.seed}: {options.lines} lines, {options.bounces} bounces", flush=True)
    with stoker.Broker(*transactional_copy.SETTINGS) as broker:
        admin = AdminClient(transactional_copy.settings(broker))
        for future in admin.create_topics([NewTopic(topic, PARTITIONS, 1) for topic in ("lines", "counts")]).values():
            future.result(20)
        instances = [Instance(class_path, broker.bootstrap, folder / str(n)) for n in range(INSTANCES)]
        try:
            with transactional_copy.explained(broker, [instance.log for instance in instances]):
                counted = run(broker, instances, options, dice)
        finally:
            for instance in instances:
                instance.end(signal.SIGKILL)
    print(f"ok {time.monotonic() - begin:.0f} s; {counted} words, each counted once")
    shutil.rmtree(folder)
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="40,000 lines, 20 bounces")
    parser.add_argument("--lines", type=int, default=5_000)
    parser.add_argument("--bounces", type=int, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    if options.full:
        options.lines, options.bounces = FULL["lines"], FULL["bounces"]
    return options


if __name__ == "__main__":
    transactional_copy.with_clients()
    from confluent_kafka import Consumer, Producer, TopicPartition
    from confluent_kafka.admin import AdminClient, NewTopic

    scenarios.run_program(main, arguments())
