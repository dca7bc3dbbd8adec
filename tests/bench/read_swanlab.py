"""Decodes a log with the official client's own reader; prints the seconds and the values it took."""
import json
import sys
import time

from swanlab.proto.swanlab.record.v1.record_pb2 import Record
from swanlab.sdk.internal.core_python.store import DataStoreReader

start = time.perf_counter()
process = time.process_time()
reader = DataStoreReader()
reader.open(sys.argv[1])
values = 0
for data in reader:
    record = Record()
    record.ParseFromString(data)
    if record.WhichOneof("record_type") == "scalar":
        record.scalar.value.number
        values += 1
seconds = time.perf_counter() - start
cpu = time.process_time() - process
print(json.dumps({"seconds": seconds, "cpu": cpu, "values": values}))
