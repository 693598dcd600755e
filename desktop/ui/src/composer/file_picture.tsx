import { isPicture, type NewFile } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { Icon } from "../parts/icon.tsx";
import { File, ImageOff } from "../parts/icons.ts";

type Found = { readonly at: "loading" | "gone" } | { readonly at: "here"; readonly url: string | null };

/** Whether the bytes of a file are here still, and of a picture an address to show it by. */
export function useBytes(file: NewFile): Found {
  const actions = useActions();
  const [found, setFound] = useState<Found>({ at: "loading" });
  const shown = isPicture(file.name);
  const { key } = file;
  useEffect(() => {
    let url: string | null = null;
    let here = true;
    void actions.fileBytes(key).then((bytes) => {
      if (!here) return;
      if (bytes === null) return setFound({ at: "gone" });
      url = shown && bytes instanceof Blob ? URL.createObjectURL(bytes) : null;
      setFound({ at: "here", url });
    });
    return () => {
      here = false;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [actions, key, shown]);
  return found;
}

/** What is seen of a file: the picture, or a sign that it is a file. What it is called stands beside it. */
export function FilePicture({ found, covered }: { found: Found; covered: boolean }) {
  const [broken, setBroken] = useState(false);
  const url = found.at === "here" && !broken ? found.url : null;
  return (
    <span className="nx-file-picture" data-covered={covered ? "" : undefined}>
      {url === null ? (
        <Icon of={found.at === "gone" ? ImageOff : File} size={28} />
      ) : (
        <img src={url} alt="" draggable={false} onError={() => setBroken(true)} />
      )}
    </span>
  );
}
