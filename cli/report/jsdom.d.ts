declare module "jsdom" {
  /** The part of jsdom that is used; the package has no types. */
  export class JSDOM {
    constructor(html: string, options?: { runScripts?: "dangerously" });
    // oxlint-disable-next-line typescript/no-explicit-any
    readonly window: any;
  }
}
