#!/usr/bin/env bash
# The other way to put a file into a stream: AWS's C++ producer SDK with GStreamer and its file uploader sample, for those
# who want it. `doorstep upload` needs none of this.
#
#   kvs-setup.sh install
#       installs Ubuntu's packages that the SDK is built with and runs on (as root, Ubuntu 26.04 or 24.04; asks nothing)
#   kvs-setup.sh upload <stream> <file.mp4|mkv|ts> <start> [video-only|audio-video]
#       sends the file with the credentials in the environment, else the EC2 instance role's; <start> is the producer
#       time of the first frame in epoch SECONDS, which is what the sample takes, or now
#
# Between the two, build amazon-kinesis-video-streams-producer-sdk-cpp (v3.6.0 or newer) as its own README tells, with its
# GStreamer plugin and without its own dependencies (Ubuntu's get security updates), in KVS_HOME.
#
# The sample does not know instance roles, tries again for ever and ends with 0 even when it failed (observed in its
# source at v3.6.0); so this hands it temporary credentials, which are never written to disk, ends it after
# KVS_TIMEOUT_SECONDS (default 1800), and judges by what it says.
set -euo pipefail

readonly HOME_FOLDER=${KVS_HOME:-/opt/kvs-producer-sdk-cpp}
readonly SAMPLE=$HOME_FOLDER/build/kvs_gstreamer_file_uploader_sample
readonly METADATA=http://169.254.169.254/latest
readonly METADATA_TOKEN_SECONDS=60
readonly TIMEOUT_SECONDS=${KVS_TIMEOUT_SECONDS:-1800}
# GNU timeout's exit code when the time was up.
readonly TIMED_OUT=124

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  apt-get install --yes --no-install-recommends ca-certificates curl jq git cmake g++ make m4 pkg-config \
    libssl-dev libcurl4-openssl-dev liblog4cplus-dev libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev \
    gstreamer1.0-plugins-base-apps gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly \
    gstreamer1.0-tools
  echo "installed; now build the SDK in $HOME_FOLDER (KVS_HOME), as its README tells"
}

metadata() {
  curl --fail --silent --show-error --max-time 5 --header "X-aws-ec2-metadata-token: $token" "$METADATA/$1"
}

use_instance_role() {
  local token role credentials
  token=$(curl --fail --silent --show-error --max-time 5 --request PUT \
    --header "X-aws-ec2-metadata-token-ttl-seconds: $METADATA_TOKEN_SECONDS" "$METADATA/api/token") ||
    fail "there are no AWS credentials in the environment, and no instance metadata to get a role's from"
  role=$(metadata meta-data/iam/security-credentials/) || fail "the instance has no role"
  credentials=$(metadata "meta-data/iam/security-credentials/$role")
  AWS_ACCESS_KEY_ID=$(jq --exit-status --raw-output .AccessKeyId <<<"$credentials")
  AWS_SECRET_ACCESS_KEY=$(jq --exit-status --raw-output .SecretAccessKey <<<"$credentials")
  AWS_SESSION_TOKEN=$(jq --exit-status --raw-output .Token <<<"$credentials")
  : "${AWS_DEFAULT_REGION:=${AWS_REGION:-$(metadata meta-data/placement/region)}}"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_DEFAULT_REGION
}

upload() {
  local stream=$1 file=$2 start=$3 content=${4:-video-only} outcome=0 said
  [[ -x $SAMPLE ]] || fail "there is no $SAMPLE; build the SDK there, or set KVS_HOME"
  [[ $start != now ]] || start=$(date +%s)
  # Zero would mean 1970, though the sample's help says now; thirteen digits would be milliseconds.
  [[ $start =~ ^[1-9][0-9]{8,9}$ ]] || fail "<start> is $start; expected epoch seconds, such as $(date +%s), or now"
  [[ -n ${AWS_ACCESS_KEY_ID:-} ]] || use_instance_role
  said=$(mktemp)
  GST_PLUGIN_PATH=$HOME_FOLDER/build timeout --kill-after=10 "$TIMEOUT_SECONDS" \
    "$SAMPLE" "$stream" "$file" "$start" "$content" 2>&1 | tee "$said" || outcome=${PIPESTATUS[0]}
  if ((outcome == 0)) && ! persisted "$said"; then outcome=1; fi
  rm -f "$said"
  ((outcome != TIMED_OUT)) || echo "kvs-setup: ended after $TIMEOUT_SECONDS s (KVS_TIMEOUT_SECONDS)" >&2
  return "$outcome"
}

# The sample's own word is all there is to judge by; what a stream really holds, the service tells.
persisted() {
  awk '/\[ERROR\]/ { ok = 0 } /Persisted successfully/ { ok = 1 } END { exit !ok }' "$1"
}

fail() {
  echo "kvs-setup: $1" >&2
  exit 1
}

case "${1:-} $#" in
"install 1") install_packages ;;
"upload 4" | "upload 5") upload "${@:2}" ;;
*)
  sed -n '/^#   kvs-setup/,/^# The sample/s/^# \{0,1\}//p' "$0" | sed '$d' >&2
  exit 2
  ;;
esac
