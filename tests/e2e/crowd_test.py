"""Many connections that do nothing, a process that stands still, readers that do not read: the others notice nothing."""
import resource
import signal
import socket
import time
import unittest

from confluent_kafka import Consumer, Producer

from stoker import Broker, eventually
from wire import FETCH, Connection, fetch_request, frame, header

CROWD = 9_500
MEMORY_MIB = 100
RECORDS = 2_000


class Crowd(unittest.TestCase):
    def setUp(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < CROWD + 500:
            self.skipTest(f"{CROWD} connections need as many descriptors; this machine allows {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def test_9500_idle_connections_cost_little_and_hinder_nobody(self):
        with Broker() as broker:
            before = broker.rss_mib()
            crowd = [socket.create_connection(("127.0.0.1", broker.port)) for _ in range(CROWD)]
            eventually("all of them are taken", lambda: broker.connections() == CROWD, 60)
            with Connection(broker.port) as client:
                client.create("t")
                self.assertEqual(client.produce("t", b"in the crowd")[0], 0)
            self.assertLess(broker.rss_mib() - before, MEMORY_MIB)
            for one in crowd:
                one.close()
            eventually("all of them are gone", lambda: broker.connections() == 0, 60)
            self.assertEqual(broker.stop(), 0)

    def test_readers_that_read_nothing_cost_a_bounded_buffer_each(self):
        readers, asked = 200, 50  # a MiB each
        with Broker() as broker:
            with Connection(broker.port) as client:
                client.create("t")
                for _ in range(16):
                    client.produce("t", b"x" * 65_000)
                before = broker.rss_mib()
                slow = [Connection(broker.port) for _ in range(readers)]
                for one in slow:
                    for _ in range(asked):
                        one.send(frame(header(FETCH, 4) + fetch_request("t", 0)))
                eventually("the buffers are full", lambda: client.produce("t", b"still here")[0] == 0)
                self.assertLess(broker.rss_mib() - before, readers * 0.5)
                self.assertEqual(client.fetch("t", 0)[0], 0)
                for one in slow:
                    one.close()


class Pause(unittest.TestCase):
    def test_a_broker_that_stands_still_for_a_while_loses_and_doubles_nothing(self):
        with Broker() as broker:
            failed = []
            producer = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True, "linger.ms": 1,
                                 "request.timeout.ms": 1000, "retry.backoff.ms": 20, "log_level": 0,
                                 "socket.timeout.ms": 1000})
            for number in range(RECORDS):
                producer.produce("t", str(number), partition=0,
                                 on_delivery=lambda error, _: error and failed.append(str(error)))
                producer.poll(0)
                if number % (RECORDS // 4) == RECORDS // 8:
                    broker.process.send_signal(signal.SIGSTOP)
                    stopped = time.monotonic()
                    while time.monotonic() - stopped < 1.5:  # longer than the client waits for an answer
                        producer.poll(0.1)
                    broker.process.send_signal(signal.SIGCONT)
            self.assertEqual(producer.flush(60), 0)
            self.assertEqual(failed, [])
            self.assertEqual(all_values(broker, "t"), [str(number) for number in range(RECORDS)])


def all_values(broker, topic):
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "all", "auto.offset.reset": "earliest",
                         "enable.partition.eof": True, "log_level": 0})
    consumer.subscribe([topic])
    values = []
    try:
        while True:
            message = consumer.poll(20)
            if message is None:
                raise AssertionError("no end of the partition within 20 s")
            if message.error():
                return values
            values.append(message.value().decode())
    finally:
        consumer.close()


if __name__ == "__main__":
    unittest.main(verbosity=1)
