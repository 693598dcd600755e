/**
 * Parts of the page that are loaded apart, so that the first screen is there soon. Without a connection nobody brings them any
 * more, and what is made then waits in the outbox: so all of them are loaded once one is in and the page rests.
 */

import type { Client } from "@nexus/core";

export const LATER = {
  channelSettings: () => import("../dialogs/channel_settings.tsx"),
  emojiPicker: () => import("../emoji/picker.tsx"),
  events: () => import("../dialogs/events_dialog.tsx"),
  file: () => import("../dialogs/file_dialog.tsx"),
  forward: () => import("../dialogs/forward.tsx"),
  forum: () => import("../shell/forum_view.tsx"),
  group: () => import("../dialogs/group_dialog.tsx"),
  guildSettings: () => import("../dialogs/guild_settings.tsx"),
  move: () => import("../dialogs/move.tsx"),
  moveBack: () => import("../dialogs/move_back.tsx"),
  newEvent: () => import("../dialogs/new_event.tsx"),
  newPoll: () => import("../dialogs/new_poll.tsx"),
  newPost: () => import("../dialogs/new_post.tsx"),
  newThread: () => import("../dialogs/new_thread.tsx"),
  renameThread: () => import("../dialogs/rename_thread.tsx"),
  search: () => import("../shell/search_panel.tsx"),
  settings: () => import("../dialogs/settings_dialog.tsx"),
  threadPeople: () => import("../dialogs/thread_people.tsx"),
  threads: () => import("../dialogs/threads_dialog.tsx"),
  voiceStatus: () => import("../dialogs/voice_status.tsx"),
} as const;

/** The page draws and catches up first, ms. */
const PAUSE = 1_000;

/** Loads them all when one is in for the first time. What could not be loaded is asked for again when it is opened. */
export function loadLater({ store }: Client): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const look = () => {
    if (timer !== null || store.getState().session.phase !== "ready") return;
    end();
    timer = setTimeout(() => {
      for (const load of Object.values(LATER)) load().catch(() => {});
    }, PAUSE);
  };
  const end = store.subscribe(look);
  look();
  return () => {
    end();
    if (timer !== null) clearTimeout(timer);
  };
}
