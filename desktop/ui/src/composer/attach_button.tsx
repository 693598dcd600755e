import { useRef } from "react";
import { useActions } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Paperclip } from "../parts/icons.ts";
import { attach, chosen } from "./chosen.ts";

interface Facts {
  readonly channelId: string;
  readonly may: boolean;
  /** In a form: with its words beside it. */
  readonly worded?: boolean;
}

/** Opens the system's dialog for files. */
export function AttachButton({ channelId, may, worded = false }: Facts) {
  const actions = useActions();
  const input = useRef<HTMLInputElement>(null);
  const words = t(may ? "files.add" : "files.not_here");
  const closed = may ? undefined : true;
  const open = () => {
    if (may) input.current?.click();
  };
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
      {worded ? (
        <Button icon={Paperclip} aria-disabled={closed} onClick={open}>
          {words}
        </Button>
      ) : (
        <IconButton
          className="nx-attach"
          icon={Paperclip}
          label={words}
          aria-disabled={closed}
          onClick={open}
        />
      )}
    </>
  );
}
