import type { Failure, SignedIn } from "@nexus/core";
import { useEffect, useRef, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { toast } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Banner } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { CodeForm } from "./code_form.tsx";
import { DoorForm } from "./door_form.tsx";
import type { CameBack as Came } from "./elsewhere.ts";
import { FirstPassword } from "./first_password.tsx";
import { NewcomerForm } from "./newcomer_form.tsx";
import { useProviderName } from "./providers.tsx";

interface Facts {
  readonly came: Came;
  readonly onDone: () => void;
}

/** Back from a provider: one is in, or something is asked for first. */
export function CameBack({ came, onDone }: Facts) {
  const { signedIn, wrong } = useFinished(came);
  const known = useApp((state) => state.me !== null);
  const name = useProviderName(came.provider);
  const isIn = came.purpose === "enter" && known;
  const isLinked = signedIn?.kind === "linked";
  useEffect(() => {
    if (isLinked) toast(t("elsewhere.linked", { name }), "ok");
    if (isLinked || isIn) onDone();
  }, [isIn, isLinked, name, onDone]);
  if (wrong !== null) return <Failed words={wrong} onBack={onDone} />;
  if (signedIn?.kind === "code") return <CodeForm ticket={signedIn.ticket} onBack={onDone} />;
  if (signedIn?.kind === "proof") return <FirstPassword proof={signedIn.proof} onDone={onDone} />;
  if (signedIn?.kind === "newcomer") {
    return <NewcomerForm provider={came.provider} who={signedIn} onBack={onDone} />;
  }
  return <Loading />;
}

/** Finishes once, as soon as it is known whether anybody is signed in. */
function useFinished({ back, purpose }: Came): { signedIn: SignedIn | null; wrong: string | null } {
  const actions = useActions();
  const phase = useApp((state) => state.session.phase);
  const [signedIn, setSignedIn] = useState<SignedIn | null>(null);
  const [wrong, setWrong] = useState(back === null ? t("elsewhere.refused") : null);
  const begun = useRef(back === null);
  const isTime = purpose === "enter" ? phase === "signed_out" : phase === "ready" || phase === "signed_out";
  useEffect(() => {
    if (!isTime || begun.current || back === null) return;
    begun.current = true;
    void actions.finishSignIn(back).then((outcome) => {
      if (outcome.ok) setSignedIn(outcome.value);
      else setWrong(wordsOf(outcome.failure));
    });
  }, [actions, back, isTime]);
  return { signedIn, wrong };
}

function wordsOf(failure: Failure): string {
  if (failure.fields.state !== undefined) return t("elsewhere.over");
  if (failure.fields.provider !== undefined) return t("elsewhere.anothers");
  return failure.kind === "forbidden" ? t("elsewhere.closed") : failureText(failure);
}

function Failed({ words, onBack }: { words: string; onBack: () => void }) {
  return (
    <DoorForm
      title={t("elsewhere.failed_title")}
      text={t("elsewhere.failed_text")}
      back={t("elsewhere.back")}
      onBack={onBack}
      onSubmit={onBack}
    >
      <Banner tone="danger">{words}</Banner>
    </DoorForm>
  );
}
