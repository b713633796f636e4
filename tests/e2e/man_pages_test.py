"""Every program has a manual page with all its options, and groff reads it without complaint."""
import pathlib
import re
import subprocess
import tempfile
import unittest

import stoker


# Their help shows no table of options.
POSITIONAL = {"kafka-server-start", "kafka-server-stop", "kafka-e2e-latency"}


class ManPages(unittest.TestCase):
    def test_every_program_has_a_page_with_its_options_that_groff_reads(self):
        with tempfile.TemporaryDirectory() as folder:
            stoker.run(stoker.ROOT / "scripts/man-pages", folder, stoker.BIN)
            pages = {page.stem: page for page in pathlib.Path(folder).glob("*.1")}
            for name in ("stoker", "kafka-topics", "kafka-console-consumer", "kafka-cluster"):
                self.assertIn(name, pages)
            for name, page in pages.items():
                with self.subTest(name):
                    text = page.read_text().replace("\\-", "-")
                    self.assertRegex(text, r"\.SH NAME\n" + name + r" - \w")
                    done = subprocess.run([stoker.BIN / name, "--help"], capture_output=True, text=True,
                                          stdin=subprocess.DEVNULL, timeout=30)
                    shown = re.findall(r"^(?:\* )?\s{0,2}(?:-\w, ?)?(--[a-z][\w-]+)", done.stdout + done.stderr, re.M)
                    if name not in POSITIONAL:
                        self.assertTrue(shown)
                    for option in shown:
                        self.assertIn(option, text)
                    groff = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", page], capture_output=True, text=True)
                    self.assertEqual(groff.stderr, "")


if __name__ == "__main__":
    unittest.main()
