#!/usr/bin/env bash
# Makes an Ubuntu EC2 instance the uploader. cloud-init runs it at every boot (resources/uploader.js makes it so), after
# the files beside it have been written to where they belong; so each step leaves alone what it finds done, and a
# changed setting takes effect with the restart that CloudFormation makes of it. Settings come from uploader.env.
set -euo pipefail
# cloud-init sets no HOME; snap and npm want one.
export HOME=/root DEBIAN_FRONTEND=noninteractive

readonly NODE_CHANNEL=24
readonly TRIES=5 SECONDS_BETWEEN_TRIES=15
# Waits while Ubuntu's unattended upgrades are at it.
readonly APT=(apt-get --option DPkg::Lock::Timeout=600 --yes --no-install-recommends)
readonly AGENT_DOWNLOADS=https://amazoncloudwatch-agent.s3.amazonaws.com
# Documented: CloudWatch user guide, "Verifying the signature of the CloudWatch agent package".
readonly AGENT_SIGNING_KEY=937616F3450B7D806CBD9725D58167303B789C72

main() {
  install_log_agent
  install_snap amazon-ssm-agent stable
  # Ubuntu's own package, kept current by its unattended upgrades.
  retry "${APT[@]}" install rclone
  # The Node.js project's snap is made of nodejs.org's releases and brings each fix of its line by itself, over HTTPS.
  install_snap node "$NODE_CHANNEL/stable"
  install_uploader
  start_units
  echo "doorstep: the uploader is set up"
}

retry() {
  local try
  for ((try = 1; try < TRIES; try++)); do
    "$@" && return
    echo "doorstep: try $try of $TRIES failed: $*" >&2
    sleep "$SECONDS_BETWEEN_TRIES"
  done
  "$@"
}

# First of all, so that what goes wrong later can be read in CloudWatch.
install_log_agent() {
  local work package
  retry "${APT[@]}" update
  work=$(mktemp -d)
  package=$AGENT_DOWNLOADS/ubuntu/$(dpkg --print-architecture)/latest/amazon-cloudwatch-agent.deb
  retry curl --fail --fail-early --silent --show-error --location \
    --output "$work/agent.deb" "$package" \
    --output "$work/agent.deb.sig" "$package.sig" \
    --output "$work/published-keys" "$AGENT_DOWNLOADS/assets/amazon-cloudwatch-agent.gpg"
  gpg --batch --quiet --homedir "$work" --import "$work/published-keys"
  gpg --batch --homedir "$work" --output "$work/trusted.gpg" --export "$AGENT_SIGNING_KEY"
  gpgv --keyring "$work/trusted.gpg" "$work/agent.deb.sig" "$work/agent.deb"
  retry "${APT[@]}" install "$work/agent.deb"
  rm -rf "$work"
  install --directory --mode=0755 /var/log/doorstep
  sed --in-place "s|LOG_GROUP|$LOG_GROUP|" /etc/doorstep/cloudwatch-agent.json
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \
    -a fetch-config -m ec2 -s -c file:/etc/doorstep/cloudwatch-agent.json
}

install_snap() {
  snap list "$1" >/dev/null 2>&1 || retry snap install "$1" --classic --channel="$2"
}

install_uploader() {
  local package=${UPLOADER_PACKAGE:?the parameter UploaderPackage is empty; expected an npm package with the command doorstep}
  if [[ $package == s3://* ]]; then
    package=$(mktemp --suffix=.tgz)
    retry rclone --config= copyto ":s3,provider=AWS,env_auth=true,region=$AWS_REGION:${UPLOADER_PACKAGE#s3://}" "$package"
  fi
  retry /snap/bin/npm install --global --prefix /opt/doorstep --no-audit --no-fund "$package"
  /snap/bin/node /opt/doorstep/bin/doorstep --version
}

start_units() {
  id doorstep >/dev/null 2>&1 ||
    useradd --system --home-dir /var/lib/doorstep --no-create-home --shell /usr/sbin/nologin doorstep
  systemctl daemon-reload
  systemctl enable --now doorstep-footage.timer
  # Those that ran before a new version or setting came.
  systemctl try-restart 'doorstep-uploader@*.service'
}

set -o allexport
# shellcheck source=/dev/null
. /etc/doorstep/uploader.env
set +o allexport
main
