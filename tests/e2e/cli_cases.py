"""The recorded cases of Apache Kafka's own tools (tests/golden/cli) and what makes two runs of one case comparable."""
import dataclasses
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "golden" / "cli"

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ID = "[A-Za-z0-9_-]{22}"
LOG_TIME = r"^\[[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8},[0-9]{3}\]"
DEAD_BROKER = r" WARN .*(could not be established|Bootstrap broker .* disconnected)"
# name: (what to look for, what it becomes); None drops the line. A case names the rules that it needs.
RULES = {
    "log-time": (LOG_TIME, "[LOG_TIME]"),
    "frames": (r"^(\sat |\s\.\.\. [0-9]+ more)", None),
    "uuids": (UUID, "UUID"),
    "topic-id": (f"TopicId: {ID}", "TopicId: TOPIC_ID"),
    "json-id": (f'"(directoryId|topicId)":( ?)"{ID}"', r'"\1":\2"ID"'),
    "port": (r"(localhost|127\.0\.0\.1):[0-9]{5}", r"\1:PORT"),
    "timestamp": (r"(CreateTime|LogAppendTime)(:|: )[0-9]{13}", r"\1\2MILLIS"),
    "millis": (r"(?<![0-9.])1[0-9]{12}(?![0-9])", "MILLIS"),
    "generated-group": (r"console(-share)?-consumer-[0-9]+", r"console\1-consumer-N"),
    "perf-group": (r"perf-consumer-[0-9]+", "perf-consumer-N"),
    "data": (r'/[^ ",:]*/([0-9])/data', r"/DATA\1"),
    "scratch": (r'/[^ ",:]*/golden\.[A-Za-z0-9]{6}/', "/TMP/"),
    "date-time": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}[.:][0-9]{3}(Z?)", r"DATE_TIME\1"),
    "rate": (r"([0-9]+\.[0-9]+|NaN|Infinity) (records.sec|MB.sec|ms)", r"X \2"),
    "percentile": (r"[0-9]+ ms ([0-9.]+)th", r"N ms \1th"),
    "records-sent": (r"^[0-9]+( records sent, .* max latency\.)$", r"N\1"),
    "throughput": (r'("avg_throughput":)([0-9.]+|Infinity)', r"\1X"),
    "crc": (r"crc: [0-9]+", "crc: N"),
    # Groups with random names may be in the same partition.
    "record-offset": (r"^\| offset: [0-9]+", "| offset: N"),
    "follower-lag": (r"(MaxFollowerLagTimeMs: +)[-0-9]+", r"\1N"),
    "high-watermark": (r"(HighWatermark: +)[0-9]+", r"\1N"),
    "replica-row": (rf"^([0-9]+\s+){ID}(\s+)[0-9]+ *", r"\1DIRECTORY_ID\2N"),
    "ago": (r"[0-9]+ ms ago *", "N ms ago"),
    "passed": (r"[0-9]+ ms has passed", "N ms has passed"),
    "duration": (r" in [0-9.]+ms", " in Xms"),
    "epoch": (r"(\sEpoch: )[0-9]+$", r"\1N"),
    "transaction-duration": (r"(MILLIS\s+)[0-9]+ *", r"\1N "),
    "perf-row": (r"^(DATE_TIME, DATE_TIME), [0-9.]+, [0-9.]+, ([0-9]+), [0-9.]+, -?[0-9]+, -?[0-9]+, [0-9.]+, [0-9.]+",
                 r"\1, X, X, \2, X, N, N, X, X"),
    "perf-interval": (r"^(DATE_TIME), 0, .*", r"\1, 0, ..."),
    "directory": (rf"(directory\.id=){ID}", r"\1ID"),
    "correlation": (r"correlation id [0-9]+", "correlation id N"),
    "operations": (r"(only supports operations) \[[A-Z_, ]*\]", r"\1 [...]"),
    "port-column": (r"(localhost )[0-9]{5}", r"\1PORT"),
    "states": (r"(Valid states are: ).*", r"\1..."),
    "options": (r"(takes one of these options: ).*", r"\1..."),
    "scenarios": (r"(one of the following scenarios: ).*", r"\1..."),
    "voter": (r'"voterDirectoryId":"[^"]*"', '"voterDirectoryId":"ID"'),
    "endpoint": (r'"host":"[^"]*","port":[0-9]+', '"host":"HOST","port":PORT'),
    "quorum-endpoint": (r'"CONTROLLER://[^"]*"', '"CONTROLLER://ENDPOINT"'),
    "dead-broker": (DEAD_BROKER, None),
    "processed": (r"(Processed a total of )[0-9]+", r"\1N"),
}
HELP = re.compile(r"^(?:Option +Description|Option \(\* = required\)|Option\s*\n-+|usage: ).*\Z", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass
class Case:
    """One entry of a file: a command to compare, one to repeat until it succeeds, or the end of one in the background."""
    name: str
    kind: str = "run"  # run, bg, until, stop
    signal: str = "TERM"
    unordered: bool = False
    rules: list = dataclasses.field(default_factory=list)
    command: str = ""
    out: str = ""
    err: str = ""
    status: int = 0

    def is_help(self):
        return self.name.startswith(("help-", "noargs-"))


def normalise(text, rules, help_only=False):
    """What is left when the rules and the words of a help text, which are anyone's own, are taken away."""
    text = HELP.sub("(help)", text)
    if help_only and "(help)" in text:
        return "(help)"
    for name in rules:
        pattern, replacement = RULES[name]
        lines = text.splitlines(keepends=True)
        if replacement is None:
            lines = [line for line in lines if not re.search(pattern, line)]
        else:
            lines = [re.sub(pattern, replacement, line) for line in lines]
        text = "".join(lines)
    return text


def differences(case, out, err, status):
    """The names of the streams that are not as recorded."""
    def same(ours, recorded):
        ours = normalise(ours, case.rules, case.is_help())
        return sorted(ours.splitlines()) == sorted(recorded.splitlines()) if case.unordered else ours == recorded
    found = [] if status == case.status else ["status"]
    return found + [name for name, ours, recorded in (("out", out, case.out), ("err", err, case.err))
                    if not same(ours, recorded)]


def read_file(path):
    """The cases of one file. A line's first character says what it is: $ command, > standard output, ! standard error,
    = exit status, % rules; after > or ! a backslash is a line without an end."""
    cases = []
    for line in path.read_text().split("\n"):
        if line.startswith("== "):
            words = line[3:].split()
            kind = words.pop(0) if words[0] in ("bg", "until", "stop") else "run"
            cases.append(Case(words[0], kind, unordered="unordered" in words[1:]))
            if kind == "stop" and len(words) > 1:
                cases[-1].signal = words[1]
        elif line.startswith("$ "):
            cases[-1].command += line[2:] + "\n"
        elif line.startswith("% "):
            cases[-1].rules = line[2:].split()
        elif line.startswith("= "):
            cases[-1].status = int(line[2:])
        elif line[:1] in (">", "!"):
            text = line[2:] + ("" if line[1] == "\\" else "\n")
            if line[0] == ">":
                cases[-1].out += text
            else:
                cases[-1].err += text
        elif line and not line.startswith("#"):
            raise ValueError(f"{path.name}: {line!r}")
    return cases


def read_all(part=""):
    """The cases of one sequence, which have a broker to themselves: those of the folder, or of a folder in it."""
    return [(path.stem, case) for path in sorted((FOLDER / part).glob("*.txt")) for case in read_file(path)]
