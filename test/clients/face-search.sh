#!/usr/bin/env bash
# Faces in video with the AWS CLI alone: a collection from a bucket of pictures, a data stream for results, a service role, a
# FaceSearch stream processor, and the metrics that confirm it works; then the results themselves. AWS_ENDPOINT_URL names the
# local cloud. Ends with an error at the first command that does not do what it does on AWS.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
picture=$here/../../events/faces/astronaut.jpg
put_media=$here/put_media.py
cd "$folder"

say() { printf '  %s\n' "$1"; }
fail() {
  printf 'face-search.sh: %s\n' "$1" >&2
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

started=$(date -u +%Y-%m-%dT%H:%M:%SZ)

# The collection, from pictures whose file names are the names. One is darker and mirrored, one shows nobody.
ffmpeg -v error -i "$picture" -vf "hflip,eq=brightness=-0.03" -q:v 2 mirrored.jpg
ffmpeg -v error -f lavfi -i color=gray:size=640x480:rate=1 -frames:v 1 -q:v 2 nobody.jpg
aws s3 mb s3://demo-faces >/dev/null
aws s3 cp "$picture" s3://demo-faces/Eileen_Collins.jpg >/dev/null
aws s3 cp mirrored.jpg s3://demo-faces/Eileen_Collins-2.jpg >/dev/null
aws s3 cp nobody.jpg s3://demo-faces/Nobody.jpg >/dev/null
aws rekognition create-collection --collection-id "Faces" >created.json
has "create-collection" "$(cat created.json)" "FaceModelVersion"
has "the collection again" "$(refused aws rekognition create-collection --collection-id Faces)" ResourceAlreadyExistsException
aws s3 ls s3://demo-faces | awk '{print $4}' | while read -r file; do
  aws rekognition index-faces --collection-id "Faces" \
   --image "{\"S3Object\":{\"Bucket\":\"demo-faces\",\"Name\":\"$file\"}}" \
   --external-image-id "$file" --max-faces=1 \
   --query 'length(FaceRecords)' --output text >"indexed-$file.txt"
done
is "the faces of each picture" "$(cat indexed-Eileen_Collins-2.jpg.txt indexed-Eileen_Collins.jpg.txt indexed-Nobody.jpg.txt | xargs)" "1 1 0"
is "describe-collection" "$(aws rekognition describe-collection --collection-id Faces --query '[FaceCount, UserCount]' --output text)" "2	0"
has "a space in a name" "$(refused aws rekognition index-faces --collection-id Faces --image '{"S3Object":{"Bucket":"demo-faces","Name":"Nobody.jpg"}}' --external-image-id 'Eileen Collins')" InvalidParameterException
say "rekognition create-collection, index-faces over s3 ls, describe-collection"

aws kinesis create-stream --stream-name "DemoFaces" --shard-count 1
aws kinesis wait stream-exists --stream-name "DemoFaces"
data_stream_arn=$(aws kinesis describe-stream --stream-name DemoFaces --query StreamDescription.StreamARN --output text)
is "describe-stream" "$data_stream_arn" arn:aws:kinesis:us-east-1:000000000000:stream/DemoFaces
is "describe-stream-summary" "$(aws kinesis describe-stream-summary --stream-name DemoFaces --query 'StreamDescriptionSummary.[StreamStatus, OpenShardCount]' --output text)" "ACTIVE	1"
say "kinesis create-stream, wait stream-exists, describe-stream, describe-stream-summary"

aws iam create-role --role-name DemoFaceSearch \
 --assume-role-policy-document '{
    "Version": "2012-10-17",
    "Statement": [
      {"Effect": "Allow", "Principal": {"Service": "rekognition.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
  }' >/dev/null
aws iam attach-role-policy --role-name DemoFaceSearch \
 --policy-arn arn:aws:iam::aws:policy/AmazonKinesisFullAccess
aws iam attach-role-policy --role-name DemoFaceSearch \
 --policy-arn arn:aws:iam::aws:policy/service-role/AmazonRekognitionServiceRole
role_arn=$(aws iam get-role --role-name DemoFaceSearch --query Role.Arn --output text)
say "iam create-role, attach-role-policy: AmazonKinesisFullAccess, AmazonRekognitionServiceRole"

aws kinesisvideo create-stream --stream-name "DemoFaceVideo" --data-retention-in-hours "24" >/dev/null
video_stream_arn=$(aws kinesisvideo describe-stream --stream-name DemoFaceVideo --query StreamInfo.StreamARN --output text)
aws rekognition create-stream-processor --name demo-face-search \
 --input "KinesisVideoStream={Arn=$video_stream_arn}" \
 --settings "FaceSearch={CollectionId=Faces,FaceMatchThreshold=50.0}" \
 --stream-processor-output "KinesisDataStream={Arn=$data_stream_arn}" \
 --role-arn "$role_arn" >/dev/null
aws kinesisvideo create-stream --stream-name "DemoOtherVideo" --data-retention-in-hours "24" >/dev/null
other_stream_arn=$(aws kinesisvideo describe-stream --stream-name DemoOtherVideo --query StreamInfo.StreamARN --output text)
second=$(refused aws rekognition create-stream-processor --name demo-second \
 --input "KinesisVideoStream={Arn=$other_stream_arn}" \
 --settings "FaceSearch={CollectionId=Faces}" \
 --stream-processor-output "KinesisDataStream={Arn=$data_stream_arn}" \
 --role-arn "$role_arn")
has "a data stream with two processors" "$second" ResourceInUseException
say "rekognition create-stream-processor"

# Waits until the processor is in a state.
until_status() {
  local status
  for _ in {1..120}; do
    status=$(aws rekognition describe-stream-processor --name demo-face-search --query Status --output text)
    [[ $status == "$1" ]] && return
    sleep 0.5
  done
  fail "the processor is $status, expected $1: $(aws rekognition describe-stream-processor --name demo-face-search --query StatusMessage --output text)"
}

aws rekognition start-stream-processor --name demo-face-search
until_status RUNNING
say "rekognition start-stream-processor: RUNNING"

# A second without a face, then six with one, as live video.
ffmpeg -v error -re -f lavfi -i color=gray:size=1280x720:rate=10:duration=1 -loop 1 -t 6 -framerate 10 -i "$picture" \
 -filter_complex "[1:v]scale=720:720,pad=1280:720:280:0,format=yuv420p[face];[0:v]format=yuv420p,setsar=1[wall];[face]setsar=1[f];[wall][f]concat=n=2[v]" \
 -map "[v]" -c:v libx264 -g 10 -bf 0 -preset ultrafast -cluster_size_limit 50M -cluster_time_limit 10000 -f matroska - |
  python3 "$put_media" DemoFaceVideo "$(date +%s)" >acks.json
say "PutMedia of live video: $(grep -c PERSISTED acks.json) fragments"

# Reads the shard from its beginning until a record has a face that matches.
python3 - <<'PYTHON'
import base64
import json
import subprocess
import time


def aws(*args):
    return json.loads(subprocess.run(["aws", *args, "--output", "json"], check=True, capture_output=True).stdout)


shards = aws("kinesis", "list-shards", "--stream-name", "DemoFaces")["Shards"]
assert [shard["ShardId"] for shard in shards] == ["shardId-000000000000"], shards
start = ["--shard-id", "shardId-000000000000", "--shard-iterator-type", "TRIM_HORIZON"]
iterator = aws("kinesis", "get-shard-iterator", "--stream-name", "DemoFaces", *start)["ShardIterator"]
results, matched = [], []
deadline = time.monotonic() + 60
while not matched:
    assert time.monotonic() < deadline, results
    response = aws("kinesis", "get-records", "--shard-iterator", iterator)
    iterator = response["NextShardIterator"]
    results += [json.loads(base64.b64decode(record["Data"])) for record in response["Records"]]
    matched = [face for result in results for face in result["FaceSearchResponse"] if face["MatchedFaces"]]

for result in results:
    video = result["InputInformation"]["KinesisVideo"]
    assert video["StreamArn"].startswith("arn:aws:kinesisvideo:us-east-1:000000000000:stream/DemoFaceVideo/"), video
    assert video["FragmentNumber"].isdigit() and abs(video["ProducerTimestamp"] - time.time()) < 600, video
    assert 0 <= video["FrameOffsetInSeconds"] < 10 and "ServerTimestamp" in video, video
    assert result["StreamProcessorInformation"]["Status"] == "RUNNING", result
best = matched[0]["MatchedFaces"][0]
assert best["Similarity"] >= 80, best
assert best["Face"]["ExternalImageId"].startswith("Eileen_Collins"), best
assert set(matched[0]["DetectedFace"]) >= {"BoundingBox", "Confidence", "Landmarks", "Pose", "Quality"}, matched[0]
print(f"  kinesis list-shards, get-shard-iterator, get-records: {best['Face']['ExternalImageId']}, similarity {best['Similarity']:.0f}")
PYTHON

aws rekognition stop-stream-processor --name demo-face-search
until_status STOPPED
say "rekognition stop-stream-processor: STOPPED"

ended=$(date -u -d '+1 day' +%Y-%m-%dT%H:%M:%SZ)
# The sum of a metric over the play.
sum_of() {
  aws cloudwatch get-metric-statistics --namespace "$1" --metric-name "$2" --dimensions "$3" \
   --start-time "$started" --end-time "$ended" --period 3600 --statistics Sum \
   --query 'sum(Datapoints[].Sum)' --output text
}
is "AWS/Rekognition SuccessfulRequestCount" "$(sum_of AWS/Rekognition SuccessfulRequestCount Name=Operation,Value=IndexFaces)" 3
is "AWS/Rekognition DetectedFaceCount" "$(sum_of AWS/Rekognition DetectedFaceCount Name=Operation,Value=IndexFaces)" 2
records=$(sum_of AWS/Kinesis IncomingRecords Name=StreamName,Value=DemoFaces)
[[ ${records%.*} -ge 1 ]] || fail "AWS/Kinesis IncomingRecords: $records"
is "AWS/Kinesis PutRecord.Success" "$(sum_of AWS/Kinesis PutRecord.Success Name=StreamName,Value=DemoFaces)" "$records"
say "cloudwatch get-metric-statistics: AWS/Rekognition, AWS/Kinesis"

aws rekognition delete-stream-processor --name demo-face-search
aws kinesis delete-stream --stream-name DemoFaces
has "a deleted data stream" "$(refused aws kinesis describe-stream --stream-name DemoFaces)" ResourceNotFoundException
aws kinesisvideo delete-stream --stream-arn "$video_stream_arn"
aws kinesisvideo delete-stream --stream-arn "$other_stream_arn"
aws rekognition delete-collection --collection-id Faces >/dev/null
aws iam detach-role-policy --role-name DemoFaceSearch --policy-arn arn:aws:iam::aws:policy/AmazonKinesisFullAccess
aws iam detach-role-policy --role-name DemoFaceSearch --policy-arn arn:aws:iam::aws:policy/service-role/AmazonRekognitionServiceRole
aws iam delete-role --role-name DemoFaceSearch
aws s3 rb --force s3://demo-faces >/dev/null
say "everything deleted again"
