import type { Failure } from "@nexus/core";
import { useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText, fieldText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";

interface Facts {
  readonly setupKey: string;
  /** The link it came with makes nobody the owner any more. */
  readonly onSpent: () => void;
}

/** A node's first run: the one question. */
export function FirstName({ setupKey, onSpent }: Facts) {
  const actions = useActions();
  const [name, setName] = useState("");
  const [empty, setEmpty] = useState(false);
  const { busy, failure, run } = useWish();
  const start = () => {
    if (name.trim() === "") return setEmpty(true);
    void run(async () => {
      const outcome = await actions.setup(setupKey, name.trim());
      if (!outcome.ok && SPENT.has(outcome.failure.kind)) onSpent();
      return outcome;
    });
  };
  const wrong =
    failure === null
      ? empty
        ? t("door.name_empty")
        : null
      : (fieldText(failure, "display_name") ?? failureText(failure));
  return (
    <form
      className="nx-door-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <div className="nx-door-face">
        <Avatar id={name} name={name === "" ? "?" : name} size={80} />
      </div>
      <h1 className="nx-door-title">{t("door.name_title")}</h1>
      <p className="nx-door-text">{t("door.name_text")}</p>
      <TextField
        label={t("door.name_label")}
        hint={t("door.name_hint")}
        value={name}
        onText={(text) => {
          setName(text);
          setEmpty(false);
        }}
        maxLength={32}
        autoComplete="nickname"
        autoFocus
        error={wrong}
      />
      <Button type="submit" look="primary" wide busy={busy}>
        {t("door.name_go")}
      </Button>
    </form>
  );
}

const SPENT: ReadonlySet<Failure["kind"]> = new Set(["unauthorised", "forbidden"]);
