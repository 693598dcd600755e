import { useRef } from "react";
import { useActions } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { Paperclip } from "../parts/icons.ts";
import { attach, chosen } from "./chosen.ts";

/** Opens the system's dialog for files. */
export function AttachButton({ channelId, may }: { channelId: string; may: boolean }) {
  const actions = useActions();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        className="nx-attach-input"
        data-nx="attach"
        type="file"
        multiple
        hidden
        onChange={({ target }) => {
          attach(actions, channelId, chosen(target.files ?? []));
          // The same file can be chosen once more.
          target.value = "";
        }}
      />
      <IconButton
        className="nx-attach"
        icon={Paperclip}
        label={t(may ? "files.add" : "files.not_here")}
        aria-disabled={may ? undefined : true}
        onClick={() => {
          if (may) input.current?.click();
        }}
      />
    </>
  );
}
