"""TLS as foreign clients see it: certificates of `stoker tls init`, client certificates, wrong authorities, plain text on
an encrypted port and the reverse, a certificate that changes under load, and the kafka-* tools."""
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from kafka import KafkaProducer

from stoker import BIN, Broker, eventually, run

BOTH = "listeners=PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0"


class TlsBroker(Broker):
    """A broker with a plain and an encrypted listener; `secure` is the latter's address."""

    def __init__(self, tls, *overrides):
        super().__init__(BOTH, "ssl.keystore.type=PEM", f"ssl.keystore.location={tls / 'server.pem'}",
                         "ssl.truststore.type=PEM", f"ssl.truststore.location={tls / 'ca.pem'}", *overrides)

    def start(self, port):
        super().start(port)
        self.secure = self.process.stdout.readline().strip().rsplit("SSL://", 1)[1]
        self.secure_port = int(self.secure.rsplit(":", 1)[1])

    def said(self, text):
        return sum(text in line for line in self.log_lines())


class Tls(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-tls-"))
        self.addCleanup(shutil.rmtree, self.base, True)
        self.tls = self.base / "tls"
        run(BIN / "stoker", "tls", "init", self.tls)

    def client(self, broker, certificate=False):
        settings = {"bootstrap.servers": broker.secure, "security.protocol": "SSL",
                    "ssl.ca.location": str(self.tls / "ca.pem")}
        if certificate:
            settings |= {"ssl.certificate.location": str(self.tls / "client.pem"),
                         "ssl.key.location": str(self.tls / "client.pem")}
        return settings

    def java_properties(self, *lines):
        path = self.base / "client.properties"
        path.write_text("\n".join(["security.protocol=SSL", "ssl.truststore.type=PEM",
                                   f"ssl.truststore.location={self.tls / 'ca.pem'}", *lines]))
        return path

    def produce_and_consume(self, settings, topic, count=500):
        producer = Producer(settings)
        for i in range(count):
            producer.produce(topic, str(i).encode() * 50)
        self.assertEqual(producer.flush(20), 0)
        consumer = Consumer(settings | {"group.id": "g", "auto.offset.reset": "earliest"})
        consumer.subscribe([topic])
        got = []
        while len(got) < count:
            batch = consumer.consume(count, 20)
            self.assertTrue(batch, f"{len(got)} of {count}")
            got += [message.value() for message in batch]
        consumer.close()
        self.assertEqual(got, [str(i).encode() * 50 for i in range(count)])

    def test_init_writes_what_it_says_and_overwrites_nothing(self):
        modes = {path.name: path.stat().st_mode & 0o777 for path in self.tls.iterdir()}
        self.assertEqual(modes, {"ca.pem": 0o644, "server.pem": 0o600, "client.pem": 0o600, "server.properties": 0o600,
                                 "client.properties": 0o600})
        before = {path.name: path.read_bytes() for path in self.tls.iterdir()}
        again = subprocess.run([BIN / "stoker", "tls", "init", self.tls], capture_output=True, text=True)
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already", again.stderr)
        self.assertEqual(before, {path.name: path.read_bytes() for path in self.tls.iterdir()})
        names = run("openssl", "x509", "-in", self.tls / "server.pem", "-noout", "-ext", "subjectAltName")
        for name in ("DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1"):
            self.assertIn(name, names)

    def test_clients_of_every_kind_produce_and_consume(self):
        with TlsBroker(self.tls) as broker:
            self.produce_and_consume(self.client(broker), "confluent")
            producer = KafkaProducer(bootstrap_servers=broker.secure, security_protocol="SSL",
                                     ssl_cafile=str(self.tls / "ca.pem"))
            self.assertEqual(producer.send("python", b"x" * 100_000).get(20).offset, 0)
            producer.close()
            kcat = ["kcat", "-b", broker.secure, "-X", "security.protocol=SSL", "-X", f"ssl.ca.location={self.tls / 'ca.pem'}"]
            run(*kcat, "-P", "-t", "kcat", stdin="a\nb\n")
            self.assertEqual(run(*kcat, "-C", "-t", "kcat", "-e", "-q"), "a\nb\n")
            self.assertEqual(broker.stop(), 0)

    def test_large_records_pass_both_ways(self):
        with TlsBroker(self.tls, "message.max.bytes=8000000") as broker:
            settings = self.client(broker) | {"message.max.bytes": 8_000_000}
            value = os.urandom(6_000_000)
            producer = Producer(settings)
            producer.produce("large", value)
            self.assertEqual(producer.flush(20), 0)
            consumer = Consumer(settings | {"group.id": "g", "auto.offset.reset": "earliest"})
            consumer.subscribe(["large"])
            self.assertEqual(consumer.poll(20).value(), value)
            consumer.close()

    def test_client_certificates_are_asked_for_and_checked(self):
        other = self.base / "other"
        run(BIN / "stoker", "tls", "init", other)
        with TlsBroker(self.tls, "ssl.client.auth=required") as broker:
            self.produce_and_consume(self.client(broker, certificate=True), "t")
            for settings, line in ((self.client(broker), "it sent no certificate"),
                                   (self.client(broker) | {"ssl.certificate.location": str(other / "client.pem"),
                                                           "ssl.key.location": str(other / "client.pem")},
                                    "its certificate is not accepted")):
                with self.assertRaises(KafkaException):
                    AdminClient(settings).list_topics(timeout=2)
                eventually(line, lambda: broker.said(line))

    def test_a_client_that_does_not_trust_us_says_so_and_we_log_it(self):
        with TlsBroker(self.tls) as broker:
            with self.assertRaises(KafkaException):
                AdminClient(self.client(broker) | {"ssl.ca.location": str(self.tls / "client.pem")}).list_topics(timeout=2)
            eventually("the alert is logged", lambda: broker.said("unknown CA"))

    def test_plain_text_and_tls_on_the_wrong_ports_are_closed_with_one_line(self):
        with TlsBroker(self.tls) as broker:
            with socket.create_connection(("127.0.0.1", broker.secure_port), 10) as plain:
                plain.sendall(b"\0\0\0\x10" + b"x" * 16)
                self.assertIn(plain.recv(1), (b"",))
            eventually("plain text", lambda: broker.said("it does not speak TLS") == 1)
            context = ssl.create_default_context(cafile=self.tls / "ca.pem")
            with socket.create_connection(("127.0.0.1", broker.port), 10) as plain, self.assertRaises(OSError):
                context.wrap_socket(plain, server_hostname="127.0.0.1")
            eventually("a ClientHello", lambda: broker.said("it speaks TLS, but this listener does not") == 1)
            self.produce_and_consume(self.client(broker), "t")

    def test_a_new_certificate_is_taken_under_load(self):
        fresh = self.base / "fresh"
        run(BIN / "stoker", "tls", "init", fresh)

        def certificate(port):
            return ssl.get_server_certificate(("127.0.0.1", port))

        with TlsBroker(self.tls) as broker:
            before = certificate(broker.secure_port)
            stop, errors = threading.Event(), []

            def load():
                producer = Producer(self.client(broker))
                while not stop.is_set():
                    producer.produce("load", b"x" * 1000, callback=lambda e, _: e and errors.append(str(e)))
                    producer.poll(0.001)
                errors.extend(["not sent"] * producer.flush(20))

            thread = threading.Thread(target=load)
            thread.start()
            os.replace(fresh / "server.pem", self.tls / "server.pem")
            eventually("the new certificate", lambda: certificate(broker.secure_port) != before)
            (self.tls / "server.pem").write_text("no certificate")
            eventually("the refusal", lambda: broker.said("keeps its certificate"))
            self.assertNotEqual(certificate(broker.secure_port), before)
            stop.set()
            thread.join()
            self.assertEqual(errors, [])

    def test_the_tools_speak_tls_and_alter_a_listeners_key_store(self):
        fresh = self.base / "fresh"
        run(BIN / "stoker", "tls", "init", fresh)
        with TlsBroker(self.tls, "ssl.client.auth=requested") as broker:
            config = self.java_properties("ssl.keystore.type=PEM", f"ssl.keystore.location={self.tls / 'client.pem'}")
            tool = [BIN / "kafka-topics", "--bootstrap-server", broker.secure, "--command-config", config]
            run(*tool, "--create", "--topic", "made")
            self.assertEqual(run(*tool, "--list").split(), ["made"])
            alter = [BIN / "kafka-configs", "--bootstrap-server", broker.secure, "--command-config", config, "--alter",
                     "--entity-type", "brokers", "--entity-name", "1", "--add-config"]
            name = "listener.name.ssl.ssl.keystore.location"
            wrong = subprocess.run([*alter, f"{name}=/nothing.pem"], capture_output=True, text=True, timeout=30)
            self.assertNotEqual(wrong.returncode, 0)
            self.assertIn("cannot be read", wrong.stdout + wrong.stderr)
            before = ssl.get_server_certificate(("127.0.0.1", broker.secure_port))
            run(*alter, f"{name}={fresh / 'server.pem'}")
            self.assertNotEqual(ssl.get_server_certificate(("127.0.0.1", broker.secure_port)), before)
            refused = subprocess.run([*tool, "--list"], capture_output=True, text=True, timeout=30)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("SSL handshake failed", refused.stdout + refused.stderr)


if __name__ == "__main__":
    unittest.main()
