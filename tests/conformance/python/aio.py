"""aiokafka's part of the scenarios."""
import asyncio
import contextlib
import functools
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError, TopicAlreadyExistsError

import common
from common import CODECS, EACH, LARGE, LARGE_MAX, MANY, restart, same, value

INVALID_CONFIG = 40


async def eventually(what, check, seconds=40):
    end = time.monotonic() + seconds
    while not await check():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def admin(bootstrap):
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def create(bootstrap, topic, partitions, **config):
    async with admin(bootstrap) as client:
        done = await client.create_topics([NewTopic(topic, partitions, 1, topic_configs=config)])
    if done.topic_errors[0][1] == TopicAlreadyExistsError.errno:
        raise TopicAlreadyExistsError
    same(done.topic_errors[0][1], 0, "error code")


async def produce(bootstrap, topic, records, **config):
    """records: (partition, value). Every one is acknowledged, or this raises."""
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, **config) as producer:
        sent = [await producer.send(topic, data, b"key", partition, headers=[("h", b"1")]) for partition, data in records]
        return [(await future).offset for future in sent]


async def consumer(bootstrap, group=None, *topics, **config):
    reader = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest",
                              enable_auto_commit=False, **config)
    await reader.start()
    return reader


async def take(reader, count):
    got = []

    async def enough():
        for records in (await reader.getmany(timeout_ms=200)).values():
            got.extend(records)
        return len(got) >= count
    await eventually(f"{count} records", enough, 60)
    return got


async def read_all(bootstrap, topic, partitions, count, **config):
    reader = await consumer(bootstrap, **config)
    reader.assign([TopicPartition(topic, p) for p in partitions])
    await reader.seek_to_beginning()
    got = await take(reader, count)
    await reader.stop()
    return got


async def codecs(bootstrap):
    await create(bootstrap, "codecs", 2)
    for codec in CODECS:
        kind = None if codec == "none" else codec
        await produce(bootstrap, "codecs", [(1, value(codec, i)) for i in range(EACH)], compression_type=kind)
    got = await read_all(bootstrap, "codecs", [0, 1], EACH * len(CODECS))
    same([m.value for m in got], [value(c, i) for c in CODECS for i in range(EACH)])
    same({(m.partition, m.key, tuple(m.headers)) for m in got}, {(1, b"key", (("h", b"1"),))})
    same([m.offset for m in got], list(range(len(got))), "offsets")


async def group(bootstrap):
    await create(bootstrap, "group", 3)
    for first, count in ((0, 300), (300, 10)):
        await produce(bootstrap, "group", [(i % 3, str(i).encode()) for i in range(first, first + count)])
        member = await consumer(bootstrap, "g", "group")
        same(sorted(int(m.value) for m in await take(member, count)), list(range(first, first + count)))
        await member.commit()
        await member.stop()
    fresh = await consumer(bootstrap, "g")
    same(sum([await fresh.committed(TopicPartition("group", p)) for p in range(3)]), 310, "committed offsets")
    await fresh.stop()


async def rebalance(bootstrap):
    await create(bootstrap, "rebalance", 4)
    members = []

    async def shared(*shares):
        async def check():
            owned = [{p.partition for p in m.assignment()} for m in members]
            return sorted(map(len, owned)) == sorted(shares) and set().union(*owned) == set(range(4))
        await eventually(f"shares of {shares}", check)

    for shares in ((4,), (2, 2)):
        members.append(await consumer(bootstrap, "g", "rebalance"))
        await shared(*shares)
    await members.pop(0).stop()
    await shared(4)
    await members[0].stop()


async def configs(client):
    async def described():
        resource = ConfigResource(ConfigResourceType.TOPIC, "admin")
        resources = (await client.describe_configs([resource]))[0].resources
        return next(config[1] for config in resources[0][4] if config[0] == "retention.ms")

    async def changed():
        return await described() == "80000"

    same(await described(), "70000")
    await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "admin", {"retention.ms": "80000"})])
    await eventually("the new retention", changed)
    answer = await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "admin", {"retention.ms": "soon"})])
    same(answer[0].resources[0][0], INVALID_CONFIG)


async def groups(bootstrap, client):
    member = await consumer(bootstrap, "admins", "admin")
    await take(member, 3)
    await member.commit()
    assert ("admins", "consumer") in {tuple(group[:2]) for group in await client.list_consumer_groups()}
    described = (await client.describe_consumer_groups(["admins"]))[0].groups[0]
    same((described[0], described[1], described[2], len(described[5])), (0, "admins", "Stable", 1))
    same(sum(o.offset for o in (await client.list_consumer_group_offsets("admins")).values()), 3)
    await member.stop()


async def admin_calls(bootstrap):
    await create(bootstrap, "admin", 2, **{"retention.ms": "70000"})
    try:
        await create(bootstrap, "admin", 1)
        raise AssertionError("created twice")
    except TopicAlreadyExistsError:
        pass
    async with admin(bootstrap) as client:
        cluster = await client.describe_cluster()
        same((len(cluster["brokers"]), cluster["controller_id"]), (1, cluster["brokers"][0]["node_id"]))
        same(len((await client.describe_topics(["admin"]))[0]["partitions"]), 2)
        await produce(bootstrap, "admin", [(0, b"a"), (0, b"b"), (1, b"c")])
        await configs(client)
        await groups(bootstrap, client)
        where = TopicPartition("admin", 0)
        same((await client.delete_records({where: RecordsToDelete(before_offset=1)}))[where], 1, "low watermark")
        same([m.value for m in await read_all(bootstrap, "admin", [0], 1)], [b"b"])
        await client.delete_topics(["admin"])

        async def deleted():
            return "admin" not in await client.list_topics()
        await eventually("deleted", deleted)


async def restarts(bootstrap):
    await create(bootstrap, "restart", 3)
    reader = await consumer(bootstrap, "g", "restart")
    seen = []
    for round_, how in enumerate(("kill", "clean", None)):
        records = [(i % 3, f"{round_}-{i}".encode()) for i in range(500)]
        await produce(bootstrap, "restart", records, enable_idempotence=True)
        seen += [m.value for m in await take(reader, 500)]
        await reader.commit()
        if how:
            await asyncio.get_running_loop().run_in_executor(None, restart, how)
    same(sorted(seen), sorted(f"{r}-{i}".encode() for r in range(3) for i in range(500)))
    await reader.stop()


async def large(bootstrap):
    await create(bootstrap, "small", 1)
    await create(bootstrap, "large", 1, **{"max.message.bytes": str(LARGE_MAX)})
    data = bytes(range(250)) * (LARGE // 250)
    try:
        await produce(bootstrap, "small", [(0, data)], max_request_size=LARGE_MAX)
        raise AssertionError("10 MB went into a topic that takes 1")
    except MessageSizeTooLargeError:
        pass
    same(await produce(bootstrap, "large", [(0, data), (0, b"small")], max_request_size=LARGE_MAX), [0, 1])
    got = await read_all(bootstrap, "large", [0], 2)
    same([len(m.value) for m in got], [LARGE, 5], "sizes")
    assert got[0].value == data


async def partitions(bootstrap):
    await create(bootstrap, "many", MANY)
    same(set(await produce(bootstrap, "many", [(p, str(p).encode()) for p in range(MANY)])), {0}, "offsets")
    got = await read_all(bootstrap, "many", range(MANY), MANY)
    same(sorted((m.partition, int(m.value), m.offset) for m in got), [(p, p, 0) for p in range(MANY)])


def entry(scenario):
    return functools.update_wrapper(lambda bootstrap: asyncio.run(scenario(bootstrap)), scenario)


common.main({name: entry(scenario) for name, scenario in {
    "codecs": codecs, "group": group, "rebalance": rebalance, "admin": admin_calls, "restart": restarts,
    "large": large, "partitions": partitions}.items()})
