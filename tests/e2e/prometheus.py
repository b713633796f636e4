"""What the tests of metrics share: a scrape read, promtool, the exporter, and a Prometheus of their own."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from apache_kafka import free_port
from stoker import BIN, ROOT, eventually

LIBEXEC = ROOT / "libexec/stoker" if BIN == ROOT / "bin" else BIN
SCRAPE_INTERVAL = "1s"


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


class Scraped:
    """The text of a scrape."""

    def __init__(self, text):
        self.text = text

    def family(self, name):
        """{labels as they stand there: value}"""
        found = {}
        for match in re.finditer(rf"^{re.escape(name)}(\{{.*\}})? (\S+)$", self.text, re.MULTILINE):
            found[match[1] or ""] = float(match[2])
        return found

    def samples(self, name):
        """({label: value}, value) of each"""
        return [(dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels)), value) for labels, value in self.family(name).items()]

    def names(self):
        return re.findall(r"^# TYPE (\S+)", self.text, re.MULTILINE)


def scrape(url):
    return Scraped(get(url))


def check_metrics(text, where):
    """promtool says nothing about names, types and help texts."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and not done.stdout + done.stderr, f"{where}: {done.stdout}{done.stderr}"


class Exporter:
    """`stoker exporter` on a port of its own, ready."""

    def __init__(self, bootstrap, *options):
        self.process = subprocess.Popen([LIBEXEC / "stoker-exporter", "--bootstrap-server", bootstrap, "--port", "0", *options],
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
    """Debian's Prometheus. Scrapes `targets` (job: [URL]) and evaluates the rules of deploy/."""

    def __init__(self, targets):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stoker-prometheus-"))
        address = lambda url: urllib.parse.urlsplit(url).netloc
        config = {"global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": SCRAPE_INTERVAL},
                  "rule_files": [str(ROOT / "deploy/prometheus/rules/*.yml")],
                  "scrape_configs": [{"job_name": job, "static_configs": [{"targets": [address(url) for url in urls]}]}
                                     for job, urls in targets.items()]}
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        self.address = f"127.0.0.1:{free_port()}"
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
