import type { NewFile } from "@nexus/core";
import type { MouseEvent } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { openDialog, useScreen } from "../app/screen.ts";
import { byteSize } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { Eye, EyeOff, Pencil, X } from "../parts/icons.ts";
import { Banner } from "../parts/notice.tsx";
import { useRoving } from "../shell/roving.ts";
import { dismissRefused, refusedTexts } from "./chosen.ts";
import { FilePicture, useBytes } from "./file_picture.tsx";
import { focusComposer } from "./focus.ts";

/** Files that go with the next message, and what there is to say about them. */
export function Tray({ channelId, may }: { channelId: string; may: boolean }) {
  const files = useApp((state) => state.trays[channelId]) ?? NONE;
  const roving = useRoving("button");
  return (
    <>
      <Refused channelId={channelId} />
      <p className="nx-hidden" role="status">
        {files.length === 0 ? "" : t("files.added", { n: files.length })}
      </p>
      {files.length === 0 ? null : (
        <div className="nx-tray" data-nx="tray">
          <ul className="nx-tray-files" aria-label={t("files.tray")} {...roving}>
            {files.map((file) => (
              <Tile key={file.key} file={file} channelId={channelId} />
            ))}
          </ul>
          {may ? null : <p className="nx-tray-words nx-tray-wrong">{t("files.no_right")}</p>}
          {files.every(({ kept }) => kept) ? null : <p className="nx-tray-words">{t("files.not_kept")}</p>}
        </div>
      )}
    </>
  );
}

const NONE: readonly NewFile[] = [];

function Refused({ channelId }: { channelId: string }) {
  const refused = useScreen((screen) => screen.refused[channelId]);
  if (refused === undefined || refused.length === 0) return null;
  return (
    <div className="nx-refused" data-nx="refused">
      <Banner
        tone="danger"
        acts={
          <IconButton
            size="small"
            icon={X}
            label={t("files.dismiss")}
            onClick={() => {
              dismissRefused(channelId);
              focusComposer(channelId);
            }}
          />
        }
      >
        {refusedTexts(refused).map((words) => (
          <p key={words}>
            <bdi>{words}</bdi>
          </p>
        ))}
      </Banner>
    </div>
  );
}

function Tile({ file, channelId }: { file: NewFile; channelId: string }) {
  const actions = useActions();
  const found = useBytes(file);
  const { key, name, size, about, spoiler } = file;
  const remove = (event: MouseEvent<HTMLElement>) => {
    const tile = event.currentTarget.closest("li");
    const next = (tile?.nextElementSibling ?? tile?.previousElementSibling)?.querySelector("button");
    actions.detach(channelId, key);
    if (next == null) focusComposer(channelId);
    else next.focus();
  };
  return (
    <li className="nx-tile" data-nx="tile">
      <FilePicture found={found} covered={spoiler} />
      <bdi className="nx-tile-name nx-clip" title={name}>
        {name}
      </bdi>
      <span className="nx-tile-facts">
        {found.at === "gone"
          ? t("files.gone")
          : [byteSize(size), spoiler && t("files.covered"), about !== "" && t("files.described")]
              .filter(Boolean)
              .join(" · ")}
      </span>
      <span className="nx-tile-acts">
        <IconButton
          size="small"
          icon={spoiler ? EyeOff : Eye}
          label={t("files.cover", { name })}
          pressed={spoiler}
          onClick={() => actions.editFile(key, { spoiler: !spoiler })}
        />
        <IconButton
          size="small"
          icon={Pencil}
          label={t("files.describe", { name })}
          aria-haspopup="dialog"
          onClick={() => openDialog({ kind: "file", channelId, key })}
        />
        <IconButton size="small" icon={X} label={t("files.remove", { name })} onClick={remove} />
      </span>
    </li>
  );
}
