import { type Id, mayBegin, moveTargets } from "@nexus/core";
import { useState } from "react";
import { useActions, useClient, useDerived } from "../app/client.tsx";
import { fieldText, moveText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Choice, TextField } from "../parts/field.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { MoveAlong } from "./move_along.tsx";
import { MoveNotices } from "./move_notices.tsx";
import { MoveTargets } from "./move_targets.tsx";
import { type Moving, meant, useAlong, useMoving } from "./moving.ts";
import { THREAD_NAME_MAX } from "./new_thread.tsx";
import { useAway } from "./use_away.ts";

/** Moves a message, and what comes after it, into a thread of its channel. */
export default function MoveDialog({ dialog, onClose }: Shown<"move">) {
  const moving = useMoving(dialog.channelId, dialog.messageId);
  return moving === null ? null : <MoveForm moving={moving} onClose={onClose} />;
}

type Place = "known" | "new";

function MoveForm({ moving, onClose }: { moving: Moving; onClose: () => void }) {
  const { message, home } = moving;
  const { store } = useClient();
  const [begins] = useState(() => mayBegin(store.getState(), home).public);
  const [query, setQuery] = useState("");
  const hits = useDerived(
    (state) => [state.channels, state.threadsOf, state.roles, state.members, state.guilds],
    (state) => moveTargets(state, home, message, query),
    [query],
  );
  const [place, setPlace] = useState<Place>(() => (hits.length === 0 && begins ? "new" : "known"));
  const [threadId, setThreadId] = useState<Id | null>(null);
  const [name, setName] = useState("");
  const [upTo, setUpTo] = useState<Id | null>(null);
  const { busy, failure, move } = useMove(moving, (made) => {
    setPlace("known");
    setThreadId(made);
  });
  const away = useAway([home]);
  const along = useAlong(moving, busy);
  const ids = meant(along, upTo);
  const ready = ids.length > 0 && (place === "new" ? name.trim() !== "" : threadId !== null);
  const go = async () => {
    if (!ready || busy) return;
    if (await move(ids, place === "new" ? { name: name.trim() } : { threadId: threadId ?? "" })) onClose();
  };
  return (
    <DialogBox
      title={t(message.movedFrom === null ? "move.title" : "move.title_another")}
      text={t("move.text")}
      onClose={onClose}
      onSubmit={() => void go()}
      acts={<Acts onClose={onClose} busy={busy} ready={ready} words={t("move.go", { n: ids.length })} />}
    >
      <MoveNotices gone={ids.length === 0} failure={failure && moveText(failure, home.name)} />
      {begins ? (
        <Choice<Place>
          row
          label={t("move.where")}
          value={place}
          onValue={setPlace}
          options={[
            { value: "known", label: t("move.known") },
            { value: "new", label: t("move.new") },
          ]}
        />
      ) : null}
      {place === "new" ? (
        <TextField
          label={t("thread.name")}
          value={name}
          onText={setName}
          maxLength={THREAD_NAME_MAX}
          error={fieldText(failure, "name")}
          autoComplete="off"
          data-first=""
        />
      ) : (
        <MoveTargets
          home={home}
          hits={hits}
          query={query}
          chosen={threadId}
          away={away}
          onQuery={setQuery}
          onChosen={setThreadId}
        />
      )}
      <MoveAlong channelId={message.channelId} along={along} upTo={upTo} onUpTo={setUpTo} />
    </DialogBox>
  );
}

type Into = { readonly threadId: Id } | { readonly name: string };

/** `onMade`: a thread was made for them. If they cannot be moved then, the next try needs no other one. */
function useMove({ message, home }: Moving, onMade: (threadId: Id) => void) {
  const actions = useActions();
  const { store } = useClient();
  const { busy, failure, run } = useWish();
  const move = async (ids: readonly Id[], into: Into): Promise<boolean> => {
    const thread = await run(async () => {
      const made = "name" in into ? await actions.makeThread(home.id, into.name) : null;
      if (made?.ok === false) return made;
      const id = made?.value.id ?? ("threadId" in into ? into.threadId : "");
      if (made !== null) onMade(id);
      const outcome = await actions.moveMessages(message.channelId, ids, id);
      return outcome.ok ? { ok: true as const, value: id } : outcome;
    });
    if (thread === null) return false;
    const name = store.getState().channels[thread]?.name ?? "";
    toast(t("move.done", { n: ids.length, thread: name }), "ok");
    return true;
  };
  return { busy, failure, move };
}
