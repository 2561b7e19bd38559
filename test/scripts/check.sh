#!/usr/bin/env bash
# Checks what runs outside of Node: shell scripts by shellcheck, systemd units by systemd-analyze. Installs both, from
# Debian or Ubuntu packages, where they are missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

need() {
  command -v "$1" >/dev/null && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends -qq "$2" >/dev/null
}

need shellcheck shellcheck
need systemd-analyze systemd

mapfile -t scripts < <(find .ci uploader test -type f \( -name '*.sh' -o -path '.ci/*' \))
shellcheck "${scripts[@]}"
echo "shellcheck: ${#scripts[@]} scripts pass"

# The units are looked at in a root of their own, where the programs that they start exist.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
units=$root/etc/systemd/system
mkdir -p "$units" "$root/usr/lib/systemd"
cp -R /usr/lib/systemd/system "$root/usr/lib/systemd/"
cp uploader/ec2/*.service uploader/ec2/*.timer "$units"
cp "$units/doorstep-uploader@.service" "$units/doorstep-uploader@front-door.service"
for program in /snap/node/current/bin/node /usr/local/lib/doorstep/footage.sh; do
  install -D --mode=0755 /dev/null "$root$program"
done

verify() {
  local said
  # Some mistakes are only warned of, so any word is a failure.
  said=$(cd "$units" && systemd-analyze verify --man=no --root="$root" "$@" 2>&1) && [[ -z $said ]] && return
  printf '%s\n' "$said" >&2
  return 1
}

verify doorstep-uploader@front-door.service doorstep-footage.service doorstep-footage.timer
# And the check is one that can fail.
printf '[Service]\nExecStart=/usr/bin/nothing-here\nRestrt=always\n' >"$units/wrong.service"
if verify wrong.service 2>/dev/null; then
  echo "systemd-analyze found nothing wrong with a wrong unit" >&2
  exit 1
fi
echo "systemd-analyze: the units pass"
