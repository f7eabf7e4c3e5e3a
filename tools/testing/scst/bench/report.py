# SPDX-License-Identifier: GPL-2.0
"""Results of a bench as a table, as JSON and as a picture."""

import json
import statistics
from xml.sax.saxutils import escape

COLOURS = {"null_blk": "#b0b0b0", "scsi_debug": "#808080", "LIO null": "#d98c5f",
           "SCST null": "#4f81bd", "LIO file": "#e8b796", "SCST file": "#9cb9dd"}
WIDTH = 30      # of a point's name


def median(samples, key):
    values = [s[key] for s in samples if s[key] is not None]
    return statistics.median(values) if values else None


def _cell(samples):
    iops, cpu = median(samples, "iops"), median(samples, "cpu")
    text = f"{iops / 1000:7.1f}k"
    return text + (f" {cpu / 1000:6.2f}" if cpu is not None else "")


def table(results, pairs, ratios):
    """Medians of IOPS and of kernel CPU an I/O in microseconds; the medians of
    the ratios, with the least and the largest of the rounds."""
    rivals = list(next(iter(results.values())))
    lines = ["medians: I/Os a second, microseconds of kernel CPU an I/O", ""]
    lines.append(f"{'':{WIDTH}}" + "".join(f"{r:>17}" for r in rivals))
    for point, samples in results.items():
        lines.append(f"{point:{WIDTH}}" + "".join(f"{_cell(samples[r]):>17}" for r in rivals))
    lines += ["", "cost of LIO to cost of SCST (above 1: SCST costs less); "
              "least and largest of the rounds", ""]
    lines.append(f"{'':{WIDTH}}" + "".join(f"{ours:>24}" for ours, _ in pairs))
    for point, samples in results.items():
        cells = []
        for ours, theirs in pairs:
            values = ratios(samples, ours, theirs)
            cells.append(f"{statistics.median(values):.2f} "
                         f"({min(values):.2f}-{max(values):.2f}, {len(values):2})")
        lines.append(f"{point:{WIDTH}}" + "".join(f"{c:>24}" for c in cells))
    return "\n".join(lines)


def _svg(results, cost):
    """Bars of cost in microseconds, a group a point, each to its own scale."""
    height, left, width = 16, 160, 420
    rows, y = [], 34
    rows.append('<text x="8" y="20" font-weight="bold">'
                "microseconds an I/O: less is better</text>")
    for point, samples in results.items():
        costs = [statistics.median(map(cost, s)) / 1000 for s in samples.values()]
        rows.append(f'<text x="8" y="{y + 12}" font-weight="bold">{escape(point)}</text>')
        y += height
        for rival, value in zip(samples, costs):
            bar = value / max(costs) * width
            rows.append(f'<text x="{left - 8}" y="{y + 12}" text-anchor="end">'
                        f"{escape(rival)}</text>")
            rows.append(f'<rect x="{left}" y="{y + 2}" width="{bar:.1f}" '
                        f'height="{height - 4}" fill="{COLOURS[rival]}"/>')
            rows.append(f'<text x="{left + bar + 6:.1f}" y="{y + 12}">{value:.2f}</text>')
            y += height
        y += 10
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" '
            f'height="{y}" font-family="sans-serif" font-size="12">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join(rows) + "\n</svg>\n")


def save(where, results, text, cost):
    for name, content in (("bench.json", json.dumps(results, indent=1)),
                          ("bench.txt", text + "\n"), ("bench.svg", _svg(results, cost))):
        with open(f"{where}/{name}", "w", encoding="utf-8") as file:
            file.write(content)
