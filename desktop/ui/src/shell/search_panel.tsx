import { guildAt, type SearchPlace } from "@nexus/core";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useApp, useClient } from "../app/client.tsx";
import { land } from "../app/landing.ts";
import { go, pathTo } from "../app/route.ts";
import { closeSearch } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { X } from "../parts/icons.ts";
import { ToastPlace } from "../parts/toast_place.tsx";
import { useJump } from "../timeline/jump.ts";
import { placeName } from "./place_name.ts";
import { SearchBox } from "./search_box.tsx";
import { SearchView } from "./search_view.tsx";
import { useSearch } from "./use_search.ts";

interface Facts {
  readonly place: SearchPlace;
  readonly open: boolean;
  /** Another one asks for the keyboard. */
  readonly turn: number;
}

/** What was said in a guild or a conversation, looked for. Closed, it keeps what was found until one is elsewhere. */
export default function SearchPanel({ place, open, turn }: Facts) {
  const name = useApp((state) => placeName(state, place));
  const search = useSearch(place);
  const [text, setText] = useState("");
  const panel = useRef<HTMLElement>(null);
  const close = useFocus(panel, open, turn);
  const visit = useVisit(place, close);

  const field = () => panel.current?.querySelector<HTMLInputElement>("[data-nx=search]");
  const insert = (words: string) => {
    setText((now) => (now === "" || now.endsWith(" ") ? now + words : `${now} ${words}`));
    field()?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
  };
  return (
    <aside
      ref={panel}
      className="nx-search"
      aria-label={t("search.label", { name })}
      hidden={!open}
      onKeyDown={onKeyDown}
    >
      <div className="nx-search-head">
        <SearchBox
          place={place}
          text={text}
          wrong={search.stage.is === "unclear"}
          onText={setText}
          onLook={() => search.look(text)}
          onDown={() => panel.current?.querySelector<HTMLElement>("[data-nx=result]")?.focus()}
          onClear={() => {
            setText("");
            search.forget();
            field()?.focus();
          }}
        />
        <IconButton icon={X} label={t("search.close")} keys="Esc" onClick={close} />
      </div>
      <SearchView search={search} onInsert={insert} onVisit={visit} onUp={() => field()?.focus()} />
      <ToastPlace rank="search" />
    </aside>
  );
}

/** The keyboard goes in when the panel is opened, and back to where it was; the latter is what is given. */
function useFocus(panel: { readonly current: HTMLElement | null }, open: boolean, turn: number): () => void {
  const before = useRef<Element | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn is a wish of its own
  useEffect(() => {
    if (!open) return;
    const at = document.activeElement;
    if (panel.current?.contains(at) !== true) before.current = at;
    const field = panel.current?.querySelector<HTMLInputElement>("[data-nx=search]");
    field?.focus();
    field?.select();
  }, [open, turn]);
  return () => {
    closeSearch();
    const back = before.current;
    const there = back instanceof HTMLElement && back.isConnected && back !== document.body;
    // It was in the panel, which is about to go.
    if (there) back.focus();
    else land();
  };
}

/** Goes to a message. What lies over the talk, or in a thread's place, makes room for it. */
function useVisit(place: SearchPlace, close: () => void): (channelId: string, messageId: string) => void {
  const { store } = useClient();
  const jump = useJump();
  return (channelId, messageId) => {
    const { channels, openChannel } = store.getState();
    if (channels[channelId]?.kind === "thread" || overTheTalk.matches) close();
    if (openChannel === channelId) jump(channelId, messageId);
    else go(pathTo(guildAt(place), channelId, messageId));
  };
}

const overTheTalk = matchMedia("(max-width: 67.99rem)");
