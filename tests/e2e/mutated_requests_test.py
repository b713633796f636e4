"""Requests of every API and version, with bytes changed, over TCP, many on a connection: each is answered, in turn, or its
connection is closed; whoever else is there notices nothing, and the data directory can be opened again.

STOKER_MUTATIONS (50,000) says how many, STOKER_SEED which.
"""
import os
import pathlib
import random
import select
import socket
import struct
import threading
import time
import unittest

from stoker import BIN, ROOT, Broker, run
from wire import Connection, frame, header

MUTATIONS = int(os.environ.get("STOKER_MUTATIONS", 50_000))
SEED = int(os.environ.get("STOKER_SEED", random.SystemRandom().randrange(1 << 32)))
ATTACKERS = 6
ON_A_CONNECTION = 4
PATIENCE_SECONDS = 0.1  # for answers; some requests are to wait longer, and are left
# Whoever may send them changes by right what others get.
LEFT_OUT = ("AlterClientQuotas", "AlterConfigs", "IncrementalAlterConfigs", "DeleteTopics", "DeleteRecords")
RSS_MAX_MIB = 300
NUMBERS = (b"\xff", b"\x00", b"\x7f", b"\x80", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x10\x00\x00",
           b"\xff\xff\xff\xff\x0f", b"\x7f\xff\xff\xff\xff\xff\xff\xff")


def has_tags(port, key, version, body):
    """Does the header of this version end with tags? Without them such a request cannot be read, and ends its connection."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(frame(header(key, version) + body))
        return receive_all(connection, 1)[1]


def requests(broker):
    """(API key, version, tags of the header, body) of the recorded requests that the broker serves."""
    keys = {}
    for line in run(BIN / "kafka-broker-api-versions", "--bootstrap-server", broker.bootstrap).splitlines():
        name, _, rest = line.strip().partition("(")
        if "UNSUPPORTED" not in rest and rest[:1].isdigit() and name not in LEFT_OUT:
            keys[name + "Request"] = int(rest.partition(")")[0])
    found, tags = [], {}
    for line in pathlib.Path(ROOT / "tests/golden/messages.txt").read_text().splitlines():
        name, version, _, body = (line.split() + [""])[:4]
        if name in keys:
            one, body = (keys[name], int(version)), bytes.fromhex(body)
            if one not in tags:
                tags[one] = b"\0" if has_tags(broker.port, *one, body) else b""
            found.append((*one, tags[one], body))
    return found


class Mutator:
    def __init__(self, recorded, seed):
        self.recorded, self.dice = recorded, random.Random(seed)

    def frame(self, correlation):
        key, version, tags, body = self.dice.choice(self.recorded)
        body = bytearray(body)
        for _ in range(self.dice.choice((0, 1, 1, 2, 4))):
            self.change(body)
        if self.dice.random() < 0.02:
            key, version = self.dice.randrange(-2, 100), self.dice.randrange(-2, 20)
        return frame(header(key, version, correlation) + tags + bytes(body))

    def change(self, body):
        at = self.dice.randrange(len(body) + 1)
        kind = self.dice.randrange(5)
        if kind == 0 and body:
            body[at % len(body)] ^= 1 << self.dice.randrange(8)
        elif kind == 1:
            number = self.dice.choice(NUMBERS)
            body[at:at + len(number)] = number
        elif kind == 2:
            del body[at:]
        elif kind == 3:
            other = self.dice.choice(self.recorded)[3]
            body[at:] = other[self.dice.randrange(len(other) + 1):]
        else:
            body += self.dice.randbytes(self.dice.randrange(40))


def receive_all(connection, wanted):
    """(correlation id, size) of each answer that comes, up to `wanted`, and whether the connection was closed instead."""
    rest, found = bytearray(), []
    while len(found) < wanted and select.select([connection], [], [], PATIENCE_SECONDS)[0]:
        try:
            part = connection.recv(1 << 20)
        except ConnectionError:
            return found, True
        if not part:
            return found, True
        rest += part
        while len(rest) >= 8 and len(rest) >= 4 + (size := struct.unpack_from(">i", rest)[0]):
            found.append((struct.unpack_from(">i", rest, 4)[0], size))
            del rest[:4 + max(size, 4)]
    return found, False


class Bystander(threading.Thread):
    """Writes and reads all the time."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.connection, self.over, self.written, self.failure = Connection(port), threading.Event(), [], None
        self.connection.create("bystander")

    def run(self):
        try:
            while not self.over.is_set():
                value = b"%d" % len(self.written)
                error, offset = self.connection.produce("bystander", value)[:2]
                assert error == 0 and offset == len(self.written), (error, offset)
                self.written.append(value)
                time.sleep(0.001)
        except (AssertionError, OSError) as failure:
            self.failure = failure


class MutatedRequests(unittest.TestCase):
    def attack(self, port, mutator, count, complaints, answered):
        for _ in range(0, count, ON_A_CONNECTION):
            with socket.create_connection(("127.0.0.1", port), 20) as connection:
                frames = [mutator.frame(number) for number in range(ON_A_CONNECTION)]
                try:
                    connection.sendall(b"".join(frames))
                except ConnectionError:
                    continue  # closed at one of them
                answers, _ = receive_all(connection, ON_A_CONNECTION)
            numbers = [number for number, _ in answers]
            if numbers != sorted(set(numbers)) or any(size < 4 for _, size in answers):
                complaints.append(answers)
            answered.extend(numbers)

    def test_harm_nobody_else(self):
        print(f"STOKER_SEED={SEED}", flush=True)
        with Broker() as broker:
            recorded = requests(broker)
            self.assertGreater(len(recorded), 200)
            bystander = Bystander(broker.port)
            bystander.start()
            complaints, answered = [], []
            attackers = [threading.Thread(target=self.attack, daemon=True, args=(
                broker.port, Mutator(recorded, SEED + n), MUTATIONS // ATTACKERS, complaints, answered)) for n in range(ATTACKERS)]
            for attacker in attackers:
                attacker.start()
            for attacker in attackers:
                attacker.join()
            bystander.over.set()
            bystander.join(30)
            bystander.connection.close()
            print(f"{len(answered)} of {MUTATIONS} were answered, {len(bystander.written)} written by the bystander")
            self.assertEqual(complaints, [])
            self.assertGreater(len(answered), MUTATIONS // 50)  # the others, or those before them, ended their connections
            self.assertIsNone(broker.process.poll(), broker.log_lines()[-5:])
            self.assertIsNone(bystander.failure)
            self.assertGreater(len(bystander.written), 10)
            self.assertLess(broker.rss_mib(), RSS_MAX_MIB)
            self.assertEqual(broker.stop(), 0)
            broker.start(broker.port)
            with Connection(broker.port) as reader:
                self.assertEqual(reader.produce("bystander", b"more")[:2], (0, len(bystander.written)))


if __name__ == "__main__":
    unittest.main()
