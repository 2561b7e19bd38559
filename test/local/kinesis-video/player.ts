/** An HLS player that fetches everything once. */
export class Player {
  readonly url: URL;
  readonly master: string;

  private constructor(url: URL, master: string) {
    this.url = url;
    this.master = master;
  }

  /** Fetches the master playlist. */
  static async open(address: string): Promise<Player> {
    const url = new URL(address);
    return new Player(url, String(await get(url)));
  }

  get token(): string {
    return this.url.searchParams.get("SessionToken")!;
  }

  /** A track's current media playlist. */
  async media(track = 1): Promise<string> {
    const address = new RegExp(`getHLSMediaPlaylist\\.m3u8\\?[^"\\n]*TrackNumber=${track}`).exec(
      this.master,
    )![0];
    return String(await get(new URL(address, this.url)));
  }

  /** The initialisation segment, if there is one, and every media segment after it, as one file. */
  async download(track = 1): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (const line of (await this.media(track)).split("\n")) {
      const address = /^#EXT-X-MAP:URI="(.*)"$/.exec(line)?.[1] ?? /^[^#].*$/.exec(line)?.[0];
      if (address) parts.push(await get(new URL(address, this.url)));
    }
    return Buffer.concat(parts);
  }
}

async function get(url: URL): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url.pathname}: ${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}
