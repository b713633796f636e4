"""A network that keeps what it was given: between clients and a broker, requests of producers are repeated, and held back
until the connection that sent them is gone, as KIP-890 has it of networks. What comes late comes on a connection of its own, as
from a socket that was superseded, and nobody reads its answer.

    with Proxy(seed) as proxy:
        ... a broker that advertises 127.0.0.1:proxy.port ...
        proxy.broker = broker.port

Thread safety: `broker` is set before the first client comes.
"""
import collections
import contextlib
import heapq
import random
import socket
import struct
import threading
import time

# What must not have an effect on a later transaction.
MEDDLED_WITH = {0: "Produce", 24: "AddPartitionsToTxn", 25: "AddOffsetsToTxn", 26: "EndTxn", 28: "TxnOffsetCommit"}
REPEATED, HELD_BACK = 0.2, 0.02  # the share of those requests
LATEST_SECONDS = 3
FRAME_MAX = 100 << 20
READ_AT_ONCE = 1 << 16


def receive(connection, size):
    """Exactly so many bytes; None when the other side is done."""
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), READ_AT_ONCE))
        if not part:
            return None
        parts += part
    return bytes(parts)


def frames(connection):
    """The requests that come in, with their length in front."""
    while (prefix := receive(connection, 4)) is not None:
        length, = struct.unpack(">I", prefix)
        assert length <= FRAME_MAX, length
        if (body := receive(connection, length)) is None:
            return
        yield prefix + body


class Proxy:
    def __init__(self, seed):
        self.dice, self.lock = random.Random(seed), threading.Condition()
        self.late, self.number, self.over = [], 0, False  # a heap of (when, number, frame)
        self.repeated, self.held_back, self.sent_late = collections.Counter(), collections.Counter(), 0
        self.broker = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        for target in (self.accept, self.deliver):
            threading.Thread(target=target, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.lock:
            self.over = True
            self.lock.notify()
        self.listener.close()

    def meddles(self):
        return [f"{MEDDLED_WITH[key]} {self.repeated[key]}+{self.held_back[key]}" for key in MEDDLED_WITH]

    def accept(self):
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.broker))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def serve(self, client):
        with client, contextlib.suppress(OSError):  # either side went away: so does the other
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.connect() as broker:
                threading.Thread(target=self.pass_back, args=(broker, client), daemon=True).start()
                for frame in frames(client):
                    if self.is_to_be_held_back(frame):
                        break
                    broker.sendall(frame)
                for connection in (client, broker):
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def pass_back(broker, client):
        with contextlib.suppress(OSError):
            while part := broker.recv(READ_AT_ONCE):
                client.sendall(part)
            client.shutdown(socket.SHUT_RDWR)

    def is_to_be_held_back(self, frame):
        """Decides what becomes of a request. Held back: the client loses its connection, and asks again on another."""
        key, = struct.unpack_from(">h", frame, 4)
        if key not in MEDDLED_WITH:
            return False
        with self.lock:
            chance = self.dice.random()
            if chance > REPEATED + HELD_BACK:
                return False
            held_back = chance < HELD_BACK
            (self.held_back if held_back else self.repeated)[key] += 1
            self.number += 1
            when = time.monotonic() + self.dice.uniform(0, LATEST_SECONDS)
            heapq.heappush(self.late, (when, self.number, frame))
            self.lock.notify()
        return held_back

    def deliver(self):
        while True:
            with self.lock:
                while not self.over and (not self.late or self.late[0][0] > time.monotonic()):
                    self.lock.wait(self.late[0][0] - time.monotonic() if self.late else None)
                if self.over:
                    return
                frame = heapq.heappop(self.late)[2]
            with contextlib.suppress(OSError), self.connect() as stray:
                stray.settimeout(LATEST_SECONDS)
                stray.sendall(frame)
                stray.shutdown(socket.SHUT_WR)
                while stray.recv(READ_AT_ONCE):  # else a reset could overtake what was sent
                    pass
                self.sent_late += 1
