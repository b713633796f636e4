// Record batches as Apache Kafka's MemoryRecordsBuilder writes them, and what its reader finds in
// them: the reference for src/record. Run by make.sh; the output is batches.txt.

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

public class MakeRecordGolden {
    static final long TIME = 1_700_000_000_000L;
    static final int LONG_VALUE = 256;

    record Options(Compression compression, TimestampType type, long baseOffset, long appendTime,
                   long producerId, short epoch, int sequence, boolean transactional,
                   boolean control, int leaderEpoch, long deleteHorizon) {
        static Options plain() {
            return new Options(Compression.NONE, TimestampType.CREATE_TIME, 0L, -1L, -1L,
                               (short) -1, -1, false, false, -1, -1L);
        }
        Options compressed(Compression c) {
            return new Options(c, type, baseOffset, appendTime, producerId, epoch, sequence,
                               transactional, control, leaderEpoch, deleteHorizon);
        }
        Options at(long offset, int leader) {
            return new Options(compression, type, offset, appendTime, producerId, epoch, sequence,
                               transactional, control, leader, deleteHorizon);
        }
        Options appendedAt(long time) {
            return new Options(compression, TimestampType.LOG_APPEND_TIME, baseOffset, time,
                               producerId, epoch, sequence, transactional, control, leaderEpoch,
                               deleteHorizon);
        }
        Options from(long producer, int producerEpoch, int first, boolean inTransaction) {
            return new Options(compression, type, baseOffset, appendTime, producer,
                               (short) producerEpoch, first, inTransaction, control, leaderEpoch,
                               deleteHorizon);
        }
        Options horizon(long time) {
            return new Options(compression, type, baseOffset, appendTime, producerId, epoch,
                               sequence, transactional, control, leaderEpoch, time);
        }
    }

    static byte[] text(String s) {
        return s == null ? null : s.getBytes(StandardCharsets.UTF_8);
    }

    static Header header(String key, String value) {
        return new RecordHeader(key, text(value));
    }

    static String hex(ByteBuffer buffer) {
        if (buffer == null) return "null";
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        if (bytes.length <= LONG_VALUE) return "x" + HexFormat.of().formatHex(bytes);
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return "#" + bytes.length + ":" + crc.getValue();
    }

    static String headers(Header[] headers) {
        List<String> parts = new ArrayList<>();
        for (Header h : headers)
            parts.add(hex(ByteBuffer.wrap(text(h.key()))) + ":"
                      + (h.value() == null ? "null" : hex(ByteBuffer.wrap(h.value()))));
        return parts.isEmpty() ? "none" : String.join(",", parts);
    }

    static void print(String name, MemoryRecords records) {
        byte[] bytes = new byte[records.sizeInBytes()];
        records.buffer().duplicate().get(bytes);
        MutableRecordBatch batch = records.batches().iterator().next();
        if (!batch.isValid()) throw new IllegalStateException(name);
        System.out.println("batch " + name);
        System.out.println("bytes " + HexFormat.of().formatHex(bytes));
        DefaultRecordBatch b = (DefaultRecordBatch) batch;
        System.out.println("header " + b.baseOffset() + " " + b.lastOffset() + " "
            + b.sizeInBytes() + " " + b.partitionLeaderEpoch() + " " + b.compressionType().id + " "
            + (b.timestampType() == TimestampType.LOG_APPEND_TIME) + " " + b.isTransactional() + " "
            + b.isControlBatch() + " " + b.baseTimestamp() + " " + b.maxTimestamp() + " "
            + b.producerId() + " " + b.producerEpoch() + " " + b.baseSequence() + " "
            + b.lastSequence() + " " + b.countOrNull() + " " + b.deleteHorizonMs().isPresent()
            + " " + b.offsetOfMaxTimestamp().orElse(-1L));
        for (Record r : batch)
            System.out.println("record " + r.offset() + " " + r.timestamp() + " " + hex(r.key())
                               + " " + hex(r.value()) + " " + headers(r.headers()));
    }

    static void make(String name, Options o, Consumer<MemoryRecordsBuilder> fill) {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
            new ByteBufferOutputStream(1024), RecordBatch.MAGIC_VALUE_V2, o.compression, o.type,
            o.baseOffset, o.appendTime, o.producerId, o.epoch, o.sequence, o.transactional,
            o.control, o.leaderEpoch, Integer.MAX_VALUE, o.deleteHorizon);
        fill.accept(builder);
        print(name, builder.build());
    }

    static void small(MemoryRecordsBuilder b) {
        b.append(TIME, text("key"), text("value"));
        b.append(TIME + 7, null, text("value without a key"), new Header[] {header("h", "1")});
        b.append(TIME + 3, text("tombstone"), null);
    }

    static void large(MemoryRecordsBuilder b) {
        for (int i = 0; i < 60; i++)
            b.append(TIME + i, text("key-" + i), text(("record " + i + ", ").repeat(100)));
    }

    static void plain() {
        Options plain = Options.plain();
        make("one", plain, b -> b.append(TIME, text("k"), text("v")));
        make("small", plain, MakeRecordGolden::small);
        make("null_key_and_value", plain, b -> b.append(TIME, (byte[]) null, (byte[]) null));
        make("empty_key_and_value", plain, b -> b.append(TIME, new byte[0], new byte[0]));
        make("no_timestamp", plain, b -> b.append(-1L, text("k"), text("v")));
        make("time_goes_back", plain, b -> {
            b.append(TIME, null, text("a"));
            b.append(TIME + 5_000_000_000L, null, text("b"));
            b.append(0L, null, text("c"));
            b.append(TIME + 5_000_000_000L, null, text("d"));
        });
        make("headers", plain, b -> b.append(TIME, text("k"), text("v"), new Header[] {
            header("a", "1"), header("", ""), header("null", null), header("a", "again"),
            header("clé", "é€😀")}));
        make("many_headers", plain, b -> {
            Header[] many = new Header[100];
            for (int i = 0; i < many.length; i++) many[i] = header("h" + i, "v" + i);
            b.append(TIME, null, new byte[] {0}, many);
        });
        make("three_hundred", plain, b -> {
            for (int i = 0; i < 300; i++) b.append(TIME + i * 60L, text("" + i), text("v" + i));
        });
        make("placed", plain.at(1L << 40, 17), MakeRecordGolden::small);
        make("log_append_time", plain.appendedAt(TIME + 99), MakeRecordGolden::small);
    }

    static void compressed() {
        Object[][] codecs = {
            {"gzip", Compression.gzip().build()},
            {"snappy", Compression.snappy().build()},
            {"lz4", Compression.lz4().build()},
            {"zstd", Compression.zstd().build()},
            {"gzip_9", Compression.gzip().level(9).build()},
            {"lz4_17", Compression.lz4().level(17).build()},
            {"zstd_22", Compression.zstd().level(22).build()},
        };
        for (Object[] codec : codecs) {
            Options options = Options.plain().compressed((Compression) codec[1]);
            make(codec[0] + "_small", options, MakeRecordGolden::small);
            make(codec[0] + "_large", options, MakeRecordGolden::large);
        }
        make("zstd_append_time", Options.plain().compressed(Compression.zstd().build())
            .appendedAt(TIME + 99).at(5, 2), MakeRecordGolden::small);
    }

    static void producers() {
        Options plain = Options.plain();
        make("idempotent", plain.from(4711, 3, 0, false), MakeRecordGolden::small);
        make("sequence_wraps", plain.from(4711, 3, Integer.MAX_VALUE - 1, false),
             MakeRecordGolden::small);
        make("sequence_ends", plain.from(4711, 3, Integer.MAX_VALUE - 2, false),
             MakeRecordGolden::small);
        make("transactional", plain.from(4711, 3, 42, true), MakeRecordGolden::small);
        print("commit", MemoryRecords.withEndTransactionMarker(12, TIME, 5, 4711, (short) 3,
            new EndTransactionMarker(ControlRecordType.COMMIT, 9)));
        print("abort", MemoryRecords.withEndTransactionMarker(13, TIME, 5, 4711, (short) 3,
            new EndTransactionMarker(ControlRecordType.ABORT, 9)));
        print("leader_change", MemoryRecords.withLeaderChangeMessage(0, TIME, 1,
            ByteBuffer.allocate(256), new LeaderChangeMessage().setLeaderId(1)
                .setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(1)))
                .setGrantingVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(1)))));
        print("snapshot_header", MemoryRecords.withSnapshotHeaderRecord(0, TIME, 1,
            ByteBuffer.allocate(256),
            new SnapshotHeaderRecord().setLastContainedLogTimestamp(TIME)));
        print("snapshot_footer", MemoryRecords.withSnapshotFooterRecord(3, TIME, 1,
            ByteBuffer.allocate(256), new SnapshotFooterRecord()));
        print("kraft_version", MemoryRecords.withKRaftVersionRecord(1, TIME, 1,
            ByteBuffer.allocate(256), new KRaftVersionRecord().setKRaftVersion((short) 1)));
    }

    static void compacted() {
        Options plain = Options.plain().at(100, 4);
        make("gaps", plain, b -> {
            b.appendWithOffset(102, TIME, text("a"), text("1"));
            b.appendWithOffset(107, TIME + 1, text("b"), text("2"));
            b.overrideLastOffset(110);
        });
        make("gzip_gaps", plain.compressed(Compression.gzip().build()), b -> {
            b.appendWithOffset(102, TIME, text("a"), text("1"));
            b.appendWithOffset(107, TIME + 1, text("b"), text("2"));
            b.overrideLastOffset(110);
        });
        make("delete_horizon", plain.horizon(TIME + 86_400_000L), MakeRecordGolden::small);
        ByteBuffer empty = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(empty, RecordBatch.MAGIC_VALUE_V2, 4711, (short) 3, 42,
            100, 109, 4, TimestampType.CREATE_TIME, TIME, false, false);
        empty.flip();
        print("empty", MemoryRecords.readableRecords(empty));
    }

    public static void main(String[] args) {
        System.out.println("# Record batches by Apache Kafka "
            + org.apache.kafka.common.utils.AppInfoParser.getVersion()
            + "; written by MakeRecordGolden.java (make.sh).");
        System.out.println("# header: base_offset last_offset size leader_epoch codec "
            + "log_append_time transactional control base_timestamp max_timestamp producer_id "
            + "producer_epoch base_sequence last_sequence count delete_horizon "
            + "offset_of_max_timestamp");
        System.out.println("# record: offset timestamp key value headers; xHEX, "
            + "#LENGTH:CRC32C for a long one, or null");
        plain();
        compressed();
        producers();
        compacted();
    }
}
