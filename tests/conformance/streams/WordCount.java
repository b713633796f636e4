// The application of ../streams_word_count.py: counts the words of a topic's lines, exactly once (KIP-447), and writes each
// word's count as it grows. It runs until it is killed or told to stop.
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

public class WordCount {
    // The store lives in memory: each start reads it from its changelog.
    static StreamsBuilder topology() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("lines", Consumed.with(Serdes.String(), Serdes.String()))
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
            .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("words"))
                .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
            .toStream()
            .mapValues(count -> Long.toString(count))
            .to("counts", Produced.with(Serdes.String(), Serdes.String()));
        return builder;
    }

    static Properties properties(String bootstrap, String folder) {
        Properties all = new Properties();
        all.putAll(Map.of("bootstrap.servers", bootstrap, "application.id", "word-count",
            "processing.guarantee", "exactly_once_v2", "state.dir", folder, "num.stream.threads", "2",
            "commit.interval.ms", "100", "statestore.cache.max.bytes", "0", "group.protocol", "classic",
            "producer.transaction.timeout.ms", "10000", "consumer.session.timeout.ms", "6000"));
        all.put("consumer.auto.offset.reset", "earliest");
        all.put("replication.factor", "1");
        return all;
    }

    public static void main(String[] arguments) throws InterruptedException {
        KafkaStreams streams = new KafkaStreams(topology().build(), properties(arguments[0], arguments[1]));
        CountDownLatch end = new CountDownLatch(1);
        // A thread that a killed broker took with it is replaced, as the manual advises.
        streams.setUncaughtExceptionHandler(error -> {
            System.err.println("a thread ends: " + error);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close(java.time.Duration.ofSeconds(8));
            end.countDown();
        }));
        streams.start();
        end.await();
    }
}
