/** Messages and posts with files on their way: how much of each is there, and how one is stopped. */

import type { NewFile } from "../model/files.ts";
import { sentName } from "../model/files.ts";
import type { Outcome } from "../model/outcome.ts";
import { drop, put } from "../state/records.ts";
import type { Engine } from "./engine.ts";
import { failed } from "./failure.ts";
import type { Files } from "./files.ts";
import type { FormPart } from "./ports.ts";

export interface Uploads {
  /** `nonce`: of what waits; `body`: what is said beside the files, which are named in it. */
  send<T>(nonce: string, path: string, body: BodyWith, files: readonly NewFile[]): Promise<Outcome<T>>;
  stop(nonce: string): void;
}

export type BodyWith = (attachments: readonly object[]) => unknown;

export function createUploads(engine: Engine, bytes: Files): Uploads {
  const { rest } = engine;
  /** What is on its way, and what breaks it off once it has begun. */
  const going = new Map<string, { stopped: boolean; breakOff: () => void }>();

  function sent(nonce: string, share: number): void {
    engine.change((state) => ({ ...state, uploads: put(state.uploads, nonce, share) }));
  }

  async function form(body: BodyWith, files: readonly NewFile[]): Promise<readonly FormPart[] | null> {
    const attachments = files.map((file, id) => ({
      id,
      filename: sentName(file),
      ...(file.about === "" ? {} : { description: file.about }),
    }));
    const parts: FormPart[] = [{ field: "payload_json", text: JSON.stringify(body(attachments)) }];
    for (const [at, file] of files.entries()) {
      const found = await bytes.get(file.key);
      if (found === null) return null;
      parts.push({ field: `files[${at}]`, name: sentName(file), kind: file.kind, bytes: found });
    }
    return parts;
  }

  return {
    async send<T>(
      nonce: string,
      path: string,
      body: BodyWith,
      files: readonly NewFile[],
    ): Promise<Outcome<T>> {
      const mine = { stopped: false, breakOff: () => {} };
      going.set(nonce, mine);
      sent(nonce, 0);
      try {
        const parts = await form(body, files);
        if (parts === null) return { ok: false, failure: LOST };
        if (mine.stopped) return { ok: false, failure: STOPPED };
        const upload = {
          begun(breakOff: () => void) {
            mine.breakOff = breakOff;
            if (mine.stopped) breakOff();
          },
          sent: (share: number) => sent(nonce, share),
        };
        const outcome = await rest.call<T>({ method: "POST", path, parts, upload, once: true });
        return !outcome.ok && mine.stopped ? { ok: false, failure: STOPPED } : outcome;
      } finally {
        going.delete(nonce);
        engine.change((state) => ({ ...state, uploads: drop(state.uploads, nonce) }));
      }
    },
    stop(nonce) {
      const one = going.get(nonce);
      if (one === undefined) return;
      one.stopped = true;
      one.breakOff();
    },
  };
}

const LOST = failed("lost", "a file that goes with it is not here any more");
const STOPPED = failed("stopped", "it was stopped");
