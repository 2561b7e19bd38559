import type { Cloud } from "../../cloud.ts";
import type { ObjectModel } from "../detection/model/model.ts";
import type { Session, LabelProcessor } from "../processors.ts";
import type { RoleAccess } from "./role-access.ts";

/** A running session and what it runs with. */
export interface SessionRun {
  readonly cloud: Cloud;
  readonly processor: LabelProcessor;
  /** As it was when the run started. */
  readonly session: Session;
  readonly role: RoleAccess;
  readonly model: ObjectModel;
  /** Ends the session after the current fragment. */
  readonly signal: AbortSignal;
  /** Called with the session's progress after each notification and each fragment. */
  readonly saveProgress: (session: Session) => void;
}
