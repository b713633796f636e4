"""The load bombers' scenario of two terminals: 5,000 messages a second over 20 topics, three consumers, SASL_SSL. Against
Stoker, which is killed with kill -9 in the middle and started again; against Apache Kafka without that. Nothing may be lost and
nothing doubled: the bombers say so themselves, and a foreign client that reads everything afterwards says it again.

two_terminals_test.py [--minutes N] [TEST...]: half a minute unless told otherwise; 5 is what the scenario asks for."""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from confluent_kafka import Consumer, TopicPartition

from apache_kafka import ApacheKafka, free_port
from stoker import BIN, Broker, run

MINUTES = 0.5
RATE, TOPICS, CONSUMERS = 5000, 20, 3
PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_admin="secret";'
STAMP = struct.Struct(">QIQq")  # the header of --verify: run, producer, sequence, intended time


class SecuredBroker(Broker):
    """With one listener of SASL_SSL."""

    def __init__(self, tls):
        super().__init__("ssl.keystore.type=PEM", f"ssl.keystore.location={tls / 'server.pem'}", "sasl.enabled.mechanisms=PLAIN",
                         f"listener.name.sasl_ssl.plain.sasl.jaas.config={PLAIN}", "num.partitions=3")

    def spawn(self, port):
        command = [BIN / "stoker", "broker", "--override", f"listeners=SASL_SSL://127.0.0.1:{port}",
                   "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def ready_address(self):
        return r"SASL_SSL://127\.0\.0\.1:(\d+)"


class TwoTerminals(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stoker-terminals-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.tls = self.folder / "tls"
        run(BIN / "stoker", "tls", "init", self.tls)

    def terminal(self, program, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")}
        # What it reports, a line a second for half an hour, must not fill a pipe that nobody reads.
        out = open(self.folder / f"{program}.out", "w+")
        self.addCleanup(out.close)
        process = subprocess.Popen([BIN / program, "--verify", "--progress", "json", "--json", *map(str, arguments)], stdout=out,
                                   stderr=subprocess.PIPE, text=True, cwd=self.folder, env=environment)
        self.addCleanup(process.kill)
        return process

    def said(self, program):
        """Its lines so far; the last one may still be written."""
        text = (self.folder / f"{program}.out").read_text()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def await_line(self, what, process, program, timeout, condition):
        end = time.monotonic() + timeout
        while not (lines := self.said(program)) or not condition(lines[-1]):
            self.assertIsNone(process.poll(), f"{program} ended before {what}")
            self.assertLess(time.monotonic(), end, f"{what}: {lines[-1:]}")
            time.sleep(0.2)

    def scenario(self, bootstrap, in_the_middle=lambda: None):
        (self.folder / ".env").write_text(
            f"KAFKA_BOOTSTRAP_SERVERS={bootstrap}\nKAFKA_USERNAME=admin\nKAFKA_PASSWORD=secret\nKAFKA_NUM_TOPICS={TOPICS}\n"
            f"KAFKA_TOPIC_PREFIX=production-test\nKAFKA_SSL_CAFILE={self.tls / 'ca.pem'}\nKAFKA_DURATION_MINUTES={MINUTES}\n")
        producer = self.terminal("producer-bomber", "--messages-per-second", RATE)
        consumer = self.terminal("consumer-bomber", "--num-consumers", CONSUMERS, "--processing-delay-ms", 0,
                                 "--duration-minutes", MINUTES + 5)
        self.await_line("half of it is sent", producer, "producer-bomber", MINUTES * 60 + 120,
                        lambda line: line["acked"] > MINUTES * 60 * RATE / 2)
        in_the_middle()
        _, err = producer.communicate(timeout=MINUTES * 60 + 180)
        sent = self.said("producer-bomber")[-1]
        self.assertEqual((producer.returncode, sent["messages_failed"]), (0, 0), err)
        self.await_line("everything is read", consumer, "consumer-bomber", 240,
                        lambda line: sum(line["distinct_by_run"].values()) >= sent["messages_sent"])
        consumer.send_signal(signal.SIGTERM)
        _, err = consumer.communicate(timeout=60)
        got = self.said("consumer-bomber")[-1]
        self.assertEqual((consumer.returncode, got["messages_failed"]), (0, 0), err)
        self.assertEqual(len(got["messages_by_topic"]), TOPICS)
        seen = {"planned": int(MINUTES * 60 * RATE), "unsent": sent["messages_unsent"], "acknowledged": sent["messages_sent"],
                "distinct": got["verified"]["distinct"], "duplicated": got["verified"]["duplicated"],
                "ack_ms": {name: sent["ack_ms"][name] for name in ("p50", "p99", "max")}}
        print(json.dumps(seen), flush=True)
        self.assertEqual(seen["acknowledged"] + seen["unsent"], seen["planned"])
        self.assertEqual((seen["distinct"], seen["duplicated"]), (seen["acknowledged"], 0))
        return sent

    def stamps_in_the_log(self, bootstrap):
        """Of every record in the topics, as a foreign client reads them: how many, and how many different ones."""
        consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "judge", "security.protocol": "SASL_SSL",
                             "ssl.ca.location": str(self.tls / "ca.pem"), "sasl.mechanism": "PLAIN", "sasl.username": "admin",
                             "sasl.password": "secret", "enable.partition.eof": True, "check.crcs": True})
        metadata = consumer.list_topics(timeout=30)
        parts = [TopicPartition(name, number, 0) for name, topic in metadata.topics.items()
                 if name.startswith("production-test") for number in topic.partitions]
        consumer.assign(parts)
        left, count, distinct = len(parts), 0, set()
        while left:
            messages = consumer.consume(10_000, timeout=30)
            self.assertTrue(messages, f"{left} partitions left, {count} records read")
            for message in messages:
                if message.error():
                    left -= 1
                    continue
                count += 1
                distinct.add(STAMP.unpack(dict(message.headers())["stoker"])[:3])
        consumer.close()
        return count, len(distinct)

    def test_stoker_is_killed_once(self):
        with SecuredBroker(self.tls) as broker:
            sent = self.scenario(broker.bootstrap, broker.kill_and_restart)
            self.assertEqual(self.stamps_in_the_log(broker.bootstrap), (sent["messages_sent"],) * 2)

    def test_apache_kafka_is_not(self):
        port = free_port()
        more = (f"listeners=PLAINTEXT://127.0.0.1:{{port}},SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{{controller}}\n"
                "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL\n"
                "inter.broker.listener.name=PLAINTEXT\nsasl.enabled.mechanisms=PLAIN\nnum.partitions=3\n"
                f"ssl.keystore.type=PEM\nssl.keystore.location={self.tls / 'server.pem'}\n"
                f"listener.name.sasl_ssl.plain.sasl.jaas.config={PLAIN}\n")
        kafka = ApacheKafka(self.folder / "data", self.folder, more=more)
        kafka.format("two-terminals-test-run")
        with kafka:
            bootstrap = f"127.0.0.1:{port}"
            sent = self.scenario(bootstrap)
            self.assertEqual(self.stamps_in_the_log(bootstrap), (sent["messages_sent"],) * 2)


if __name__ == "__main__":
    if "--minutes" in sys.argv:
        at = sys.argv.index("--minutes")
        MINUTES = float(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main()
