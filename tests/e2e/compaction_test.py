"""A compacted topic through a real broker that is killed while it cleans.

compaction_test.py [SECONDS] [SEED]: idempotent producers overwrite and delete the same few keys for SECONDS, in small
segments that are compacted all the time; the broker is killed at random moments. In the end each key has the value that
was acknowledged last, or none, the topic is small, and committed offsets, whose topic is compacted too, are there."""
import random
import sys
import threading
import time
import unittest

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from stoker import Broker, eventually

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 8
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
KEYS = 50
QUIET = {"log_level": 0, "reconnect.backoff.ms": 5, "reconnect.backoff.max.ms": 100}
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


class Writer(threading.Thread):
    """Overwrites keys of its own, in order; knows what each was set to last."""

    def __init__(self, broker, number):
        super().__init__()
        self.number, self.last, self.failed, self.sent = number, {}, [], 0
        self.dice, self.stopping = random.Random(SEED + number), threading.Event()
        self.producer = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True, "linger.ms": 5,
                                  "retry.backoff.ms": 10, "retry.backoff.max.ms": 100, "message.timeout.ms": 120_000,
                                  "compression.type": CODECS[number % len(CODECS)], **QUIET})
        self.start()

    def heard(self, error, message):
        if error:
            self.failed.append(str(error))

    def run(self):
        while not self.stopping.is_set():
            for _ in range(20):
                key = f"writer {self.number} key {self.dice.randrange(KEYS)}"
                value = None if self.dice.random() < 0.1 else f"{self.sent} " + "x" * self.dice.randrange(200)
                try:
                    self.producer.produce("table", key=key, value=value, partition=0, on_delivery=self.heard)
                except BufferError:
                    break
                self.last[key] = value
                self.sent += 1
            self.producer.poll(0.01)

    def stop(self):
        self.stopping.set()
        self.join()
        return self.producer.flush(60)


def read_all(broker, topic, partition=0):
    """The records of a partition as (offset, key, value)."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "reader", "check.crcs": True,
                         "enable.partition.eof": True, "enable.auto.commit": False, **QUIET})
    place = TopicPartition(topic, partition, 0)
    consumer.assign([place])
    records, over = [], False
    deadline = time.monotonic() + 60
    while not over:
        assert time.monotonic() < deadline, "the end of the partition is never reached"
        for message in consumer.consume(10_000, 0.5):
            if message.error():
                over = True  # the end of the partition
            else:
                records.append((message.offset(), message.key(), message.value()))
    consumer.close()
    return records


class Compaction(unittest.TestCase):
    def test_the_last_value_of_each_key_survives(self):
        print(f"compaction_test.py {SECONDS} {SEED}")
        dice = random.Random(SEED)
        with Broker("log.cleaner.backoff.ms=20", "log.cleaner.min.cleanable.ratio=0.1", "offsets.topic.num.partitions=1",
                    "log.roll.ms=200", "log.flush.offset.checkpoint.interval.ms=500",
                    "group.initial.rebalance.delay.ms=0") as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap, **QUIET})
            admin.create_topics([NewTopic("table", 1, 1, config={
                "cleanup.policy": "compact", "segment.ms": "100", "file.delete.delay.ms": "100",
                "delete.retention.ms": "0"})])["table"].result(10)
            writers = [Writer(broker, number) for number in range(len(CODECS))]
            committer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g", "enable.auto.commit": False, **QUIET})
            kills, asked, committed, end = 0, 0, 0, time.monotonic() + SECONDS
            while time.monotonic() < end:
                until = time.monotonic() + dice.uniform(0.3, 1.5)  # the fault's moment
                while time.monotonic() < until:
                    asked += 1
                    try:
                        committer.commit(offsets=[TopicPartition("table", 0, asked)], asynchronous=False)
                        committed = asked
                    except KafkaException:
                        time.sleep(0.01)  # the broker is not back yet: nothing was acknowledged
                broker.kill_and_restart()
                kills += 1
            self.assertEqual([writer.stop() for writer in writers], [0] * len(writers))
            self.assertEqual([writer.failed for writer in writers], [[]] * len(writers))
            sent = sum(writer.sent for writer in writers)
            expected = {key.encode(): value.encode() for writer in writers for key, value in writer.last.items() if value}

            expected[b"tick"] = b"tick"
            tick = Producer({"bootstrap.servers": broker.bootstrap, **QUIET})

            def compacted():
                # A segment is closed by the first record that is segment.ms younger than its first.
                tick.produce("table", key="tick", value="tick", partition=0)
                tick.flush(10)
                return self.table(broker, expected) < sent / 3

            eventually("the topic is compacted", compacted, 30)
            place = committer.committed([TopicPartition("table", 0)], timeout=30)[0]
            self.assertIn(place.offset, range(committed, asked + 1))
            committer.close()
            commits = len(read_all(broker, "__consumer_offsets"))
            self.assertLess(commits, committed)
            left = self.table(broker, expected)
            print(f"{kills} kills, {sent} records sent, {left} left; {committed} commits, {commits} left")
            self.assertGreater(kills, 2)
            self.assertIn("Log cleaner thread 0 cleaned log table-0", broker.log_path.read_text())
            self.assertNotIn("is not compacted any more", broker.log_path.read_text())

    def table(self, broker, expected):
        """How many records there are; that they are what they should be."""
        records = read_all(broker, "table")
        offsets = [offset for offset, _, _ in records]
        self.assertEqual(offsets, sorted(set(offsets)), f"seed {SEED}")
        found = {}
        for _, key, value in records:
            found[key] = value
        self.assertEqual({key: value for key, value in found.items() if value is not None}, expected, f"seed {SEED}")
        return len(records)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
