// Writes messages.txt: every message of src/protocol in every version, as Apache Kafka's own
// generated classes encode it. make.sh runs it.
//
// A line is `<name> <version> <kind> <hex>`:
//   defaults  as constructed
//   full      every field that travels in that version is set, by the rule below
//   nulls     the same, but whatever may be null in that version is null
//   framed    full, as MetadataRecordSerde writes it (metadata records only)
//
// The rule, which the C++ tests follow too: walk the fields in the order of the schema, untagged
// ones first, then tagged ones by tag. A counter starts at 0 and rises before each use: a number is
// the counter (int8: modulo 128), a string "s<counter>", bytes and records "b<counter>", a uuid
// (0, counter); a bool is true and uses no count; an array has two elements. Null uses no count.
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;

public class MakeGolden {
    private static final String COMMON = "org.apache.kafka.common.message.";
    private static final String GROUP = "org.apache.kafka.coordinator.group.generated.";
    private static final String TRANSACTION =
            "org.apache.kafka.coordinator.transaction.generated.";
    private static final String METADATA = "org.apache.kafka.common.metadata.";

    private static final int[] API_KEYS = {
        0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
        28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
        51, 55, 57, 60, 61, 64, 65, 66, 68, 69, 71, 72, 74, 75, 80, 81};

    private int counter = 0;
    private final boolean nulls;
    private final short version;

    private MakeGolden(short version, boolean nulls) {
        this.version = version;
        this.nulls = nulls;
    }

    public static void main(String[] args) throws Exception {
        for (int key : API_KEYS) {
            ApiMessageType api = ApiMessageType.fromApiKey((short) key);
            short last = api.highestSupportedVersion(false);
            write(COMMON, className(api.newRequest()), last);
            write(COMMON, className(api.newResponse()), last);
        }
        for (String name : List.of("RequestHeaderData", "ResponseHeaderData", "EndTxnMarker",
                "LeaderChangeMessage", "SnapshotHeaderRecord", "SnapshotFooterRecord",
                "KRaftVersionRecord", "VotersRecord", "ConsumerProtocolSubscription",
                "ConsumerProtocolAssignment")) {
            write(COMMON, name, Short.MAX_VALUE);
        }
        for (String name : List.of("OffsetCommitKey", "OffsetCommitValue", "GroupMetadataKey",
                "GroupMetadataValue")) {
            write(GROUP, name, Short.MAX_VALUE);
        }
        for (String name : List.of("TransactionLogKey", "TransactionLogValue")) {
            write(TRANSACTION, name, Short.MAX_VALUE);
        }
        for (String stem : List.of("Metadata", "PartitionMetadata", "MemberMetadata",
                "TargetAssignmentMetadata", "TargetAssignmentMember", "CurrentMemberAssignment",
                "RegularExpression")) {
            write(GROUP, "ConsumerGroup" + stem + "Key", Short.MAX_VALUE);
            write(GROUP, "ConsumerGroup" + stem + "Value", Short.MAX_VALUE);
        }
        for (String name : List.of("RegisterBrokerRecord", "TopicRecord", "PartitionRecord",
                "ConfigRecord", "PartitionChangeRecord", "RemoveTopicRecord", "FeatureLevelRecord",
                "ProducerIdsRecord", "BrokerRegistrationChangeRecord", "NoOpRecord",
                "BeginTransactionRecord", "EndTransactionRecord", "AbortTransactionRecord",
                "RegisterControllerRecord", "ClientQuotaRecord", "AccessControlEntryRecord",
                "RemoveAccessControlEntryRecord", "UserScramCredentialRecord",
                "RemoveUserScramCredentialRecord")) {
            write(METADATA, name, Short.MAX_VALUE);
        }
    }

    private static String className(ApiMessage message) {
        return message.getClass().getSimpleName();
    }

    private static void write(String folder, String name, short last) throws Exception {
        Class<?> type = Class.forName(folder + name);
        Message any = (Message) make(type);
        int end = Math.min(last, any.highestSupportedVersion());
        for (short version = any.lowestSupportedVersion(); version <= end; ++version) {
            line(name, version, "defaults", encode((Message) make(type), version));
            Message full = (Message) new MakeGolden(version, false).filled(type);
            line(name, version, "full", encode(full, version));
            Message nulls = (Message) new MakeGolden(version, true).filled(type);
            line(name, version, "nulls", encode(nulls, version));
            if (folder.equals(METADATA)) line(name, version, "framed", frame(full, version));
        }
    }

    private static void line(String name, short version, String kind, ByteBuffer bytes) {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        String stem = name.endsWith("Data") ? name.substring(0, name.length() - 4) : name;
        System.out.println(
            (stem + " " + version + " " + kind + " " + HexFormat.of().formatHex(array)).strip());
    }

    private static ByteBuffer encode(Message message, short version) {
        return MessageUtil.toByteBufferAccessor(message, version).buffer();
    }

    private static ByteBuffer frame(Message message, short version) {
        MetadataRecordSerde serde = MetadataRecordSerde.INSTANCE;
        ApiMessageAndVersion record = new ApiMessageAndVersion((ApiMessage) message, version);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(serde.recordSize(record, cache));
        serde.write(record, cache, new ByteBufferAccessor(buffer));
        return buffer.flip();
    }

    private static Object make(Class<?> type) throws Exception {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }

    private Object filled(Class<?> type) throws Exception {
        Object message = make(type);
        Schema[] schemas = (Schema[]) type.getField("SCHEMAS").get(null);
        for (BoundField bound : schemas[version].fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (var field : tagged.fields().values()) fill(message, field.name, field.type);
            } else {
                fill(message, bound.def.name, bound.def.type);
            }
        }
        return message;
    }

    private void fill(Object message, String name, Type type) throws Exception {
        Field field = memberNamed(message.getClass(), name);
        field.setAccessible(true);
        if (nulls && type.isNullable() && !field.getType().isPrimitive()) {
            field.set(message, null);
        } else {
            field.set(message, value(field));
        }
    }

    private static Field memberNamed(Class<?> type, String name) {
        for (Field field : type.getDeclaredFields()) {
            boolean isStatic = Modifier.isStatic(field.getModifiers());
            if (!isStatic && field.getName().equalsIgnoreCase(name.replace("_", ""))) return field;
        }
        throw new IllegalStateException(type + " has no member for " + name);
    }

    private Object value(Field field) throws Exception {
        Class<?> type = field.getType();
        if (!Collection.class.isAssignableFrom(type)) return single(type);
        if (type == List.class) {
            ParameterizedType list = (ParameterizedType) field.getGenericType();
            return elements(new ArrayList<>(), (Class<?>) list.getActualTypeArguments()[0]);
        }
        ParameterizedType set = (ParameterizedType) type.getGenericSuperclass();
        return elements((Collection<?>) make(type), (Class<?>) set.getActualTypeArguments()[0]);
    }

    @SuppressWarnings("unchecked")
    private Object elements(Collection<?> empty, Class<?> type) throws Exception {
        Collection<Object> items = (Collection<Object>) empty;
        items.add(single(type));
        items.add(single(type));
        return items;
    }

    private Object single(Class<?> type) throws Exception {
        if (type == boolean.class) return true;
        if (Message.class.isAssignableFrom(type)) return filled(type);
        int n = ++counter;
        if (type == byte.class || type == Byte.class) return (byte) (n % 128);
        if (type == short.class || type == Short.class) return (short) n;
        if (type == int.class || type == Integer.class) return n;
        if (type == long.class || type == Long.class) return (long) n;
        if (type == double.class) return (double) n;
        if (type == String.class) return "s" + n;
        if (type == Uuid.class) return new Uuid(0, n);
        byte[] bytes = ("b" + n).getBytes(StandardCharsets.UTF_8);
        if (type == byte[].class) return bytes;
        if (type == ByteBuffer.class) return ByteBuffer.wrap(bytes);
        if (type == BaseRecords.class) return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
        throw new IllegalStateException("no value for " + type);
    }
}
