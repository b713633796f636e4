"""Foreign clients take the broker for Apache Kafka: kcat (librdkafka 2.0.2), kafka-python, confluent-kafka."""
import time
import unittest

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic
from kafka import KafkaConsumer, KafkaProducer

from stoker import Broker, eventually, run

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def kcat_lines(broker, topic, *more):
    text = run("kcat", "-C", "-b", broker.bootstrap, "-t", topic, "-e", "-q", "-o", "beginning", "-f", "%p:%o:%s\n", *more)
    return text.splitlines()


class Kcat(unittest.TestCase):
    def test_every_codec_is_stored_as_sent_and_read_back(self):
        with Broker() as broker:
            for codec in CODECS:
                values = "\n".join(f"value-{i}" for i in range(1000))
                run("kcat", "-P", "-b", broker.bootstrap, "-t", f"codec-{codec}", "-z", codec, stdin=values)
                self.assertEqual(len(kcat_lines(broker, f"codec-{codec}")), 1000)

    def test_a_group_reads_everything_once_and_goes_on_after_a_restart(self):
        with Broker("num.partitions=3") as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="\n".join(map(str, range(500))))
            group = ["-b", broker.bootstrap, "-X", "auto.offset.reset=earliest", "-q", "-e"]
            first = run("kcat", *group, "-G", "g", "t").split()
            self.assertEqual(sorted(map(int, first)), list(range(500)))
            broker.kill_and_restart()
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="500\n501")
            self.assertEqual(sorted(run("kcat", *group, "-G", "g", "t").split()), ["500", "501"])

    def test_offsets_can_be_looked_up_by_time(self):
        with Broker() as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="a\nb")
            before = int(time.time() * 1000) - 60_000
            self.assertIn("offset 0", run("kcat", "-Q", "-b", broker.bootstrap, "-t", f"t:0:{before}"))
            self.assertIn("offset 2", run("kcat", "-Q", "-b", broker.bootstrap, "-t", "t:0:-1"))


class KafkaPython(unittest.TestCase):
    def test_producer_and_group_consumer(self):
        with Broker() as broker:
            producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
            for i in range(1000):
                producer.send("py", key=str(i).encode(), value=b"v", headers=[("h", b"1")])
            producer.close()
            consumer = KafkaConsumer("py", bootstrap_servers=broker.bootstrap, group_id="g",
                                     auto_offset_reset="earliest", consumer_timeout_ms=5000)
            seen = []
            for message in consumer:
                seen.append(int(message.key))
                if len(seen) == 1000:
                    break
            consumer.close()
            self.assertEqual(seen, list(range(1000)))


class ConfluentKafka(unittest.TestCase):
    def test_admin_creates_grows_describes_alters_and_deletes_topics(self):
        with Broker() as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            admin.create_topics([NewTopic("t", 2, 1, config={"retention.ms": "60000"})])["t"].result(10)
            admin.create_partitions([NewPartitions("t", 5)])["t"].result(10)
            eventually("5 partitions", lambda: len(admin.list_topics("t", 10).topics["t"].partitions) == 5)
            resource = ConfigResource(ConfigResource.Type.TOPIC, "t")
            configs = admin.describe_configs([resource])[resource].result(10)
            self.assertEqual(configs["retention.ms"].value, "60000")
            self.assertEqual(configs["segment.bytes"].value, "1073741824")
            admin.delete_topics(["t"])["t"].result(10)
            eventually("t is gone", lambda: "t" not in admin.list_topics(timeout=10).topics)

    def test_an_idempotent_producer_loses_and_doubles_nothing_through_kill_9(self):
        with Broker() as broker:
            admin = AdminClient({"bootstrap.servers": broker.bootstrap})
            admin.create_topics([NewTopic("t", 4, 1)])["t"].result(10)
            acked = []
            producer = Producer({"bootstrap.servers": broker.bootstrap, "enable.idempotence": True, "linger.ms": 2})
            for i in range(20_000):
                producer.produce("t", str(i), str(i % 97),
                                 callback=lambda error, message: acked.append(message.value()) if not error else None)
                producer.poll(0)
                if i in (7_000, 14_000):
                    broker.kill_and_restart()
            self.assertEqual(producer.flush(60), 0)
            self.assertEqual(len(acked), 20_000)
            values = run("kcat", "-C", "-b", broker.bootstrap, "-t", "t", "-e", "-q", "-o", "beginning").split()
            self.assertEqual(len(values), 20_000)
            self.assertEqual(len(set(values)), 20_000)

    def test_two_members_share_the_partitions_and_a_third_rebalances(self):
        with Broker("num.partitions=6") as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="x")
            config = {"bootstrap.servers": broker.bootstrap, "group.id": "g", "auto.offset.reset": "earliest",
                      "session.timeout.ms": 6000}
            members = []

            def balanced():
                for member in members:
                    member.poll(0.05)
                shares = sorted(len(member.assignment()) for member in members)
                return shares == [6 // len(members)] * len(members)

            for count in (1, 2, 3):
                members.append(Consumer(config))
                members[-1].subscribe(["t"])
                eventually(f"{count} members have {6 // count} partitions each", balanced, 30)
            members.pop().close()
            eventually("the two that stay have three each", balanced, 30)
            for member in members:
                member.close()

    def test_committed_offsets_survive_kill_9(self):
        with Broker() as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="a\nb\nc")
            consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "g", "enable.auto.commit": False})
            consumer.commit(offsets=[TopicPartition("t", 0, 2)], asynchronous=False)
            broker.kill_and_restart()
            committed = consumer.committed([TopicPartition("t", 0)], timeout=20)
            self.assertEqual(committed[0].offset, 2)
            consumer.close()


class Durability(unittest.TestCase):
    def test_class_disk_acknowledges_after_the_sync(self):
        with Broker("log.flush.interval.messages=1") as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="\n".join(map(str, range(2000))))
            broker.kill_and_restart()
            self.assertEqual(len(kcat_lines(broker, "t")), 2000)

    def test_sigterm_is_a_clean_stop(self):
        with Broker() as broker:
            run("kcat", "-P", "-b", broker.bootstrap, "-t", "t", stdin="a")
            self.assertEqual(broker.stop(), 0)
            self.assertTrue((broker.folder / ".kafka_cleanshutdown").exists())


if __name__ == "__main__":
    unittest.main(verbosity=1)
