// The Java client's part of the scenarios (../scenarios.py), for kafka-clients 3.9 and 4.x.
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Driver {
    static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    static final int EACH = 200, LARGE = 10_000_000, MANY = 1000;
    static final String LARGE_MAX = "11000000";

    static String bootstrap;
    static String groupProtocol = "classic";

    interface Call {
        void run() throws Exception;
    }

    static void same(Object actual, Object expected) {
        if (!actual.equals(expected)) throw new AssertionError(actual + " instead of " + expected);
    }

    static void refused(Class<? extends Exception> kind, Call call) throws Exception {
        try {
            call.run();
        } catch (ExecutionException e) {
            if (kind.isInstance(e.getCause())) return;
            throw e;
        }
        throw new AssertionError("no " + kind.getSimpleName());
    }

    static void eventually(String what, BooleanSupplier check) throws Exception {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!check.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("not within 60 s: " + what);
            Thread.sleep(20);
        }
    }

    static void restart(String how, BufferedReader in) throws IOException {
        System.out.println("restart " + how);
        same(in.readLine(), "ready");
    }

    static Properties properties(String... more) {
        Properties all = new Properties();
        all.put("bootstrap.servers", bootstrap);
        for (int i = 0; i < more.length; i += 2) all.put(more[i], more[i + 1]);
        return all;
    }

    static byte[] value(String codec, int i) {
        return (codec + "-" + i + "-" + "abcdefgh".repeat(8)).getBytes();
    }

    static void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        try (Admin admin = Admin.create(properties())) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
        }
    }

    // Value i goes to partitions[i % partitions.length]; every one is acknowledged, or this throws.
    static void produce(String topic, List<byte[]> values, int[] partitions, String... config) throws Exception {
        try (var producer = new KafkaProducer<>(properties(config), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (byte[] value : values) {
                var record = new ProducerRecord<>(topic, partitions[sent.size() % partitions.length], "key".getBytes(), value);
                record.headers().add("h", "1".getBytes());
                sent.add(producer.send(record));
            }
            producer.flush();
            for (Future<RecordMetadata> future : sent) future.get();
        }
    }

    static List<byte[]> numbers(int first, int count) {
        return IntStream.range(first, first + count).mapToObj(i -> ("" + i).getBytes()).collect(Collectors.toList());
    }

    static KafkaConsumer<byte[], byte[]> consumer(String group) {
        Properties all = properties("auto.offset.reset", "earliest", "enable.auto.commit", "false", "group.id", group,
            "group.protocol", groupProtocol);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static List<ConsumerRecord<byte[], byte[]>> take(KafkaConsumer<byte[], byte[]> reader, int count) throws Exception {
        List<ConsumerRecord<byte[], byte[]>> got = new ArrayList<>();
        eventually(count + " records", () -> {
            reader.poll(Duration.ofMillis(200)).forEach(got::add);
            return got.size() >= count;
        });
        return got;
    }

    static List<ConsumerRecord<byte[], byte[]>> readAll(String topic, int partitions, int count) throws Exception {
        try (var reader = consumer("readers")) {
            List<TopicPartition> all = topicPartitions(topic, partitions);
            reader.assign(all);
            reader.seekToBeginning(all);
            return take(reader, count);
        }
    }

    static List<TopicPartition> topicPartitions(String topic, int partitions) {
        return IntStream.range(0, partitions).mapToObj(p -> new TopicPartition(topic, p)).collect(Collectors.toList());
    }

    static List<String> strings(Collection<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(r -> new String(r.value())).collect(Collectors.toList());
    }

    static void codecs() throws Exception {
        create("codecs", 2, Map.of());
        List<String> expected = new ArrayList<>();
        for (String codec : CODECS) {
            List<byte[]> values = IntStream.range(0, EACH).mapToObj(i -> value(codec, i)).collect(Collectors.toList());
            produce("codecs", values, new int[] {1}, "compression.type", codec);
            values.forEach(v -> expected.add(new String(v)));
        }
        var got = readAll("codecs", 2, expected.size());
        same(strings(got), expected);
        for (int i = 0; i < got.size(); ++i) {
            same(got.get(i).partition() + " " + new String(got.get(i).key()) + " " + got.get(i).offset(), "1 key " + i);
            same(new String(got.get(i).headers().lastHeader("h").value()), "1");
        }
    }

    static void group() throws Exception {
        create("group", 3, Map.of());
        for (int[] round : new int[][] {{0, 300}, {300, 10}}) {
            produce("group", numbers(round[0], round[1]), new int[] {0, 1, 2});
            try (var member = consumer("g")) {
                member.subscribe(List.of("group"));
                var seen = strings(take(member, round[1]));
                same(seen.stream().map(Integer::valueOf).sorted().collect(Collectors.toList()),
                    IntStream.range(round[0], round[0] + round[1]).boxed().collect(Collectors.toList()));
                member.commitSync();
            }
        }
        try (var fresh = consumer("g")) {
            var committed = fresh.committed(new HashSet<>(topicPartitions("group", 3)));
            same(committed.values().stream().mapToLong(o -> o.offset()).sum(), 310L);
        }
    }

    static void shared(List<KafkaConsumer<byte[], byte[]>> members, Integer... shares) throws Exception {
        eventually("shares of " + List.of(shares), () -> {
            Set<TopicPartition> all = new HashSet<>();
            List<Integer> sizes = new ArrayList<>();
            for (var member : members) {
                member.poll(Duration.ofMillis(100));
                sizes.add(member.assignment().size());
                all.addAll(member.assignment());
            }
            return sizes.equals(List.of(shares)) && all.size() == 4;
        });
    }

    static void rebalance() throws Exception {
        create("rebalance", 4, Map.of());
        List<KafkaConsumer<byte[], byte[]>> members = new ArrayList<>();
        for (Integer[] shares : new Integer[][] {{4}, {2, 2}}) {
            members.add(consumer("g"));
            members.get(members.size() - 1).subscribe(List.of("rebalance"));
            shared(members, shares);
        }
        members.remove(0).close();
        shared(members, 4);
        members.get(0).close();
    }

    static String retention(Admin admin, ConfigResource topic) {
        try {
            return admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms").value();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    static void configs(Admin admin) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "admin");
        same(retention(admin, topic), "70000");
        for (String wanted : List.of("80000", "soon")) {
            var op = new AlterConfigOp(new ConfigEntry("retention.ms", wanted), AlterConfigOp.OpType.SET);
            Call change = () -> admin.incrementalAlterConfigs(Map.of(topic, List.of(op))).all().get();
            if (wanted.equals("soon")) refused(InvalidConfigurationException.class, change);
            else change.run();
        }
        eventually("the new retention", () -> retention(admin, topic).equals("80000"));
    }

    @SuppressWarnings("deprecation")  // listGroups() is not in 3.9
    static Set<String> groupIds(Admin admin) throws Exception {
        return admin.listConsumerGroups().all().get().stream().map(g -> g.groupId()).collect(Collectors.toSet());
    }

    @SuppressWarnings("deprecation")  // groupState() is not in 3.9
    static String groupState(Admin admin) {
        try {
            var group = admin.describeConsumerGroups(List.of("admins")).all().get().get("admins");
            return group.state() + " " + group.members().size();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    static void groups(Admin admin) throws Exception {
        try (var member = consumer("admins")) {
            member.subscribe(List.of("admin"));
            take(member, 3);
            member.commitSync();
            same(groupIds(admin).contains("admins"), true);
            same(groupState(admin), "Stable 1");
        }
        eventually("empty", () -> groupState(admin).equals("Empty 0"));
        var offsets = admin.listConsumerGroupOffsets("admins").partitionsToOffsetAndMetadata().get();
        same(offsets.values().stream().mapToLong(o -> o.offset()).sum(), 3L);
        admin.deleteConsumerGroups(List.of("admins")).all().get();
        same(groupIds(admin).contains("admins"), false);
    }

    static void adminCalls() throws Exception {
        try (Admin admin = Admin.create(properties())) {
            create("admin", 1, Map.of("retention.ms", "70000"));
            refused(TopicExistsException.class, () -> create("admin", 1, Map.of()));
            admin.createPartitions(Map.of("admin", NewPartitions.increaseTo(2))).all().get();
            same(admin.describeTopics(List.of("admin")).allTopicNames().get().get("admin").partitions().size(), 2);
            var cluster = admin.describeCluster();
            same(cluster.nodes().get().size(), 1);
            same(cluster.controller().get().id(), cluster.nodes().get().iterator().next().id());
            produce("admin", numbers(0, 3), new int[] {0, 0, 1});
            configs(admin);
            groups(admin);
            TopicPartition first = new TopicPartition("admin", 0);
            var deleted = admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(1)));
            same(deleted.lowWatermarks().get(first).get().lowWatermark(), 1L);
            same(strings(readAll("admin", 1, 1)), List.of("1"));
            admin.deleteTopics(List.of("admin")).all().get();
            eventually("deleted", () -> {
                try {
                    return !admin.listTopics().names().get().contains("admin");
                } catch (InterruptedException | ExecutionException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    static void restarts() throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in));
        create("restart", 3, Map.of());
        List<String> seen = new ArrayList<>();
        try (var reader = consumer("g")) {
            reader.subscribe(List.of("restart"));
            for (String how : List.of("kill", "clean", "")) {
                produce("restart", numbers(seen.size(), 500), new int[] {0, 1, 2});
                seen.addAll(strings(take(reader, 500)));
                reader.commitSync();
                if (!how.isEmpty()) restart(how, in);
            }
        }
        same(seen.stream().map(Integer::valueOf).sorted().collect(Collectors.toList()),
            IntStream.range(0, 1500).boxed().collect(Collectors.toList()));
    }

    static void large() throws Exception {
        create("small", 1, Map.of());
        create("large", 1, Map.of("max.message.bytes", LARGE_MAX));
        byte[] data = new byte[LARGE];
        for (int i = 0; i < LARGE; ++i) data[i] = (byte) (i * 31);
        String[] config = {"max.request.size", LARGE_MAX};
        refused(RecordTooLargeException.class, () -> produce("small", List.of(data), new int[] {0}, config));
        produce("large", List.of(data, "small".getBytes()), new int[] {0}, config);
        var got = readAll("large", 1, 2);
        same(Arrays.equals(got.get(0).value(), data), true);
        same(new String(got.get(1).value()), "small");
    }

    static void partitions() throws Exception {
        create("many", MANY, Map.of());
        produce("many", numbers(0, MANY), IntStream.range(0, MANY).toArray());
        try (var fresh = consumer("readers")) {
            same(fresh.partitionsFor("many").size(), MANY);
        }
        for (var record : readAll("many", MANY, MANY)) {
            same(new String(record.value()) + " " + record.offset(), record.partition() + " 0");
        }
    }

    static void run(String scenario) throws Exception {
        if (scenario.endsWith("_consumer")) groupProtocol = "consumer";
        switch (scenario.replace("_consumer", "")) {
            case "codecs": codecs(); break;
            case "group": group(); break;
            case "rebalance": rebalance(); break;
            case "admin": adminCalls(); break;
            case "restart": restarts(); break;
            case "large": large(); break;
            case "partitions": partitions(); break;
            default: throw new IllegalArgumentException(scenario);
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        bootstrap = arguments[1];
        run(arguments[0]);
        System.exit(0);
    }
}
