// The uploader's user data, as ${file(./resources/uploader.js):userData}: one script for cloud-init, with the files of
// uploader/ec2. Only the settings have CloudFormation's ${...}; everything else is used as it is.
import { readFileSync } from "node:fs";
import { posix } from "node:path";

/** The stack's settings for the instance. Every parameter's pattern excludes quotes. */
const settings = (cameraPrefix) => `
UPLOADER_PACKAGE='\${UploaderPackage}'
SOURCE_BUCKET='\${UploaderSourceBucket}'
SOURCE_PREFIX='\${UploaderSourcePrefix}'
LOOKBACK_HOURS='\${UploaderLookbackHours}'
CAMERA_PREFIX='${cameraPrefix}'
LOG_GROUP='\${UploaderLogGroup}'
AWS_REGION='\${AWS::Region}'
`;

/** Where each file goes on the instance. */
const FILES = {
  "/usr/local/lib/doorstep/footage.sh": "footage.sh",
  "/etc/systemd/system/doorstep-uploader@.service": "doorstep-uploader@.service",
  "/etc/systemd/system/doorstep-footage.service": "doorstep-footage.service",
  "/etc/systemd/system/doorstep-footage.timer": "doorstep-footage.timer",
  "/etc/doorstep/cloudwatch-agent.json": "cloudwatch-agent.json",
  "/etc/logrotate.d/doorstep": "logrotate.conf",
};

// Lines that are in no file.
const END = "END-OF-DOORSTEP-FILE";
const BOUNDARY = "DOORSTEP-USER-DATA";

const read = (name) => readFileSync(new URL(`../uploader/ec2/${name}`, import.meta.url), "utf8");

const write = (path, text) => `mkdir -p '${posix.dirname(path)}'
cat >'${path}' <<'${END}'
${text}${END}
chmod ${path.endsWith(".sh") ? "0755" : "0644"} '${path}'
`;

// A plain script runs at the first boot only; this type runs at every boot (documented: cloud-init).
const HEADER = `Content-Type: multipart/mixed; boundary="${BOUNDARY}"
MIME-Version: 1.0

--${BOUNDARY}
Content-Type: text/x-shellscript-per-boot
Content-Disposition: attachment; filename="doorstep.sh"

#!/usr/bin/env bash
set -euo pipefail
`;

export const userData = async ({ resolveConfigurationProperty }) => {
  const { cameraPrefix } = await resolveConfigurationProperty(["custom"]);
  const files = Object.entries(FILES).map(([path, name]) => write(path, read(name)));
  const parts = [
    HEADER,
    { "Fn::Sub": write("/etc/doorstep/uploader.env", settings(cameraPrefix)) },
    ...files,
    read("user-data.sh"),
    `\n--${BOUNDARY}--\n`,
  ];
  return { "Fn::Base64": { "Fn::Join": ["", parts] } };
};
