#!/usr/bin/env bash
# Fetches footage and starts uploaders; doorstep-footage.timer runs it at intervals.
#   footage.sh fetch            downloads the source bucket's new clips to footage/<cameraId>/
#   footage.sh start-uploaders  starts an uploader for every footage/<cameraId>/
set -euo pipefail

readonly state=${DOORSTEP_STATE:-/var/lib/doorstep}
readonly footage=$state/footage fetched=$state/fetched
readonly camera_id='^[a-z0-9][a-z0-9-]{0,62}$'

fetch() {
  [[ -n ${SOURCE_BUCKET:-} ]] || return 0
  mkdir -p "$footage" "$fetched"
  local remote=":s3,provider=AWS,env_auth=true,no_check_bucket=true,region=$AWS_REGION:$SOURCE_BUCKET/$SOURCE_PREFIX"
  local outcome=0
  rclone --config= copy "$remote" "$fetched" --max-age "${LOOKBACK_HOURS}h" --use-server-modtime --immutable \
    --multi-thread-streams 0 || outcome=$?
  show_whole_clips
  forget_old_clips
  return "$outcome"
}

# A clip is downloaded to another folder, and appears at once when it is complete, as a hard link. rclone removes incomplete
# downloads, so a clip that fails does not delay the others.
show_whole_clips() {
  local clip
  find "$fetched" -type f -printf '%P\0' |
    while IFS= read -r -d '' clip; do
      [[ ! -e $footage/$clip ]] || continue
      mkdir -p "$(dirname "$footage/$clip")"
      ln "$fetched/$clip" "$footage/$clip"
    done
}

# The bucket keeps the clips. A day longer than rclone looks back, or it would download them again.
forget_old_clips() {
  local clip
  find "$fetched" -type f -cmin "+$(((LOOKBACK_HOURS + 24) * 60))" -printf '%P\0' |
    while IFS= read -r -d '' clip; do rm -f "$footage/$clip" "$fetched/$clip"; done
}

start_uploaders() {
  local folder camera
  for folder in "$footage"/*/; do
    [[ -d $folder ]] || continue
    camera=$(basename "$folder")
    if [[ $camera =~ $camera_id ]]; then
      systemctl start --no-block "doorstep-uploader@$camera.service" || echo "could not start camera $camera" >&2
    else
      echo "skipped footage/$camera: the folder's name is not a camera id ($camera_id)" >&2
    fi
  done
}

case ${1:-} in
fetch) fetch ;;
start-uploaders) start_uploaders ;;
*)
  echo "usage: footage.sh fetch|start-uploaders" >&2
  exit 2
  ;;
esac
