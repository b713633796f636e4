"""Transactions through foreign clients: what a reader of committed records sees, who is fenced, and that a copy of a
topic stays exact while the broker is killed. The raw connections play what real clients hide: a request that arrives
late, after its client has given the connection up."""
import struct
import time
import unittest

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from exact_copy import SETTINGS, copy_while_killed
from stoker import Broker, eventually
from wire import Connection, string

INIT_PRODUCER_ID, ADD_PARTITIONS, END_TXN = 22, 24, 26


def producer(broker, transactional_id, **more):
    settings = {"bootstrap.servers": broker.bootstrap, "transactional.id": transactional_id, "linger.ms": 0, **SETTINGS}
    settings.update({name.replace("_", "."): value for name, value in more.items()})
    return Producer(settings)


def create(broker, *topics, partitions=1):
    admin = AdminClient({"bootstrap.servers": broker.bootstrap})
    for future in admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics]).values():
        future.result(20)


def values(broker, topic, isolation="read_committed", partitions=1, seconds=20):
    """All that a reader sees, to the end that the broker tells it."""
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "reader", "isolation.level": isolation,
                         "enable.auto.commit": False, "enable.partition.eof": True, "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, p, 0) for p in range(partitions)])
    seen, ends, deadline = [], set(), time.monotonic() + seconds
    while len(ends) < partitions and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is None:
            continue
        if message.error():
            if message.error().code() == KafkaError._PARTITION_EOF:
                ends.add(message.partition())
            continue
        seen.append(message.value().decode())
    consumer.close()
    assert len(ends) == partitions, f"{topic}: no end within {seconds} s"
    return seen


class WhatReadersSee(unittest.TestCase):
    def test_only_what_was_committed(self):
        with Broker() as broker:
            create(broker, "t")
            writer = producer(broker, "w")
            writer.init_transactions(20)
            for name, ends in (("a", writer.commit_transaction), ("b", writer.abort_transaction),
                               ("c", writer.commit_transaction)):
                writer.begin_transaction()
                for i in range(10):
                    writer.produce("t", f"{name}{i}")
                writer.flush(20)
                ends(20)
            self.assertEqual(values(broker, "t"), [f"{n}{i}" for n in "ac" for i in range(10)])
            self.assertEqual(len(values(broker, "t", "read_uncommitted")), 30)

    def test_an_open_transaction_of_a_producer_that_died_is_aborted_in_time(self):
        with Broker("transaction.abort.timed.out.transaction.cleanup.interval.ms=500") as broker:
            create(broker, "t")
            writer = producer(broker, "w", transaction_timeout_ms=6000)
            writer.init_transactions(20)
            writer.begin_transaction()
            writer.produce("t", "never")
            writer.flush(20)
            other = producer(broker, "other")
            other.init_transactions(20)
            other.begin_transaction()
            other.produce("t", "after")
            other.commit_transaction(20)
            self.assertEqual(values(broker, "t"), [])  # behind what is open
            broker.kill_and_restart()
            eventually("the abandoned transaction is aborted", lambda: values(broker, "t") == ["after"])
            with self.assertRaises(KafkaException):
                writer.commit_transaction(20)


class Fencing(unittest.TestCase):
    def test_the_second_producer_of_an_id_fences_the_first(self):
        with Broker() as broker:
            create(broker, "t")
            first, second = producer(broker, "w"), producer(broker, "w")
            first.init_transactions(20)
            first.begin_transaction()
            first.produce("t", "zombie")
            first.flush(20)
            second.init_transactions(20)
            second.begin_transaction()
            second.produce("t", "alive")
            with self.assertRaises(KafkaException) as refused:
                first.commit_transaction(20)
            self.assertTrue(refused.exception.args[0].fatal())
            second.commit_transaction(20)
            self.assertEqual(values(broker, "t"), ["alive"])

    def test_an_end_that_was_held_up_on_an_old_connection_does_not_end_the_next_transaction(self):
        with Broker() as broker:
            create(broker, "t")
            with Connection(broker.port) as old, Connection(broker.port) as new:
                old.ask(10, 1, string("w") + b"\1")
                answer = old.ask(INIT_PRODUCER_ID, 0, string("w") + struct.pack(">i", 60_000))
                error, who, epoch = struct.unpack_from(">hqh", answer, 4)
                self.assertEqual(error, 0)
                whose = string("w") + struct.pack(">qh", who, epoch)
                partition = struct.pack(">i", 1) + string("t") + struct.pack(">ii", 1, 0)
                code = lambda answer: struct.unpack_from(">h", answer, 4)[0]
                old.ask(ADD_PARTITIONS, 0, whose + partition)
                # The client gives the old connection up and asks again on the new one.
                self.assertEqual(code(new.ask(END_TXN, 0, whose + b"\1")), 0)
                new.ask(ADD_PARTITIONS, 0, whose + partition)
                with self.assertRaises(ConnectionError):
                    old.ask(END_TXN, 0, whose + b"\1")
                self.assertEqual(code(new.ask(END_TXN, 0, whose + b"\0")), 0)  # still open: it can be aborted


class ExactCopy(unittest.TestCase):
    def test_every_record_is_copied_once_while_the_broker_is_killed(self):
        count = 2000
        with Broker() as broker:
            create(broker, "in", "out")
            copy_while_killed(self, broker, {"bootstrap.servers": broker.bootstrap}, count, kills=4)
            self.assertEqual(values(broker, "out"), [str(i) for i in range(count)])


if __name__ == "__main__":
    unittest.main()
