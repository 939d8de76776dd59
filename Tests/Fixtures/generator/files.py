"""JSON in which whatever fits on a line stays on one line."""

import json

LINE = 240
DIGITS = 10


def dumped(value, indent=0):
    line = json.dumps(value)
    if len(line) <= LINE and (indent or not isinstance(value, dict)):
        return line
    space = "\n" + "  " * (indent + 1)
    end = "\n" + "  " * indent
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {dumped(item, indent + 1)}" for key, item in value.items()]
        return "{" + space + ("," + space).join(parts) + end + "}"
    if isinstance(value, list):
        return "[" + space + ("," + space).join(dumped(item, indent + 1) for item in value) + end + "]"
    return line


def rounded(value):
    """Floats to ten significant digits."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def write_json(path, value):
    """`value` made of dictionaries, lists, strings and numbers."""
    path.write_text(dumped(rounded(value)) + "\n")
