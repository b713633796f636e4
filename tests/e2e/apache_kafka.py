"""A one-node Apache Kafka for the slow tests, out of the jars that Maven fetches."""
import contextlib
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def jars():
    """The class path; exits with 77 when the jars cannot be had."""
    found = subprocess.run([ROOT / "scripts/kafka-libs"], stdout=subprocess.PIPE, text=True)
    if found.returncode:
        raise SystemExit(found.returncode)
    return found.stdout.strip() + "/*"


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ApacheKafka:
    """Broker and controller in one process over `data`, which it formats when it is empty. Use it in a
    with-statement: the process ends with it, the folder stays. `more` are properties that win over the
    others, with {port} and {controller} for the ports."""

    def __init__(self, data, work, port=0, more=""):
        self.data = pathlib.Path(data)
        self.log_path = pathlib.Path(work) / "apache-kafka.log"
        self.port, controller = port or free_port(), free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self.properties = pathlib.Path(work) / "server.properties"
        self.properties.write_text(f"""process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={self.data}
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
""" + more.format(port=self.port, controller=controller))
        self.process = None

    def java(self, *arguments):
        return ["java", "-Xmx400m", "-cp", jars(), *map(str, arguments)]

    def format(self, cluster_id):
        subprocess.run(self.java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", self.properties,
                                 "--standalone"), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self, timeout=90):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.java("kafka.Kafka", self.properties), stdout=log,
                                            stderr=subprocess.STDOUT)
        from confluent_kafka.admin import AdminClient
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(Exception):
                if admin.list_topics(timeout=2).brokers:
                    return self
        raise AssertionError("Apache Kafka does not answer: " + self.log_path.read_text()[-3000:])

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
