import type { Bot } from "@nexus/core";
import { useEffect, useRef, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { BotFace, ChevronRight, CircleAlert, WifiOff } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";

/** Characters of a bot's name. */
export const BOT_NAME_MAX = 32;

interface Facts {
  /** Null: not here yet. */
  readonly bots: readonly Bot[] | null;
  readonly wrong: string | null;
  /** The one that one comes back from. */
  readonly last: string | null;
  /** The name of one that was deleted just now. */
  readonly deleted: string | null;
  readonly onOpen: (id: string) => void;
  readonly onMade: (bot: Bot) => void;
  readonly onAgain: () => void;
}

export function BotsList({ bots, wrong, last, deleted, onOpen, onMade, onAgain }: Facts) {
  const offline = useApp((state) => state.session.phase === "offline");
  if (bots === null && offline)
    return <Empty icon={WifiOff} title={t("bots.offline")} text={t("bots.offline_text")} />;
  if (bots === null && wrong !== null) {
    return (
      <Empty icon={CircleAlert} title={wrong}>
        <Button onClick={onAgain}>{t("common.retry")}</Button>
      </Empty>
    );
  }
  if (bots === null) return <Loading />;
  return (
    <>
      {offline ? <Banner icon={WifiOff}>{t("bots.offline_text")}</Banner> : null}
      {wrong === null || offline ? null : <Banner tone="danger">{wrong}</Banner>}
      {deleted === null ? null : <Deleted name={deleted} />}
      <p>{t("bots.text")}</p>
      <NewBot offline={offline} onMade={onMade} />
      {bots.length === 0 ? (
        <Empty icon={BotFace} title={t("bots.none")} text={t("bots.none_text")} />
      ) : (
        <Rows bots={bots} last={last} onOpen={onOpen} />
      )}
    </>
  );
}

/** Where the focus goes when the page of a bot is there no more. */
function Deleted({ name }: { name: string }) {
  const told = useRef<HTMLParagraphElement>(null);
  useEffect(() => told.current?.focus({ preventScroll: true }), []);
  return (
    <p ref={told} tabIndex={-1} role="status">
      <bdi>{t("bots.deleted", { name })}</bdi>
    </p>
  );
}

function NewBot({ offline, onMade }: { offline: boolean; onMade: (bot: Bot) => void }) {
  const actions = useActions();
  const [name, setName] = useState("");
  const { busy, failure, run } = useWish();
  const create = async () => {
    const made = await run(() => actions.createBot(name.trim()));
    if (made !== null) onMade(made);
  };
  return (
    <form
      className="nx-bot-new"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "" && !offline) void create();
      }}
    >
      <TextField
        label={t("bots.new_name")}
        value={name}
        maxLength={BOT_NAME_MAX}
        autoComplete="off"
        onText={setName}
        error={failure === null ? null : (fieldText(failure, "name") ?? failureText(failure))}
      />
      <Button type="submit" look="primary" busy={busy} disabled={name.trim() === "" || offline}>
        {t("bots.new")}
      </Button>
    </form>
  );
}

function Rows({ bots, last, onOpen }: Pick<Facts, "last" | "onOpen"> & { bots: readonly Bot[] }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector<HTMLElement>(`[data-bot="${last}"]`)?.focus();
  }, [last]);
  return (
    <ul ref={list} className="nx-bots" aria-label={t("bots.list")}>
      {bots.map(({ id, name, guilds }) => (
        <li key={id}>
          <button type="button" className="nx-bot-row" data-bot={id} onClick={() => onOpen(id)}>
            <Avatar id={id} name={name} size={40} />
            <span className="nx-row-words">
              <bdi className="nx-bot-name nx-clip">{name}</bdi>
              <span className="nx-row-text">{inGuilds(guilds)}</span>
            </span>
            <Icon of={ChevronRight} size={18} />
          </button>
        </li>
      ))}
    </ul>
  );
}

export function inGuilds(n: number): string {
  return n === 0 ? t("bots.in_none") : t("bots.in_guilds", { n });
}
