"""Logs one run with whichever swanlab client is installed: everything that it can log.

    python log_run.py MODE PROJECT ID [PART]

MODE is "live" or "offline". PART 2 goes on with the run of part 1. Prints "run directory: PATH" last.
"""
import io
import math
import os
import sys
import wave

import numpy
import swanlab

mode, project, run_id, part = sys.argv[1], sys.argv[2], sys.argv[3], int((sys.argv[4:] or [1])[0])
old = swanlab.__version__.startswith("0.7.")
first_step = (part - 1) * 20


def begin():
    options = dict(
        project=project, description="Interop ✓", tags=["alpha", "标签"], group="group-1", job_type="train",
        config={"lr": 0.00025, "layers": [64, 128], "opt": {"name": "adamw", "betas": [0.9, 0.999]}, "part": part,
                "nothing": None, "note": "ünïcode 数据", "big": 2 ** 40},
        mode="offline" if mode == "offline" else ("cloud" if old else "online"),
        logdir=os.path.join(os.getcwd(), "swanlog"),
    )
    options["experiment_name" if old else "name"] = "interop run"
    if not old or mode == "live":
        options["id"] = run_id
    if mode == "live" or part == 2:
        options["resume"] = "must" if old and part == 2 else "allow"
    return swanlab.init(**options)


def scalars():
    for step in range(first_step, first_step + 20):
        swanlab.log({"train/loss": math.exp(-step / 9), "acc": step / 7, "val/精度 %": step}, step=step)
    odd = [float("nan"), float("inf"), float("-inf"), -0.0, 1e308, 5e-324, 0.1 + 0.2, 2 ** 53 + 1, -7]
    for step, value in enumerate(odd):
        swanlab.log({"odd values": value}, step=first_step + step)
    for step in (0, 5, 1000, 10 ** 6):
        swanlab.log({"sparse": step % 97}, step=first_step + step)


def picture(seed):
    return numpy.random.RandomState(seed + first_step).randint(0, 255, (12, 16, 3), dtype=numpy.uint8)


def sound():
    data = io.BytesIO()
    with wave.open(data, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(8000)
        out.writeframes((numpy.sin(numpy.arange(800) / 3) * 20000).astype("<i2").tobytes())
    with open("tone.wav", "wb") as file:
        file.write(data.getvalue())
    return swanlab.Audio("tone.wav", caption="a tone")


def chart():
    bar = swanlab.echarts.Bar()
    bar.add_xaxis(["a", "b", "c"])
    bar.add_yaxis("s", [1, 2, 3])
    return bar


def media():
    for step in range(first_step, first_step + 3):
        swanlab.log({"img": swanlab.Image(picture(step), caption=f"caption {step} ✓")}, step=step)
    some = [swanlab.Image(picture(10)), swanlab.Image(picture(11), caption="second only"), swanlab.Image(picture(12))]
    swanlab.log({"img/some captions": some}, step=first_step)
    swanlab.log({"img/no captions": [swanlab.Image(picture(13)), swanlab.Image(picture(14))]}, step=first_step)
    swanlab.log({"audio/tone": sound()}, step=first_step)
    swanlab.log({"text": swanlab.Text("hello ✓\nsecond line", caption="greeting")}, step=first_step)
    swanlab.log({"text": [swanlab.Text("one", caption="1"), swanlab.Text("two", caption="2")]}, step=first_step + 1)
    swanlab.log({"chart/bar": chart()}, step=first_step)
    if hasattr(swanlab, "Html"):
        swanlab.log({"html": swanlab.Html("<html><body>✓</body></html>", caption="page")}, step=first_step)
    if hasattr(swanlab, "Object3D"):
        points = numpy.round(numpy.random.RandomState(1).rand(20, 3), 4)
        swanlab.log({"3d/cloud": swanlab.Object3D(points, caption="cloud")}, step=first_step)


def saved_files():
    os.makedirs("out", exist_ok=True)
    with open(f"out/model {part}.bin", "wb") as file:
        file.write(bytes(range(256)) * 40)
    with open("out/notes.txt", "w") as file:
        file.write("saved ✓\n")
    swanlab.save("out/*", base_path="out", policy="end" if old else "now")


def lines():
    print(f"part {part} begins")
    print("réseau ✓ 训练 🚀")
    print("a line on stderr", file=sys.stderr)
    for step in range(5):
        print(f"step {step} done")
    print("x" * 1500)


run = begin()
if hasattr(swanlab, "define_metric") and part == 1:
    swanlab.define_metric("custom/*", x_axis="sparse", section_name="Custom")
    swanlab.define_metric("secret", hidden=True)
    swanlab.log({"secret": 1.5}, step=0)
lines()
scalars()
media()
saved_files()
if old:
    run.config.update({"late": f"part {part}"})
    directory = run.public.run_dir
else:
    swanlab.config.update({"late": f"part {part}"})
    directory = run.dir
print("last line")
swanlab.finish()
print(f"\nrun directory: {directory}")
