import type { Message } from "@nexus/core";
import { useEffect, useRef, useState } from "react";
import { useActions, useClient } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { keepEditing, openDialog, screen, stopEditing } from "../app/screen.ts";
import { useAutoHeight } from "../composer/auto_height.ts";
import { focusComposer } from "../composer/focus.ts";
import { fromWire, toWire } from "../composer/names.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";

/** A message while it is being changed, in its own place. */
export function EditBox({ message }: { message: Message }) {
  const { store } = useClient();
  const actions = useActions();
  const ref = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(
    () => screen.getState().editing?.text ?? fromWire(store.getState(), message.guildId, message.content),
  );
  const [wrong, setWrong] = useState<string | null>(null);
  useAutoHeight(ref, text);
  useEffect(() => {
    const box = ref.current;
    box?.focus();
    box?.setSelectionRange(box.value.length, box.value.length);
  }, []);

  const leave = () => {
    stopEditing();
    focusComposer(message.channelId);
  };
  const save = async () => {
    const content = toWire(store.getState(), message.guildId, text.trim());
    if (content === "" && message.attachments.length === 0)
      return openDialog({ kind: "delete_message", channelId: message.channelId, messageId: message.id });
    if (content !== message.content) {
      const outcome = await actions.edit(message.channelId, message.id, content);
      if (!outcome.ok) return setWrong(failureText(outcome.failure));
    }
    leave();
  };

  return (
    <div className="nx-edit">
      <textarea
        ref={ref}
        className="nx-edit-box"
        aria-label={t("compose.editing")}
        aria-describedby={`edit-${message.id}`}
        dir="auto"
        rows={1}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          keepEditing({ text: event.target.value });
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            leave();
          } else if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            void save();
          }
        }}
      />
      <div className="nx-edit-foot" id={`edit-${message.id}`}>
        {wrong === null ? (
          <span className="nx-edit-hint">{t("compose.edit_hint")}</span>
        ) : (
          <span className="nx-field-error">{t("compose.edit_failed", { why: wrong })}</span>
        )}
        <Button small look="quiet" onClick={leave}>
          {t("common.cancel")}
        </Button>
        <Button small look="primary" onClick={() => void save()}>
          {t("common.save")}
        </Button>
      </div>
    </div>
  );
}
