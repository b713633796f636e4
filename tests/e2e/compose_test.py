"""The compose files of deploy/ without a container engine: docker-compose reads them against the compose specification's schema,
which it brings along, and what they name is there and fits together."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from stoker import ROOT

DEPLOY = ROOT / "deploy"


def config(path):
    return subprocess.run(["docker-compose", "-f", path, "config"], capture_output=True, text=True, timeout=60)


@unittest.skipUnless(shutil.which("docker-compose"), "there is no docker-compose (scripts/bootstrap slow)")
class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = {}
        for path in sorted(DEPLOY.glob("*compose*.yml")):
            done = config(path)
            assert done.returncode == 0, f"{path}: {done.stderr}"
            cls.files[path.name] = yaml.safe_load(done.stdout)

    def setUp(self):
        self.services = self.files["compose.yml"]["services"]

    def test_both_files_are_of_the_specification_and_others_are_refused(self):
        self.assertEqual(sorted(self.files), ["compose.yml", "docker-compose.test.yml"])
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder) / "compose.yml"
            wrong.write_text("services:\n  stoker:\n    image: x\n    port: [9092]\n")
            done = config(wrong)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("'port'", done.stderr)

    def test_what_they_build_from_and_mount_is_there(self):
        for name, content in self.files.items():
            for service, what in content["services"].items():
                if "build" in what:
                    self.assertTrue((pathlib.Path(what["build"]["context"]) / what["build"]["dockerfile"]).is_file(), service)
                for volume in what.get("volumes", []):
                    source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
                    if source.startswith("/") and not source.endswith("/.env"):  # which the user writes
                        self.assertTrue(pathlib.Path(source).exists(), f"{name}: {source}")

    def test_only_this_machine_reaches_the_ports(self):
        for service, what in self.services.items():
            self.assertTrue(service == "stoker" or what["network_mode"] == "service:stoker", service)
        for port in self.services["stoker"]["ports"]:
            text = port if isinstance(port, str) else f"{port.get('host_ip', '')}:{port['target']}"
            self.assertTrue(text.startswith("127.0.0.1:"), text)

    def test_prometheus_looks_where_the_figures_are(self):
        prometheus = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
        targets = {job["job_name"]: job["static_configs"][0]["targets"] for job in prometheus["scrape_configs"]}
        command = {name: str(what.get("command", "")) for name, what in self.services.items()}
        self.assertIn(f"metrics.port={targets['stoker-broker'][0].split(':')[1]}", command["stoker"])
        self.assertEqual(targets["stoker-exporter"], ["localhost:9308"], "its default")
        self.assertNotIn("--port", command["exporter"])
        served = [re.search(r"--metrics-port (\d+)", command[name])[1] for name in ("producer", "consumer")]
        self.assertEqual(targets["stoker-bombers"], [f"localhost:{port}" for port in served])

    def test_grafana_finds_its_source_and_its_dashboards(self):
        source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
        self.assertEqual((source["type"], source["url"]), ("prometheus", "http://localhost:9090"))
        provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/stoker.yml").read_text())["providers"][0]
        grafana = self.services["grafana"]
        mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in grafana["volumes"]}
        folder = provider["options"]["path"]
        self.assertEqual(pathlib.Path(mounted[folder]), DEPLOY / "grafana/dashboards")
        home = pathlib.Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
        self.assertEqual(str(home.parent), folder)
        self.assertIn("panels", json.loads((DEPLOY / "grafana/dashboards" / home.name).read_text()))


if __name__ == "__main__":
    unittest.main()
