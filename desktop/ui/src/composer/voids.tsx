import type { Void } from "@nexus/core";
import { useActions, useApp } from "../app/client.tsx";
import { type Key, t } from "../i18n/translate.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Copy, X } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { copy } from "../rich/code_block.tsx";
import { useOneLine } from "../rich/one_line.ts";

/** Messages of one's own that authority took away: told to their author, with the reason, and with what they said. */
export function Voids({ channelId }: { channelId: string }) {
  const voids = useApp((state) => state.voids);
  const here = voids.filter((each) => each.channelId === channelId);
  return here.map((each) => <VoidNotice key={each.messageId} gone={each} />);
}

/** Those of channels that are gone with them: who was put out of a guild is told so all the same. */
export function LostVoids() {
  const voids = useApp((state) => state.voids);
  const channels = useApp((state) => state.channels);
  const lost = voids.filter((each) => channels[each.channelId] === undefined);
  return lost.map((each) => <VoidNotice key={each.messageId} gone={each} />);
}

const REASONS: Readonly<Record<string, Key>> = {
  no_permission: "talk.void_no_permission",
  removed: "talk.void_removed",
  beyond_cut: "talk.void_beyond_cut",
  locked: "talk.void_locked",
  filtered: "talk.void_filtered",
};

export function VoidNotice({ gone }: { gone: Void }) {
  const actions = useActions();
  const reason = REASONS[gone.reason];
  const { content } = gone;
  const guildId = useApp((state) => state.channels[gone.channelId]?.guildId ?? null);
  const text = useOneLine(guildId, content ?? "");
  return (
    <div className="nx-void">
      <Banner
        tone="warn"
        acts={
          <>
            {content === null ? null : (
              <Button small look="quiet" icon={Copy} onClick={() => void copy(content)}>
                {t("talk.void_copy")}
              </Button>
            )}
            <IconButton
              size="small"
              icon={X}
              label={t("talk.void_dismiss")}
              onClick={() => actions.dismissVoid(gone.messageId)}
            />
          </>
        }
      >
        <strong>
          {gone.action === undefined ? t("talk.void") : t("talk.void_act", { action: gone.action })}.{" "}
        </strong>
        {reason === undefined
          ? t("talk.void_other", { reason: gone.reason })
          : t(reason as "talk.void_removed")}
        {content === null ? null : (
          <span className="nx-void-text nx-clip" dir="auto">
            {text}
          </span>
        )}
      </Banner>
    </div>
  );
}
