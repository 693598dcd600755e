/** Files that are dragged over a conversation. */

import { channelName, mayAttach } from "@nexus/core";
import { type DragEvent, useEffect, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import { Lock, Upload } from "../parts/icons.ts";
import { attach, bringsFiles, dropped } from "./chosen.ts";

/** For the element that they are dropped on, and what is to be drawn in it. */
export function useDropZone(channelId: string) {
  const actions = useActions();
  const may = useApp((state) => mayAttach(state, channelId));
  const [over, setOver] = useState(false);
  // What is called off, or dropped elsewhere, says nothing to the element itself.
  useEffect(() => {
    if (!over) return;
    const end = () => setOver(false);
    addEventListener("drop", end);
    addEventListener("dragend", end);
    return () => {
      removeEventListener("drop", end);
      removeEventListener("dragend", end);
    };
  }, [over]);
  const on = {
    onDragEnter(event: DragEvent<HTMLElement>) {
      if (bringsFiles(event.dataTransfer)) setOver(true);
    },
    onDragOver(event: DragEvent<HTMLElement>) {
      if (!bringsFiles(event.dataTransfer)) return;
      event.preventDefault();
      event.stopPropagation();
      // Where the talk was opened under the files, nothing was entered.
      setOver(true);
      event.dataTransfer.dropEffect = may ? "copy" : "none";
    },
    onDragLeave(event: DragEvent<HTMLElement>) {
      const to = event.relatedTarget;
      if (!(to instanceof Node) || !event.currentTarget.contains(to)) setOver(false);
    },
    onDrop(event: DragEvent<HTMLElement>) {
      if (!bringsFiles(event.dataTransfer)) return;
      event.preventDefault();
      setOver(false);
      if (may) attach(actions, channelId, dropped(event.dataTransfer));
    },
  };
  return { on, overlay: over ? <DropOverlay channelId={channelId} may={may} /> : null };
}

/** Says where it goes. */
export function DropOverlay({ channelId, may }: { channelId: string; may: boolean }) {
  const name = useApp((state) => {
    const channel = state.channels[channelId];
    if (channel === undefined) return "";
    const name = channelName(state, channel);
    return channel.guildId === null || channel.thread !== null ? name : `#${name}`;
  });
  return (
    <div className="nx-drop" data-nx="drop" data-closed={may ? undefined : ""}>
      <div className="nx-drop-words">
        <Icon of={may ? Upload : Lock} size={32} />
        <strong>
          <bdi>{may ? t("files.drop", { name }) : t("files.drop_closed")}</bdi>
        </strong>
        {may ? <span>{t("files.drop_text")}</span> : null}
      </div>
    </div>
  );
}

/** A file that is dropped beside the talk must not take the page's place. */
export function holdDrops(): () => void {
  const hold = (event: globalThis.DragEvent) => {
    if (event.defaultPrevented || !bringsFiles(event.dataTransfer)) return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = "none";
  };
  addEventListener("dragover", hold);
  addEventListener("drop", hold);
  return () => {
    removeEventListener("dragover", hold);
    removeEventListener("drop", hold);
  };
}
