import { type Channel, holdsPosts } from "@nexus/core";
import type { LucideIcon } from "lucide-react";
import { useRef, useState } from "react";
import { useNarrow } from "../app/room.ts";
import { type Anchor, openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { Ellipsis, Eye, MessagesSquare, Pin } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { PinsPanel } from "./pins_panel.tsx";
import { ReadersPanel } from "./readers_panel.tsx";

type Panel = "pins" | "readers";

interface Look {
  readonly icon: LucideIcon;
  readonly label: string;
  /** None: it opens a dialog. */
  readonly panel?: Panel;
  readonly act: (at: Anchor) => void;
}

/** Who reads a channel, its threads, what is pinned: side by side, or behind one button where there is less room. */
export function ChannelLooks({ channel }: { channel: Channel }) {
  const [open, setOpen] = useState<{ readonly panel: Panel; readonly anchor: Anchor } | null>(null);
  const narrow = useNarrow();
  const toggle = (panel: Panel) => (anchor: Anchor) =>
    setOpen(open?.panel === panel ? null : { panel, anchor });
  const all = looksOf(channel, toggle);
  const close = () => setOpen(null);
  return (
    <>
      {narrow && all.length > 1 ? (
        <Behind all={all} open={open !== null} />
      ) : (
        all.map((look) => <Beside key={look.label} look={look} open={open?.panel} />)
      )}
      {open?.panel === "pins" ? (
        <PinsPanel channelId={channel.id} anchor={open.anchor} onClose={close} />
      ) : null}
      {open?.panel === "readers" ? (
        <ReadersPanel channelId={channel.id} anchor={open.anchor} onClose={close} />
      ) : null}
    </>
  );
}

function looksOf(channel: Channel, toggle: (panel: Panel) => Look["act"]): readonly Look[] {
  const { id, guildId } = channel;
  // What is said in a channel of posts is said, and pinned, in these.
  const posts = holdsPosts(channel);
  const all: (Look | false)[] = [
    { icon: Eye, label: t("header.readers"), panel: "readers", act: toggle("readers") },
    guildId !== null &&
      !posts && {
        icon: MessagesSquare,
        label: t("thread.threads"),
        act: () => openDialog({ kind: "threads", guildId, channelId: id }),
      },
    !posts && { icon: Pin, label: t("header.pins"), panel: "pins", act: toggle("pins") },
  ];
  return all.filter((look) => look !== false);
}

function Beside({ look, open }: { look: Look; open: Panel | undefined }) {
  const { icon, label, panel, act } = look;
  return (
    <IconButton
      icon={icon}
      label={label}
      aria-haspopup="dialog"
      {...(panel === undefined ? {} : { "aria-expanded": open === panel })}
      {...(panel === "pins" ? { "data-nx": "pins-button" } : {})}
      onClick={(event) => act(event.currentTarget)}
    />
  );
}

function Behind({ all, open }: { all: readonly Look[]; open: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const acts = all.map(({ icon, label, act }) => ({
    icon,
    label,
    act: () => act(place.current ?? document.body),
  }));
  const pins = all.find(({ panel }) => panel === "pins");
  return (
    <span ref={place} className="nx-header-more">
      <IconButton
        icon={Ellipsis}
        label={t("common.more")}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={(event) => menuAt(event, t("common.more"), acts)}
      />
      {/* Pressed by its keys, which work in a narrow window too. */}
      {pins === undefined ? null : (
        <button
          type="button"
          hidden
          data-nx="pins-button"
          onClick={() => pins.act(place.current ?? document.body)}
        />
      )}
    </span>
  );
}
