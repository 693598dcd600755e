/** A line between client and program that can be cut. */

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Line {
  readonly origin: string;
  /** Cuts every connection that there is. */
  cut(): void;
  /** While it is down nobody gets through. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

export async function lineTo(origin: string): Promise<Line> {
  const target = new URL(origin);
  const open = new Set<Socket>();
  let isUp = true;
  const server = createServer((near) => {
    if (!isUp) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    down() {
      isUp = false;
      cut();
    },
    up() {
      isUp = true;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
