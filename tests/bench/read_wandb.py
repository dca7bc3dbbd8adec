"""Decodes a log with the official client's own reader; prints the seconds and the values it took."""
import json
import sys
import time

from wandb.proto import wandb_internal_pb2
from wandb.sdk.internal import datastore

start = time.perf_counter()
process = time.process_time()
store = datastore.DataStore()
store.open_for_scan(sys.argv[1])
values = 0
while True:
    data = store.scan_data()
    if data is None:
        break
    record = wandb_internal_pb2.Record()
    record.ParseFromString(data)
    # The JSON of summaries is left alone: runferry parses only the last of each key, too.
    if record.WhichOneof("record_type") == "history":
        for item in record.history.item:
            json.loads(item.value_json)
            values += 1
seconds = time.perf_counter() - start
cpu = time.process_time() - process
print(json.dumps({"seconds": seconds, "cpu": cpu, "values": values}))
