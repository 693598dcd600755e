import type { Failure, Outcome } from "@nexus/core";
import { useState } from "react";
import { failureText, fieldText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { granted, useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { PasswordField } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { DoorForm } from "./door_form.tsx";

interface Facts {
  readonly words: Readonly<Record<"title" | "text" | "back" | "go" | "done" | "over", string>>;
  readonly choose: (password: string) => Promise<Outcome<void>>;
  /** Whether what one chooses by is good no more. */
  readonly isOver: (failure: Failure) => boolean;
  readonly onDone: () => void;
}

/** A new password, by something else than the old one. */
export function ChoosePassword({ words, choose, isOver, onDone }: Facts) {
  const [password, setPassword] = useState("");
  const { busy, failure, run } = useWish();
  const ofPassword = fieldText(failure, "password");
  const over = failure !== null && isOver(failure);
  return (
    <DoorForm
      title={words.title}
      text={words.text}
      back={words.back}
      onBack={onDone}
      onSubmit={() => {
        void run(() => granted(choose(password))).then((done) => {
          if (done === null) return;
          toast(words.done, "ok");
          onDone();
        });
      }}
    >
      <PasswordField
        label={t("sign.password_next")}
        hint={t("door.password_hint")}
        value={password}
        onText={setPassword}
        autoComplete="new-password"
        error={ofPassword}
      />
      {failure === null || ofPassword !== null ? null : (
        <Banner tone="danger">{over ? words.over : failureText(failure)}</Banner>
      )}
      <Button type="submit" look="primary" wide busy={busy} disabled={password === "" || over}>
        {words.go}
      </Button>
    </DoorForm>
  );
}
