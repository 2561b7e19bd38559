import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { Workshop } from "./programs.ts";

const SCRIPT = "uploader/ec2/footage.sh";
const BUCKET = {
  SOURCE_BUCKET: "clips-of-ours",
  SOURCE_PREFIX: "footage/",
  LOOKBACK_HOURS: "24",
  AWS_REGION: "eu-west-1",
};

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop[Symbol.dispose]());

const run = (verb: string, environment: Readonly<Record<string, string>> = {}) =>
  workshop.run(SCRIPT, [verb], { DOORSTEP_STATE: join(workshop.folder, "state"), ...environment });
const clip = (path: string): string => join(workshop.folder, "state", path);

// A script for Ubuntu, with GNU tools.
(process.platform === "linux" ? describe : describe.skip)("footage.sh", () => {
  describe("fetch", () => {
    /** A substitute for rclone: records its arguments, and writes clips to the given folder. */
    const rclone = (brings: string, exitCode = 0): void =>
      workshop.program(
        "rclone",
        `printf '%s\\n' "$@" >asked\nmkdir -p "$4/door"\n${brings}\nexit ${exitCode}`,
      );

    test("fetches the bucket's clips of the last hours, with the instance's credentials", () => {
      rclone("");
      expect(run("fetch", BUCKET)).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(readFileSync(join(workshop.folder, "asked"), "utf8").trimEnd().split("\n")).toEqual([
        "--config=",
        "copy",
        ":s3,provider=AWS,env_auth=true,no_check_bucket=true,region=eu-west-1:clips-of-ours/footage/",
        clip("fetched"),
        "--max-age",
        "24h",
        "--use-server-modtime",
        "--immutable",
        "--multi-thread-streams",
        "0",
      ]);
    });

    test("shows a clip under its camera when it is complete, with spaces in its name", () => {
      rclone(`echo video >"$4/door/at noon.mp4"`);
      expect(run("fetch", BUCKET).status).toBe(0);
      expect(readFileSync(clip("footage/door/at noon.mp4"), "utf8")).toBe("video\n");
      expect(statSync(clip("footage/door/at noon.mp4")).ino).toBe(
        statSync(clip("fetched/door/at noon.mp4")).ino,
      );
    });

    test("shows the fetched clips although others failed, and reports the failure", () => {
      rclone(`echo video >"$4/door/1.mp4"`, 5);
      expect(run("fetch", BUCKET).status).toBe(5);
      expect(readdirSync(clip("footage/door"))).toEqual(["1.mp4"]);
    });

    test("fetches a clip once", () => {
      rclone(`echo video >"$4/door/1.mp4"`);
      run("fetch", BUCKET);
      expect(run("fetch", BUCKET)).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(readdirSync(clip("footage/door"))).toEqual(["1.mp4"]);
    });

    test("deletes clips a day after rclone stops looking back at them, never those that were not fetched", () => {
      const own = workshop.file("state/footage/door/own.mp4", "video");
      rclone(`echo video >"$4/door/1.mp4"`);
      run("fetch", BUCKET);
      rclone("");
      // Hours before zero: everything that was fetched is old.
      run("fetch", { ...BUCKET, LOOKBACK_HOURS: "-25" });
      expect(existsSync(own)).toBe(true);
      expect(readdirSync(clip("footage/door"))).toEqual(["own.mp4"]);
      expect(readdirSync(clip("fetched/door"))).toEqual([]);
    });

    test("does nothing without a bucket", () => {
      rclone("");
      expect(run("fetch", { ...BUCKET, SOURCE_BUCKET: "" }).status).toBe(0);
      expect(existsSync(join(workshop.folder, "asked"))).toBe(false);
    });
  });

  describe("start-uploaders", () => {
    const started = (): string[] =>
      readFileSync(join(workshop.folder, "started"), "utf8").trimEnd().split("\n");

    test("starts one for each camera's folder, and names folders that are not a camera's", () => {
      workshop.program("systemctl", `echo "$@" >>started`);
      for (const camera of ["front-door", "yard", "Not a camera"])
        workshop.file(`state/footage/${camera}/1.mp4`, "");
      const { status, stderr } = run("start-uploaders");
      expect(status).toBe(0);
      expect(started()).toEqual([
        "start --no-block doorstep-uploader@front-door.service",
        "start --no-block doorstep-uploader@yard.service",
      ]);
      expect(stderr).toBe(
        "skipped footage/Not a camera: the folder's name is not a camera id (^[a-z0-9][a-z0-9-]{0,62}$)\n",
      );
    });

    test("a camera that does not start does not keep the others from starting", () => {
      workshop.program("systemctl", `echo "$@" >>started; [[ $3 != *front* ]]`);
      for (const camera of ["front-door", "yard"]) workshop.file(`state/footage/${camera}/1.mp4`, "");
      const { status, stderr } = run("start-uploaders");
      expect(status).toBe(0);
      expect(started()).toHaveLength(2);
      expect(stderr).toBe("could not start camera front-door\n");
    });

    test("succeeds without footage", () => {
      rmSync(clip("footage"), { recursive: true, force: true });
      expect(run("start-uploaders")).toEqual({ status: 0, stdout: "", stderr: "" });
    });
  });
});
