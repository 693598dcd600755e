import { forwardTargets, type State, type SwitchTarget } from "@nexus/core";
import { useState } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { toast } from "../app/screen.ts";
import { toWire } from "../composer/names.ts";
import { CONTENT_MAX } from "../composer/use_send.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { WifiOff } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { ForwardPreview } from "./forward_preview.tsx";
import { ForwardTargets, nameOfTarget } from "./forward_targets.tsx";

/** Passes a message on: to whom, what it is, and a word of one's own. */
export default function ForwardDialog({ dialog, onClose }: Shown<"forward">) {
  const { store, actions } = useClient();
  // It stays what one chose, whatever becomes of the window it was read in.
  const [message] = useState(() => store.getState().messages[dialog.channelId]?.[dialog.messageId]);
  const online = useApp((state) => state.session.phase === "ready");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [note, setNote] = useState("");
  const [query, setQuery] = useState("");
  const hits = useDerived(
    (state) => [state.guilds, state.channels, state.roles, state.members, state.users, state.followed],
    (state) => forwardTargets(state, query),
    [query],
  );
  if (message === undefined) return null;
  const over = Math.max(0, ...chosen.map((id) => wired(store.getState(), id, note).length - CONTENT_MAX));
  const send = () => {
    if (chosen.length === 0 || over > 0) return;
    const state = store.getState();
    for (const id of chosen) actions.forward(id, message, wired(state, id, note).join(""));
    const names = chosen.map((id) => nameOfTarget(state, id)).join(", ");
    toast(t(online ? "forward.going" : "forward.waiting", { names }));
    onClose();
  };
  return (
    <DialogBox
      title={t("forward.title")}
      onClose={onClose}
      onSubmit={send}
      acts={
        <Acts
          onClose={onClose}
          busy={false}
          ready={chosen.length > 0 && over === 0}
          words={t("forward.go")}
        />
      }
    >
      {online ? null : <Banner icon={WifiOff}>{t("forward.offline")}</Banner>}
      <ForwardTargets hits={hits} query={query} chosen={chosen} onQuery={setQuery} onChosen={setChosen} />
      <ForwardPreview message={message} />
      <TextField
        label={t("forward.note")}
        hint={t("forward.note_hint")}
        error={over > 0 ? t("forward.note_long", { n: over }) : null}
        optional
        value={note}
        onText={setNote}
        autoComplete="off"
      />
    </DialogBox>
  );
}

/** A note as it is sent there, in characters: whom it names may have another mark elsewhere. */
function wired(state: State, channelId: SwitchTarget["id"], note: string): readonly string[] {
  return [...toWire(state, state.channels[channelId]?.guildId ?? null, note.trim())];
}
