declare module "jsdom" {
  /** The little of jsdom that is used; it brings no types of its own. */
  export class JSDOM {
    constructor(html: string, options?: { runScripts?: "dangerously" });
    // oxlint-disable-next-line typescript/no-explicit-any
    readonly window: any;
  }
}
