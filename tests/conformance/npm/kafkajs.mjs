// kafkajs' part of the scenarios. The codecs that it leaves to plug-ins come from snappyjs, lz4js and Node itself.
import assert from "node:assert/strict";
import zlib from "node:zlib";
import kafkajs from "kafkajs";
import snappy from "kafkajs-snappy";
import lz4 from "lz4js";
import { CODECS, EACH, LARGE_MAX, MANY, eventually, large, main, numerically, range, restart, value } from "./common.mjs";

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel, Partitioners } = kafkajs;

CompressionCodecs[CompressionTypes.Snappy] = snappy;
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => zlib.zstdCompressSync(encoder.buffer),
  decompress: async (buffer) => zlib.zstdDecompressSync(buffer),
});

const TYPES = {
  none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4, zstd: CompressionTypes.ZSTD,
};
const GROUP = { sessionTimeout: 10_000, rebalanceTimeout: 10_000, heartbeatInterval: 500, maxWaitTimeInMs: 200 };

const kafka = (bootstrap) => new Kafka({ clientId: "kafkajs", brokers: [bootstrap], logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, retries: 20 } });

async function withAdmin(client, use) {
  const admin = client.admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

async function create(client, topic, numPartitions, configs = {}) {
  const configEntries = Object.entries(configs).map(([name, text]) => ({ name, value: String(text) }));
  const created = await withAdmin(client, (admin) => admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] }));
  assert(created, `${topic} is there already`);
}

// records: [partition, value]. Every one is acknowledged, or this rejects.
async function produce(client, topic, records, compression = CompressionTypes.None, config = {}) {
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...config });
  await producer.connect();
  const messages = records.map(([partition, text]) => ({ partition, key: "key", value: text, headers: { h: "1" } }));
  await producer.send({ topic, messages, compression });
  await producer.disconnect();
}

// A member that reads a topic; what it got is in .got, its partitions in .share.
async function join(client, topic, groupId = "g", config = {}) {
  const member = { got: [], share: [], consumer: client.consumer({ groupId, ...GROUP, ...config }) };
  member.consumer.on("consumer.group_join", ({ payload }) => { member.share = payload.memberAssignment[topic] ?? []; });
  member.consumer.on("consumer.rebalancing", () => { member.share = []; });
  await member.consumer.connect();
  await member.consumer.subscribe({ topics: [topic], fromBeginning: true });
  await member.consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => { member.got.push({ partition, ...message }); },
  });
  member.commit = () => {
    const next = new Map();
    for (const m of member.got) next.set(m.partition, Math.max(next.get(m.partition) ?? 0, Number(m.offset) + 1));
    const offsets = [...next].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
    return member.consumer.commitOffsets(offsets);
  };
  return member;
}

const has = (member, count) => eventually(`${count} records`, () => member.got.length >= count);

async function codecs(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "codecs", 2);
  for (const codec of CODECS) {
    await produce(client, "codecs", range(0, EACH).map((i) => [1, value(codec, i)]), TYPES[codec]);
  }
  const member = await join(client, "codecs");
  await has(member, EACH * CODECS.length);
  assert.deepEqual(member.got.map((m) => String(m.value)), CODECS.flatMap((c) => range(0, EACH).map((i) => value(c, i))));
  member.got.forEach((m, i) =>
    assert.deepEqual([m.partition, String(m.key), String(m.headers.h), m.offset], [1, "key", "1", `${i}`]));
}

async function group(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "group", 3);
  for (const [first, count] of [[0, 300], [300, 10]]) {
    await produce(client, "group", range(first, count).map((i) => [i % 3, String(i)]));
    const member = await join(client, "group");
    await has(member, count);
    assert.deepEqual(member.got.map((m) => Number(m.value)).sort(numerically), range(first, count));
    await member.commit();
    await member.consumer.disconnect();
  }
  const [{ partitions }] = await withAdmin(client, (admin) => admin.fetchOffsets({ groupId: "g", topics: ["group"] }));
  assert.equal(partitions.reduce((sum, p) => sum + Number(p.offset), 0), 310);
}

async function rebalance(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "rebalance", 4);
  const members = [];
  const shared = (shares) => eventually(`shares of ${shares}`, () =>
    String(members.map((m) => m.share.length)) === String(shares) && new Set(members.flatMap((m) => m.share)).size === 4);
  for (const shares of [[4], [2, 2]]) {
    members.push(await join(client, "rebalance"));
    await shared(shares);
  }
  await members.shift().consumer.disconnect();
  await shared([4]);
}

async function configs(admin) {
  const resource = { type: ConfigResourceTypes.TOPIC, name: "admin" };
  const retention = async () => (await admin.describeConfigs({ resources: [resource], includeSynonyms: false }))
    .resources[0].configEntries.find((entry) => entry.configName === "retention.ms").configValue;
  const alter = (wanted) => admin.alterConfigs({
    validateOnly: false, resources: [{ ...resource, configEntries: [{ name: "retention.ms", value: wanted }] }] });
  assert.equal(await retention(), "70000");
  await alter("80000");
  await eventually("the new retention", async () => (await retention()) === "80000");
  await assert.rejects(alter("soon"), { type: "INVALID_CONFIG" });
}

async function groups(client, admin) {
  const member = await join(client, "admin", "admins");
  await has(member, 3);
  await member.commit();
  assert((await admin.listGroups()).groups.some((g) => g.groupId === "admins" && g.protocolType === "consumer"));
  const state = async () => (await admin.describeGroups(["admins"])).groups[0];
  assert.deepEqual([(await state()).state, (await state()).members.length], ["Stable", 1]);
  await member.consumer.disconnect();
  await eventually("empty", async () => (await state()).state === "Empty");
  await admin.deleteGroups(["admins"]);
  assert(!(await admin.listGroups()).groups.some((g) => g.groupId === "admins"));
}

async function adminCalls(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "admin", 1, { "retention.ms": 70000 });
  await assert.rejects(create(client, "admin", 1), /there already/);
  await withAdmin(client, async (admin) => {
    await admin.createPartitions({ topicPartitions: [{ topic: "admin", count: 2 }] });
    assert.equal((await admin.fetchTopicMetadata({ topics: ["admin"] })).topics[0].partitions.length, 2);
    const cluster = await admin.describeCluster();
    assert.deepEqual([cluster.brokers.length, cluster.controller], [1, cluster.brokers[0].nodeId]);
    await produce(client, "admin", [[0, "a"], [0, "b"], [1, "c"]]);
    await configs(admin);
    await groups(client, admin);
    await admin.deleteTopicRecords({ topic: "admin", partitions: [{ partition: 0, offset: "1" }] });
    const offsets = await admin.fetchTopicOffsets("admin");
    assert.deepEqual(offsets.find((o) => o.partition === 0), { partition: 0, offset: "2", high: "2", low: "1" });
    await admin.deleteTopics({ topics: ["admin"] });
    await eventually("deleted", async () => !(await admin.listTopics()).includes("admin"));
  });
}

async function restarts(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "restart", 3);
  const member = await join(client, "restart");
  for (const [round, how] of ["kill", "clean", ""].entries()) {
    await produce(client, "restart", range(round * 500, 500).map((i) => [i % 3, String(i)]));
    await has(member, (round + 1) * 500);
    await member.commit();
    if (how) await restart(how);
  }
  assert.deepEqual([...new Set(member.got.map((m) => Number(m.value)))].sort(numerically), range(0, 1500));
}

async function largeRecords(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "small", 1);
  await create(client, "large", 1, { "max.message.bytes": LARGE_MAX });
  await assert.rejects(produce(client, "small", [[0, large()]]), { type: "MESSAGE_TOO_LARGE" });
  await produce(client, "large", [[0, large()]]);
  await produce(client, "large", [[0, "small"]]);
  const member = await join(client, "large");
  await has(member, 2);
  assert(member.got[0].value.equals(large()));
  assert.equal(String(member.got[1].value), "small");
}

async function partitions(bootstrap) {
  const client = kafka(bootstrap);
  await create(client, "many", MANY);
  await produce(client, "many", range(0, MANY).map((p) => [p, String(p)]));
  const metadata = await withAdmin(client, (admin) => admin.fetchTopicMetadata({ topics: ["many"] }));
  assert.equal(metadata.topics[0].partitions.length, MANY);
  const member = await join(client, "many");
  await has(member, MANY);
  for (const m of member.got) assert.deepEqual([String(m.value), m.offset], [String(m.partition), "0"]);
}

await main({ codecs, group, rebalance, admin: adminCalls, restart: restarts, large: largeRecords, partitions });
