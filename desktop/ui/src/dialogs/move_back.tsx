import type { Id } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { moveText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { DialogBox } from "../parts/dialog.tsx";
import { Acts } from "./acts.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { MoveAlong } from "./move_along.tsx";
import { MoveNotices } from "./move_notices.tsx";
import { type Moving, meant, useAlong, useMoving } from "./moving.ts";

/** Moves what was moved into a thread back to where it was written. */
export default function MoveBackDialog({ dialog, onClose }: Shown<"move_back">) {
  const moving = useMoving(dialog.channelId, dialog.messageId);
  return moving === null ? null : <MoveBackForm moving={moving} onClose={onClose} />;
}

function MoveBackForm({ moving, onClose }: { moving: Moving; onClose: () => void }) {
  const { home } = moving;
  const { channelId } = moving.message;
  const actions = useActions();
  const [upTo, setUpTo] = useState<Id | null>(null);
  const { busy, failure, run } = useWish();
  const along = useAlong(moving, busy);
  const ids = meant(along, upTo);
  const n = ids.length;
  const back = async () => {
    if (n === 0 || busy) return;
    if ((await run(() => granted(actions.moveMessages(channelId, ids, null)))) === null) return;
    toast(t("move.done_back", { n, channel: home.name }), "ok");
    onClose();
  };
  return (
    <DialogBox
      size="small"
      title={t("move.back_to", { channel: home.name })}
      text={t("move.back_text")}
      onClose={onClose}
      onSubmit={() => void back()}
      acts={<Acts onClose={onClose} busy={busy} ready={n > 0} words={t("move.back_go", { n })} />}
    >
      <MoveNotices gone={n === 0} failure={failure && moveText(failure, home.name)} />
      <MoveAlong channelId={channelId} along={along} upTo={upTo} onUpTo={setUpTo} />
    </DialogBox>
  );
}
