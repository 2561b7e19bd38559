#!/usr/bin/env bash
# Sets up an Ubuntu EC2 instance as the uploader. cloud-init runs it at every boot (see resources/uploader.js), after it has
# written the files beside it to their places. Each step skips what is already done, so a changed setting takes effect with
# the restart by CloudFormation. Settings are in uploader.env.
set -euo pipefail
# cloud-init does not set HOME; snap and npm need it.
export HOME=/root DEBIAN_FRONTEND=noninteractive

readonly NODE_CHANNEL=24
readonly ATTEMPTS=5 RETRY_SECONDS=15
# Waits while Ubuntu's unattended upgrades run.
readonly APT=(apt-get --option DPkg::Lock::Timeout=600 --yes --no-install-recommends)
readonly AGENT_DOWNLOADS=https://amazoncloudwatch-agent.s3.amazonaws.com
# Documented: CloudWatch user guide, "Verifying the signature of the CloudWatch agent package".
readonly AGENT_SIGNING_KEY=937616F3450B7D806CBD9725D58167303B789C72

main() {
  install_log_agent
  install_snap amazon-ssm-agent stable
  # Ubuntu's own package, updated by its unattended upgrades.
  retry "${APT[@]}" install rclone
  # The Node.js project's snap has nodejs.org's releases and updates itself within its major version, over HTTPS.
  install_snap node "$NODE_CHANNEL/stable"
  install_uploader
  start_units
  echo "doorstep: the uploader is set up"
}

retry() {
  local attempt
  for ((attempt = 1; attempt < ATTEMPTS; attempt++)); do
    "$@" && return
    echo "doorstep: attempt $attempt of $ATTEMPTS failed: $*" >&2
    sleep "$RETRY_SECONDS"
  done
  "$@"
}

# First, so that later errors appear in CloudWatch.
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
  # Uploaders that were running before the new version or setting.
  systemctl try-restart 'doorstep-uploader@*.service'
}

set -o allexport
# shellcheck source=/dev/null
. /etc/doorstep/uploader.env
set +o allexport
main
