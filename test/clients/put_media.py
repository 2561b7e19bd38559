"""PutMedia, which boto3 has no client for: signed by boto3's own SigV4, sent by urllib3.

    ffmpeg -i clip.mp4 -c copy -f matroska - | python3 put_media.py STREAM START_SECONDS

Prints the acknowledgements, one JSON object a line.
"""

import json
import sys

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

CHUNK_BYTES = 4096


def chunks(file):
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def put_media(stream, start_seconds, media):
    """Sends the chunks of a Matroska file whose times count from start_seconds; yields the acknowledgements."""
    control = boto3.client("kinesisvideo")
    endpoint = control.get_data_endpoint(StreamName=stream, APIName="PUT_MEDIA")["DataEndpoint"]
    request = AWSRequest(
        "POST",
        f"{endpoint}/putMedia",
        headers={
            "x-amzn-stream-name": stream,
            "x-amzn-fragment-timecode-type": "RELATIVE",
            "x-amzn-producer-start-timestamp": str(start_seconds),
        },
    )
    # The body is no part of the signature: SigV4 hashes an empty one, as AWS's producer SDKs do.
    SigV4Auth(boto3.Session().get_credentials(), "kinesisvideo", control.meta.region_name).add_auth(request)
    response = urllib3.PoolManager().request(
        "POST", request.url, headers=dict(request.headers), body=media, preload_content=False, retries=False
    )
    if response.status != 200:
        raise RuntimeError(f"PutMedia: {response.status} {response.read()}")
    rest = b""
    for piece in response.stream(CHUNK_BYTES):
        *lines, rest = (rest + piece).split(b"\n")
        yield from (json.loads(line) for line in lines if line.strip())


if __name__ == "__main__":
    acks = list(put_media(sys.argv[1], sys.argv[2], chunks(sys.stdin.buffer)))
    for ack in acks:
        print(json.dumps(ack))
    errors = [ack for ack in acks if ack["EventType"] == "ERROR"]
    persisted = [ack for ack in acks if ack["EventType"] == "PERSISTED"]
    sys.exit(1 if errors or not persisted else 0)
