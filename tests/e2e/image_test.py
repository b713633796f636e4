"""The container image and the Debian package without a container engine: the image's root file system is assembled as the
Dockerfile does it and entered with chroot, the package is installed into such a root and removed again; the unit file is what
systemd accepts. Needs root."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from stoker import ROOT, Broker, run

IMAGE_MAX_MB = 100
EXPOSURE_MAX = 2.0  # systemd-analyze security: 0 is closed, 10 is open
PASSWORD = "canary-image"


@unittest.skipUnless(os.geteuid() == 0, "chroot is root's")
class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-image-"))
        cls.addClassCleanup(shutil.rmtree, cls.base, True)
        cls.root = cls.base / "root"
        run(ROOT / "deploy/image-root", cls.root, timeout=120)
        for device in ("null", "zero", "urandom"):
            os.mknod(cls.root / "dev" / device, 0o20666, os.stat(f"/dev/{device}").st_rdev)
            (cls.root / "dev" / device).chmod(0o666)

    def inside(self, *command, user="65532:65532", root=None, **more):
        settings = {"PATH": "/opt/stoker/bin:/bin:/usr/bin:/usr/sbin", "KAFKA_HOME": "/opt/stoker", "LC_ALL": "C.UTF-8"}
        script = 'cd /app 2>/dev/null; exec "$@"'
        return subprocess.run(["chroot", f"--userspec={user}", root or self.root, "/bin/bash", "-c", script, "bash", *command],
                              capture_output=True, text=True, timeout=60, env=settings | more, stdin=subprocess.DEVNULL)

    def test_it_is_small_and_complete(self):
        kib = int(run("du", "-sk", self.root).split()[0])
        self.assertLess(kib / 1024, IMAGE_MAX_MB)
        for name in ("producer-bomber", "consumer-bomber", "kafka-producer-perf", "kafka-consumer-perf", "kafka-topics", "stoker"):
            done = self.inside(name, "--help")  # upstream's perf tools end with 1 after it
            self.assertRegex(done.stdout + done.stderr, "(?i)usage|option", name)
        self.assertEqual(self.inside("bash", "-c", "id -u; ls config").stdout.split(),
                         ["65532", "consumer.properties.example", "producer.properties.example"])
        done = self.inside("bash", "-c", "$KAFKA_HOME/bin/kafka-producer-perf-test.sh --help")
        self.assertIn("--producer-props", done.stdout, done.stderr)
        self.assertNotEqual(self.inside("bash", "-c", "echo > /bin/x").returncode, 0, "the user may not write into the image")

    def test_the_programs_work_in_it(self):
        with Broker() as broker:
            done = self.inside("producer-bomber", "--duration-seconds", "1", KAFKA_BOOTSTRAP_SERVERS=broker.bootstrap,
                               KAFKA_SECURITY_PROTOCOL="PLAINTEXT", KAFKA_NUM_TOPICS="1", KAFKA_PASSWORD=PASSWORD)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Messages envoyés    1000", done.stdout)
            done = self.inside("kafka-producer-perf", "--topic", "test", "--num-records", "100", "--record-size", "1024",
                               "--throughput", "-1", "--producer-props", f"bootstrap.servers={broker.bootstrap}")
            self.assertIn("100 records sent", done.stdout, done.stderr)
            self.assertEqual(self.inside("/opt/stoker/healthcheck").returncode, 0)

    def test_the_examples_are_what_the_programs_read(self):
        text = (self.root / "app/env.example").read_text()
        names = set(re.findall(r"^(KAFKA_\w+)=", text, re.MULTILINE))
        known = set()
        for name in ("producer-bomber", "consumer-bomber"):
            known |= set(re.findall(r"\[(KAFKA_\w+)\]", self.inside(name, "--help").stdout))
        self.assertEqual(names, known)
        values = {name: value for name, value in re.findall(r"^(KAFKA_\w+)=(.*)$", text, re.MULTILINE)}
        done = self.inside("producer-bomber", "--env-file", "env.example", "--max-retries", "1",
                           "--bootstrap-servers", "127.0.0.1:1")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("no broker answered", done.stderr)
        self.assertNotIn(values["KAFKA_PASSWORD"], done.stdout + done.stderr)
        for kind in ("producer", "consumer"):
            done = self.inside(f"{kind}-bomber", "--command-config", f"config/{kind}.properties.example",
                               "--bootstrap-servers", "127.0.0.1:1", "--max-retries", "1")
            self.assertIn("no broker answered", done.stderr)

    def test_the_dockerfile_is_of_two_stages_and_not_root(self):
        text = (ROOT / "deploy/Dockerfile").read_text()
        self.assertEqual(len(re.findall("^FROM ", text, re.MULTILINE)), 2)
        self.assertRegex(text, r"(?m)^USER 65532:65532$")
        self.assertRegex(text, r"(?m)^HEALTHCHECK .*\n?.*CMD \[\"/opt/stoker/healthcheck\"\]$")

    def test_the_package_is_installed_and_removed(self):
        package = run(ROOT / "scripts/deb", self.base, timeout=300).splitlines()[-1]
        root = self.base / "debian"
        run(ROOT / "deploy/image-root", root, timeout=120)
        for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "usr/sbin"):
            (root / folder).mkdir(parents=True)
        for name in ("status", "available"):
            (root / "var/lib/dpkg" / name).touch()
        (root / "usr/sbin/useradd").write_text('#!/bin/sh\necho "${@: -1}:x:999:999::/var/lib/stoker:/bin/false" >> /etc/users\n')
        (root / "usr/sbin/useradd").chmod(0o755)
        for name in ("getent", "chown"):
            (root / "usr/bin" / name).write_text("#!/bin/sh\ntest -e /etc/users\n" if name == "getent" else "#!/bin/sh\n")
            (root / "usr/bin" / name).chmod(0o755)
        (root / "dev/null").touch()
        before = self.files(root)
        dpkg = ["dpkg", f"--root={root}", "--force-depends", "--log=/dev/null"]
        run(*dpkg, "--install", package, timeout=120)
        self.assertIn("stoker:x:999", (root / "etc/users").read_text())
        done = self.inside("/usr/bin/stoker", "--help", root=root)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.inside("/usr/bin/kafka-topics", "--version", root=root).returncode, 0)
        self.assertEqual(self.inside("/usr/bin/stoker", "schedule", "--help", root=root).returncode, 0, "libexec is found")
        self.assertTrue((root / "usr/share/man/man1/producer-bomber.1.gz").exists())
        run(*dpkg, "--purge", "stoker", timeout=120)
        self.assertEqual(self.files(root) - before, {"etc/users"})

    @staticmethod
    def files(root):
        return {str(path.relative_to(root)) for path in root.rglob("*")
                if not path.is_dir() and "var/lib/dpkg" not in str(path)}

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not here")
    def test_the_unit_is_accepted_and_closed(self):
        unit = self.base / "stoker.service"
        text = (ROOT / "deploy/stoker.service").read_text()
        unit.write_text(text.replace("/usr/bin/stoker", str(self.root / "opt/stoker/bin/stoker")).replace("man:stoker(1)", ""))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
        complaints = [line for line in done.stderr.splitlines() if "stoker.service" in line]
        self.assertEqual(complaints, [])
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit], capture_output=True,
                              text=True, timeout=60)
        exposure = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertIsNotNone(exposure, done.stdout + done.stderr)
        self.assertLessEqual(float(exposure[1]), EXPOSURE_MAX)


if __name__ == "__main__":
    unittest.main()
