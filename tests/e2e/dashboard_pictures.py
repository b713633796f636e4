"""dashboard_pictures.py FOLDER [--seconds 60]: the pictures of the dashboards in docs/. A broker, the exporter and both bombers
work for a while; each panel of deploy/grafana is drawn where its dashboard has it, from what Prometheus answers to its
queries, and Chromium takes the picture. It is not Grafana that draws: the data, the titles, the units and the places are what
the pictures show."""
import argparse
import html
import json
import pathlib
import re
import subprocess
import tempfile
import time

from metrics_test import Bomber, DEPLOY, MeteredBroker, RATE, consume, produce
from prometheus import Exporter, Prometheus

COLUMN, ROW = 54, 30  # pixels of a cell of Grafana's grid
COLOURS = ("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0")
SERIES_MAX = 8
STYLE = """body{margin:0;background:#111217;color:#ccccdc;font:12px sans-serif}div{position:absolute;box-sizing:border-box}
.panel{background:#181b1f;border:1px solid #2c3235;padding:6px}.row{padding:8px 4px;font-weight:bold}.title{font-weight:bold}
.stat{font-size:34px;color:#7eb26d;text-align:center;width:96%;top:38px}.legend{bottom:4px;left:6px;white-space:nowrap;
overflow:hidden;width:97%}text{fill:#9fa7b3;font-size:10px}"""
SCALES = {"bytes": (1024, "B"), "Bps": (1024, "B/s"), "ms": (1000, "ms"), "s": (1000, "s"), "cps": (1000, "/s"), "reqps": (1000, "/s")}


def written(value, unit):
    """As Grafana writes it: 1.2 KiB/s."""
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    base, name = SCALES.get(unit, (1000, ""))
    steps = ("", "Ki", "Mi", "Gi") if base == 1024 else ("", "k", "M", "G")
    power = 0
    while name not in ("ms", "s") and abs(value) >= base and power < len(steps) - 1:
        value, power = value / base, power + 1
    return f"{value:.3g} {steps[power]}{name}".rstrip()


def query_of(target):
    expression = re.sub(r"\$(__rate_interval|\{__rate_interval\})", RATE, target["expr"])
    return re.sub(r"\$\{?\w+\}?", ".*", expression)


def legend(target, labels):
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), target.get("legendFormat", ""))


def series(prometheus, panel, seconds):
    """(name, [(time, value)]) of what the panel shows."""
    end = time.time()
    return [(legend(target, one["metric"]), [(at, float(value)) for at, value in one["values"] if value != "NaN"])
            for target in panel["targets"]
            for one in prometheus.ask("query_range", query=query_of(target), start=end - seconds, end=end, step=1)["result"]]


def chart(lines, unit, width, height, seconds):
    top = max((value for _, points in lines for _, value in points), default=1) or 1
    left, end = 52, max((at for _, points in lines for at, _ in points), default=0)
    place = lambda at, value: f"{left + (width - left) * (1 - (end - at) / seconds):.1f},{height - 12 - (height - 24) * value / top:.1f}"
    marks = "".join(f'<text x="0" y="{height - 9 - (height - 24) * share:.0f}">{html.escape(written(top * share, unit))}</text>'
                    f'<line x1="{left}" x2="{width}" y1="{height - 12 - (height - 24) * share:.0f}" '
                    f'y2="{height - 12 - (height - 24) * share:.0f}" stroke="#2c3235"/>' for share in (0, 0.5, 1))
    paths = "".join(f'<polyline fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="1.5" points="'
                    + " ".join(place(at, value) for at, value in points) + '"/>' for i, (_, points) in enumerate(lines))
    return f'<svg width="{width}" height="{height}">{marks}{paths}</svg>'


def draw_panel(prometheus, panel, seconds):
    grid = panel["gridPos"]
    width, height = grid["w"] * COLUMN, grid["h"] * ROW
    box = f'left:{grid["x"] * COLUMN}px;top:{grid["y"] * ROW + 40}px;width:{width - 4}px;height:{height - 4}px'
    title = html.escape(panel["title"])
    if panel["type"] == "row":
        return f'<div class="row" style="{box}">▾ {title}</div>'
    unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "none")
    lines = series(prometheus, panel, seconds)[:SERIES_MAX]
    if panel["type"] == "stat":
        value = lines[0][1][-1][1] if lines else float("nan")
        return f'<div class="panel" style="{box}"><span class="title">{title}</span><div class="stat">{written(value, unit)}</div></div>'
    names = " ".join(f'<span style="color:{COLOURS[i % len(COLOURS)]}">━ {html.escape(name)}</span>' for i, (name, _) in enumerate(lines))
    return (f'<div class="panel" style="{box}"><span class="title">{title}</span>'
            f'{chart(lines, unit, width - 20, height - 50, seconds)}<div class="legend">{names}</div></div>')


def take_picture(prometheus, dashboard, file, seconds):
    panels = "".join(draw_panel(prometheus, panel, seconds) for panel in dashboard["panels"])
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"]) * ROW + 48
    with tempfile.NamedTemporaryFile("w", suffix=".html") as page:
        page.write(f'<meta charset="utf-8"><style>{STYLE}</style><div style="left:6px;top:10px;font-size:16px">'
                   f'{html.escape(dashboard["title"])}</div>{panels}')
        page.flush()
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={file}",
                        f"--window-size={24 * COLUMN},{bottom}", f"file://{page.name}"], check=True, timeout=120,
                       capture_output=True)


def main(options):
    with MeteredBroker("metrics.port=0", "group.initial.rebalance.delay.ms=0") as broker:
        with (Exporter(broker.bootstrap, "--refresh-seconds", "1") as exporter,
              Bomber("producer-bomber", broker, "--messages-per-second", "2000", "--num-threads", "2") as producer,
              Bomber("consumer-bomber", broker, "--processing-delay-ms", "1") as consumer):
            with Prometheus({"stoker-broker": [broker.metrics], "stoker-exporter": [exporter.metrics],
                             "stoker-bombers": [producer.metrics, consumer.metrics]}) as prometheus:
                until = time.monotonic() + options.seconds
                while time.monotonic() < until:
                    produce(broker, "numbers", 500)
                    consume(broker, "readers", "numbers")
                for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
                    take_picture(prometheus, json.loads(path.read_text()), options.folder / f"dashboard-{path.stem}.png",
                                 options.seconds)
                    print(options.folder / f"dashboard-{path.stem}.png", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=lambda name: pathlib.Path(name).absolute())
    parser.add_argument("--seconds", type=int, default=60)
    main(parser.parse_args())
