declare module "dynalite" {
  import type { Server } from "node:http";

  /** @param options `path`: folder of the database, in memory when missing; `createTableMs`: time a table stays CREATING */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}
