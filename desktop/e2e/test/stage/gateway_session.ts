/** A bot's gateway session, with nothing between it and the wire. */

import { WebSocket } from "ws";
import type { Answer } from "./api.ts";
import type { Program } from "./program.ts";

export interface GatewaySession {
  /** The first such event that was heard or will be. */
  hears(event: string, matches?: (data: Answer) => boolean): Promise<Answer>;
  /** The code it was closed with, once it is. */
  readonly closed: Promise<number>;
}

interface Frame {
  readonly op: number;
  readonly t: string | null;
  readonly d: Answer;
}

/** Logs in; `intents` as Discord numbers them. */
export function gatewaySession(program: Program, token: string, intents: number): GatewaySession {
  const socket = new WebSocket(`${program.origin.replace("http", "ws")}/?v=10&encoding=json`);
  const heard: Frame[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (text) => {
    const frame = JSON.parse(text.toString()) as Frame;
    if (frame.op === HELLO) {
      const properties = { os: "", browser: "", device: "" };
      socket.send(JSON.stringify({ op: IDENTIFY, d: { token, intents, properties } }));
    }
    heard.push(frame);
    for (const look of waiting) look();
  });
  return {
    hears(event, matches = () => true) {
      return new Promise((resolve) => {
        const look = () => {
          const found = heard.find(({ t, d }) => t === event && matches(d));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found.d);
        };
        waiting.add(look);
        look();
      });
    },
    closed: new Promise((resolve) => {
      socket.on("close", resolve);
      // What comes of an error is that it closes.
      socket.on("error", () => {});
    }),
  };
}

const HELLO = 10;
const IDENTIFY = 2;
