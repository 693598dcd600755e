import { type Message, said } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import type { Anchor } from "../app/screen.ts";
import { moment } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { CircleAlert, Pin } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { Popover } from "../parts/popover.tsx";
import { Loading } from "../parts/progress.tsx";
import { RichText } from "../rich/rich_text.tsx";
import { AuthorFace, AuthorName } from "../timeline/author.tsx";
import { ForwardedMark } from "../timeline/forwarded.tsx";
import { useJump } from "../timeline/jump.ts";

interface Facts {
  readonly channelId: string;
  readonly anchor: Anchor;
  readonly onClose: () => void;
}

/** What was pinned in a channel. */
export function PinsPanel({ channelId, anchor, onClose }: Facts) {
  const actions = useActions();
  const pins = useApp((state) => state.pins[channelId]);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    void actions.loadPins(channelId).then((outcome) => {
      if (!outcome.ok) setWrong(failureText(outcome.failure));
    });
  }, [actions, channelId]);
  return (
    <Popover anchor={anchor} label={t("pins.title")} onClose={onClose} className="nx-panel nx-panel-wide">
      <h2 className="nx-panel-title">{t("pins.title")}</h2>
      {pins === undefined && wrong !== null ? <Empty icon={CircleAlert} title={wrong} /> : null}
      {pins === undefined && wrong === null ? <Loading /> : null}
      {pins?.length === 0 ? <Empty icon={Pin} title={t("pins.none")} text={t("pins.none_text")} /> : null}
      <ul className="nx-pins">
        {pins?.map((message) => (
          <PinRow key={message.id} message={message} onJump={onClose} />
        ))}
      </ul>
    </Popover>
  );
}

function PinRow({ message, onJump }: { message: Message; onJump: () => void }) {
  const jump = useJump();
  return (
    <li className="nx-pin">
      <AuthorFace userId={message.authorId} guildId={message.guildId} size={32} />
      <div className="nx-pin-body">
        <div className="nx-message-head">
          <AuthorName userId={message.authorId} guildId={message.guildId} />
          <time className="nx-message-time">{moment(message.at)}</time>
        </div>
        {message.forwarded === null ? null : <ForwardedMark />}
        <RichText text={said(message).content.slice(0, 600)} guildId={message.guildId} />
      </div>
      <Button
        small
        onClick={() => {
          onJump();
          jump(message.channelId, message.id);
        }}
      >
        {t("pins.jump")}
      </Button>
    </li>
  );
}
