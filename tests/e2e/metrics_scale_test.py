"""How long a scrape takes of a cluster with 1,000 topics of 10 partitions, where 100 groups have committed in 10 topics each: of
the broker's own figures, and of the exporter's, which has them ready. Prints the figures."""
import http.client
import statistics
import sys
import time
import urllib.parse

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from metrics_test import MeteredBroker
from prometheus import Exporter, check_metrics, scrape

TOPICS, PARTITIONS, GROUPS = 1000, 10, 100
SCRAPES = 25
LIMIT_MS = 50


def fill(bootstrap):
    admin = AdminClient({"bootstrap.servers": bootstrap})
    names = [f"topic-{n:04}" for n in range(TOPICS)]
    for result in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names], request_timeout=60).values():
        result.result()
    for group in range(GROUPS):
        mine = names[group * TOPICS // GROUPS:(group + 1) * TOPICS // GROUPS]
        offsets = [TopicPartition(name, partition, 0) for name in mine for partition in range(PARTITIONS)]
        for result in admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(f"group-{group:03}", offsets)]).values():
            result.result()


def measure(url):
    """Median of milliseconds over one connection, as Prometheus keeps it, and the text; the best of three, since other programs
    take the processor away."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
    medians = []
    for _ in range(3):
        taken = []
        for _ in range(SCRAPES):
            begin = time.perf_counter()
            connection.request("GET", at.path)
            text = connection.getresponse().read()
            taken.append((time.perf_counter() - begin) * 1000)
        medians.append(statistics.median(taken))
    connection.close()
    return min(medians), text.decode()


def main():
    slow = []
    with MeteredBroker("metrics.port=0") as broker:
        fill(broker.bootstrap)
        with Exporter(broker.bootstrap, "--refresh-seconds", "3600") as exporter:
            for name, url in (("the broker", broker.metrics), ("the exporter", exporter.metrics)):
                median_ms, text = measure(url)
                check_metrics(text, name)
                print(f"{name}: {median_ms:.1f} ms for {len(text) / 1e6:.1f} MB, {text.count(chr(10))} lines")
                if median_ms > LIMIT_MS:
                    slow.append(name)
            text = scrape(exporter.metrics)
            assert len(text.family("kafka_consumergroup_lag")) == TOPICS * PARTITIONS
            assert len(text.family("kafka_topic_partition_current_offset")) >= TOPICS * PARTITIONS
            print(f"a look at the cluster: {text.family('stoker_exporter_update_duration_seconds')['']:.2f} s")
    assert not slow, f"a scrape takes more than {LIMIT_MS} ms: {slow}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
