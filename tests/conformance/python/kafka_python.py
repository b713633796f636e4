"""kafka-python's part of the scenarios."""
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from kafka.errors import MessageSizeTooLargeError, TopicAlreadyExistsError

import common
from common import CODECS, EACH, LARGE, LARGE_MAX, MANY, eventually, restart, same, value


def admin(bootstrap):
    return KafkaAdminClient(bootstrap_servers=bootstrap)


def create(bootstrap, topic, partitions, **config):
    client = admin(bootstrap)
    client.create_topics([NewTopic(topic, partitions, 1, topic_configs=config)])
    client.close()


def produce(bootstrap, topic, records, **config):
    """records: (partition, value). Every one is acknowledged, or this raises."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, **config)
    sent = [producer.send(topic, data, b"key", [("h", b"1")], partition) for partition, data in records]
    producer.flush(60)
    offsets = [future.get(20).offset for future in sent]
    producer.close()
    return offsets


def consumer(bootstrap, group=None, *topics, **config):
    return KafkaConsumer(*topics, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest",
                         enable_auto_commit=False, **config)


def take(reader, count):
    got = []

    def enough():
        for records in reader.poll(200).values():
            got.extend(records)
        return len(got) >= count
    eventually(f"{count} records", enough, 60)
    return got


def read_all(bootstrap, topic, partitions, count, **config):
    reader = consumer(bootstrap, **config)
    reader.assign([TopicPartition(topic, p) for p in partitions])
    got = take(reader, count)
    reader.close()
    return got


def codecs(bootstrap):
    create(bootstrap, "codecs", 2)
    for codec in CODECS:
        kind = None if codec == "none" else codec
        produce(bootstrap, "codecs", [(1, value(codec, i)) for i in range(EACH)], compression_type=kind)
    got = read_all(bootstrap, "codecs", [0, 1], EACH * len(CODECS))
    same([m.value for m in got], [value(c, i) for c in CODECS for i in range(EACH)])
    same({(m.partition, m.key, tuple(m.headers)) for m in got}, {(1, b"key", (("h", b"1"),))})
    same([m.offset for m in got], list(range(len(got))), "offsets")


def group(bootstrap):
    create(bootstrap, "group", 3)
    for first, count in ((0, 300), (300, 10)):
        produce(bootstrap, "group", [(i % 3, str(i).encode()) for i in range(first, first + count)])
        member = consumer(bootstrap, "g", "group")
        same(sorted(int(m.value) for m in take(member, count)), list(range(first, first + count)))
        member.commit()
        member.close()
    fresh = consumer(bootstrap, "g")
    same(sum(fresh.committed(TopicPartition("group", p)) for p in range(3)), 310, "committed offsets")
    fresh.close()


def rebalance(bootstrap):
    create(bootstrap, "rebalance", 4)
    members = []

    def shared(*shares):
        def check():
            for member in members:
                member.poll(500)  # with 50 ms it forgets a rebalance that ends between two polls
            owned = [{p.partition for p in m.assignment()} for m in members]
            return sorted(map(len, owned)) == sorted(shares) and set().union(*owned) == set(range(4))
        eventually(f"shares of {shares}", check)

    for shares in ((4,), (2, 2)):
        members.append(consumer(bootstrap, "g", "rebalance"))
        shared(*shares)
    members.pop(0).close()
    shared(4)
    members[0].close()


def admin_calls(bootstrap):
    client = admin(bootstrap)
    create(bootstrap, "admin", 2, **{"retention.ms": "70000"})
    try:
        create(bootstrap, "admin", 1)
        raise AssertionError("created twice")
    except TopicAlreadyExistsError:
        pass
    cluster = client.describe_cluster()
    same((len(cluster["brokers"]), cluster["controller_id"]), (1, cluster["brokers"][0]["broker_id"]))
    same(len(client.describe_topics(["admin"])[0]["partitions"]), 2)
    produce(bootstrap, "admin", [(0, b"a"), (0, b"b"), (1, b"c")])
    configs(client)
    groups(bootstrap, client)
    same(client.delete_records({TopicPartition("admin", 0): 1})[TopicPartition("admin", 0)]["low_watermark"], 1)
    same([m.value for m in read_all(bootstrap, "admin", [0], 1)], [b"b"])
    client.delete_topics(["admin"])
    eventually("deleted", lambda: "admin" not in client.list_topics())
    client.close()


def configs(client):
    def described():
        resource = ConfigResource(ConfigResourceType.TOPIC, "admin")
        return client.describe_configs([resource], config_filter="all")["topic"]["admin"]["retention.ms"]["value"]

    same(described(), "70000")
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "admin", {"retention.ms": "80000"})])
    eventually("the new retention", lambda: described() == "80000")
    answer = client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "admin", {"retention.ms": "soon"})])
    assert "INVALID_CONFIG" in answer["topic"]["admin"] or "InvalidConfig" in answer["topic"]["admin"], answer


def groups(bootstrap, client):
    member = consumer(bootstrap, "admins", "admin")
    take(member, 3)
    member.commit()
    assert "admins" in {group["group_id"] for group in client.list_groups()}
    described = client.describe_groups(["admins"])["admins"]
    same((described["group_state"], len(described["members"])), ("Stable", 1))
    same(sum(o.offset for o in client.list_group_offsets("admins")["admins"].values()), 3)
    member.close()
    eventually("empty", lambda: client.describe_groups(["admins"])["admins"]["group_state"] == "Empty")
    client.delete_groups(["admins"])
    assert "admins" not in {group["group_id"] for group in client.list_groups()}


def restarts(bootstrap):
    create(bootstrap, "restart", 3)
    reader = consumer(bootstrap, "g", "restart")
    seen = []
    for round_, how in enumerate(("kill", "clean", None)):
        produce(bootstrap, "restart", [(i % 3, f"{round_}-{i}".encode()) for i in range(500)])
        seen += [m.value for m in take(reader, 500)]
        reader.commit()
        if how:
            restart(how)
    same(sorted(seen), sorted(f"{r}-{i}".encode() for r in range(3) for i in range(500)))
    reader.close()


def large(bootstrap):
    create(bootstrap, "small", 1)
    create(bootstrap, "large", 1, **{"max.message.bytes": str(LARGE_MAX)})
    data = bytes(range(250)) * (LARGE // 250)
    try:
        produce(bootstrap, "small", [(0, data)], max_request_size=LARGE_MAX)
        raise AssertionError("10 MB went into a topic that takes 1")
    except MessageSizeTooLargeError:
        pass
    same(produce(bootstrap, "large", [(0, data), (0, b"small")], max_request_size=LARGE_MAX), [0, 1])
    got = read_all(bootstrap, "large", [0], 2)
    same([len(m.value) for m in got], [LARGE, 5], "sizes")
    assert got[0].value == data


def partitions(bootstrap):
    create(bootstrap, "many", MANY)
    fresh = consumer(bootstrap)
    same(sorted(fresh.partitions_for_topic("many")), list(range(MANY)))
    fresh.close()
    same(set(produce(bootstrap, "many", [(p, str(p).encode()) for p in range(MANY)])), {0}, "offsets")
    got = read_all(bootstrap, "many", range(MANY), MANY)
    same(sorted((m.partition, int(m.value), m.offset) for m in got), [(p, p, 0) for p in range(MANY)])


common.main({"codecs": codecs, "group": group, "rebalance": rebalance, "admin": admin_calls, "restart": restarts,
             "large": large, "partitions": partitions})
