"""Video with boto3, urllib3 and ffmpeg: PutMedia, every selector of GetMedia, and ffmpeg decodes all that comes out.

    python3 video.py CLIP FRAMES
"""

import base64
import datetime
import re
import subprocess
import sys
import tempfile
import threading
import time

import boto3

from put_media import chunks, put_media

CLIP, FRAMES = sys.argv[1], int(sys.argv[2])
STREAM = "ByFfmpeg"
EBML = b"\x1a\x45\xdf\xa3"
START = int(time.time()) - 120
NUMBER = re.compile(rb"AWS_KINESISVIDEO_FRAGMENT_NUMBER\x44\x87\xaf(\d{47})")
TOKEN = re.compile(rb"AWS_KINESISVIDEO_CONTINUATION_TOKEN\x44\x87\xaf(\d{47})")


def run(*command):
    """Runs a program, which must not warn of anything, and returns its output."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 0 and done.stderr == b"", f"{' '.join(command)}: {done.stderr.decode()}"
    return done.stdout


def frames_of(source):
    """How many frames ffmpeg decodes of the video, without a warning."""
    hashes = run("ffmpeg", "-v", "warning", "-i", source, "-map", "0:v", "-f", "framemd5", "-")
    return sum(not line.startswith(b"#") for line in hashes.splitlines())


def frames_of_chunks(media):
    """The frames of a payload: each of its chunks is a whole Matroska document, as on AWS."""
    frames = 0
    for document in media.split(EBML)[1:]:
        with tempfile.NamedTemporaryFile(suffix=".mkv") as file:
            file.write(EBML + document)
            file.flush()
            frames += frames_of(file.name)
    return frames


def client(service, api):
    endpoint = boto3.client("kinesisvideo").get_data_endpoint(StreamName=STREAM, APIName=api)["DataEndpoint"]
    return boto3.client(service, endpoint_url=endpoint)


# A cluster for each keyframe. Into a pipe ffmpeg otherwise begins one every 32 KB, between frames of one group.
AT_KEYFRAMES = ["-cluster_size_limit", "50M", "-cluster_time_limit", "10000"]


def matroska(*options):
    """ffmpeg's own Matroska of the clip, as it leaves a pipe."""
    command = ["ffmpeg", "-v", "error", "-i", CLIP, "-c", "copy", *options, "-f", "matroska", "-"]
    return chunks(subprocess.Popen(command, stdout=subprocess.PIPE).stdout)


def check_put_media():
    boto3.client("kinesisvideo").create_stream(StreamName=STREAM, DataRetentionInHours=1)
    acks = list(put_media(STREAM, START, matroska(*AT_KEYFRAMES)))
    kinds = [ack["EventType"] for ack in acks]
    assert set(kinds) == {"BUFFERING", "RECEIVED", "PERSISTED"}, acks
    persisted = [ack for ack in acks if ack["EventType"] == "PERSISTED"]
    assert [ack["FragmentTimecode"] for ack in persisted] == sorted(ack["FragmentTimecode"] for ack in persisted)
    numbers = [ack["FragmentNumber"] for ack in persisted]
    fragments = client("kinesis-video-archived-media", "LIST_FRAGMENTS").list_fragments(
        StreamName=STREAM, FragmentSelector={"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": span()}
    )["Fragments"]
    assert sorted(fragment["FragmentNumber"] for fragment in fragments) == sorted(numbers), fragments
    print(f"  PutMedia of ffmpeg's Matroska, ListFragments: {len(numbers)} fragments")
    return sorted(fragments, key=lambda fragment: fragment["FragmentNumber"])


def span():
    return {"StartTimestamp": START, "EndTimestamp": START + 20}


def read_media(count, **selector):
    """The first fragments that GetMedia returns from a selector on, as one Matroska stream."""
    payload = client("kinesis-video-media", "GET_MEDIA").get_media(StreamName=STREAM, StartSelector=selector)["Payload"]
    media = b""
    while len(TOKEN.findall(media)) < count:
        # `payload.read(n)` waits for n bytes; GetMedia never ends, and waits for the next fragment.
        media += payload._raw_stream.read1(65536)
    payload.close()
    return media[: [token.end() for token in TOKEN.finditer(media)][count - 1]]


def check_overlap():
    """A group of frames across two fragments: "the earliest frame timestamp in a fragment must be after the latest
    frame timestamp in the previous fragment" (documented: PutMedia)."""
    last = list(put_media(STREAM, START - 40, matroska()))[-1]
    assert (last["EventType"], last.get("ErrorId")) == ("ERROR", 4004), last
    print("  PutMedia refuses ffmpeg's default clusters, which cut between frames of one group: 4004")


def check_get_media(fragments):
    numbers = [fragment["FragmentNumber"].encode() for fragment in fragments]
    whole = read_media(len(numbers), StartSelectorType="EARLIEST")
    assert NUMBER.findall(whole) == numbers
    assert frames_of_chunks(whole) == FRAMES
    first, second = fragments[:2]
    # All fragments arrived within a moment, so the first one's time on the server lasts past the others' arrival.
    selectors = {
        "FRAGMENT_NUMBER": ({"AfterFragmentNumber": first["FragmentNumber"]}, numbers[1:]),
        "CONTINUATION_TOKEN": ({"ContinuationToken": TOKEN.findall(whole)[0].decode()}, numbers[1:]),
        "PRODUCER_TIMESTAMP": ({"StartTimestamp": second["ProducerTimestamp"]}, numbers[1:]),
        "SERVER_TIMESTAMP": ({"StartTimestamp": first["ServerTimestamp"]}, numbers),
    }
    for kind, (where, expected) in selectors.items():
        media = read_media(len(expected), StartSelectorType=kind, **where)
        assert NUMBER.findall(media) == expected, kind
        assert frames_of_chunks(media) == 24 * len(expected), kind
    read = []
    reader = threading.Thread(target=lambda: read.append(read_media(1, StartSelectorType="NOW")))
    reader.start()
    time.sleep(1)
    acks = list(put_media(STREAM, START + 30, matroska(*AT_KEYFRAMES)))
    reader.join(20)
    first = next(ack["FragmentNumber"] for ack in acks if ack["EventType"] == "PERSISTED")
    assert read and NUMBER.findall(read[0])[:1] == [first.encode()], read
    print(f"  GetMedia by EARLIEST, {', '.join(selectors)} and NOW, decoded by ffmpeg: {FRAMES} frames")


def check_fragment_list(fragments):
    archived = client("kinesis-video-archived-media", "GET_MEDIA_FOR_FRAGMENT_LIST")
    numbers = [fragment["FragmentNumber"] for fragment in fragments]
    media = archived.get_media_for_fragment_list(StreamName=STREAM, Fragments=numbers)["Payload"].read()
    assert frames_of_chunks(media) == FRAMES
    print("  GetMediaForFragmentList, decoded by ffmpeg")


def check_clip(folder):
    selector = {
        "FragmentSelectorType": "PRODUCER_TIMESTAMP",
        "TimestampRange": {"StartTimestamp": START, "EndTimestamp": START + 20},
    }
    archived = client("kinesis-video-archived-media", "GET_CLIP")
    clip = archived.get_clip(StreamName=STREAM, ClipFragmentSelector=selector)["Payload"].read()
    with open(f"{folder}/clip.mp4", "wb") as file:
        file.write(clip)
    assert frames_of(f"{folder}/clip.mp4") == FRAMES
    run("ffmpeg", "-v", "warning", "-i", f"{folder}/clip.mp4", "-c", "copy", "-f", "mpegts", f"{folder}/clip.ts")
    print("  GetClip, decoded and remuxed by ffmpeg")


def check_hls(folder):
    archived = client("kinesis-video-archived-media", "GET_HLS_STREAMING_SESSION_URL")
    for container in ("FRAGMENTED_MP4", "MPEG_TS"):
        url = archived.get_hls_streaming_session_url(
            StreamName=STREAM,
            PlaybackMode="ON_DEMAND",
            ContainerFormat=container,
            HLSFragmentSelector={
                "FragmentSelectorType": "PRODUCER_TIMESTAMP",
                "TimestampRange": {"StartTimestamp": START, "EndTimestamp": START + 20},
            },
        )["HLSStreamingSessionURL"]
        assert frames_of(url) == FRAMES, container
        for suffix in ("ts", "mp4"):
            run("ffmpeg", "-v", "warning", "-i", url, "-c", "copy", f"{folder}/{container}.{suffix}")
        print(f"  HLS as {container}, played and remuxed by ffmpeg from the session's URL")


def check_images(folder):
    archived = client("kinesis-video-archived-media", "GET_IMAGES")
    for kind, codec in (("JPEG", "mjpeg"), ("PNG", "png")):
        images = archived.get_images(
            StreamName=STREAM,
            ImageSelectorType="PRODUCER_TIMESTAMP",
            StartTimestamp=datetime.datetime.fromtimestamp(START, datetime.timezone.utc),
            EndTimestamp=datetime.datetime.fromtimestamp(START + 10, datetime.timezone.utc),
            SamplingInterval=3000,
            Format=kind,
        )["Images"]
        assert len(images) > 1 and not any(image.get("Error") for image in images), images
        for at, image in enumerate(images):
            path = f"{folder}/{at}.{kind.lower()}"
            with open(path, "wb") as file:
                file.write(base64.b64decode(image["ImageContent"]))
            probed = run("ffprobe", "-v", "warning", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", path)
            assert probed.decode().strip() == f"{codec},640", probed
            assert frames_of(path) == 1
        print(f"  GetImages as {kind}, decoded by ffmpeg: {len(images)} images")


def main():
    fragments = check_put_media()
    check_get_media(fragments)
    check_fragment_list(fragments)
    with tempfile.TemporaryDirectory() as folder:
        check_clip(folder)
        check_hls(folder)
        check_images(folder)
    check_overlap()


main()
