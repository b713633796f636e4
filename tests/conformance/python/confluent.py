"""confluent-kafka's part of the scenarios: librdkafka, the wheel's own or Debian's 2.0.2."""
import functools
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka import admin as adm

import common
from common import CODECS, EACH, LARGE, LARGE_MAX, MANY, eventually, restart, same, value


@functools.cache  # a client that nobody holds ends, and takes its futures with it
def admin(bootstrap):
    return adm.AdminClient({"bootstrap.servers": bootstrap})


def create(bootstrap, topic, partitions, **config):
    new = adm.NewTopic(topic, partitions, 1, config={k.replace("_", "."): str(v) for k, v in config.items()})
    admin(bootstrap).create_topics([new])[topic].result(20)


def produce(bootstrap, topic, records, **config):
    """records: (partition, value). Every one is acknowledged, or this fails."""
    failures = []
    more = {k.replace("_", "."): v for k, v in config.items()}
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, **more})
    for partition, data in records:
        producer.produce(topic, data, b"key", partition, headers=[("h", b"1")],
                         on_delivery=lambda error, _: failures.append(error) if error else None)
        producer.poll(0)
    same(producer.flush(60), 0, "left in the queue")
    return failures


def consumer(bootstrap, group="g", **config):
    more = {k.replace("_", "."): v for k, v in config.items()}
    return Consumer({"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest",
                     "enable.auto.commit": False, **more})


def take(reader, count, seconds=60):
    end, got = time.monotonic() + seconds, []
    while len(got) < count:
        message = reader.poll(0.5)
        assert time.monotonic() < end, f"{len(got)} of {count}"
        if message is not None and not message.error():
            got.append(message)
    return got


def read_all(bootstrap, topic, partitions, count, **config):
    reader = consumer(bootstrap, **config)
    reader.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
    got = take(reader, count)
    reader.close()
    return got


def codecs(bootstrap):
    create(bootstrap, "codecs", 2)
    for codec in CODECS:
        same(produce(bootstrap, "codecs", [(1, value(codec, i)) for i in range(EACH)], compression_type=codec), [])
    got = read_all(bootstrap, "codecs", [0, 1], EACH * len(CODECS))
    same([m.value() for m in got], [value(c, i) for c in CODECS for i in range(EACH)])
    same({(m.partition(), m.key(), tuple(m.headers())) for m in got}, {(1, b"key", (("h", b"1"),))})
    same([m.offset() for m in got], list(range(len(got))), "offsets")


def group(bootstrap, **protocol):
    create(bootstrap, "group", 3)
    for first, count in ((0, 300), (300, 10)):
        produce(bootstrap, "group", [(i % 3, str(i).encode()) for i in range(first, first + count)])
        member = consumer(bootstrap, **protocol)
        member.subscribe(["group"])
        same(sorted(int(m.value()) for m in take(member, count)), list(range(first, first + count)))
        member.commit(asynchronous=False)
        member.close()
    fresh = consumer(bootstrap)
    committed = fresh.committed([TopicPartition("group", p) for p in range(3)], timeout=20)
    same(sum(p.offset for p in committed), 310, "committed offsets")
    fresh.close()


def rebalance(bootstrap, **protocol):
    create(bootstrap, "rebalance", 4)
    members = []

    def shared(*shares):
        def check():
            for member in members:
                member.poll(0.05)
            owned = [{p.partition for p in m.assignment()} for m in members]
            return sorted(map(len, owned)) == sorted(shares) and set().union(*owned) == set(range(4))
        eventually(f"shares of {shares}", check)

    for shares in ((4,), (2, 2)):
        members.append(consumer(bootstrap, **protocol))
        members[-1].subscribe(["rebalance"])
        shared(*shares)
    members.pop(0).close()
    shared(4)
    members[0].close()


def configs(bootstrap):
    client, resource = admin(bootstrap), adm.ConfigResource(adm.ConfigResource.Type.TOPIC, "admin")

    def described(name):
        return client.describe_configs([resource])[resource].result(20)[name].value

    same(described("retention.ms"), "70000")
    if hasattr(client, "incremental_alter_configs"):
        entry = adm.ConfigEntry("retention.ms", "80000", incremental_operation=adm.AlterConfigOpType.SET)
        change = adm.ConfigResource(adm.ConfigResource.Type.TOPIC, "admin", incremental_configs=[entry])
        client.incremental_alter_configs([change])[change].result(20)
    else:
        change = adm.ConfigResource(adm.ConfigResource.Type.TOPIC, "admin", {"retention.ms": "80000"})
        client.alter_configs([change])[change].result(20)
    eventually("the new retention", lambda: described("retention.ms") == "80000")
    wrong = adm.ConfigResource(adm.ConfigResource.Type.TOPIC, "admin", {"retention.ms": "soon"})
    try:
        client.alter_configs([wrong])[wrong].result(20)
        raise AssertionError("'soon' was taken for a number")
    except KafkaException as error:
        same(error.args[0].name(), "INVALID_CONFIG")


def groups(bootstrap):
    client = admin(bootstrap)
    member = consumer(bootstrap, "admins")
    member.subscribe(["admin"])
    take(member, 3)
    member.commit(asynchronous=False)
    assert "admins" in {g.group_id for g in client.list_consumer_groups().result(20).valid}
    described = client.describe_consumer_groups(["admins"])["admins"].result(20)
    same((described.state.name, len(described.members)), ("STABLE", 1))
    member.close()
    eventually("empty", lambda: client.describe_consumer_groups(["admins"])["admins"].result(20).state.name == "EMPTY")
    client.delete_consumer_groups(["admins"])["admins"].result(20)
    assert "admins" not in {g.group_id for g in client.list_consumer_groups().result(20).valid}


def admin_calls(bootstrap):
    client = admin(bootstrap)
    create(bootstrap, "admin", 1, retention_ms=70000)
    try:
        create(bootstrap, "admin", 1)
        raise AssertionError("created twice")
    except KafkaException as error:
        same(error.args[0].name(), "TOPIC_ALREADY_EXISTS")
    client.create_partitions([adm.NewPartitions("admin", 2)])["admin"].result(20)
    eventually("2 partitions", lambda: len(client.list_topics("admin", 20).topics["admin"].partitions) == 2)
    produce(bootstrap, "admin", [(0, b"a"), (0, b"b"), (1, b"c")])
    configs(bootstrap)
    groups(bootstrap)
    if hasattr(client, "describe_cluster"):
        same(len(client.describe_cluster().result(20).nodes), 1, "nodes")
    if hasattr(client, "delete_records"):
        where = TopicPartition("admin", 0, 1)
        same(client.delete_records([where])[where].result(20).low_watermark, 1, "low watermark")
        same([m.value() for m in read_all(bootstrap, "admin", [0], 1)], [b"b"])
    client.delete_topics(["admin"])["admin"].result(20)
    eventually("deleted", lambda: "admin" not in client.list_topics(timeout=20).topics)


def restarts(bootstrap):
    create(bootstrap, "restart", 3)
    reader = consumer(bootstrap)
    reader.subscribe(["restart"])
    seen = []
    for round_, how in enumerate(("kill", "clean", None)):
        records = [(i % 3, f"{round_}-{i}".encode()) for i in range(500)]
        same(produce(bootstrap, "restart", records, enable_idempotence=True), [])
        seen += [m.value() for m in take(reader, 500)]
        reader.commit(asynchronous=False)
        if how:
            restart(how)
    same(sorted(seen), sorted(f"{r}-{i}".encode() for r in range(3) for i in range(500)))
    reader.close()


def large(bootstrap):
    create(bootstrap, "small", 1)
    create(bootstrap, "large", 1, max_message_bytes=LARGE_MAX)
    data = bytes(range(250)) * (LARGE // 250)
    same([e.name() for e in produce(bootstrap, "small", [(0, data)], message_max_bytes=LARGE_MAX)], ["MSG_SIZE_TOO_LARGE"])
    same(produce(bootstrap, "large", [(0, data), (0, b"small")], message_max_bytes=LARGE_MAX), [])
    got = read_all(bootstrap, "large", [0], 2)
    same([len(m.value()) for m in got], [LARGE, 5], "sizes")
    assert got[0].value() == data


def partitions(bootstrap):
    create(bootstrap, "many", MANY)
    topic = eventually("metadata", lambda: admin(bootstrap).list_topics("many", 20).topics["many"])
    same(sorted(topic.partitions), list(range(MANY)))
    same(produce(bootstrap, "many", [(p, str(p).encode()) for p in range(MANY)]), [])
    got = read_all(bootstrap, "many", range(MANY), MANY)
    same(sorted((m.partition(), int(m.value()), m.offset()) for m in got), [(p, p, 0) for p in range(MANY)])


common.main({
    "codecs": codecs, "group": group, "rebalance": rebalance, "admin": admin_calls, "restart": restarts,
    "large": large, "partitions": partitions,
    "group_consumer": lambda bootstrap: group(bootstrap, group_protocol="consumer"),
    "rebalance_consumer": lambda bootstrap: rebalance(bootstrap, group_protocol="consumer"),
})
