// kafkajs' copier (../transactional_copy.py): reads a topic as a member of a group and writes each record to the same
// partition of another, records and offsets in one transaction, until it is killed or told to stop.
//
// kafkajs commits offsets without the member's generation, so what fences a member that lost a partition is the producer:
// each partition has a transactional id of its own, and who takes the partition up first initialises the producer, which
// ends the former owner's transaction, and only then asks where to go on.
import kafkajs from "kafkajs";

const { Kafka, logLevel, Partitioners } = kafkajs;
const [bootstrap, , size] = process.argv.slice(2);
const INPUT = "copy-in", OUTPUT = "copy-out", GROUP = "copy";
const ABORT_ONE_IN = 10;

const client = new Kafka({ clientId: "copier", brokers: [bootstrap], logLevel: logLevel.ERROR, requestTimeout: 30_000,
  retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 60 } });
const consumer = client.consumer({ groupId: GROUP, sessionTimeout: 6_000, rebalanceTimeout: 6_000, heartbeatInterval: 500,
  maxWaitTimeInMs: 200, maxBytesPerPartition: 65_536, readUncommitted: false });
const admin = client.admin();
const producers = new Map();

function die(error) {
  console.error("ends:", error);
  process.exit(1);
}

// The place where the group is in a partition, the beginning if it has none.
async function committed(partition) {
  const [{ partitions }] = await admin.fetchOffsets({ groupId: GROUP, topics: [INPUT] });
  return Math.max(0, Number(partitions.find((p) => p.partition === partition)?.offset ?? 0));
}

async function producerOf(partition) {
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner, maxInFlightRequests: 1,
    idempotent: true, transactionalId: `copy-${partition}`, transactionTimeout: 60_000 });
  await producer.connect();
  const first = await producer.transaction();  // initialises the producer; nothing is in it yet
  await first.abort();
  return producer;
}

async function copy(producer, partition, messages) {
  const transaction = await producer.transaction();
  for (let i = 0; i < messages.length; i += 100) {
    await transaction.send({ topic: OUTPUT,
      messages: messages.slice(i, i + 100).map(({ key, value }) => ({ partition, key, value })) });
  }
  const offset = String(Number(messages.at(-1).offset) + 1);
  await transaction.sendOffsets({ consumerGroupId: GROUP, topics: [{ topic: INPUT, partitions: [{ partition, offset }] }] });
  const commits = Math.floor(Math.random() * ABORT_ONE_IN) !== 0;
  await (commits ? transaction.commit() : transaction.abort());
  return commits;
}

// The producer of a partition, and what of the batch comes after the place where the group is.
async function takeUp(partition, messages) {
  if (producers.has(partition)) return messages;
  const producer = await producerOf(partition);
  const next = await committed(partition);
  producers.set(partition, producer);
  return Number(messages[0].offset) === next ? messages : [];
}

async function eachBatch({ batch: { partition, messages }, heartbeat, isRunning, isStale, resolveOffset }) {
  const rest = await takeUp(partition, messages);
  const producer = producers.get(partition);
  for (let i = 0; i < rest.length; i += Number(size)) {
    if (!isRunning() || isStale()) return;
    const some = rest.slice(i, i + Number(size));
    if (!await copy(producer, partition, some)) break;
    resolveOffset(some.at(-1).offset);
    await heartbeat();
    if (i + some.length === rest.length) return;
  }
  consumer.seek({ topic: INPUT, partition, offset: String(await committed(partition)) });
}

process.on("SIGTERM", async () => {
  await consumer.disconnect();
  process.exit(0);
});
process.on("unhandledRejection", die);
consumer.on("consumer.crash", ({ payload }) => die(payload.error));
consumer.on("consumer.group_join", () => producers.clear());  // another member may have had a partition meanwhile
await admin.connect();
await consumer.connect();
await consumer.subscribe({ topics: [INPUT], fromBeginning: true });
await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 4,
  eachBatch: (payload) => eachBatch(payload).catch(die) });
