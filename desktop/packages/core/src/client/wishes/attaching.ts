/** Files for the next message. */

import { chosenFor, FILE_ABOUT_MAX } from "../../model/files.ts";
import { trayOf, withFile, withTray } from "../../state/trays.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import type { Files } from "../files.ts";

type Attaching = Pick<Actions, "attach" | "editFile" | "detach" | "fileBytes">;

export function attachingWishes({ store, change }: Engine, files: Files): Attaching {
  return {
    attach(channelId, chosen) {
      const tray = trayOf(store.getState(), channelId);
      const { added, refused } = chosenFor(tray, chosen, files.newKey);
      const next = [...tray, ...added.map(({ file }) => file)];
      change((state) => withTray(state, channelId, next));
      for (const { file, bytes } of added) files.put(file.key, bytes);
      return refused;
    },
    editFile(key, { about, spoiler }) {
      const words = about === undefined ? {} : { about: [...about.trim()].slice(0, FILE_ABOUT_MAX).join("") };
      change((state) => withFile(state, key, { ...words, ...(spoiler === undefined ? {} : { spoiler }) }));
    },
    detach(channelId, key) {
      change((state) => {
        const left = trayOf(state, channelId).filter((file) => file.key !== key);
        return withTray(state, channelId, left);
      });
    },
    fileBytes: files.get,
  };
}
