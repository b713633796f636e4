// RecoverSegments DIR...: makes the indexes of each segment in these partitions' folders anew with
// Apache Kafka's own LogSegment.recover, in a copy, and compares the bytes with those that are there.
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;

public class RecoverSegments {
    public static void main(String[] folders) throws Exception {
        boolean same = true;
        for (String folder : folders) {
            File[] logs = new File(folder).listFiles((d, name) -> name.endsWith(".log"));
            Arrays.sort(logs);
            Path copy = Files.createTempDirectory("recover").resolve("copy-0");
            Files.createDirectory(copy);
            // One for all segments: a transaction may begin in one and end in another.
            ProducerStateManager producers = new ProducerStateManager(
                new TopicPartition("copy", 0), copy.toFile(), 60000,
                new ProducerStateManagerConfig(86400000, false), Time.SYSTEM);
            for (File log : logs) same &= check(log.toPath(), copy, producers);
        }
        System.exit(same ? 0 : 1);
    }

    static byte[] bytes(Path path) throws Exception {
        return Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    }

    static boolean check(Path log, Path copy, ProducerStateManager producers) throws Exception {
        String digits = log.getFileName().toString().replace(".log", "");
        Files.copy(log, copy.resolve(log.getFileName()));
        TopicPartition partition = new TopicPartition("copy", 0);
        LogSegment segment = LogSegment.open(copy.toFile(), Long.parseLong(digits),
            new LogConfig(Map.of()), Time.SYSTEM, true, 0, false, "");
        LeaderEpochFileCache epochs = new LeaderEpochFileCache(partition,
            new LeaderEpochCheckpointFile(
                LeaderEpochCheckpointFile.newFile(copy.toFile()), new LogDirFailureChannel(1)),
            new org.apache.kafka.server.util.KafkaScheduler(1));
        int cut = segment.recover(producers, epochs);
        segment.close();
        boolean same = cut == 0;
        if (!same) System.out.println(log + ": Apache Kafka would cut " + cut + " bytes");
        // Compaction drops the records of aborted transactions before their entries.
        String[] suffixes = Boolean.getBoolean("compacted") ? new String[] {".index", ".timeindex"}
            : new String[] {".index", ".timeindex", ".txnindex"};
        for (String suffix : suffixes) {
            byte[] theirs = bytes(copy.resolve(digits + suffix));
            byte[] ours = bytes(log.resolveSibling(digits + suffix));
            if (Arrays.equals(theirs, ours)) continue;
            same = false;
            System.out.println(log.resolveSibling(digits + suffix) + ": " + ours.length
                + " bytes, Apache Kafka's has " + theirs.length);
        }
        return same;
    }
}
