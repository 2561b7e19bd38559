#!/usr/bin/env bash
# An alternative to `doorstep upload`: sends a file with AWS's C++ producer SDK, GStreamer and its file uploader sample.
# `doorstep upload` needs none of this.
#
#   kvs-setup.sh install
#       installs the Ubuntu packages that the SDK needs, without prompts (as root, Ubuntu 26.04 or 24.04)
#   kvs-setup.sh upload <stream> <file.mp4|mkv|ts> <start> [video-only|audio-video]
#       sends the file with the credentials in the environment, else the EC2 instance role's; <start> is the producer
#       time of the first frame in epoch SECONDS, as the sample expects it, or now
#
# Between the two, build amazon-kinesis-video-streams-producer-sdk-cpp (v3.6.0 or newer) in KVS_HOME as
# its README describes, with its GStreamer plugin and without its own dependencies (Ubuntu's get security updates).
#
# The sample does not support instance roles, retries without end, and exits with 0 even after a failure (observed in its
# source at v3.6.0). This script passes it temporary credentials, which are never written to disk, ends it after
# KVS_TIMEOUT_SECONDS (default 1800), and reads its output for the result.
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
  echo "installed; now build the SDK in $HOME_FOLDER (KVS_HOME), as its README describes"
}

metadata() {
  curl --fail --silent --show-error --max-time 5 --header "X-aws-ec2-metadata-token: $token" "$METADATA/$1"
}

use_instance_role() {
  local token role credentials
  token=$(curl --fail --silent --show-error --max-time 5 --request PUT \
    --header "X-aws-ec2-metadata-token-ttl-seconds: $METADATA_TOKEN_SECONDS" "$METADATA/api/token") ||
    fail "there are no AWS credentials in the environment, and no instance metadata with a role's credentials"
  role=$(metadata meta-data/iam/security-credentials/) || fail "the instance has no role"
  credentials=$(metadata "meta-data/iam/security-credentials/$role")
  AWS_ACCESS_KEY_ID=$(jq --exit-status --raw-output .AccessKeyId <<<"$credentials")
  AWS_SECRET_ACCESS_KEY=$(jq --exit-status --raw-output .SecretAccessKey <<<"$credentials")
  AWS_SESSION_TOKEN=$(jq --exit-status --raw-output .Token <<<"$credentials")
  : "${AWS_DEFAULT_REGION:=${AWS_REGION:-$(metadata meta-data/placement/region)}}"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_DEFAULT_REGION
}

upload() {
  local stream=$1 file=$2 start=$3 content=${4:-video-only} outcome=0 output
  [[ -x $SAMPLE ]] || fail "there is no $SAMPLE; build the SDK there, or set KVS_HOME"
  [[ $start != now ]] || start=$(date +%s)
  # Zero would mean 1970, although the sample's help says now; thirteen digits are milliseconds.
  [[ $start =~ ^[1-9][0-9]{8,9}$ ]] || fail "<start> is $start; expected epoch seconds, such as $(date +%s), or now"
  [[ -n ${AWS_ACCESS_KEY_ID:-} ]] || use_instance_role
  output=$(mktemp)
  GST_PLUGIN_PATH=$HOME_FOLDER/build timeout --kill-after=10 "$TIMEOUT_SECONDS" \
    "$SAMPLE" "$stream" "$file" "$start" "$content" 2>&1 | tee "$output" || outcome=${PIPESTATUS[0]}
  if ((outcome == 0)) && ! persisted "$output"; then outcome=1; fi
  rm -f "$output"
  ((outcome != TIMED_OUT)) || echo "kvs-setup: ended after $TIMEOUT_SECONDS s (KVS_TIMEOUT_SECONDS)" >&2
  return "$outcome"
}

# The sample's output is the only result; ListFragments shows what the stream really has.
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
