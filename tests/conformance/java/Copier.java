// The Java client's copier (../transactional_copy.py): reads a topic as a member of a group and writes each record to the
// same partition of another, records and offsets in one transaction, until it is killed or told to stop.
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Copier {
    static final String INPUT = "copy-in", OUTPUT = "copy-out";
    static final int ABORT_ONE_IN = 10;

    static KafkaConsumer<byte[], byte[]> consumer(String bootstrap, int size, String protocol) {
        Properties all = new Properties();
        all.putAll(Map.of("bootstrap.servers", bootstrap, "group.id", "copy", "enable.auto.commit", "false",
            "auto.offset.reset", "earliest", "isolation.level", "read_committed", "max.poll.records", "" + size,
            "group.protocol", protocol));
        if (protocol.equals("classic")) all.put("session.timeout.ms", "6000");
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    static KafkaProducer<byte[], byte[]> producer(String bootstrap, String id) {
        Properties all = new Properties();
        all.putAll(Map.of("bootstrap.servers", bootstrap, "transactional.id", id, "transaction.timeout.ms", "60000",
            "batch.size", "1024"));
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static Map<TopicPartition, OffsetAndMetadata> next(KafkaConsumer<byte[], byte[]> consumer,
                                                       ConsumerRecords<byte[], byte[]> records) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> of = records.records(partition);
            offsets.put(partition, new OffsetAndMetadata(of.get(of.size() - 1).offset() + 1));
        }
        return offsets;
    }

    static void rewind(KafkaConsumer<byte[], byte[]> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
        for (TopicPartition partition : consumer.assignment()) {
            OffsetAndMetadata at = committed.get(partition);
            if (at != null) consumer.seek(partition, at);
            else consumer.seekToBeginning(List.of(partition));
        }
    }

    public static void main(String[] arguments) {
        String bootstrap = arguments[0], id = arguments[1], protocol = arguments[3];
        int size = Integer.parseInt(arguments[2]);
        Random random = new Random();
        KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap, size, protocol);
        KafkaProducer<byte[], byte[]> producer = producer(bootstrap, id);
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            consumer.wakeup();
            try {
                main.join(8000);
            } catch (InterruptedException e) {
                main.interrupt();
            }
        }));
        try (consumer; producer) {
            producer.initTransactions();
            consumer.subscribe(List.of(INPUT));
            while (true) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(500));
                if (records.isEmpty()) continue;
                try {
                    producer.beginTransaction();
                    for (ConsumerRecord<byte[], byte[]> r : records)
                        producer.send(new ProducerRecord<>(OUTPUT, r.partition(), r.key(), r.value()));
                    producer.sendOffsetsToTransaction(next(consumer, records), consumer.groupMetadata());
                    if (random.nextInt(ABORT_ONE_IN) == 0) throw new KafkaException("one that is aborted on purpose");
                    producer.commitTransaction();
                } catch (KafkaException e) {
                    if (e instanceof WakeupException) throw e;
                    System.err.println("aborts: " + e);
                    producer.abortTransaction();  // throws, and so ends the program, when this producer is of no more use
                    rewind(consumer);
                }
            }
        } catch (WakeupException e) {
            System.err.println("stopped");
        }
    }
}
