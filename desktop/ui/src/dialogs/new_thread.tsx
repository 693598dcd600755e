import { mayBegin, said } from "@nexus/core";
import { useState } from "react";
import { useActions, useApp, useClient } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { go, pathTo } from "../app/route.ts";
import { closeAllDialogs } from "../app/screen.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Switch, TextField } from "../parts/field.tsx";
import { oneLine } from "../rich/one_line.ts";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** Characters of a thread's name. */
export const THREAD_NAME_MAX = 100;
/** Of a message, so much is offered as the name. */
const OFFERED_MAX = 40;

export default function NewThread({ dialog, onClose }: Shown<"new_thread">) {
  const { channelId, messageId } = dialog;
  const { store } = useClient();
  const actions = useActions();
  const channel = useApp((state) => state.channels[channelId]);
  const [name, setName] = useState(() => {
    const state = store.getState();
    const message = messageId === null ? undefined : state.messages[channelId]?.[messageId];
    return message === undefined
      ? ""
      : oneLine(state, message.guildId, said(message).content).slice(0, OFFERED_MAX);
  });
  const [hidden, setHidden] = useState(false);
  const { busy, failure, run } = useWish();
  if (channel === undefined) return null;
  const may = mayBegin(store.getState(), channel);
  const isPrivate = messageId === null && (hidden || !may.public);
  const create = async () => {
    const from = messageId === null ? { private: isPrivate } : { messageId };
    const begun = await run(() => actions.createThread(channelId, { name: name.trim(), ...from }));
    if (begun === null) return;
    // The overview that it was begun from would lie over it; one that waits is seen in its channel.
    closeAllDialogs();
    go(pathTo(channel.guildId, begun.thread?.id ?? channelId));
  };
  return (
    <DialogBox
      title={t("thread.begin_title")}
      text={t("thread.begin_text")}
      onClose={onClose}
      onSubmit={() => void create()}
      acts={<Acts onClose={onClose} busy={busy} ready={name.trim() !== ""} words={t("thread.begin_go")} />}
    >
      <TextField
        label={t("thread.name")}
        value={name}
        onText={setName}
        maxLength={THREAD_NAME_MAX}
        autoComplete="off"
        data-first=""
        error={failure === null ? null : (fieldText(failure, "name") ?? failureText(failure))}
      />
      {messageId === null && may.private ? (
        <Switch
          label={t("thread.private_switch")}
          hint={t("thread.private_hint")}
          on={isPrivate}
          disabled={!may.public}
          onChange={setHidden}
        />
      ) : null}
    </DialogBox>
  );
}
