"""boto3 against the local cloud, which AWS_ENDPOINT_URL names: control planes, video, lake."""

import http.server
import io
import json
import queue
import threading
import time
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

STREAM = "doorstep-dev-camera-front-door"


def outputs():
    stack = boto3.client("cloudformation").describe_stacks(StackName="doorstep-dev")["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def check_video():
    control = boto3.client("kinesisvideo")
    endpoint = control.get_data_endpoint(StreamName=STREAM, APIName="LIST_FRAGMENTS")["DataEndpoint"]
    archived = boto3.client("kinesis-video-archived-media", endpoint_url=endpoint)
    last_hour = {"StartTimestamp": time.time() - 3600, "EndTimestamp": time.time()}
    fragments = archived.list_fragments(
        StreamName=STREAM,
        FragmentSelector={"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": last_hour},
    )["Fragments"]
    assert len(fragments) == 8, fragments
    media = boto3.client("kinesis-video-media", endpoint_url=endpoint)
    payload = media.get_media(
        StreamName=STREAM, StartSelector={"StartSelectorType": "EARLIEST"}
    )["Payload"]
    assert payload.read(4) == b"\x1a\x45\xdf\xa3", "GetMedia does not begin with an EBML header"
    payload.close()


def check_evidence(bucket):
    s3 = boto3.client("s3")
    images = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert images
    body = s3.get_object(Bucket=bucket, Key=images[0]["Key"])["Body"].read()
    assert body[:2] == b"\xff\xd8", "the evidence is no JPEG"


def check_uploads(bucket):
    """The ways in which boto3 signs a body: whole, as a stream, in parts, by a link."""
    s3 = boto3.client("s3")
    key = "by boto3/\u00fc+(1).bin"
    whole = {"Bucket": bucket, "Key": key}
    s3.put_object(**whole, Body=b"whole", Metadata={"note": "a  b"})
    assert s3.get_object(**whole)["Body"].read() == b"whole"
    s3.put_object(**whole, Body=io.BytesIO(b"stream"), ChecksumAlgorithm="SHA256")
    assert s3.get_object(**whole)["Body"].read() == b"stream"
    parts = b"0123456789" * 1_000_000
    s3.upload_fileobj(io.BytesIO(parts), bucket, key)
    assert s3.get_object(**whole)["Body"].read() == parts
    signed = boto3.client("s3", config=Config(signature_version="s3v4"))
    for link, body in (("put_object", b"by link"), ("get_object", None)):
        url = signed.generate_presigned_url(link, Params=whole, ExpiresIn=60)
        request = urllib.request.Request(url, data=body, method="PUT" if body else "GET")
        request.add_header("Content-Type", "application/octet-stream")
        answer = urllib.request.urlopen(request).read()
    assert answer == b"by link", answer
    s3.delete_object(**whole)


def check_versions(bucket):
    """Versions of an object, its delete marker, and how a bucket is emptied of all of them."""
    s3 = boto3.client("s3")
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    whole = {"Bucket": bucket, "Key": "versions/\u00fc+\U0001f600 <&>.txt"}
    first = s3.put_object(**whole, Body=b"first")["VersionId"]
    s3.put_object(**whole, Body=b"second")
    marker = s3.delete_object(**whole)
    assert marker["DeleteMarker"], marker
    try:
        s3.get_object(**whole)
        raise AssertionError("a deleted object was read")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchKey", error
        assert error.response["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true", error
    assert s3.get_object(**whole, VersionId=first)["Body"].read() == b"first"
    listed = []
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=bucket, Prefix="versions/", PaginationConfig={"PageSize": 1}
    )
    for page in pages:
        listed += page.get("Versions", []) + page.get("DeleteMarkers", [])
    assert [(one["Key"], one["IsLatest"]) for one in listed] == [
        (whole["Key"], True),
        (whole["Key"], False),
        (whole["Key"], False),
    ], listed
    s3.delete_object(**whole, VersionId=marker["VersionId"])
    assert s3.get_object(**whole)["Body"].read() == b"second"
    boto3.resource("s3").Bucket(bucket).object_versions.filter(Prefix="versions/").delete()
    left = s3.list_object_versions(Bucket=bucket, Prefix="versions/")
    assert "Versions" not in left and "DeleteMarkers" not in left, left


def check_rekognition():
    rekognition = boto3.client("rekognition")
    assert rekognition.describe_stream_processor(Name=STREAM)["Status"] == "STOPPED"
    try:
        rekognition.start_stream_processor(
            Name=STREAM,
            StartSelector={"KVSStreamStartSelector": {"ProducerTimestamp": int(time.time())}},
            StopSelector={"MaxDurationInSeconds": 10},
        )
        raise AssertionError("seconds were taken for milliseconds")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidParameterException", error


def check_messages(topic_arn):
    sqs = boto3.client("sqs")
    sns = boto3.client("sns")
    url = sqs.create_queue(QueueName="by-boto3")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic_arn, Message='{"eventNamespace":{"type":"TEST"}}')
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert messages[0]["Body"] == '{"eventNamespace":{"type":"TEST"}}'
    sqs.delete_queue(QueueUrl=url)


class Receiver(http.server.BaseHTTPRequestHandler):
    """An HTTP endpoint that confirms its subscription as SNS's guide describes it, and keeps what it is sent."""

    received = queue.Queue()

    def do_POST(self):
        document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["x-amz-sns-message-type"] == document["Type"], self.headers
        if document["Type"] == "SubscriptionConfirmation":
            urllib.request.urlopen(document["SubscribeURL"]).read()
        self.send_response(200)
        self.end_headers()
        Receiver.received.put(document)

    def log_message(self, *_):
        pass


def check_webhook():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sns = boto3.client("sns")
    topic_arn = sns.create_topic(Name="by-boto3")["TopicArn"]
    arn = sns.subscribe(
        TopicArn=topic_arn,
        Protocol="http",
        Endpoint=f"http://127.0.0.1:{server.server_port}/hook",
        Attributes={"FilterPolicy": json.dumps({"target": ["hook"]})},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    assert Receiver.received.get(timeout=20)["Type"] == "SubscriptionConfirmation"
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert attributes["PendingConfirmation"] == "false", attributes
    for target in ("mail", "hook"):
        sns.publish(
            TopicArn=topic_arn,
            Message=f"for {target}",
            MessageAttributes={"target": {"DataType": "String", "StringValue": target}},
        )
    notification = Receiver.received.get(timeout=20)
    assert (notification["Type"], notification["Message"]) == ("Notification", "for hook"), notification
    sns.unsubscribe(SubscriptionArn=arn)
    sns.delete_topic(TopicArn=topic_arn)
    server.shutdown()


def check_visibility():
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="by-boto3-later")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="later")
    receipt = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=3600)
    time.sleep(0.1)
    try:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=43200)
        raise AssertionError("twelve hours were extended")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidParameterValue", error
    sqs.delete_queue(QueueUrl=url)


def check_athena(work_group, database):
    athena = boto3.client("athena")
    started = athena.start_query_execution(
        QueryString="SELECT label, count(*) FROM detections GROUP BY label ORDER BY label",
        WorkGroup=work_group,
        QueryExecutionContext={"Database": database},
    )
    for _ in range(300):
        status = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.1)
    assert status["State"] == "SUCCEEDED", status
    pages = athena.get_paginator("get_query_results").paginate(QueryExecutionId=started["QueryExecutionId"])
    rows = [[cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
    assert rows[1:] == [["PACKAGE", "1"], ["PERSON", "2"], ["PET", "1"]], rows


def main():
    out = outputs()
    check_video()
    check_evidence(out["EvidenceBucketName"])
    check_uploads(out["EvidenceBucketName"])
    check_versions(out["EvidenceBucketName"])
    check_rekognition()
    check_messages(out["DetectionsTopicArn"])
    check_webhook()
    check_visibility()
    check_athena(out["WorkGroupName"], out["DatabaseName"])
    print(f"boto3 {boto3.__version__}: video, evidence, sessions, messages and SQL answered as on AWS")


main()
