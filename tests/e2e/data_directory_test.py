#!/usr/bin/env python3
"""Stoker and Apache Kafka take over each other's data directory: topics with their ids and configs, records, committed
offsets, the cluster's id. Whoever outgrows one machine starts Apache Kafka on what is there. Slow: it starts a JVM."""
import pathlib
import shutil
import tempfile
import time
import unittest

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from apache_kafka import ApacheKafka
from stoker import Broker

PARTITIONS = 3
PATIENCE = 90  # seconds; a JVM that has just started takes some of them
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


# Never dropped: confluent-kafka does not outlive a client whose futures somebody still holds.
clients = []
LOADING = (KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
           KafkaError.COORDINATOR_NOT_AVAILABLE)


def admin(server):
    clients.append(AdminClient({"bootstrap.servers": server.bootstrap, "log_level": 0}))
    return clients[-1]


def patiently(call):
    """The answer of a coordinator, once it has loaded its groups: Apache Kafka answers before that."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except KafkaException as error:
            if error.args[0].code() not in LOADING or time.monotonic() > end:
                raise


def create(server, topic, **configs):
    admin(server).create_topics([NewTopic(topic, PARTITIONS, 1, config=configs)])[topic].result(PATIENCE)


def produce(server, topic, name):
    """A few hundred records of each codec; what they are says who wrote them."""
    for codec in CODECS:
        producer = Producer({"bootstrap.servers": server.bootstrap, "compression.type": codec,
                             "enable.idempotence": True, "log_level": 0})
        for i in range(200):
            producer.produce(topic, f"{name} {codec} {i}", f"key {i % 7}", partition=i % PARTITIONS)
        assert producer.flush(PATIENCE) == 0


def read(server, topic):
    """All records of all partitions, each in its order."""
    consumer = Consumer({"bootstrap.servers": server.bootstrap, "group.id": "reader", "enable.auto.commit": False,
                         "auto.offset.reset": "earliest"})
    records = []
    for partition in range(PARTITIONS):
        place = TopicPartition(topic, partition, 0)
        low, high = consumer.get_watermark_offsets(place, timeout=PATIENCE)
        place.offset = low
        consumer.assign([place])
        while low < high:
            for message in consumer.consume(500, 5):
                assert message.error() is None, message.error()
                records.append((partition, message.offset(), message.key(), message.value()))
                low = message.offset() + 1
    consumer.close()
    return records


def commit(server, group, topic):
    consumer = Consumer({"bootstrap.servers": server.bootstrap, "group.id": group})
    offsets = [TopicPartition(topic, p, 100 + p, metadata=f"note {p}") for p in range(PARTITIONS)]
    patiently(lambda: consumer.commit(offsets=offsets, asynchronous=False))
    consumer.close()


def state(server, topic, group):
    """What must be the same whoever serves the directory."""
    client = admin(server)
    described = client.describe_topics(TopicCollection([topic]))[topic].result(PATIENCE)
    configs = list(client.describe_configs([ConfigResource(ResourceType.TOPIC, topic)]).values())[0].result(PATIENCE)
    consumer = Consumer({"bootstrap.servers": server.bootstrap, "group.id": group})
    places = [TopicPartition(topic, p) for p in range(PARTITIONS)]
    offsets = patiently(lambda: consumer.committed(places, timeout=PATIENCE))
    consumer.close()
    return {
        "cluster": client.describe_cluster().result(PATIENCE).cluster_id,
        "topics": sorted(t for t in client.list_topics(timeout=PATIENCE).topics if not t.startswith("__")),
        "topic id": str(described.topic_id),
        "configs": {name: entry.value for name, entry in configs.items() if entry.source == 1},
        "offsets": sorted((o.partition, o.offset, o.metadata) for o in offsets),
    }


class DataDirectory(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="stoker-data-directory-")
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.data = pathlib.Path(self.work) / "data"
        self.data.mkdir()

    def test_of_stoker_is_taken_over_by_apache_kafka_and_back(self):
        with Broker(data=self.data) as stoker:
            create(stoker, "orders", **{"retention.ms": "3600000", "max.message.bytes": "2000000"})
            create(stoker, "gone")
            admin(stoker).delete_topics(["gone"])["gone"].result(PATIENCE)
            produce(stoker, "orders", "stoker")
            commit(stoker, "group", "orders")
            before, records = state(stoker, "orders", "group"), read(stoker, "orders")
            self.assertEqual(stoker.stop(), 0)
        self.assertEqual(len(records), 1000)
        with ApacheKafka(self.data, self.work) as kafka:
            self.assertEqual(state(kafka, "orders", "group"), before)
            self.assertEqual(read(kafka, "orders"), records)
            produce(kafka, "orders", "apache")
            create(kafka, "of-apache")
            commit(kafka, "second", "orders")
            after, records = state(kafka, "orders", "second"), read(kafka, "orders")
            kafka.stop()
        self.assertEqual(len(records), 2000)
        with Broker(data=self.data) as stoker:
            self.assertEqual(state(stoker, "orders", "second"), after)
            self.assertEqual(state(stoker, "orders", "group")["offsets"], before["offsets"])
            self.assertEqual(read(stoker, "orders"), records)
            produce(stoker, "orders", "again")
            self.assertEqual(stoker.stop(), 0)

    def test_of_apache_kafka_is_taken_over_by_stoker(self):
        kafka = ApacheKafka(self.data, self.work)
        kafka.format("QWthLXJlZmVyZW5jZS0xMA")
        with kafka:
            create(kafka, "orders", **{"retention.ms": "3600000"})
            produce(kafka, "orders", "apache")
            commit(kafka, "group", "orders")
            before, records = state(kafka, "orders", "group"), read(kafka, "orders")
            kafka.stop()
        with Broker(data=self.data) as stoker:
            self.assertEqual(state(stoker, "orders", "group"), before)
            self.assertEqual(read(stoker, "orders"), records)
            self.assertEqual(stoker.stop(), 0)


if __name__ == "__main__":
    unittest.main()
