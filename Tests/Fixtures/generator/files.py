"""JSON whose innermost lists stay on one line."""

import json
import re


def write_json(path, value):
    text = json.dumps(value, indent=2)
    flat = re.sub(r"\[[^\[\]{}]*\]", lambda match: re.sub(r"\s+", " ", match[0]).replace("[ ", "[").replace(" ]", "]"), text)
    path.write_text(flat + "\n")
