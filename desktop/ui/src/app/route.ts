/** Where one is, as the address says it. */

import { useSyncExternalStore } from "react";

export type Route =
  | { readonly at: "home" }
  /** `guildId` none: a conversation. */
  | {
      readonly at: "channel";
      readonly guildId: string | null;
      readonly channelId: string | null;
      readonly messageId: string | null;
    }
  | { readonly at: "invite"; readonly code: string }
  /** An application asks for something; what, the query says. */
  | { readonly at: "asking" }
  | { readonly at: "nowhere" };

export function parseRoute(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, second, third, fourth] = parts;
  if (first === undefined) return { at: "home" };
  if (first === "invite" && second !== undefined) return { at: "invite", code: decoded(second) };
  if (first === "oauth2" && second === "authorize" && third === undefined) return { at: "asking" };
  if (first === "channels" && second === "@me" && third === undefined) return { at: "home" };
  if (first === "channels" && second !== undefined) {
    const ids = [third, fourth].filter((id) => id !== undefined);
    if (!ids.every((id) => ID.test(id)) || (second !== "@me" && !ID.test(second))) return { at: "nowhere" };
    const guildId = second === "@me" ? null : second;
    return { at: "channel", guildId, channelId: third ?? null, messageId: fourth ?? null };
  }
  return { at: "nowhere" };
}

const ID = /^\d{1,20}$/;

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function pathTo(guildId: string | null, channelId?: string | null, messageId?: string | null): string {
  const ids = [guildId ?? "@me", channelId, messageId].filter((id) => id !== undefined && id !== null);
  return `/channels/${ids.join("/")}`;
}

let here = parseRoute(location.pathname);
const listeners = new Set<() => void>();

export function route(): Route {
  return here;
}

export function useRoute(): Route {
  return useSyncExternalStore(listen, route);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes there. `instead`: the place one leaves is not gone back to. */
export function go(path: string, instead = false): void {
  if (path !== location.pathname) {
    if (instead) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
  }
  arrived();
}

function arrived(): void {
  here = parseRoute(location.pathname);
  for (const listener of listeners) listener();
}

addEventListener("popstate", arrived);
