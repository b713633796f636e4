"""`stoker exporter`: offsets and lag of a cluster under load, beside what kafka-consumer-groups says of it; what it costs the
cluster; what it does when the cluster is away. `exporter_test.py Apache` does the same with Apache Kafka."""
import contextlib
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

import apache_kafka
from prometheus import Exporter, Scraped, check_metrics, scrape
from stoker import BIN, Broker, eventually, run

TOPICS = [f"t{n}" for n in range(5)]
PARTITIONS = 4
GROUP = "readers"
LAGS = ("kafka_consumergroup_lag", "kafka_consumergroup_lag_sum", "kafka_consumergroup_group_lag",
        "kafka_consumergroup_group_sum_lag", "kafka_consumergroup_group_topic_sum_lag",
        "kafka_consumergroup_group_max_lag", "kafka_consumergroup_group_max_lag_seconds")


class StokerCluster(contextlib.ExitStack):
    """A broker that counts its requests."""

    def __enter__(self):
        self.broker = self.enter_context(Broker("metrics.port=0", "group.initial.rebalance.delay.ms=0"))
        self.bootstrap = self.broker.bootstrap
        self.metrics = re.match(r"metrics at (\S+)", self.broker.process.stdout.readline())[1]
        return self

    def requests(self, name):
        return sum(count for labels, count in scrape(self.metrics).family("kafka_network_requestmetrics_requests_total").items()
                   if f'request="{name}"' in labels)


class ApacheCluster(contextlib.ExitStack):
    def __enter__(self):
        work = tempfile.mkdtemp(prefix="stoker-exporter-")
        self.callback(shutil.rmtree, work, True)
        kafka = apache_kafka.ApacheKafka(pathlib.Path(work) / "data", work)
        kafka.format("AAAAAAAAAAAAAAAAAAAAAA")
        self.bootstrap = self.enter_context(kafka).bootstrap
        return self


def tool(name, cluster, *arguments, **more):
    return run(BIN / name, "--bootstrap-server", cluster.bootstrap, *arguments, **more)


def produce(cluster, topic, count):
    """By key, so that no partition stays empty."""
    run("kcat", "-P", "-K:", "-b", cluster.bootstrap, "-t", topic, stdin="".join(f"{i}:message {i}\n" for i in range(count)))


def consume(cluster, topics, group=GROUP):
    run("kcat", "-b", cluster.bootstrap, "-G", group, *topics, "-e", "-q", "-X", "auto.offset.reset=earliest", timeout=60)


def described_lag(cluster, group=GROUP):
    """{(topic, partition): lag} as kafka-consumer-groups says."""
    lags = {}
    for line in tool("kafka-consumer-groups", cluster, "--describe", "--group", group).splitlines():
        words = line.split()
        if words[:1] == [group] and words[5].isdigit():
            lags[words[1], words[2]] = int(words[5])
    return lags


class OfACluster:
    """What holds with either."""

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.cluster = cls.stack.enter_context(cls.make_cluster())
        for topic in TOPICS:
            tool("kafka-topics", cls.cluster, "--create", "--topic", topic, "--partitions", str(PARTITIONS))
            produce(cls.cluster, topic, 100)
        consume(cls.cluster, TOPICS)
        for topic in TOPICS[:2]:
            produce(cls.cluster, topic, 70)

    def test_lag_is_what_kafka_consumer_groups_says(self):
        expected = described_lag(self.cluster)
        self.assertEqual(sum(lag for (topic, _), lag in expected.items() if topic == "t1"), 70, expected)
        with Exporter(self.cluster.bootstrap, "--cluster-name", "c") as exporter:
            text = scrape(exporter.metrics)
        check_metrics(text.text, "the exporter")
        exported = {(labels["topic"], labels["partition"]): value for labels, value in
                    text.samples("kafka_consumergroup_lag") if labels["consumergroup"] == GROUP}
        self.assertEqual(exported, expected)
        self.assertEqual(text.family("kafka_consumergroup_group_sum_lag")['{cluster_name="c",group="readers"}'],
                         sum(expected.values()))
        ends = text.family("kafka_topic_partition_current_offset")
        self.assertEqual(sum(end for labels, end in ends.items() if 'topic="t1"' in labels), 170)
        self.assertEqual(text.family("kafka_topic_partitions")['{topic="t4"}'], PARTITIONS)
        self.assertEqual(text.family("kafka_brokers")[""], 1)
        self.assertEqual(text.family("stoker_exporter_up")[""], 1)
        self.assertFalse([name for name in text.names() if name.startswith("kafka_consumergroupzookeeper")])

    def test_lag_is_never_negative_while_a_group_follows_closely(self):
        tool("kafka-topics", self.cluster, "--create", "--topic", "followed", "--partitions", str(PARTITIONS))
        with Exporter(self.cluster.bootstrap, "--refresh-seconds", "0.1") as exporter:
            consumer = subprocess.Popen(["kcat", "-b", self.cluster.bootstrap, "-G", "close", "followed", "-q", "-X",
                                         "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=20"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                looks = set()

                def enough():
                    produce(self.cluster, "followed", 500)
                    text = scrape(exporter.metrics)
                    committed = text.family("kafka_consumergroup_current_offset")
                    for name in LAGS:
                        for labels, value in text.family(name).items():
                            unknown = name == "kafka_consumergroup_lag" and committed[labels] == -1
                            self.assertFalse(value < (-1 if unknown else 0), f"{name}{labels} {value}")
                    if any(labels["consumergroup"] == "close" for labels, _ in text.samples("kafka_consumergroup_lag")):
                        looks.add(text.family("stoker_exporter_last_update_timestamp_seconds")[""])
                    return len(looks) >= 20
                eventually("twenty looks at a group that follows", enough, 60)
            finally:
                consumer.terminate()
                consumer.wait(20)

    def test_lag_has_an_age_and_filters_hold(self):
        with Exporter(self.cluster.bootstrap, "--refresh-seconds", "0.2", "--topic.filter", "t[0-3]",
                      "--topic.exclude", "t3", "--group.filter", GROUP) as exporter:
            produce(self.cluster, "t0", 10)
            eventually("seconds of lag", lambda: any(
                value > 0.2 for value in scrape(exporter.metrics).family("kafka_consumergroup_group_max_lag_seconds").values()))
            text = scrape(exporter.metrics)
        self.assertEqual({labels["topic"] for labels, _ in text.samples("kafka_topic_partitions")}, {"t0", "t1", "t2"})
        self.assertEqual({labels["consumergroup"] for labels, _ in text.samples("kafka_consumergroup_members")}, {GROUP})


class OfStoker(OfACluster, unittest.TestCase):
    make_cluster = StokerCluster

    def errors(self):
        return {labels: count for labels, count in
                scrape(self.cluster.metrics).family("kafka_network_requestmetrics_errors_total").items() if "NONE" not in labels}

    def test_a_look_is_two_questions_for_offsets_and_a_scrape_is_none(self):
        with Exporter(self.cluster.bootstrap, "--refresh-seconds", "3600") as exporter:
            asked = {name: self.cluster.requests(name) for name in ("ListOffsets", "Metadata", "OffsetFetch")}
            for _ in range(20):
                scrape(exporter.metrics)
            self.assertEqual({name: self.cluster.requests(name) for name in asked}, asked)
        before, wrong = self.cluster.requests("ListOffsets"), self.errors()
        with Exporter(self.cluster.bootstrap, "--refresh-seconds", "3600"):
            self.assertEqual(self.cluster.requests("ListOffsets") - before, 2, "the ends and the beginnings of 20 partitions")
            self.assertEqual(self.errors(), wrong, "no question of which it is known that there is no answer")

    def test_a_cluster_that_is_away_leaves_the_last_figures(self):
        with Broker() as broker, contextlib.ExitStack() as stack:
            cluster = broker
            tool("kafka-topics", cluster, "--create", "--topic", "kept")
            exporter = stack.enter_context(Exporter(broker.bootstrap, "--refresh-seconds", "0.2", "--timeout-seconds", "1"))
            broker.process.send_signal(signal.SIGKILL)
            broker.process.wait(10)
            eventually("it says that the cluster is away", lambda: scrape(exporter.metrics).family("stoker_exporter_up")[""] == 0)
            text = scrape(exporter.metrics)
            self.assertEqual(text.family("kafka_topic_partitions")['{topic="kept"}'], 1)
            self.assertGreaterEqual(text.family("stoker_exporter_update_failures_total")[""], 1)
            broker.process.stdout.close()
            broker.start(broker.port)
            eventually("it is back", lambda: scrape(exporter.metrics).family("stoker_exporter_up")[""] == 1)

    def test_what_cannot_be_is_one_sentence(self):
        program = [BIN / "stoker", "exporter"]
        for arguments, status, word in ((["--bootstrap-server", "127.0.0.1:1", "--timeout-seconds", "1"], 1, "127.0.0.1:1"),
                                        (["--topic.filter", "("], 2, "("),
                                        (["--host", "0.0.0.0", "--bootstrap-server", self.cluster.bootstrap], 2, "--insecure")):
            done = subprocess.run([*program, *arguments], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, status, done.stderr)
            said = [line for line in done.stderr.splitlines() if " WARN [AdminClient" not in line]
            self.assertEqual(len(said), 1, done.stderr)
            self.assertIn(word, said[0])
            self.assertEqual(done.stdout, "")

    def test_stoker_up_has_one_which_ends_with_it_beside_the_broker_s_own_figures(self):
        with tempfile.TemporaryDirectory() as folder, open(pathlib.Path(folder) / "log", "w+") as log:
            process = subprocess.Popen([BIN / "stoker", "up", "--port", "0", "--exporter-port", "0", "--metrics-port", "0",
                                        "--data-dir", folder], stdout=subprocess.PIPE, stderr=log, text=True)
            lines = iter(process.stdout.readline, "")
            of_broker = next(match[1] for line in lines if (match := re.match(r"metrics at (http://\S+)", line)))
            self.assertEqual(scrape(of_broker).family("kafka_server_kafkaserver_brokerstate")[""], 3)
            address = next(match[1] for line in lines if (match := re.match(r"stoker exporter ready at (\S+)", line)))
            self.assertEqual(scrape(address).family("kafka_brokers")[""], 1)
            process.terminate()
            self.assertEqual(process.wait(30), 0)
            process.stdout.close()
            with self.assertRaises(OSError):
                scrape(address)
            log.seek(0)
            self.assertNotIn("warning", log.read())


class OfApacheKafka(OfACluster, unittest.TestCase):
    make_cluster = ApacheCluster


if __name__ == "__main__":
    name = "OfApacheKafka" if sys.argv[1:] == ["Apache"] else "OfStoker"
    if shutil.which("promtool") is None:
        print("skipped: there is no promtool (scripts/bootstrap test)")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], name])
