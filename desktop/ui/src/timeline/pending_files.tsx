import type { NewFile, Pending } from "@nexus/core";
import { useActions, useApp } from "../app/client.tsx";
import { FilePicture, useBytes } from "../composer/file_picture.tsx";
import { byteSize } from "../i18n/time.ts";
import { language, t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Spinner } from "../parts/progress.tsx";

/** Files of a message that is not there yet. */
export function PendingFiles({ files }: { files: readonly NewFile[] }) {
  return (
    <ul className="nx-pending-files" data-nx="pending-files">
      {files.map((file) => (
        <PendingFile key={file.key} file={file} />
      ))}
    </ul>
  );
}

function PendingFile({ file }: { file: NewFile }) {
  const found = useBytes(file);
  return (
    <li className="nx-attachment nx-pending-file">
      <FilePicture found={found} covered={file.spoiler} />
      <span className="nx-attachment-words">
        <bdi className="nx-clip">{file.name}</bdi>
        <span className="nx-attachment-size">
          {found.at === "gone" ? t("files.gone") : byteSize(file.size)}
        </span>
      </span>
    </li>
  );
}

/** How much of it is out, and a way to stop it. */
export function UploadHow({ pending }: { pending: Pending }) {
  const actions = useActions();
  const share = useApp((state) => state.uploads[pending.nonce] ?? 0);
  const percent = Math.floor(share * 100);
  return (
    <div className="nx-pending-how nx-upload">
      <Spinner size={14} />
      <span>{share >= 1 ? t("files.sent_all") : t("files.sending", { share: percentText(share) })}</span>
      <progress
        className="nx-upload-bar"
        max={100}
        value={percent}
        aria-label={t("files.progress", { name: (pending.files ?? []).map(({ name }) => name).join(", ") })}
      />
      <Button small look="quiet" onClick={() => actions.stopSending(pending.nonce)}>
        {t("files.stop")}
      </Button>
    </div>
  );
}

function percentText(share: number): string {
  return new Intl.NumberFormat(language().tag, { style: "percent", maximumFractionDigits: 0 }).format(share);
}
