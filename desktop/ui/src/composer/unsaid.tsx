import type { Unsaid } from "@nexus/core";
import type { ReactNode } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { rich } from "../i18n/rich.tsx";
import { t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Copy, X } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { copy } from "../rich/code_block.tsx";
import { useOneLine } from "../rich/one_line.ts";

interface Which {
  /** Of this channel alone. */
  readonly only?: string;
  /** Of this one somebody else tells. */
  readonly except?: string | null;
}

/**
 * What was to be said in channels that are gone: told wherever one is now, and kept until one puts it away. The latest alone,
 * with how many there are behind it: there is little room above where one writes.
 */
export function UnsaidNotices({ only, except }: Which) {
  const all = useApp((state) => state.unsaid);
  const shown = all.filter(
    ({ channelId }) => (only === undefined || channelId === only) && channelId !== except,
  );
  const last = shown.at(-1);
  return last === undefined ? null : <UnsaidNotice unsaid={last} more={shown.length - 1} />;
}

export function UnsaidNotice({ unsaid, more = 0 }: { unsaid: Unsaid; more?: number }) {
  const actions = useActions();
  const { channelId, text, files } = unsaid;
  const place = unsaid.place ?? t("common.unknown_channel");
  return (
    <Kept
      text={text}
      acts={
        <IconButton
          size="small"
          icon={X}
          label={t("talk.void_dismiss")}
          onClick={() => actions.dismissUnsaid(channelId)}
        />
      }
    >
      <strong>{rich("gone.unsaid", { place: <bdi>{place}</bdi> })} </strong>
      {text === "" ? null : t("gone.unsaid_text")}
      {files === 0 ? null : ` ${t("gone.unsaid_files", { n: files })}`}
      {more === 0 ? null : ` ${t("gone.unsaid_more", { n: more })}`}
    </Kept>
  );
}

/** What was being written in a channel that was closed to one: it stays there, and what it says can be taken along. */
export function DraftLeft({ channelId }: { channelId: string }) {
  const text = useApp((state) => state.drafts[channelId]);
  return text === undefined ? null : <Kept text={text}>{t("gone.unsaid_here")}</Kept>;
}

function Kept({ text, acts, children }: { text: string; acts?: ReactNode; children: ReactNode }) {
  const line = useOneLine(null, text);
  return (
    <div className="nx-void" data-nx="unsaid">
      <Banner
        tone="warn"
        acts={
          <>
            {text === "" ? null : (
              <Button small look="quiet" icon={Copy} onClick={() => void copy(text)}>
                {t("talk.void_copy")}
              </Button>
            )}
            {acts}
          </>
        }
      >
        {children}
        {text === "" ? null : (
          <span className="nx-void-text nx-clip" dir="auto">
            {line}
          </span>
        )}
      </Banner>
    </div>
  );
}
