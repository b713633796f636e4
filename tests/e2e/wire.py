"""A Kafka client of a few lines, for what real clients hide: which error came back, and whether the connection held."""
import socket
import struct

PRODUCE, FETCH, METADATA, API_VERSIONS = 0, 1, 3, 18
STORAGE_ERROR = 56


def crc32c_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def varint(number):
    number = number << 1 if number >= 0 else (-number << 1) - 1
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def batch(value, timestamp_ms=1_700_000_000_000):
    """One record batch of one record without a key."""
    record = b"\0" + varint(0) + varint(0) + varint(-1) + varint(len(value)) + value + varint(0)
    records = varint(len(record)) + record
    after_crc = struct.pack(">hiqqqhii", 0, 0, timestamp_ms, timestamp_ms, -1, -1, -1, 1) + records
    return struct.pack(">qiibI", 0, 4 + 1 + 4 + len(after_crc), -1, 2, crc32c(after_crc)) + after_crc


def header(api, version, correlation=1, client="wire"):
    return struct.pack(">hhi", api, version, correlation) + string(client)


def frame(payload):
    return struct.pack(">i", len(payload)) + payload


def fetch_request(topic, offset, partition=0, size=1 << 20):
    """The body of version 4."""
    return (struct.pack(">iiiibi", -1, 0, 1, size, 0, 1) + string(topic) +
            struct.pack(">iiqi", 1, partition, offset, size))


class Connection:
    """One TCP connection. Every call sends one request and waits for its answer."""

    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.name = "%s:%d" % self.socket.getsockname()
        self.correlation = 0

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError(f"closed after {len(data)} of {size} bytes")
            data += more
        return data

    def ends(self):
        """True when the broker has closed the connection; waits for it."""
        try:
            while self.socket.recv(1 << 16):
                pass
        except ConnectionResetError:
            pass
        return True

    def ask(self, api, version, body):
        self.correlation += 1
        self.send(frame(header(api, version, self.correlation) + body))
        answer = self.receive(struct.unpack(">i", self.receive(4))[0])
        assert struct.unpack(">i", answer[:4])[0] == self.correlation
        return answer[4:]

    def api_versions(self):
        return struct.unpack(">h", self.ask(API_VERSIONS, 0, b"")[:2])[0]

    def create(self, topic):
        """As real clients do it: asking for metadata creates the topic."""
        self.ask(METADATA, 4, struct.pack(">i", 1) + string(topic) + b"\1")

    def produce(self, topic, value, partition=0):
        """(error code, offset)"""
        records = batch(value)
        answer = self.ask(PRODUCE, 7, struct.pack(">hhii", -1, -1, 10_000, 1) + string(topic) +
                          struct.pack(">iii", 1, partition, len(records)) + records)
        return struct.unpack_from(">hq", answer, 4 + 2 + len(topic) + 4 + 4)

    def fetch(self, topic, offset, partition=0, size=1 << 20):
        """(error code, high watermark, bytes of record batches)"""
        answer = self.ask(FETCH, 4, fetch_request(topic, offset, partition, size))
        at = 4 + 4 + 2 + len(topic) + 4 + 4
        error, mark, _, aborted = struct.unpack_from(">hqqi", answer, at)
        at += 22 + 16 * max(aborted, 0)
        length, = struct.unpack_from(">i", answer, at)
        return error, mark, answer[at + 4:at + 4 + max(length, 0)]
