"""Metrics, as Prometheus sees them: a broker under load, the exporter and both bombers, `promtool check` on everything, and
Debian's Prometheus, which scrapes them. Every rule of deploy/prometheus and every panel of deploy/grafana has data then, and so
have the questions of dashboards that others made. Exits 77 where there is no Prometheus (`scripts/bootstrap test`).

STOKER_DASHBOARDS=FOLDER asks the queries of Grafana's dashboards in it, too."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import urllib.error

import grafana
from prometheus import Exporter, Prometheus, check_metrics, get, scrape
from stoker import BIN, ROOT, Broker, eventually, run

DEPLOY = ROOT / "deploy"
RATE = "10s"  # what Grafana puts for $__rate_interval
# What dashboards of others ask for, in our words: kafka_exporter's (7589), Strimzi's for Kafka, KRaft and the exporter.
OFFSET = "kafka_topic_partition_current_offset"
TRAFFIC = ("messagesin", "bytesin", "bytesout", "totalproducerequests", "totalfetchrequests", "failedproducerequests",
           "failedfetchrequests")
NODE = ("kafka_controller_kafkacontroller_activecontrollercount", "kafka_controller_kafkacontroller_offlinepartitionscount",
        "kafka_controller_kafkacontroller_preferredreplicaimbalancecount", "kafka_controller_kafkacontroller_globaltopiccount",
        "kafka_controller_kafkacontroller_globalpartitioncount", "kafka_controller_controllerstats_uncleanleaderelections_total",
        "kafka_server_replicamanager_partitioncount", "kafka_server_replicamanager_leadercount",
        "kafka_server_replicamanager_underreplicatedpartitions", "kafka_server_replicamanager_underminisrpartitioncount",
        "kafka_server_replicamanager_atminisrpartitioncount", "kafka_cluster_partition_atminisr",
        "kafka_cluster_partition_underminisr", "kafka_cluster_partition_replicascount",
        "kafka_cluster_partition_insyncreplicascount",
        "kafka_cluster_partition_laststableoffsetlag", "kafka_server_kafkaserver_brokerstate",
        "kafka_server_raftmetrics_current_leader", "kafka_server_raftmetrics_current_epoch",
        "kafka_server_raftmetrics_high_watermark",
        "kafka_server_raftmetrics_log_end_offset", "kafka_server_raftmetrics_current_vote",
        "kafka_network_socketserver_networkprocessoravgidle_percent", "process_cpu_seconds_total", "process_open_fds",
        "process_resident_memory_bytes", "process_start_time_seconds", "kafka_broker_info", "kafka_topic_partition_leader",
        "kafka_topic_partition_oldest_offset", "kafka_topic_partition_leader_is_preferred")
COMMUNITY = [f"sum({name})" for name in NODE] + [
    f'sum(irate(kafka_server_brokertopicmetrics_{name}_total{{topic=""}}[{RATE}]))' for name in TRAFFIC] + [
    f'sum(irate(kafka_server_brokertopicmetrics_{name}_total{{topic!=""}}[{RATE}]))' for name in TRAFFIC] + [
    f"sum by (topic) (rate({OFFSET}[{RATE}]))", f"sum by (topic) (delta({OFFSET}[{RATE}]) / 5)",
    f"sum by (consumergroup, topic) (delta(kafka_consumergroup_current_offset[{RATE}]) / 5)",
    "sum by (consumergroup, topic) (kafka_consumergroup_lag)", "sum by (topic) (kafka_topic_partitions)",
    "sum(kafka_topic_partition_replicas)", "sum(kafka_topic_partition_in_sync_replica)",
    "sum(kafka_topic_partition_leader_is_preferred < bool 1)",
    "sum(kafka_topic_partition_under_replicated_partition)", "sum by (topic, partition) (kafka_log_log_size)",
    "sum by (listener) (kafka_server_socket_server_metrics_connection_count)",
    f"sum(irate(kafka_server_kafkaserver_linux_disk_write_bytes[{RATE}]))",
    "sum(kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent * 100)",
    "max by (current_state) (kafka_server_raftmetrics_current_state)",
    f"sum by (request) (rate(kafka_network_requestmetrics_totaltimems_count[{RATE}]))",
    'kafka_network_requestmetrics_responsesendtimems{request="Fetch",quantile="0.999"}',
    "avg by (group) (kafka_consumergroup_group_max_lag_seconds)", "sum by (group) (kafka_consumergroup_group_lag)",
    "sum by (client_id) (kafka_producer_producer_metrics_connection_count)",
    "sum by (client_id, topic) (kafka_consumer_consumer_fetch_manager_metrics_records_lag)",
    "count(kafka_producer_app_info)", "count(kafka_consumer_app_info)"]
# What they ask of a JVM, of Kubernetes, or of a quorum of several, which is not here.
ABSENT = re.compile(r"\b(jvm|container|kubelet|kube)_|_raftchannelmetrics_|raftmetrics_(append_records_rate|fetch_records_rate|"
                    r"commit_latency_avg)")


class MeteredBroker(Broker):
    def start(self, port):
        super().start(port)
        line = self.process.stdout.readline()
        match = re.match(r"metrics at (http://127\.0\.0\.1:\d+/metrics)", line)
        assert match, f"where are the metrics? {line!r}"
        self.metrics = match[1]


class Bomber:
    """A bomber with figures of its own until the end of the test."""

    def __init__(self, name, broker, *options):
        environment = {"PATH": os.environ["PATH"], "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
                       "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "KAFKA_NUM_TOPICS": "2", "KAFKA_TOPIC_PREFIX": "load"}
        self.process = subprocess.Popen([BIN / name, "--metrics-port", "0", *options], env=environment, text=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        match = re.match(rf"{name}: metrics at (http://127\.0\.0\.1:\d+/metrics)", line)
        assert match, f"where are the metrics? {line!r}"
        self.metrics = match[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.process.stderr.close()


def produce(broker, topic, count):
    run("kcat", "-P", "-b", broker.bootstrap, "-t", topic, stdin="".join(f"message {i}\n" for i in range(count)))


def consume(broker, group, topic):
    run("kcat", "-b", broker.bootstrap, "-G", group, topic, "-e", "-q", "-X", "auto.offset.reset=earliest", timeout=60)


def fail_once(broker):
    """A batch that is too large, and a question for data that is not there."""
    subprocess.run(["kcat", "-P", "-b", broker.bootstrap, "-t", "small", "-X", "message.max.bytes=1000000"], input="x" * 5000,
                   capture_output=True, text=True, timeout=30)
    subprocess.run(["kcat", "-C", "-b", broker.bootstrap, "-t", "small", "-p", "0", "-o", "1000000", "-c", "1", "-X",
                    "auto.offset.reset=error"], capture_output=True, timeout=30)


def check_broker(broker):
    produce(broker, "numbers", 1000)
    consume(broker, "readers", "numbers")
    text = scrape(broker.metrics)
    check_metrics(text.text, "the broker")
    numbers = '{topic="numbers"}'
    total = text.family("kafka_server_brokertopicmetrics_messagesin_total")
    assert total[numbers] == 1000
    assert total[""] == sum(value for labels, value in total.items() if labels), total
    sent = text.family("kafka_server_brokertopicmetrics_bytesin_total")[numbers]
    assert text.family("kafka_server_brokertopicmetrics_bytesout_total")[numbers] == sent, "read once, as it was sent"
    ends = text.family("kafka_log_log_logendoffset")
    assert sum(end for labels, end in ends.items() if 'topic="numbers"' in labels) == 1000, ends
    sizes = text.family("kafka_log_log_size")
    assert sum(size for labels, size in sizes.items() if 'topic="numbers"' in labels) == sent
    assert text.family("kafka_server_replicamanager_partitioncount")[""] == len(sizes)
    produced = [count for labels, count in text.samples("kafka_network_requestmetrics_requests_total")
                if labels["request"] == "Produce"]
    counted = text.family("kafka_network_requestmetrics_totaltimems_count")['{request="Produce"}']
    assert sum(produced) == counted >= 1, produced
    assert text.family("kafka_network_requestmetrics_errors_total")['{request="Produce",error="NONE"}'] >= 1
    times = text.family("kafka_network_requestmetrics_totaltimems")
    assert 0 < times['{request="Fetch",quantile="0.50"}'] < 60_000, times
    assert text.family("kafka_coordinator_group_groupmetadatamanager_numgroups")[""] == 1
    try:
        get(broker.metrics.removesuffix("metrics") + "else")
        raise AssertionError("another path is not there")
    except urllib.error.HTTPError as error:
        assert error.code == 404


def check_deleted_topic(broker):
    """What went through a topic that is gone stays in the total, which never falls."""
    name = "kafka_server_brokertopicmetrics_messagesin_total"
    produce(broker, "passing", 100)
    before = scrape(broker.metrics).family(name)
    run(BIN / "kafka-topics", "--bootstrap-server", broker.bootstrap, "--delete", "--topic", "passing")
    after = scrape(broker.metrics).family(name)
    assert '{topic="passing"}' in before and '{topic="passing"}' not in after
    assert after[""] >= before[""], (before, after)


def check_bombers(producer, consumer):
    """What they count, and that the producer's figures are those that the consumer's agree with."""
    sent = "kafka_producer_producer_metrics_record_send_total"
    read = "kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total"
    eventually("both have worked", lambda: all(sum(scrape(bomber.metrics).family(name).values()) > 100 for bomber, name in
                                               ((producer, sent), (consumer, read))), 60)
    for bomber in (producer, consumer):
        check_metrics(get(bomber.metrics), bomber.process.args[0])
        assert get(bomber.metrics).count("_app_info{") == 1
    consumed = sum(scrape(consumer.metrics).family(read).values())
    assert consumed <= sum(scrape(producer.metrics).family(sent).values()) + 1000, "what is read was sent"


def check_configuration():
    for kind, path in (("rules", "rules/stoker.yml"), ("config", "prometheus.yml")):
        done = subprocess.run(["promtool", "check", kind, DEPLOY / "prometheus" / path], capture_output=True, text=True,
                              timeout=30)
        assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr


def panels(dashboard):
    """(title, expression) of every query, as Grafana would send it with everything selected."""
    for panel in dashboard["panels"]:
        for panel in [panel, *panel.get("panels", [])]:
            for target in panel.get("targets", []):
                expression = re.sub(r"\$(__rate_interval|\{__rate_interval\})", RATE, target.get("expr", ""))
                if expression:
                    yield panel.get("title", ""), re.sub(r"\$\{?\w+\}?", ".*", expression)


def why_empty(prometheus, foreign):
    """Every panel's query and every rule that has no data."""
    empty = []
    for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
        for title, query in panels(json.loads(path.read_text())):
            if not prometheus.query(query):
                empty.append(f"{path.name}: {title}: {query}")
    for group in prometheus.ask("rules")["groups"]:
        for rule in group["rules"]:
            assert not rule.get("lastError"), rule
            # Of an alert what is compared: that it does not fire is as it should be.
            expression = re.sub(r"\s(==|<|>)\s[\d.]+$", "", rule["query"])
            if not prometheus.query(re.sub(r"(5|10)m\]", f"{RATE}]", expression)):
                empty.append(f"rule {rule['name']}: {expression}")
    return empty + [f"a dashboard of others: {query}" for query in COMMUNITY + foreign if not prometheus.query(query)]


def foreign_queries():
    """Of STOKER_DASHBOARDS, with labels that only Kubernetes has left out and times that the test has."""
    queries = []
    for path in sorted(pathlib.Path(os.environ.get("STOKER_DASHBOARDS", os.devnull)).glob("*.json")):
        for _, query in panels(json.loads(path.read_text())):
            if ABSENT.search(query):
                continue
            query = re.sub(r"""\b(namespace|strimzi_io_\w+|kubernetes_pod_name|container|pod)\s*[=!]~?\s*"[^"]*",?""", "", query)
            query = re.sub(r"""=\s*(["'])\.\*""", r"=~\1.*", query)
            queries.append(re.sub(r"\[[15]m\]", f"[{RATE}]", query))
    return queries


def check_dashboards(broker, sources):
    run(BIN / "kafka-topics", "--bootstrap-server", broker.bootstrap, "--create", "--topic", "small",
        "--config", "max.message.bytes=1000")
    foreign = foreign_queries()
    with Prometheus(sources) as prometheus:
        end = time.monotonic() + 90
        empty = ["nothing asked yet"]
        while empty and time.monotonic() < end:
            produce(broker, "numbers", 200)
            fail_once(broker)
            consume(broker, "readers", "numbers")
            empty = why_empty(prometheus, foreign)
        assert not empty, "no data:\n" + "\n".join(empty)
        firing = [alert["labels"]["alertname"] for alert in prometheus.ask("alerts")["alerts"] if alert["state"] == "firing"]
        assert not firing, f"nothing is wrong, and yet: {firing}"
    print(f"every panel, every rule and {len(COMMUNITY + foreign)} questions of others have data")


def main():
    missing = [name for name in ("prometheus", "promtool", "kcat") if shutil.which(name) is None]
    if missing:
        print(f"skipped: there is no {', '.join(missing)} (scripts/bootstrap test)")
        return 77
    check_configuration()
    for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
        grafana.check(json.loads(path.read_text()))
    with MeteredBroker("metrics.port=0", "group.initial.rebalance.delay.ms=0") as broker:
        check_broker(broker)
        check_deleted_topic(broker)
        with (Exporter(broker.bootstrap, "--refresh-seconds", "0.5") as exporter,
              Bomber("producer-bomber", broker, "--messages-per-second", "200", "--num-threads", "2") as producer,
              Bomber("consumer-bomber", broker, "--processing-delay-ms", "0") as consumer):
            check_bombers(producer, consumer)
            check_dashboards(broker, {"stoker-broker": [broker.metrics], "stoker-exporter": [exporter.metrics],
                                      "stoker-bombers": [producer.metrics, consumer.metrics]})
        assert broker.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
