"""kill -9 at any moment, again and again: what was acknowledged is there, once, in order, at its offset.

kill_test.py [SECONDS] [SEED]: a load of idempotent and plain producers, a committing consumer group and an administrator
runs on while the broker is killed at random moments, some of them within its start. The moments are of the machine as
well as of the seed, which is printed: it gives the same plan, not the same run."""
import random
import sys
import threading
import time
import unittest

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from stoker import Broker, eventually

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 8
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
PARTITIONS = 3
RECORDS_A_SECOND = 2_000  # of one producer
QUIET = {"log_level": 0, "reconnect.backoff.ms": 5, "reconnect.backoff.max.ms": 100}


class Load:
    """A producer in a thread. What it hears goes to `acknowledged`: (topic, partition, offset) -> value."""

    def __init__(self, broker, name, topic, **config):
        self.name, self.topic = name, topic
        self.acknowledged, self.unplaced, self.failed, self.sent = {}, [], [], 0
        self.stopping = threading.Event()
        self.producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 3, "retry.backoff.ms": 10,
                                  "retry.backoff.max.ms": 100, "message.timeout.ms": 120_000, **QUIET, **config})
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def heard(self, error, message):
        if error:
            self.failed.append(str(error))
        elif message.offset() < 0:
            self.unplaced.append(message.value())  # a duplicate that is older than what the broker remembers
        else:
            self.acknowledged[message.topic(), message.partition(), message.offset()] = message.value()

    def run(self):
        begin = time.monotonic()
        while not self.stopping.is_set():
            while self.sent < (time.monotonic() - begin) * RECORDS_A_SECOND:
                try:
                    self.producer.produce(self.topic, f"{self.name} {self.sent}", partition=self.sent % PARTITIONS,
                                          on_delivery=self.heard)
                    self.sent += 1
                except BufferError:
                    break
            self.producer.poll(0.005)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        return self.producer.flush(60)


class Committer:
    """A member of a group that reads and commits; remembers what was acknowledged last, and what was asked for last."""

    def __init__(self, broker, topic):
        self.acknowledged, self.asked, self.failed = {}, {}, []
        self.stopping = threading.Event()
        self.consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g", "enable.auto.commit": False,
                                  "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50, **QUIET})
        self.consumer.subscribe([topic])
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        positions = {}
        while not self.stopping.is_set():
            for message in self.consumer.consume(500, 0.05):
                if not message.error():
                    positions[message.partition()] = TopicPartition(message.topic(), message.partition(), message.offset() + 1)
            if not positions:
                continue
            for place in positions.values():
                self.asked[place.partition] = max(place.offset, self.asked.get(place.partition, 0))
            try:
                for place in self.consumer.commit(offsets=list(positions.values()), asynchronous=False):
                    if place.error is None:
                        self.acknowledged[place.partition] = place.offset
            except KafkaException as error:
                self.failed.append(str(error))  # not acknowledged: nothing is owed
            positions = {}

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.consumer.close()


class Administrator:
    """Creates topics and changes a setting; remembers what was acknowledged."""

    def __init__(self, broker):
        self.topics, self.setting, self.asked, self.count = set(), 0, 0, 0
        self.stopping = threading.Event()
        self.admin = AdminClient({"bootstrap.servers": broker.bootstrap, **QUIET})
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            self.count += 1
            name = f"made-{self.count}"
            try:
                self.admin.create_topics([NewTopic(name, 1, 1, config={"retention.ms": str(1_000_000 + self.count)})],
                                         request_timeout=2)[name].result(4)
                self.topics.add(name)
                self.asked = 2_000_000 + self.count
                entry = ConfigEntry("retention.ms", str(self.asked), incremental_operation=AlterConfigOpType.SET)
                resource = ConfigResource(ConfigResource.Type.TOPIC, "plain", incremental_configs=[entry])
                self.admin.incremental_alter_configs([resource], request_timeout=2)[resource].result(4)
                self.setting = self.asked
            except KafkaException:
                pass  # killed meanwhile: nothing was acknowledged
            self.stopping.wait(0.02)

    def stop(self):
        self.stopping.set()
        self.thread.join()

    def retention_of(self, topic):
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        return int(self.admin.describe_configs([resource])[resource].result(20)["retention.ms"].value)


class Kill(unittest.TestCase):
    def test_nothing_acknowledged_is_lost(self):
        print(f"kill_test.py {SECONDS} {SEED}")
        dice = random.Random(SEED)
        with Broker("offsets.topic.num.partitions=3", "group.initial.rebalance.delay.ms=0") as broker:
            self.broker = broker
            admin = AdminClient({"bootstrap.servers": broker.bootstrap, **QUIET})
            topics = [NewTopic("plain", PARTITIONS, 1), NewTopic("cache", PARTITIONS, 1),
                      NewTopic("disk", PARTITIONS, 1, config={"flush.messages": "1", "segment.ms": "500"})]
            for made in admin.create_topics(topics).values():
                made.result(10)
            loads = [Load(broker, "plain", "plain", **{"enable.idempotence": False, "acks": "all"}),
                     Load(broker, "zstd", "cache", **{"enable.idempotence": True, "compression.type": "zstd"}),
                     Load(broker, "lz4", "cache", **{"enable.idempotence": True, "compression.type": "lz4"}),
                     Load(broker, "disk", "disk", **{"enable.idempotence": True})]
            committer, administrator = Committer(broker, "cache"), Administrator(broker)
            kills = self.kill_again_and_again(dice, committer)
            left = [load.stop() for load in loads]
            committer.stop()
            administrator.stop()
            self.assertEqual(left, [0] * len(loads))
            self.check_records(loads)
            self.check_commits(committer)
            self.check_topics(admin, administrator)
            acknowledged = sum(len(load.acknowledged) for load in loads)
            print(f"{kills} kills, {acknowledged} records, {administrator.count} topics, commits up to {committer.acknowledged}")
            self.assertGreater(kills, 3)
            self.assertGreater(acknowledged, 1000)
            self.assertTrue(committer.acknowledged and administrator.topics)

    def kill_again_and_again(self, dice, committer):
        kills, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(dice.uniform(0.1, 1.2))  # the fault's moment: nothing waits for it
            self.broker.process.kill()
            self.broker.process.wait(10)
            kills += 1
            while dice.random() < 0.3:
                self.kill_within_start(dice.uniform(0, 0.02))
                kills += 1
            owed = dict(committer.acknowledged)
            self.broker.kill_and_restart()
            self.check_owed(owed)
        return kills

    def kill_within_start(self, seconds):
        process = self.broker.spawn(self.broker.port)
        time.sleep(seconds)
        process.kill()
        process.communicate()

    def committed(self):
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": "g", **QUIET})
        places = consumer.committed([TopicPartition("cache", partition) for partition in range(PARTITIONS)], timeout=30)
        consumer.close()
        return {place.partition: place.offset for place in places}

    def check_owed(self, owed):
        committed = self.committed() if owed else {}
        for partition, offset in owed.items():
            self.assertGreaterEqual(committed[partition], offset, f"seed {SEED}: partition {partition}")

    def check_commits(self, committer):
        self.check_owed(committer.acknowledged)
        for partition, offset in self.committed().items():
            self.assertLessEqual(offset, committer.asked.get(partition, -1))

    def check_topics(self, admin, administrator):
        there = admin.list_topics(timeout=20).topics
        self.assertLessEqual(administrator.topics, set(there))
        for name in random.Random(SEED).sample(sorted(administrator.topics), min(20, len(administrator.topics))):
            self.assertEqual(administrator.retention_of(name), 1_000_000 + int(name.split("-")[1]))
        self.assertIn(administrator.retention_of("plain"), range(administrator.setting, administrator.asked + 1))

    def read_all(self):
        """(topic, partition) -> the values in the order of their offsets."""
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": "reader", "check.crcs": True, **QUIET})
        ends = {}
        for topic in ("plain", "cache", "disk"):
            for partition in range(PARTITIONS):
                ends[topic, partition] = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=20)[1]
        values = {place: [] for place in ends}
        consumer.assign([TopicPartition(*place, 0) for place in ends])

        def read():
            for message in consumer.consume(10_000, 0.2):
                self.assertIsNone(message.error())
                place = values[message.topic(), message.partition()]
                self.assertEqual(message.offset(), len(place))
                place.append(message.value())
            return all(len(values[place]) == ends[place] for place in ends)

        eventually("everything is read", read, 60)
        consumer.close()
        return values

    def check_records(self, loads):
        values = self.read_all()
        for load in loads:
            self.assertEqual(load.failed, [])
            for (topic, partition, offset), value in load.acknowledged.items():
                self.assertEqual(values[topic, partition][offset], value, f"seed {SEED}: {topic}-{partition} {offset}")
            prefix = load.name.encode() + b" "
            for partition in range(PARTITIONS):
                numbers = [int(value[len(prefix):]) for value in values[load.topic, partition] if value.startswith(prefix)]
                expected = list(range(partition, load.sent, PARTITIONS))
                if load.name == "plain":
                    numbers = sorted(set(numbers))  # a retry may double, and may overtake
                self.assertEqual(numbers, expected, f"seed {SEED}: {load.name} in partition {partition}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
