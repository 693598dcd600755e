import type { Bot } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { BotPage } from "./bot_page.tsx";
import { BotsList } from "./bots_list.tsx";

/** `isNew`: it was made just now, and has no token yet. */
interface Opened {
  readonly id: string;
  readonly isNew: boolean;
}

/** Bots of one's own: all of them, or one. */
export function BotsTab() {
  const actions = useActions();
  const ready = useApp((state) => state.session.phase === "ready");
  const [bots, setBots] = useState<readonly Bot[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [last, setLast] = useState<string | null>(null);
  const [deleted, setDeleted] = useState<string | null>(null);
  const load = useCallback(async () => {
    const outcome = await actions.bots();
    if (outcome.ok) setBots(outcome.value);
    setWrong(outcome.ok ? null : failureText(outcome.failure));
  }, [actions]);
  // What was made while an answer was lost is seen when the line is back.
  useEffect(() => {
    if (ready) void load();
  }, [load, ready]);
  const open = (id: string, isNew: boolean) => {
    setOpened({ id, isNew });
    setLast(id);
    setDeleted(null);
  };
  const bot = bots?.find(({ id }) => id === opened?.id);
  if (bot === undefined || opened === null) {
    return (
      <BotsList
        bots={bots}
        wrong={wrong}
        last={last}
        deleted={deleted}
        onOpen={(id) => open(id, false)}
        onMade={(made) => {
          setBots([...(bots ?? []), made]);
          open(made.id, true);
        }}
        onAgain={() => void load()}
      />
    );
  }
  return (
    <BotPage
      key={bot.id}
      bot={bot}
      isNew={opened.isNew}
      onBack={() => {
        setOpened(null);
        void load();
      }}
      onDeleted={() => {
        setOpened(null);
        setDeleted(bot.name);
        setBots((now) => now?.filter(({ id }) => id !== bot.id) ?? null);
      }}
      onChanged={(changed) =>
        setBots((now) => now?.map((one) => (one.id === bot.id ? changed : one)) ?? null)
      }
    />
  );
}
