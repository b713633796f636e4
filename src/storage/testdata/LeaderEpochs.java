// Plays random operations on Apache Kafka's LeaderEpochFileCache and prints each with its outcome;
// leader_epoch_checkpoint_test.cpp plays leader_epochs.txt, which this made, on ours.
// java -cp 'KAFKA_LIBS/*' LeaderEpochs.java > leader_epochs.txt
import java.io.File;
import java.nio.file.Files;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.checkpoint.LeaderEpochCheckpointFile;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;

public class LeaderEpochs {
    public static void main(String[] args) throws Exception {
        File folder = Files.createTempDirectory("epochs").toFile();
        LeaderEpochCheckpointFile file =
            new LeaderEpochCheckpointFile(new File(folder, "f"), new LogDirFailureChannel(1));
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        LeaderEpochFileCache cache =
            new LeaderEpochFileCache(new TopicPartition("t", 0), file, scheduler);
        Random random = new Random(101);
        for (int i = 0; i < 600; i++) {
            int epoch = random.nextInt(12);
            long offset = random.nextInt(60);
            switch (random.nextInt(8)) {
                case 0: case 1: case 2:
                    // Mostly forward, as a log goes; sometimes anywhere.
                    if (random.nextInt(5) > 0 && cache.latestEpoch().isPresent()) {
                        epoch = cache.latestEpoch().get() + random.nextInt(3);
                        offset = cache.latestEntry().get().startOffset() + random.nextInt(8);
                    }
                    cache.assign(epoch, offset);
                    System.out.print("assign " + epoch + " " + offset);
                    break;
                case 3:
                    cache.truncateFromEndAsyncFlush(offset);
                    System.out.print("truncate_from_end " + offset);
                    break;
                case 4:
                    offset = offset / 2;
                    cache.truncateFromStartAsyncFlush(offset);
                    System.out.print("truncate_from_start " + offset);
                    break;
                case 5:
                    System.out.print("epoch_at " + offset + " "
                        + cache.epochForOffset(offset).orElse(-1));
                    break;
                default:
                    epoch = epoch - 1;
                    Map.Entry<Integer, Long> end = cache.endOffsetFor(epoch, 1000);
                    System.out.print("end_offset_for " + epoch + " " + end.getKey() + " "
                        + end.getValue());
            }
            System.out.println(" = " + cache.epochEntries().stream()
                .map(e -> e.epoch() + ":" + e.startOffset()).collect(Collectors.joining(" ")));
        }
        scheduler.shutdown();
        System.exit(0);
    }
}
