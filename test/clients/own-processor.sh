#!/usr/bin/env bash
# What a user creates with the AWS CLI beside the stack: stream, bucket, topic, role, processor. AWS_ENDPOINT_URL names the
# local cloud, DOORSTEP_FUNCTION, DOORSTEP_WORK_GROUP and DOORSTEP_DATABASE what the stack has. Ends with an error at the
# first command that does not do what it does on AWS.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
video=$(cd "$(dirname "$0")/../.." && pwd)/events/videos/front-door.mp4
put_media=$(cd "$(dirname "$0")" && pwd)/put_media.py
cd "$folder"

say() { printf '  %s\n' "$1"; }
fail() {
  printf 'own-processor.sh: %s\n' "$1" >&2
  exit 1
}
is() { [[ $2 == "$3" ]] || fail "$1: $2, expected $3"; }
has() { [[ $2 == *"$3"* ]] || fail "$1: \"$2\" does not say \"$3\""; }

# Runs a command that must be refused and prints its message.
refused() {
  local said
  if said=$("$@" 2>&1 >/dev/null); then fail "$* was not refused"; fi
  printf '%s' "$said"
}

# Waits for the end of the session and prints the processor's status.
ended() {
  local status
  for _ in {1..60}; do
    status=$(aws rekognition describe-stream-processor --name demo-stream-processor --query Status --output text)
    case $status in STARTING | STOPPING) sleep 0.5 ;; *) break ;; esac
  done
  printf '%s' "$status"
}

aws sts get-caller-identity >caller.json
say "sts get-caller-identity"

aws kinesisvideo create-stream --stream-name "DemoStream" \
 --data-retention-in-hours "24"
stream_arn=$(aws kinesisvideo describe-stream --stream-name DemoStream --query StreamInfo.StreamARN --output text)
say "kinesisvideo create-stream, describe-stream"

aws s3api create-bucket \
 --bucket demo-stream-bucket \
 --region us-east-1
aws s3 mb s3://my-other-bucket
aws s3 rb s3://my-other-bucket
say "s3api create-bucket, s3 mb, s3 rb"

aws sns create-topic --name demo-stream-sns
topic_arn=$(aws sns list-topics --query "Topics[?ends_with(TopicArn, ':demo-stream-sns')].TopicArn" --output text)
# The AWS CLI 1 does not apply AWS_ENDPOINT_URL to SQS.
queue_url=$(aws sqs create-queue --endpoint-url "$AWS_ENDPOINT_URL" --queue-name demo-stream-queue --query QueueUrl --output text)
queue_arn=$(aws sqs get-queue-attributes --endpoint-url "$AWS_ENDPOINT_URL" --queue-url "$queue_url" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws sns subscribe --topic-arn "$topic_arn" --protocol sqs --notification-endpoint "$queue_arn" \
 --attributes RawMessageDelivery=true
say "sns create-topic, subscribe; sqs create-queue"

aws iam create-role --role-name DemoRekognitionRole \
 --assume-role-policy-document '{
    "Version": "2012-10-17",
    "Statement": [
      {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
  }'
role_arn=$(aws iam get-role --role-name DemoRekognitionRole --query Role.Arn --output text)
is "get-role" "$(aws iam get-role --role-name DemoRekognitionRole --query 'Role.AssumeRolePolicyDocument.Statement[0].Principal.Service' --output text)" lambda.amazonaws.com

aws rekognition create-stream-processor --name demo-stream-processor \
 --input "{\"KinesisVideoStream\":{\"Arn\":\"$stream_arn\"}}" \
 --stream-processor-output '{"S3Destination":{"Bucket":"demo-stream-bucket","KeyPrefix":"demo"}}' \
 --notification-channel "SNSTopicArn=$topic_arn" \
 --role-arn "$role_arn" \
 --settings '{"ConnectedHome":{"Labels":["PERSON","PET","PACKAGE","ALL"],"MinConfidence":70}}'
say "iam create-role; rekognition create-stream-processor"

start=$(($(date +%s) - 60))
ffmpeg -v error -i "$video" -c copy -cluster_size_limit 50M -cluster_time_limit 10000 -f matroska - | python3 "$put_media" DemoStream "$start" >acks.json
say "PutMedia of ffmpeg's Matroska: $(grep -c PERSISTED acks.json) fragments"

# In milliseconds; seconds are refused.
start_ms=${start}000
start_session() {
  aws rekognition start-stream-processor --name demo-stream-processor \
 --start-selector "{\"KVSStreamStartSelector\":{\"ProducerTimestamp\":$1}}" \
 --stop-selector '{"MaxDurationInSeconds":10}' --query SessionId --output text
}
has "a start in seconds" "$(refused start_session "$start")" "epoch milliseconds"

# A processor fails until its role trusts Rekognition and may read, write and publish.
fails_with() {
  start_session "$start_ms" >/dev/null
  is "$1" "$(ended)" FAILED
  has "$1" "$(aws rekognition describe-stream-processor --name demo-stream-processor --query StatusMessage --output text)" "$2"
  say "$1: FAILED, \"$2\""
}
fails_with "a role that trusts another service" "Access denied to Role"

aws iam update-assume-role-policy --role-name DemoRekognitionRole \
 --policy-document '{
    "Version": "2012-10-17",
    "Statement": [
      {
        "Effect": "Allow",
        "Principal": {"Service": "rekognition.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
          "StringEquals": {"aws:SourceAccount": "000000000000"},
          "StringLike": {"aws:SourceArn": "arn:aws:rekognition:us-east-1:000000000000:streamprocessor/*"}
        }
      }
    ]
  }'
fails_with "a role without permissions" "Access denied to Kinesis Video"

aws iam attach-role-policy --role-name DemoRekognitionRole \
 --policy-arn arn:aws:iam::aws:policy/service-role/AmazonRekognitionServiceRole
fails_with "AmazonRekognitionServiceRole alone" "Access denied to S3"

cat >policy.json <<'POLICY'
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::demo-stream-bucket/*"}
  ]
}
POLICY
aws iam put-role-policy --role-name DemoRekognitionRole --policy-name Evidence --policy-document file://policy.json
fails_with "AmazonRekognitionServiceRole and another topic's name" "Access denied to SNS"

aws iam put-role-policy --role-name DemoRekognitionRole --policy-name Publish \
 --policy-document "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sns:Publish\",\"Resource\":\"$topic_arn\"}]}"
is "list-role-policies" "$(aws iam list-role-policies --role-name DemoRekognitionRole --query PolicyNames --output text)" "Evidence	Publish"
is "list-attached-role-policies" "$(aws iam list-attached-role-policies --role-name DemoRekognitionRole --query 'AttachedPolicies[0].PolicyName' --output text)" AmazonRekognitionServiceRole
is "get-role-policy" "$(aws iam get-role-policy --role-name DemoRekognitionRole --policy-name Evidence --query 'PolicyDocument.Statement[0].Action' --output text)" s3:PutObject

aws s3 rm --recursive s3://demo-stream-bucket >/dev/null
session=$(start_session "$start_ms")
is "a role with every permission" "$(ended)" STOPPED
python3 - "$queue_url" "$session" "$start_ms" <<'PYTHON'
import json
import sys
import boto3

url, session, start_ms = sys.argv[1:]
sqs, s3 = boto3.client("sqs"), boto3.client("s3")
types = []
while "STREAM_PROCESSING_COMPLETE" not in types:
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
    assert messages, f"the queue has only {types} of session {session}"
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        body = json.loads(message["Body"])
        # The sessions that failed on the way published nothing.
        assert body["sessionId"] == session, body
        types.append(body["eventNamespace"]["type"])
        for label in body.get("labels", []):
            mapping = label["videoMapping"]["kinesisVideoMapping"]
            assert 0 <= mapping["producerTimestamp"] - int(start_ms) <= 12_000, mapping
            bucket, key = label["frameImageUri"].removeprefix("s3://").split("/", 1)
            assert (bucket, key.split("/")[:3]) == ("demo-stream-bucket", ["demo", "demo-stream-processor", session])
            assert s3.get_object(Bucket=bucket, Key=key)["Body"].read(2) == b"\xff\xd8", key
assert types.count("LABEL_DETECTED") > 0, types
print(f"  a session of one's own processor: {', '.join(types)}, evidence in one's own bucket")
PYTHON
aws s3 ls s3://demo-stream-bucket/demo/ --recursive >evidence.txt
say "evidence: $(wc -l <evidence.txt) images"

# A clip by both forms of dates.
endpoint=$(aws kinesisvideo get-data-endpoint --stream-name DemoStream --api-name GET_CLIP --query DataEndpoint --output text)
end=$((start + 8))
aws kinesis-video-archived-media get-clip --endpoint-url "$endpoint" \
 --stream-name DemoStream \
 --clip-fragment-selector "FragmentSelectorType=PRODUCER_TIMESTAMP,TimestampRange={StartTimestamp=$start,EndTimestamp=$end}" \
 epoch.mp4
aws kinesis-video-archived-media get-clip --endpoint-url "$endpoint" \
 --stream-name DemoStream \
 --clip-fragment-selector "FragmentSelectorType=PRODUCER_TIMESTAMP,TimestampRange={StartTimestamp=$(date -u -d "@$start" +%Y-%m-%dT%H:%M:%SZ),EndTimestamp=$(date -u -d "@$end" +%Y-%m-%dT%H:%M:%SZ)}" \
 iso.mp4
frames=$(ffmpeg -v warning -i iso.mp4 -f framemd5 - 2>&1)
is "the clips of the two forms of dates" "$(ffmpeg -v warning -i epoch.mp4 -f framemd5 - 2>&1)" "$frames"
say "kinesisvideo get-data-endpoint; get-clip with epoch and ISO dates: $(grep -cv '#' <<<"$frames") frames"

aws lambda invoke --function-name "$DOORSTEP_FUNCTION" --cli-binary-format raw-in-base64-out \
 --payload '{}' answer.json >invoked.json 2>/dev/null ||
  aws lambda invoke --function-name "$DOORSTEP_FUNCTION" --payload '{}' answer.json >invoked.json
is "lambda invoke" "$(python3 -c 'import json; print(json.load(open("invoked.json"))["StatusCode"])')" 200
say "lambda invoke"

query=$(aws athena start-query-execution --query-string "SELECT count(*) FROM detection_records" \
 --work-group "$DOORSTEP_WORK_GROUP" --query-execution-context "Database=$DOORSTEP_DATABASE" --query QueryExecutionId --output text)
for _ in {1..60}; do
  state=$(aws athena get-query-execution --query-execution-id "$query" --query QueryExecution.Status.State --output text)
  case $state in QUEUED | RUNNING) sleep 0.2 ;; *) break ;; esac
done
is "athena" "$state" SUCCEEDED
say "athena start-query-execution, get-query-execution"

aws rekognition delete-stream-processor --name demo-stream-processor
has "a role with policies" "$(refused aws iam delete-role --role-name DemoRekognitionRole)" DeleteConflict
aws iam detach-role-policy --role-name DemoRekognitionRole --policy-arn arn:aws:iam::aws:policy/service-role/AmazonRekognitionServiceRole
aws iam delete-role-policy --role-name DemoRekognitionRole --policy-name Evidence
aws iam delete-role-policy --role-name DemoRekognitionRole --policy-name Publish
aws iam delete-role --role-name DemoRekognitionRole
has "a deleted role" "$(refused aws iam get-role --role-name DemoRekognitionRole)" NoSuchEntity
aws kinesisvideo delete-stream --stream-arn "$stream_arn"
aws sns delete-topic --topic-arn "$topic_arn"
aws sqs delete-queue --endpoint-url "$AWS_ENDPOINT_URL" --queue-url "$queue_url"
aws s3 rb --force s3://demo-stream-bucket >/dev/null
say "everything deleted again"
