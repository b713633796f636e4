"""Malformed frames: that connection is closed with one line that names the client and the reason; nobody else notices."""
import random
import socket
import struct
import unittest

from stoker import Broker, eventually
from wire import API_VERSIONS, METADATA, PRODUCE, Connection, frame, header, string

NO_TAGS = b"\0"  # ends the header of a flexible version
SEED = random.randrange(1 << 32)


class BadFrames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = Broker()
        cls.bystander = Connection(cls.broker.port)
        cls.bystander.create("t")

    @classmethod
    def tearDownClass(cls):
        cls.bystander.close()
        cls.broker.__exit__()

    def setUp(self):
        # A few lines a second are logged, so that a flood of bad clients is none of the log.
        self.seen = len(self.broker.log_lines())

    def tearDown(self):
        self.assertEqual(self.bystander.produce("t", b"more")[0], 0)
        self.assertIsNone(self.broker.process.poll())

    def lines_about(self, client):
        return [line for line in self.broker.log_lines()[self.seen:] if f"connection of {client} " in line]

    def assert_refused(self, data, *reasons):
        with Connection(self.broker.port) as bad:
            bad.send(data)
            self.assertTrue(bad.ends())
            eventually("a line in the log", lambda: self.lines_about(bad.name))
            self.assertEqual(self.bystander.api_versions(), 0)
            lines = self.lines_about(bad.name)
            self.assertEqual(len(lines), 1, lines)
            for reason in reasons:
                self.assertIn(reason, lines[0])

    def test_a_size_beyond_the_limit(self):
        self.assert_refused(struct.pack(">i", 100 * 1024 * 1024 + 1), "frame of 104857601 bytes", "104857600")

    def test_a_negative_size(self):
        self.assert_refused(struct.pack(">i", -1), "frame of -1 bytes")

    def test_an_http_request(self):
        self.assert_refused(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP")

    def test_a_tls_client(self):
        self.assert_refused(bytes.fromhex("160301020001000180"), "TLS")

    def test_an_empty_frame(self):
        self.assert_refused(frame(b""))

    def test_a_header_that_is_cut_off(self):
        self.assert_refused(frame(struct.pack(">hh", METADATA, 1)))

    def test_a_body_that_is_cut_off(self):
        self.assert_refused(frame(header(METADATA, 1) + struct.pack(">i", 3) + string("one")))

    def test_an_array_longer_than_its_frame(self):
        self.assert_refused(frame(header(METADATA, 1) + struct.pack(">i", 0x7FFFFFFF)))

    def test_an_unknown_api(self):
        self.assert_refused(frame(header(999, 0)), "API 999")

    def test_a_version_that_is_not_served(self):
        self.assert_refused(frame(header(METADATA, 99) + NO_TAGS), "API 3 version 99")

    def test_versions_are_negotiated_even_from_an_unknown_version(self):
        with Connection(self.broker.port) as client:
            client.send(frame(header(API_VERSIONS, 99) + NO_TAGS))
            answer = client.receive(struct.unpack(">i", client.receive(4))[0])
            self.assertEqual(struct.unpack_from(">h", answer, 4)[0], 35)  # UNSUPPORTED_VERSION
            self.assertEqual(client.api_versions(), 0)

    def test_a_corrupt_batch_gets_kafkas_code_and_the_connection_stays(self):
        with Connection(self.broker.port) as client:
            before = client.fetch("t", 0)[1]
            records = b"\0" * 61 + b"nonsense"
            client.send(frame(header(PRODUCE, 7, 1) + struct.pack(">hhii", -1, -1, 1000, 1) + string("t") +
                              struct.pack(">iii", 1, 0, len(records)) + records))
            answer = client.receive(struct.unpack(">i", client.receive(4))[0])
            code, = struct.unpack_from(">h", answer, 4 + 4 + 2 + 1 + 4 + 4)
            self.assertNotEqual(code, 0)
            self.assertEqual(client.fetch("t", 0)[1], before)

    def test_a_client_that_stops_within_a_frame_and_goes_away(self):
        for way in ("close", "reset", "half"):
            with self.subTest(way):
                bad = Connection(self.broker.port)
                bad.send(struct.pack(">i", 1000) + b"half of")
                if way == "reset":
                    bad.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if way == "half":
                    bad.socket.shutdown(socket.SHUT_WR)
                    self.assertTrue(bad.ends())
                bad.close()
                self.assertEqual(self.bystander.api_versions(), 0)
        eventually("only the bystander is connected", lambda: self.broker.connections() == 1)


class RandomGarbage(unittest.TestCase):
    def test_it_harms_nobody_else(self):
        print(f"seed {SEED}")
        dice = random.Random(SEED)
        with Broker() as broker, Connection(broker.port) as bystander:
            for number in range(300):
                with Connection(broker.port) as bad, self.subTest(seed=SEED, number=number):
                    garbage = dice.randbytes(dice.randrange(1, 400))
                    shape = dice.randrange(3)
                    if shape == 1:
                        garbage = frame(garbage)
                    if shape == 2:  # a header that is right, of an API that exists or not
                        garbage = frame(header(dice.randrange(70), dice.randrange(14)) + garbage)
                    bad.send(garbage)
                    bad.socket.shutdown(socket.SHUT_WR)
                    self.assertTrue(bad.ends())
                    self.assertEqual(bystander.api_versions(), 0)
            eventually("only the bystander is connected", lambda: broker.connections() == 1)
            self.assertIsNone(broker.process.poll())


if __name__ == "__main__":
    unittest.main(verbosity=1)
