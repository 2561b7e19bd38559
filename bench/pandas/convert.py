"""
Converts notifications to Parquet with pandas, one row per label, for pandas.bench.ts. Reads one JSON request per line,
{"way": ..., "notifications": <file of JSON lines>, "parquet": <file to write>}, and answers each with the processor
seconds that it took, all threads together. Begins with the versions of Python and its packages.
"""

import json
import platform
import sys
import time

import pandas as pd
import pyarrow


def by_notification(source, target):
    """
    The steps of the function in AWS's sample for these notifications (aws-samples/rekognition-streaming-video-events):
    each notification's labels are normalised on their own, then joined to the notifications by their position.
    """
    notifications = pd.read_json(source, lines=True)
    labels = [pd.json_normalize(each) for each in notifications["labels"]]
    rows = notifications.join(pd.concat(labels, ignore_index=True), how="inner")
    for column in ("inputInformation", "startStreamProcessorRequest"):
        fields = pd.json_normalize(notifications[column]).add_prefix(f"{column}.")
        rows = rows.join(fields, how="inner")
    nested = ["labels", "eventNamespace", "inputInformation", "startStreamProcessorRequest", "tags"]
    rows.drop(columns=nested).to_parquet(target, compression="snappy")


def by_file(source, target):
    """All labels of the file are normalised at once, and keep to their notifications. Nothing is validated."""
    with open(source, encoding="utf-8") as lines:
        notifications = [json.loads(line) for line in lines]
    stream = ["inputInformation", "kinesisVideo", "streamArn"]
    rows = pd.json_normalize(notifications, "labels", ["eventId", "sessionId", stream])
    mapping = "videoMapping.kinesisVideoMapping."
    at_ms = rows[f"{mapping}producerTimestamp"] + rows[f"{mapping}frameOffsetMillis"]
    rows["detected_at"] = pd.to_datetime(at_ms, unit="ms")
    rows.to_parquet(target, compression="snappy")


WAYS = {"by notification": by_notification, "by file": by_file}


def answer(value):
    print(json.dumps(value), flush=True)


answer(f"Python {platform.python_version()}, pandas {pd.__version__}, pyarrow {pyarrow.__version__}")
for line in sys.stdin:
    request = json.loads(line)
    started_at = time.process_time()
    WAYS[request["way"]](request["notifications"], request["parquet"])
    answer(time.process_time() - started_at)
