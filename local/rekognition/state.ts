import type { Cloud } from "../cloud.ts";
import { ObjectModel } from "./detection/model/model.ts";
import { Collections } from "./faces/collections.ts";
import { FaceFinder } from "./faces/face-finder.ts";
import { FaceModel } from "./faces/model/model.ts";
import { RequestTokens } from "./faces/request-tokens.ts";
import { FaceSearches } from "./face-search/face-searches.ts";
import { Processors } from "./processors.ts";
import { Sessions } from "./sessions/sessions.ts";

/** What the actions share. */
export interface RekognitionState {
  readonly processors: Processors;
  readonly sessions: Sessions;
  readonly faceSearches: FaceSearches;
  readonly collections: Collections;
  readonly tokens: RequestTokens;
  readonly finder: FaceFinder;
  /** Whether the account may use streaming video. */
  isOpen: boolean;
  readonly model: ObjectModel;
  readonly faceModel: FaceModel;
}

export function openState(cloud: Cloud): RekognitionState {
  const processors = new Processors(cloud);
  const model = new ObjectModel(cloud.objectModel);
  const faceModel = new FaceModel(cloud.objectModel);
  const collections = new Collections(cloud);
  const finder = new FaceFinder(cloud, faceModel);
  return {
    processors,
    sessions: new Sessions(cloud, processors, model),
    faceSearches: new FaceSearches(cloud, processors, { collections, finder }),
    collections,
    tokens: new RequestTokens(cloud),
    finder,
    model,
    faceModel,
    isOpen: true,
  };
}
