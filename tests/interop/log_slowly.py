"""Logs one offline run slowly with an official client: a row of many keys at a time, and a line for each.

    python log_slowly.py TRACKER PROJECT ID STEPS SECONDS HOW

TRACKER is "swanlab" or "wandb". HOW is "end", or "hang" for a program that never gets to its end. Prints
"all is logged" behind the last row.
"""
import sys
import time

tracker, project, run_id, steps, seconds, how = sys.argv[1:7]
keys = 100


def begin():
    if tracker == "wandb":
        import wandb
        return wandb, wandb.init(project=project, id=run_id, mode="offline", config={"lr": 0.25})
    import swanlab
    named = {} if swanlab.__version__.startswith("0.7.") else {"id": run_id}
    return swanlab, swanlab.init(project=project, mode="offline", logdir="swanlog", config={"lr": 0.25}, **named)


client, run = begin()
for step in range(int(steps)):
    client.log({f"slow/key {key}": step + key / 100 for key in range(keys)}, step=step)
    print(f"step {step} is logged")
    time.sleep(float(seconds) / int(steps))
print("all is logged", flush=True)
while how == "hang":
    time.sleep(1)
client.finish()
