import {
  guildAt,
  isWholeName,
  type SearchBegun,
  type SearchPlace,
  type SearchSuggestion,
  searchBegunAt,
  searchSuggestions,
} from "@nexus/core";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { type Key, t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Hash, Search, Shield, X } from "../parts/icons.ts";
import { placeName } from "./place_name.ts";

interface Facts {
  readonly place: SearchPlace;
  readonly text: string;
  /** Something in it means nothing. */
  readonly wrong: boolean;
  readonly onText: (text: string) => void;
  readonly onLook: () => void;
  /** On to what was found. */
  readonly onDown: () => void;
  readonly onClear: () => void;
}

/** As long as Discord's. */
const TEXT_MAX = 512;

/** The field: words, and filters that it completes. */
export function SearchBox({ place, text, wrong, onText, onLook, onDown, onClear }: Facts) {
  const id = useId();
  const name = useApp((state) => placeName(state, place));
  const box = useRef<HTMLInputElement>(null);
  const list = useCompletion(place, box, text, onText);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || list.onKeyDown(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      list.close();
      onLook();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      onDown();
    }
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: older browsers know the role, not the element
    <div className="nx-search-box" role="search" data-wrong={wrong ? "" : undefined}>
      <Icon of={Search} size={18} />
      <input
        ref={box}
        className="nx-search-input"
        data-nx="search"
        role="combobox"
        tabIndex={0}
        aria-label={t("search.field", { name })}
        aria-expanded={list.open}
        aria-controls={list.open ? `${id}-list` : undefined}
        aria-activedescendant={list.open && list.active >= 0 ? `${id}-list-${list.active}` : undefined}
        aria-autocomplete="list"
        aria-invalid={wrong || undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        enterKeyHint="search"
        maxLength={TEXT_MAX}
        dir="auto"
        placeholder={t("search.open")}
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          list.moved();
        }}
        onSelect={list.moved}
        onBlur={list.close}
        onKeyDown={onKeyDown}
      />
      {text === "" ? null : <IconButton icon={X} label={t("search.clear")} size="small" onClick={onClear} />}
      {list.open ? <Suggestions id={`${id}-list`} list={list} /> : null}
    </div>
  );
}

interface Completion {
  readonly open: boolean;
  readonly all: readonly SearchSuggestion[];
  /** None is chosen: -1. */
  readonly active: number;
  readonly setActive: (at: number) => void;
  readonly pick: (suggestion: SearchSuggestion) => void;
  readonly moved: () => void;
  readonly close: () => void;
  /** Whether the key was for the list. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
}

const NONE: readonly SearchSuggestion[] = [];

function useCompletion(
  place: SearchPlace,
  ref: { readonly current: HTMLInputElement | null },
  text: string,
  onText: (text: string) => void,
): Completion {
  const [begun, setBegun] = useState<SearchBegun | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const guildId = guildAt(place) ?? "";
  useMoreMembers(guildId, begun);
  const { all, whole } = useDerived(
    (state) => [
      state.members[guildId],
      state.users,
      state.channels,
      state.roles[guildId],
      state.threadsOf[guildId],
    ],
    (state) => ({
      all: begun === null ? NONE : searchSuggestions(state, place, begun),
      whole: begun !== null && isWholeName(state, place, begun),
    }),
    [place, begun],
  );
  const open = all.length > 0;
  // A name of which only a part is there is not looked for: Enter then takes the first that it may be.
  const usual = begun === null || begun.filter === null || begun.query === "" || isOne(all, begun) || whole;
  const active = Math.min(chosen ?? (usual ? -1 : 0), all.length - 1);

  const moved = () => {
    const box = ref.current;
    const caret = box?.selectionStart ?? null;
    const next =
      box === null || caret === null || caret !== box.selectionEnd ? null : searchBegunAt(box.value, caret);
    if (next?.from === begun?.from && next?.query === begun?.query && next?.filter === begun?.filter) return;
    setBegun(next);
    setChosen(null);
  };
  const close = () => setBegun(null);
  const pick = (suggestion: SearchSuggestion) => {
    const box = ref.current;
    if (box === null || begun === null) return;
    box.focus();
    box.setSelectionRange(begun.from, begun.to);
    // The only way that keeps the browser's own list of what can be undone.
    if (document.execCommand("insertText", false, suggestion.typed)) return;
    onText(text.slice(0, begun.from) + suggestion.typed + text.slice(begun.to));
    close();
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const suggestion = all[active];
    const keys: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowDown: () => setChosen((active + 1) % all.length),
      ArrowUp: active >= 0 ? () => setChosen(active - 1) : undefined,
      Tab: suggestion === undefined ? undefined : () => pick(suggestion),
      Enter: suggestion === undefined ? undefined : () => pick(suggestion),
      Escape: close,
    };
    const act = keys[event.key];
    if (act === undefined) return false;
    event.preventDefault();
    act();
    return true;
  };
  return { open, all, active, setActive: setChosen, pick, moved, close, onKeyDown };
}

function isOne(all: readonly SearchSuggestion[], { query }: SearchBegun): boolean {
  return all.some((each) => each.kind !== "filter" && each.name.toLowerCase() === query.toLowerCase());
}

/** Milliseconds without another letter. */
const REST_MS = 250;

/** Of a large guild not everybody is known here: who may be meant is asked for. */
function useMoreMembers(guildId: string, begun: SearchBegun | null): void {
  const actions = useActions();
  const large = useApp((state) => state.guilds[guildId]?.large === true);
  const names = begun?.filter === "from" || begun?.filter === "mentions";
  const query = large && names ? begun.query.replace(/^@/, "") : "";
  useEffect(() => {
    if (query === "") return;
    const timer = setTimeout(() => actions.loadMembers(guildId, { query }), REST_MS);
    return () => clearTimeout(timer);
  }, [actions, guildId, query]);
}

/** Below the field. The keyboard stays in it: see its `aria-activedescendant`. */
function Suggestions({ id, list }: { id: string; list: Completion }) {
  const ref = useRef<HTMLDivElement>(null);
  const { active } = list;
  useEffect(() => {
    ref.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={ref} className="nx-search-suggest" id={id} role="listbox" aria-label={t("search.suggestions")}>
      {list.all.map((suggestion, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
        <div
          key={suggestion.typed}
          id={`${id}-${at}`}
          className="nx-suggest-row"
          role="option"
          aria-selected={at === active}
          onPointerMove={() => list.setActive(at)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => list.pick(suggestion)}
        >
          <Row suggestion={suggestion} />
        </div>
      ))}
    </div>
  );
}

function Row({ suggestion }: { suggestion: SearchSuggestion }) {
  if (suggestion.kind === "filter") {
    return (
      <>
        <span className="nx-suggest-name">{suggestion.typed}</span>
        <span className="nx-suggest-detail nx-clip">
          {t(`search.filter_${suggestion.filter}` satisfies Key)}
        </span>
      </>
    );
  }
  const { kind, id, name, detail } = suggestion;
  return (
    <>
      {kind === "value" ? null : (
        <span className="nx-suggest-mark">
          {kind === "person" ? (
            <Avatar id={id} name={name} size={24} />
          ) : (
            <Icon of={kind === "role" ? Shield : Hash} size={20} />
          )}
        </span>
      )}
      <bdi className="nx-suggest-name nx-clip">{name}</bdi>
      <bdi className="nx-suggest-detail nx-clip">{detail === name ? "" : detail}</bdi>
    </>
  );
}
