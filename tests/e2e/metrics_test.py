#!/usr/bin/env python3
"""Metrics, as Prometheus sees them: a broker under load and the exporter beside it, `promtool check metrics` on what they
serve, and Debian's Prometheus, which scrapes them. Every rule of deploy/prometheus and every panel of deploy/grafana has
data then. Exits 77 where there is no Prometheus (`scripts/bootstrap test`)."""
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from stoker import BIN, ROOT, Broker, eventually, run

LIBEXEC = ROOT / "libexec/stoker" if BIN == ROOT / "bin" else BIN
RATE = "10s"  # what Grafana puts for $__rate_interval
SCRAPE = "1s"
BOMBER_PANELS = "bombers.json"
# What dashboards of others ask for, in our words: kafka_exporter's (7589), Strimzi's for Kafka and for the exporter.
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
    f"sum by (topic) (rate({OFFSET}[{RATE}]))", f"sum by (topic) (delta({OFFSET}[{RATE}]) / 5)",
    f"sum by (consumergroup, topic) (delta(kafka_consumergroup_current_offset[{RATE}]) / 5)",
    "sum by (consumergroup, topic) (kafka_consumergroup_lag)", "sum by (topic) (kafka_topic_partitions)",
    "sum(kafka_topic_partition_replicas)", "sum(kafka_topic_partition_in_sync_replica)",
    "sum(kafka_topic_partition_under_replicated_partition)", "sum by (topic, partition) (kafka_log_log_size)",
    "sum by (listener) (kafka_server_socket_server_metrics_connection_count)",
    'kafka_server_raftmetrics_current_state{current_state="leader"}',
    f"sum by (request) (rate(kafka_network_requestmetrics_totaltimems_count[{RATE}]))",
    'kafka_network_requestmetrics_responsesendtimems{request="Fetch",quantile="0.999"}',
    "avg by (group) (kafka_consumergroup_group_max_lag_seconds)", "sum by (group) (kafka_consumergroup_group_lag)"]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def values(text, name):
    """The samples of a family: {labels: value}."""
    found = {}
    for line in text.splitlines():
        match = re.match(re.escape(name) + r"(\{.*\})? (\S+)$", line)
        if match:
            found[match[1] or ""] = float(match[2])
    return found


class MeteredBroker(Broker):
    def start(self, port):
        super().start(port)
        line = self.process.stdout.readline()
        match = re.match(r"metrics at (http://127\.0\.0\.1:\d+/metrics)", line)
        assert match, f"where are the metrics? {line!r}"
        self.metrics = match[1]


class Exporter:
    def __init__(self, bootstrap, *options):
        self.process = subprocess.Popen(
            [LIBEXEC / "stoker-exporter", "--bootstrap-server", bootstrap, "--port", "0", "--refresh-seconds", "0.5", *options],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        match = re.match(r"stoker exporter ready at (http://127\.0\.0\.1:\d+/metrics)", line)
        assert match, f"the exporter is not ready: {line!r}"
        self.metrics = match[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(20) == 0, "the exporter stops when told"
        self.process.stdout.close()


class Prometheus:
    """Scrapes `targets` (job: [address]) and evaluates the rules of deploy/."""

    def __init__(self, targets):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stoker-prometheus-"))
        config = {"global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
                  "rule_files": [str(ROOT / "deploy/prometheus/rules/*.yml")],
                  "scrape_configs": [{"job_name": job, "static_configs": [{"targets": addresses}]}
                                     for job, addresses in targets.items()]}
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address={self.address}"], stdout=self.log, stderr=self.log)
        eventually("Prometheus is ready", self.ready, 60)

    def ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        try:
            return "Ready" in get(f"http://{self.address}/-/ready")
        except (urllib.error.URLError, ConnectionError):
            return False

    def ask(self, path, **parameters):
        return json.loads(get(f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"))["data"]

    def query(self, expression):
        return self.ask("query", query=expression)["result"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def check_metrics(text, where):
    """promtool says nothing about names, types and help texts."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and not done.stdout + done.stderr, f"{where}: {done.stdout}{done.stderr}"


def produce(broker, topic, count):
    run("kcat", "-P", "-b", broker.bootstrap, "-t", topic, stdin="".join(f"message {i}\n" for i in range(count)))


def consume(broker, group, topic):
    run("kcat", "-b", broker.bootstrap, "-G", group, topic, "-e", "-q", "-X", "auto.offset.reset=earliest", timeout=60)


def fail_once(broker):
    """A batch that is too large, and a question about what is not there."""
    subprocess.run(["kcat", "-P", "-b", broker.bootstrap, "-t", "small", "-X", "message.max.bytes=1000000"], input="x" * 5000,
                   capture_output=True, text=True, timeout=30)
    subprocess.run(["kcat", "-Q", "-b", broker.bootstrap, "-t", "missing:0:-1"], capture_output=True, timeout=30)


def check_broker(broker):
    produce(broker, "numbers", 1000)
    consume(broker, "readers", "numbers")
    text = get(broker.metrics)
    check_metrics(text, "the broker")
    numbers = '{topic="numbers"}'
    assert values(text, "kafka_server_brokertopicmetrics_messagesin_total")[numbers] == 1000
    total = values(text, "kafka_server_brokertopicmetrics_messagesin_total")
    assert total[""] == sum(value for labels, value in total.items() if labels), total
    sent = values(text, "kafka_server_brokertopicmetrics_bytesin_total")[numbers]
    assert values(text, "kafka_server_brokertopicmetrics_bytesout_total")[numbers] == sent, "read once, as it was sent"
    ends = values(text, "kafka_log_log_logendoffset")
    assert sum(end for labels, end in ends.items() if 'topic="numbers"' in labels) == 1000, ends
    sizes = values(text, "kafka_log_log_size")
    assert sum(size for labels, size in sizes.items() if 'topic="numbers"' in labels) == sent
    assert values(text, "kafka_server_replicamanager_partitioncount")[""] == len(sizes)
    produced = {labels: count for labels, count in values(text, "kafka_network_requestmetrics_requests_total").items()
                if 'request="Produce"' in labels}
    counted = values(text, "kafka_network_requestmetrics_totaltimems_count")['{request="Produce"}']
    assert sum(produced.values()) == counted >= 1, produced
    assert values(text, "kafka_network_requestmetrics_errors_total")['{request="Produce",error="NONE"}'] >= 1
    times = values(text, "kafka_network_requestmetrics_totaltimems")
    assert 0 < times['{request="Fetch",quantile="0.50"}'] < 60_000, times
    assert values(text, "kafka_coordinator_group_groupmetadatamanager_numgroups")[""] == 1
    url = broker.metrics.removesuffix("metrics")
    try:
        get(url + "else")
        raise AssertionError("another path is not there")
    except urllib.error.HTTPError as error:
        assert error.code == 404


def check_deleted_topic(broker):
    """What went through a topic that is gone stays in the total, which never falls."""
    name = "kafka_server_brokertopicmetrics_messagesin_total"
    produce(broker, "passing", 100)
    before = values(get(broker.metrics), name)
    run(BIN / "kafka-topics", "--bootstrap-server", broker.bootstrap, "--delete", "--topic", "passing")
    after = values(get(broker.metrics), name)
    assert '{topic="passing"}' in before and '{topic="passing"}' not in after
    assert after[""] >= before[""], (before, after)


def check_exporter(broker, exporter):
    produce(broker, "numbers", 500)
    lag = '{consumergroup="readers",topic="numbers"}'
    eventually("the exporter sees a lag of 500",
               lambda: values(get(exporter.metrics), "kafka_consumergroup_lag_sum").get(lag) == 500)
    text = get(exporter.metrics)
    check_metrics(text, "the exporter")
    assert values(text, "kafka_brokers")[""] == 1 and values(text, "stoker_exporter_up")[""] == 1
    assert values(text, "kafka_consumergroup_group_topic_sum_lag") == {
        '{cluster_name="e2e",group="readers",topic="numbers"}': 500}
    seconds = values(text, "kafka_consumergroup_group_max_lag_seconds")
    assert all(value >= 0 for value in seconds.values()), seconds
    eventually("the lag has an age", lambda: any(
        value > 0 for value in values(get(exporter.metrics), "kafka_consumergroup_group_max_lag_seconds").values()))
    consume(broker, "readers", "numbers")
    eventually("and it goes", lambda: values(get(exporter.metrics), "kafka_consumergroup_lag_sum").get(lag) == 0)


def panels(dashboard):
    """(title, expression) of every query, as Grafana would send it with everything selected."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", RATE)
            yield panel["title"], re.sub(r"\$\w+", ".*", expression)


def check_dashboard(dashboard):
    """What Grafana's schema asks of a dashboard, as far as ours use it."""
    assert dashboard["schemaVersion"] >= 36 and dashboard["uid"] and dashboard["title"]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    taken = set()
    for panel in dashboard["panels"]:
        assert panel["type"] in ("row", "stat", "timeseries"), panel["type"]
        grid = panel["gridPos"]
        assert 0 <= grid["x"] and grid["x"] + grid["w"] <= 24, grid
        cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
        assert not cells & taken, f"{panel['title']} covers another panel"
        taken |= cells
        for target in panel.get("targets", []):
            used = set(re.findall(r"\$\{?(\w+)", target["expr"] + target["datasource"]["uid"]))
            assert used <= variables | {"__rate_interval"}, (panel["title"], used)


def why_empty(prometheus, with_bombers):
    """Every panel's query and every rule that has no data."""
    empty = []
    for path in sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")):
        dashboard = json.loads(path.read_text())
        check_dashboard(dashboard)
        if path.name == BOMBER_PANELS and not with_bombers:
            continue
        empty += [f"{path.name}: {title}: {query}" for title, query in panels(dashboard) if not prometheus.query(query)]
    for group in prometheus.ask("rules")["groups"]:
        for rule in group["rules"]:
            assert not rule.get("lastError"), rule
            # Of an alert what is compared: that it does not fire is as it should be.
            expression = re.sub(r"\s(==|<|>)\s[\d.]+$", "", rule["query"])
            if not prometheus.query(expression.replace("10m]", f"{RATE}]").replace("5m]", f"{RATE}]")):
                empty.append(f"rule {rule['name']}: {expression}")
    return empty + [f"a dashboard of others: {query}" for query in COMMUNITY if not prometheus.query(query)]


def check_dashboards(broker, exporter):
    address = lambda url: re.search(r"//(.*)/metrics", url)[1]
    targets = {"stoker-broker": [address(broker.metrics)], "stoker-exporter": [address(exporter.metrics)]}
    run(BIN / "kafka-topics", "--bootstrap-server", broker.bootstrap, "--create", "--topic", "small",
        "--config", "max.message.bytes=1000")
    with Prometheus(targets) as prometheus:
        end = time.monotonic() + 90
        empty = ["nothing asked yet"]
        while empty and time.monotonic() < end:
            produce(broker, "numbers", 200)
            fail_once(broker)
            consume(broker, "readers", "numbers")
            empty = why_empty(prometheus, False)
        assert not empty, "no data:\n" + "\n".join(empty)
        firing = [alert["labels"]["alertname"] for alert in prometheus.ask("alerts")["alerts"] if alert["state"] == "firing"]
        assert not firing, f"nothing is wrong, and yet: {firing}"
    print("every panel (bombers apart) and every rule has data")


def main():
    missing = [name for name in ("prometheus", "promtool", "kcat") if shutil.which(name) is None]
    if missing:
        print(f"skipped: there is no {', '.join(missing)} (scripts/bootstrap test)")
        return 77
    with MeteredBroker("metrics.port=0", "group.initial.rebalance.delay.ms=0") as broker:
        check_broker(broker)
        check_deleted_topic(broker)
        with Exporter(broker.bootstrap, "--cluster-name", "e2e") as exporter:
            check_exporter(broker, exporter)
            check_dashboards(broker, exporter)
        assert broker.stop() == 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
