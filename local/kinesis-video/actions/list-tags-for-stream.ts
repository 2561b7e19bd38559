import { streamAction } from "../stream-action.ts";

/** All tags on one page. */
export const listTagsForStream = streamAction({}, ({ tags }) => ({ Tags: tags }));
