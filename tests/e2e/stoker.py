"""What the end-to-end tests share: a broker of their own in a fresh folder, on a port of its own."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("STOKER_BIN", ROOT / "bin"))


class Broker:
    """`stoker broker`, ready. Use it in a with-statement: it ends, and its folder is removed, whatever happens; a
    folder that was given as `data` stays."""

    def __init__(self, *overrides, data=None, port=0):
        self.own_folder = data is None
        self.folder = pathlib.Path(data or tempfile.mkdtemp(prefix="stoker-e2e-"))
        handle, name = tempfile.mkstemp(prefix="stoker-e2e-", suffix=".log")
        os.close(handle)
        self.log_path = pathlib.Path(name)
        self.overrides = overrides
        self.start(port)

    def spawn(self, port):
        """The process; it is not ready yet."""
        command = [BIN / "stoker", "broker", "--override", f"listeners=PLAINTEXT://127.0.0.1:{port}",
                   "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def start(self, port):
        self.process = self.spawn(port)
        line = self.process.stdout.readline()
        match = re.match("stoker broker ready at " + self.ready_address(), line)
        if match is None:
            raise AssertionError(f"not ready: {line!r} {self.log_path.read_text()[-2000:]}")
        self.port = int(match[1])
        self.bootstrap = f"127.0.0.1:{self.port}"

    def ready_address(self):
        """A pattern, whose group is the port."""
        return r"PLAINTEXT://127\.0\.0\.1:(\d+)"

    def kill_and_restart(self, *overrides):
        """kill -9; the same folder and the same port."""
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()
        self.overrides += overrides
        self.start(self.port)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def log_lines(self):
        """What it has said on standard error so far, restarts included."""
        return self.log_path.read_text().splitlines()

    def connections(self):
        """How many TCP connections it has open."""
        table = pathlib.Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()
        sockets = {f"socket:[{line.split()[9]}]" for line in table if line.split()[3] == "01"}
        links = []
        for link in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                links.append(os.readlink(link))
            except FileNotFoundError:
                pass  # closed meanwhile
        return sum(link in sockets for link in links)

    def rss_mib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.process.stdout.close()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.log_path.unlink(missing_ok=True)


def run(*command, stdin=None, timeout=60):
    """A program to its end; its standard output. Fails loudly."""
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, f"{command}: {done.returncode}: {done.stderr[-1500:]}"
    return done.stdout


def eventually(what, check, seconds=20):
    """Waits until check() is true; the deadline is for failing, not for waiting."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")
