"""The disk fills up while the broker runs: producers hear KAFKA_STORAGE_ERROR on a connection that stays, what is there
is read on, and when there is room again all goes on without a restart."""
import unittest

from confluent_kafka import Producer

from small_disk import SmallDisk
from stoker import Broker, eventually
from wire import STORAGE_ERROR, Connection

VALUE = b"x" * 4000


class FullDisk(unittest.TestCase):
    def fill_and_free(self, *overrides):
        with SmallDisk(16) as disk, Broker(*overrides, data=disk.folder / "data") as broker, Connection(broker.port) as client:
            acknowledged = {}

            def produce():
                value = b"%d " % len(acknowledged) + VALUE
                code, offset = client.produce("t", value)
                if code == 0:
                    acknowledged[offset] = value
                return code

            client.create("t")
            self.assertEqual(produce(), 0)
            for _ in range(3):
                disk.fill()
                codes = [produce() for _ in range(20)]
                self.assertEqual(codes[-1], STORAGE_ERROR)
                self.assertEqual(set(codes) - {0}, {STORAGE_ERROR})
                self.look(client, acknowledged)
                # A real client sits it out.
                failed = []
                producer = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True,
                                     "retry.backoff.ms": 20, "retry.backoff.max.ms": 100})
                producer.produce("other", VALUE, callback=lambda error, _: failed.append(error) if error else None)
                producer.poll(0.2)
                disk.free()
                eventually("the same connection produces again", lambda: produce() == 0)
                self.assertEqual(producer.flush(30), 0)
                self.assertEqual(failed, [])
                self.look(client, acknowledged)
            said = sum("is full" in line for line in broker.log_lines())
            self.assertIn(said, range(3, 10))  # something smaller may have fitted in between
            broker.kill_and_restart()
            with Connection(broker.port) as again:
                self.look(again, acknowledged)

    def look(self, client, acknowledged):
        code, mark, data = client.fetch("t", 0, size=16 << 20)
        self.assertEqual(code, 0)
        self.assertEqual(mark, max(acknowledged) + 1)
        self.assertEqual(len(acknowledged), mark)
        at = 0
        for offset in range(mark):
            at = data.index(acknowledged[offset], at) + 1

    def test_class_cache(self):
        self.fill_and_free()

    def test_class_disk(self):
        self.fill_and_free("log.flush.interval.messages=1")


if __name__ == "__main__":
    unittest.main(verbosity=1)
