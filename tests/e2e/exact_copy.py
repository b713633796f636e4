"""A copy of a topic in transactions that stays exact while the broker is killed."""
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from stoker import eventually

# librdkafka 2.16 forgets all brokers when none is up, and then goes on to ask the forgotten coordinator of a group.
SETTINGS = {"metadata.recovery.strategy": "none"}
BATCH = 20
PATIENCE = 60  # seconds that a call may take: the broker may be away


class Copier(threading.Thread):
    """Copies topic `in` to topic `out`, offsets and records in one transaction, until `count` are copied. Every fifth
    transaction is aborted. After that, as after a failure, a new pair goes on from what was committed."""

    def __init__(self, settings, count):
        super().__init__(daemon=True)
        self.settings, self.count = {**settings, **SETTINGS}, count
        self.transactions, self.failed = 0, None

    def run(self):
        done = False
        while not done:
            try:
                done = self.copy()
            except KafkaException as error:
                self.failed = error
                time.sleep(0.2)

    def copy(self):
        """True when there is nothing left to copy."""
        consumer = Consumer({**self.settings, "group.id": "copy", "enable.auto.commit": False,
                             "auto.offset.reset": "earliest", "isolation.level": "read_committed",
                             "session.timeout.ms": 6000})
        writer = Producer({**self.settings, "transactional.id": "copier", "linger.ms": 0,
                           "transaction.timeout.ms": 20_000})
        try:
            writer.init_transactions(PATIENCE)
            consumer.subscribe(["in"])
            while consumer.committed([TopicPartition("in", 0)], PATIENCE)[0].offset < self.count:
                messages = [m for m in consumer.consume(BATCH, 0.5) if not m.error()]
                if not messages:
                    continue
                writer.begin_transaction()
                for message in messages:
                    writer.produce("out", message.value())
                writer.send_offsets_to_transaction(consumer.position(consumer.assignment()),
                                                   consumer.consumer_group_metadata(), PATIENCE)
                self.transactions += 1
                if self.transactions % 5 == 0:
                    writer.abort_transaction(PATIENCE)
                    return False
                writer.commit_transaction(PATIENCE)
                time.sleep(0.01)  # so that there is something left to be killed
            return True
        finally:
            consumer.close()


def copy_while_killed(test, broker, settings, count, kills):
    """Fills `in` with 0, 1, 2 … as text and copies it; the caller reads `out`."""
    writer = Producer({**settings, "enable.idempotence": True})
    for i in range(count):
        writer.produce("in", str(i))
    test.assertEqual(writer.flush(PATIENCE), 0)
    copier = Copier(settings, count)
    copier.start()
    for kill in range(1, kills + 1):
        eventually("progress", lambda: copier.transactions >= kill * 6 or not copier.is_alive(), 90)
        test.assertTrue(copier.is_alive(), "the copy was over before the broker was killed")
        broker.kill_and_restart()
    copier.join(180)
    test.assertFalse(copier.is_alive(), f"{copier.transactions} transactions; {copier.failed}")
