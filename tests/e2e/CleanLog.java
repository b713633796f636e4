// CleanLog FOLDER SEGMENT_BYTES DELETE_RETENTION_MS NOW_MS: compacts the log in a partition's folder with Apache Kafka's
// own Cleaner, all of it up to the active segment, as if it were NOW_MS.
import java.io.File;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class CleanLog {
    public static void main(String[] words) throws Exception {
        LogConfig config = new LogConfig(Map.of(
            "cleanup.policy", "compact", "internal.segment.bytes", Integer.parseInt(words[1]),
            "delete.retention.ms", Long.parseLong(words[2])));
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        UnifiedLog log = UnifiedLog.create(new File(words[0]), config, 0, Long.MAX_VALUE, scheduler,
            new BrokerTopicStats(), Time.SYSTEM, 900_000, new ProducerStateManagerConfig(86_400_000, false),
            600_000, new LogDirFailureChannel(1), true, Optional.empty());
        log.updateHighWatermark(log.logEndOffset());
        Throttler unthrottled =
            new Throttler(Double.MAX_VALUE, Long.MAX_VALUE, "cleaner-io", "bytes", Time.SYSTEM);
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(16 << 20), 1 << 16, 1 << 20, 0.9, unthrottled,
            Time.SYSTEM, partition -> { });
        cleaner.doClean(new LogToClean(log, 0, log.activeSegment().baseOffset(), false), Long.parseLong(words[3]));
        log.close();
        scheduler.shutdown();
    }
}
