"""librdkafka's copier (../transactional_copy.py): reads a topic as a member of a group and writes each record to the same
partition of another, records and offsets in one transaction, until it is killed or told to stop."""
import random
import signal
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition, libversion

INPUT, OUTPUT = "copy-in", "copy-out"
ABORT_ONE_IN = 10
SECONDS = 60


class Stopped(Exception):
    pass


def stop(*_):
    raise Stopped


def settings(bootstrap, **more):
    found = {"bootstrap.servers": bootstrap, **{name.replace("_", "."): value for name, value in more.items()}}
    if libversion()[1] >= 0x020b0000:
        # From then on librdkafka forgets all brokers when none is up, and asks the forgotten coordinator of a group.
        found["metadata.recovery.strategy"] = "none"
    return found


def rewind(consumer):
    for place in consumer.committed(consumer.assignment(), SECONDS):
        consumer.seek(TopicPartition(place.topic, place.partition, place.offset if place.offset >= 0 else OFFSET_BEGINNING))


def copy(consumer, producer, messages):
    """One transaction; whether it was committed. Raises what librdkafka does; what can be tried again has been."""
    producer.begin_transaction()
    for message in messages:
        producer.produce(OUTPUT, message.value(), message.key(), message.partition())
        producer.poll(0)
    last = {(m.topic(), m.partition()): m.offset() for m in messages}
    offsets = [TopicPartition(topic, partition, offset + 1) for (topic, partition), offset in last.items()]
    again(producer.send_offsets_to_transaction, offsets, consumer.consumer_group_metadata())
    if random.randrange(ABORT_ONE_IN) == 0:
        again(producer.abort_transaction)
        return False
    again(producer.commit_transaction)
    return True


def again(call, *arguments):
    while True:
        try:
            return call(*arguments, SECONDS)
        except KafkaException as error:
            if not error.args[0].retriable():
                raise


def main(bootstrap, transactional_id, size, protocol):
    more = {"session_timeout_ms": 6000} if protocol == "classic" else {"group_protocol": protocol}
    consumer = Consumer(settings(bootstrap, group_id="copy", enable_auto_commit=False, auto_offset_reset="earliest",
                                 isolation_level="read_committed", **more))
    producer = Producer(settings(bootstrap, transactional_id=transactional_id, transaction_timeout_ms=60_000,
                                 linger_ms=0, batch_num_messages=50))
    try:
        again(producer.init_transactions)
        consumer.subscribe([INPUT])
        while True:
            messages = [m for m in consumer.consume(int(size), 0.5) if not m.error()]
            if not messages:
                continue
            try:
                if not copy(consumer, producer, messages):
                    rewind(consumer)
            except KafkaException as error:
                print("aborts:", error, file=sys.stderr)
                if not error.args[0].txn_requires_abort():
                    raise
                again(producer.abort_transaction)
                rewind(consumer)
    except Stopped:
        pass
    finally:
        consumer.close()


signal.signal(signal.SIGTERM, stop)
main(*sys.argv[1:])
