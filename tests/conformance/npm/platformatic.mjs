// @platformatic/kafka's part of the scenarios. It reads through groups only, so `codecs` reads by group too.
import assert from "node:assert/strict";
import { Admin, Consumer, ConfigResourceTypes, IncrementalAlterConfigOperationTypes, Producer }
  from "@platformatic/kafka";
import { CODECS, EACH, LARGE_MAX, MANY, eventually, large, main, numerically, range, restart, value } from "./common.mjs";

const base = (bootstrap) => ({ clientId: "platformatic", bootstrapBrokers: [bootstrap], retries: 20, retryDelay: 200 });

async function withAdmin(bootstrap, use) {
  const admin = new Admin(base(bootstrap));
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}

const create = (bootstrap, topic, partitions, configs = {}) => withAdmin(bootstrap, (admin) => admin.createTopics({
  topics: [{ topic, partitions, replicas: 1 }],
  configs: Object.entries(configs).map(([name, text]) => ({ name, value: String(text) })),
}));

// records: [partition, value]. Every one is acknowledged, or this rejects.
async function produce(bootstrap, topic, records, more = {}) {
  const producer = new Producer({ ...base(bootstrap), ...more });
  const headers = new Map([[Buffer.from("h"), Buffer.from("1")]]);
  const messages = records.map(([partition, data]) =>
    ({ topic, partition, key: Buffer.from("key"), value: Buffer.from(data), headers }));
  try {
    return await producer.send({ messages, acks: -1 });
  } finally {
    await producer.close();
  }
}

let protocol = {};

// A member that reads a topic from the committed offsets on; what it got is in .got.
async function join(bootstrap, topic, groupId = "g") {
  const classic = { sessionTimeout: 10_000, rebalanceTimeout: 10_000, heartbeatInterval: 500 };
  const settings = protocol.groupProtocol ? protocol : classic;
  const consumer = new Consumer({ ...base(bootstrap), groupId, ...settings, maxWaitTime: 200, maxBytes: LARGE_MAX * 2 });
  const member = { got: [], consumer };
  const stream = await consumer.consume({ topics: [topic], mode: "committed", fallbackMode: "earliest", autocommit: false });
  stream.on("data", (message) => member.got.push(message));
  stream.on("error", (error) => { member.error = error; });
  member.share = () => (consumer.assignments ?? []).filter((a) => a.topic === topic).flatMap((a) => a.partitions);
  member.commit = () => {
    const next = new Map();
    for (const { partition, offset } of member.got) next.set(partition, offset);
    const offsets = [...next].map(([partition, offset]) => ({ topic, partition, offset: offset + 1n, leaderEpoch: 0 }));
    return consumer.commit({ offsets });
  };
  member.leave = async () => {
    await stream.close();
    await consumer.close(true);
  };
  return member;
}

const has = (member, count) => eventually(`${count} records`, () => {
  if (member.error) throw member.error;
  return member.got.length >= count;
});

async function codecs(bootstrap) {
  await create(bootstrap, "codecs", 2);
  for (const compression of CODECS) {
    await produce(bootstrap, "codecs", range(0, EACH).map((i) => [1, value(compression, i)]), { compression });
  }
  const member = await join(bootstrap, "codecs");
  await has(member, EACH * CODECS.length);
  assert.deepEqual(member.got.map((m) => String(m.value)), CODECS.flatMap((c) => range(0, EACH).map((i) => value(c, i))));
  member.got.forEach((m, i) => assert.deepEqual([m.partition, String(m.key), m.offset], [1, "key", BigInt(i)]));
}

async function group(bootstrap) {
  await create(bootstrap, "group", 3);
  for (const [first, count] of [[0, 300], [300, 10]]) {
    await produce(bootstrap, "group", range(first, count).map((i) => [i % 3, String(i)]));
    const member = await join(bootstrap, "group");
    await has(member, count);
    assert.deepEqual(member.got.map((m) => Number(m.value)).sort(numerically), range(first, count));
    await member.commit();
    await member.leave();
  }
  const fetched = await withAdmin(bootstrap, (admin) => admin.listConsumerGroupOffsets({ groups: ["g"] }));
  assert.equal(fetched[0].topics[0].partitions.reduce((sum, p) => sum + p.committedOffset, 0n), 310n);
}

async function rebalance(bootstrap) {
  await create(bootstrap, "rebalance", 4);
  const members = [];
  const shared = (shares) => eventually(`shares of ${shares}`, () =>
    String(members.map((m) => m.share().length)) === String(shares) && new Set(members.flatMap((m) => m.share())).size === 4);
  for (const shares of [[4], [2, 2]]) {
    members.push(await join(bootstrap, "rebalance"));
    await shared(shares);
  }
  await members.shift().leave();
  await shared([4]);
}

async function configs(admin) {
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: "admin" };
  const retention = async () => (await admin.describeConfigs({ resources: [resource] }))[0]
    .configs.find((config) => config.name === "retention.ms").value;
  const alter = (wanted) => admin.incrementalAlterConfigs({ resources: [{ ...resource, configs: [
    { name: "retention.ms", configOperation: IncrementalAlterConfigOperationTypes.SET, value: wanted }] }] });
  assert.equal(await retention(), "70000");
  await alter("80000");
  await eventually("the new retention", async () => (await retention()) === "80000");
  await assert.rejects(alter("soon"));
  assert.equal(await retention(), "80000");
}

async function groups(bootstrap, admin) {
  const member = await join(bootstrap, "admin", "admins");
  await has(member, 3);
  await member.commit();
  assert((await admin.listGroups({ types: ["classic"] })).has("admins"));
  const described = async () => (await admin.describeGroups({ groups: ["admins"] })).get("admins");
  assert.deepEqual([(await described()).state, (await described()).members.size], ["Stable", 1]);
  await member.leave();
  await eventually("empty", async () => (await described()).state === "Empty");
  await admin.deleteGroups({ groups: ["admins"] });
  assert(!(await admin.listGroups({ types: ["classic"] })).has("admins"));
}

async function adminCalls(bootstrap) {
  await create(bootstrap, "admin", 1, { "retention.ms": 70000 });
  await assert.rejects(create(bootstrap, "admin", 1));
  await withAdmin(bootstrap, async (admin) => {
    await admin.createPartitions({ topics: [{ name: "admin", count: 2, assignments: null }] });
    const metadata = await admin.metadata({ topics: ["admin"], forceUpdate: true });
    assert.deepEqual([metadata.topics.get("admin").partitions.length, metadata.brokers.size], [2, 1]);
    await produce(bootstrap, "admin", [[0, "a"], [0, "b"], [1, "c"]]);
    await configs(admin);
    await groups(bootstrap, admin);
    const deleted = await admin.deleteRecords({ topics: [{ name: "admin", partitions: [{ partition: 0, offset: 1n }] }] });
    assert.equal(deleted[0].partitions[0].lowWatermark, 1n);
    await admin.deleteTopics({ topics: ["admin"] });
    await eventually("deleted", async () => !(await admin.listTopics()).includes("admin"));
  });
}

async function restarts(bootstrap) {
  await create(bootstrap, "restart", 3);
  const member = await join(bootstrap, "restart");
  for (const [round, how] of ["kill", "clean", ""].entries()) {
    await produce(bootstrap, "restart", range(round * 500, 500).map((i) => [i % 3, String(i)]), { idempotent: true });
    await has(member, (round + 1) * 500);
    await eventually("committed", () => member.commit().then(() => true, () => false));
    if (how) await restart(how);
  }
  assert.deepEqual(member.got.map((m) => Number(m.value)).sort(numerically), range(0, 1500));
}

async function largeRecords(bootstrap) {
  await create(bootstrap, "small", 1);
  await create(bootstrap, "large", 1, { "max.message.bytes": LARGE_MAX });
  await assert.rejects(produce(bootstrap, "small", [[0, large()]], { retries: 0 }));
  await produce(bootstrap, "large", [[0, large()]]);
  await produce(bootstrap, "large", [[0, "small"]]);
  const member = await join(bootstrap, "large");
  await has(member, 2);
  assert(member.got[0].value.equals(large()));
  assert.equal(String(member.got[1].value), "small");
}

async function partitions(bootstrap) {
  await create(bootstrap, "many", MANY);
  const metadata = await withAdmin(bootstrap, (admin) => admin.metadata({ topics: ["many"] }));
  assert.equal(metadata.topics.get("many").partitions.length, MANY);
  await produce(bootstrap, "many", range(0, MANY).map((p) => [p, String(p)]));
  const member = await join(bootstrap, "many");
  await has(member, MANY);
  for (const m of member.got) assert.deepEqual([String(m.value), m.offset], [String(m.partition), 0n]);
}

const consumerProtocol = (scenario) => (bootstrap) => {
  protocol = { groupProtocol: "consumer" };
  return scenario(bootstrap);
};

await main({ codecs, group, rebalance, admin: adminCalls, restart: restarts, large: largeRecords, partitions,
  group_consumer: consumerProtocol(group), rebalance_consumer: consumerProtocol(rebalance) });
