"""Logs an offline run of 200 images of 100 kB each; prints "run directory: PATH" last."""
import os

import numpy
import swanlab

images, side = 200, 182
run = swanlab.init(project="bench", name="images", mode="offline", log_dir="swanlog")
noise = numpy.random.RandomState(1)
for step in range(images):
    pixels = noise.randint(0, 255, (side, side, 3), dtype=numpy.uint8)
    swanlab.log({"img": swanlab.Image(pixels)}, step=step)
directory = run.dir
swanlab.finish()
print(f"\nrun directory: {os.path.abspath(directory)}")
