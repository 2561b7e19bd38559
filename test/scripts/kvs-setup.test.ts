import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Workshop } from "./programs.ts";

const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_DEFAULT_REGION: "eu-west-1",
};

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop[Symbol.dispose]());

const upload = (args: readonly string[], environment: Readonly<Record<string, string>> = KEYS) =>
  workshop.run("uploader/kvs-setup.sh", ["upload", ...args], {
    KVS_HOME: join(workshop.folder, "sdk"),
    ...environment,
  });

/** A substitute for the SDK's sample. */
const sample = (script: string): void =>
  chmodSync(
    workshop.file("sdk/build/kvs_gstreamer_file_uploader_sample", `#!/usr/bin/env bash\n${script}\n`),
    0o755,
  );

// A script for Ubuntu, with GNU tools.
(process.platform === "linux" ? describe : describe.skip)("kvs-setup.sh", () => {
  test("passes the sample its arguments, and the plugin's folder", () => {
    sample(`echo "$* | $GST_PLUGIN_PATH"; echo "[INFO] Persisted successfully. File: a.mp4"`);
    const { status, stdout } = upload(["door", "a.mp4", "1700000000"]);
    expect(stdout.split("\n")[0]).toBe(
      `door a.mp4 1700000000 video-only | ${join(workshop.folder, "sdk/build")}`,
    );
    expect(status).toBe(0);
  });

  test("uses the instance role's credentials from metadata by token when there are no others", () => {
    workshop.program(
      "curl",
      `case "$*" in
    *"--request PUT"*api/token) echo TOKEN ;;
    *"token: TOKEN"*security-credentials/) echo uploader ;;
    *"token: TOKEN"*security-credentials/uploader) echo '{"AccessKeyId":"ASIAROLE","SecretAccessKey":"of-role","Token":"session"}' ;;
    *"token: TOKEN"*placement/region) echo eu-central-1 ;;
    *) exit 22 ;;
    esac`,
    );
    workshop.program(
      "jq",
      `node -e 'console.log(JSON.parse(require("fs").readFileSync(0))[process.argv[1].slice(1)])' "\${@: -1}"`,
    );
    sample(
      `echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN $AWS_DEFAULT_REGION"; echo "Persisted successfully"`,
    );
    const { status, stdout } = upload(["door", "a.mp4", "now"], {});
    expect(stdout.split("\n")[0]).toBe("ASIAROLE of-role session eu-central-1");
    expect(status).toBe(0);
  });

  test("fails with a reason when there are no credentials", () => {
    workshop.program("curl", "exit 7");
    sample("echo never");
    expect(upload(["door", "a.mp4", "now"], {})).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "kvs-setup: there are no AWS credentials in the environment, and no instance metadata with a role's credentials\n",
    });
  });

  test("fails when the sample ends with 0 but did not persist the file", () => {
    sample(`echo "[INFO] Attempt to upload file: a.mp4"; echo "[ERROR] no pipeline" >&2`);
    expect(upload(["door", "a.mp4", "now"]).status).toBe(1);
  });

  test("succeeds when a later attempt does", () => {
    sample(`echo "[ERROR] once"; echo "[INFO] Persisted successfully. File: a.mp4"`);
    expect(upload(["door", "a.mp4", "now"]).status).toBe(0);
  });

  test("returns the sample's exit code", () => {
    sample("exit 3");
    expect(upload(["door", "a.mp4", "now"]).status).toBe(3);
  });

  test("ends a sample that retries without end", () => {
    sample("exec sleep 600");
    const { status, stderr } = upload(["door", "a.mp4", "now"], { ...KEYS, KVS_TIMEOUT_SECONDS: "0.2" });
    expect(status).toBe(124);
    expect(stderr).toBe("kvs-setup: ended after 0.2 s (KVS_TIMEOUT_SECONDS)\n");
  });

  test.each(["0", "1700000000000", "yesterday", ""])("refuses a start of %j", (start) => {
    sample("echo never");
    const { status, stdout, stderr } = upload(["door", "a.mp4", start]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(`kvs-setup: <start> is ${start}; expected epoch seconds, such as `);
  });

  test("says how to get the sample when it is missing", () => {
    expect(upload(["door", "a.mp4", "now"]).stderr).toMatch(
      /^kvs-setup: there is no .*kvs_gstreamer_file_uploader_sample; build the SDK there, or set KVS_HOME\n$/,
    );
  });

  test("shows its usage for wrong arguments", () => {
    const { status, stderr } = workshop.run("uploader/kvs-setup.sh", []);
    expect(status).toBe(2);
    expect(stderr).toContain(
      "kvs-setup.sh upload <stream> <file.mp4|mkv|ts> <start> [video-only|audio-video]",
    );
  });
});
