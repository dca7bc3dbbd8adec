"""Logs one offline run with the wandb client; prints what it logged as JSON, and where.

Every fact is GROUP, NAME, STATEMENT, as facts.ts has them, without times.
"""
import hashlib
import json
import os
import struct
import sys
import zlib

import wandb

facts = []


def fact(group, name, statement):
    facts.append([group, name, statement])


def digest(data):
    return f"{len(data)} bytes {hashlib.sha256(data).hexdigest()[:16]}"


def png(name, colour):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    pixels = b"".join(b"\0" + bytes(colour) * 16 for _ in range(12))
    head = struct.pack(">IIBBBBB", 16, 12, 8, 2, 0, 0, 0)
    data = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))
    with open(name, "wb") as file:
        file.write(data)
    return data


def number(key, step, value, stated):
    run.log({key: value}, step=step)
    fact(f"scalar {key}", f"step {step}", stated)


def images(key, step, captions):
    items = []
    for item, caption in enumerate(captions):
        name = f"{key.replace('/', '-')}-{item}.png"
        data = png(name, (20 * item, 40, 7 * len(key)))
        items.append(wandb.Image(name, caption=caption))
        fact(f"media {key}", f"step {step} item {item}", digest(data))
    run.log({key: items}, step=step)
    fact(f"media {key}", f"step {step} captions", " ".join(json.dumps(c, ensure_ascii=False) for c in captions))


config = {"lr": 0.00025, "layers": [64, 128], "note": "ünïcode 数据"}
run = wandb.init(project="interop", id="wandbrun", name="wandb run ✓", notes="Interop ✓", tags=["alpha", "标签"],
                 group="group-1", job_type="train", config=config, mode="offline")
for name, stated in (("name", "wandb run ✓"), ("description", "Interop ✓"), ("job", "train"), ("cluster", "group-1"),
                     ("state", "FINISHED")):
    fact("run", name, json.dumps(stated, ensure_ascii=False))
for text, stream in (("a line on stdout ✓", sys.stdout), ("a line on stderr", sys.stderr)):
    print(text, file=stream)
    fact("console", json.dumps(text, ensure_ascii=False), "is there")
for step in range(20):
    number("train/loss", step, step / 8, f"{step / 8:g}")
    number("val/精度 %", step, step, str(step))
for step, (value, stated) in enumerate([(float("nan"), "NaN"), (1e308, "1e+308"), (-7, "-7"), (0.1 + 0.2, repr(0.1 + 0.2))]):
    number("odd values", 20 + step, value, stated)
images("img", 24, ["caption ✓"])
images("img/list", 25, ["first", None, "third"])
run.log({"table": wandb.Table(columns=["name", "value"], data=[["x", 1], ["y ✓", 2.5]])}, step=26)
run.log({"histogram": wandb.Histogram([1, 2, 2, 3])}, step=27)
os.makedirs("out", exist_ok=True)
model = bytes(range(256)) * 40
with open("out/model.bin", "wb") as file:
    file.write(model)
run.save("out/model.bin", base_path="out")
fact("saved files", "model.bin", f'{len(model)} "{hashlib.sha256(model).hexdigest()}" "UPLOADED"')
for key, value in config.items():
    fact("config", key, value if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False, separators=(",", ":")))
directory = os.path.dirname(run.dir)
run.finish()
with open("truth.json", "w") as file:
    json.dump(facts, file, ensure_ascii=False)
print(f"\nrun directory: {directory}")
