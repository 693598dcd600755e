import { type ReactNode, useState } from "react";
import { type Anchor, toast } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Avatar, GuildIcon, StatusDot } from "../parts/avatar.tsx";
import { Button, IconButton } from "../parts/button.tsx";
import { CodeField } from "../parts/code_field.tsx";
import { CrownMark } from "../parts/crown_mark.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Choice, PasswordField, Select, Switch, TextArea, TextField } from "../parts/field.tsx";
import { Fitting } from "../parts/fitting.tsx";
import { Icon } from "../parts/icon.tsx";
import * as icons from "../parts/icons.ts";
import { Logo } from "../parts/logo.tsx";
import { menuAt } from "../parts/menu.tsx";
import { Badge, Banner, Empty, Keys, Tag } from "../parts/notice.tsx";
import { Popover } from "../parts/popover.tsx";
import { Loading, MessageSkeleton, Spinner } from "../parts/progress.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { ToastPlace } from "../parts/toast_place.tsx";
import { Section, Specimen } from "./scene.tsx";

const { Hash, Pin, Plus, Trash2: Trash } = icons;
const LONG = "Words that somebody translated into a language of very long words";

export function Parts() {
  return (
    <>
      <Section title="Buttons">
        {(["primary", "plain", "quiet", "danger", "danger-quiet"] as const).map((look) => (
          <Specimen key={look} name={`button, ${look}`}>
            <Button look={look}>Send</Button>
            <Button look={look} icon={Plus}>
              With an icon
            </Button>
            <Button look={look} small>
              Small
            </Button>
            <Button look={look} busy>
              Busy
            </Button>
            <Button look={look} disabled>
              Disabled
            </Button>
          </Specimen>
        ))}
        <Specimen name="button, wide and overfull">
          <Button look="primary" wide>
            {LONG}
          </Button>
        </Specimen>
        <Specimen name="words as many as fit">
          <div data-room="">
            <span>
              <Fitting ways={[LONG, "Words somebody translated", "Words"]} />
            </span>
          </div>
        </Specimen>
        <Specimen name="icon button">
          <IconButton icon={Pin} label="Pins" keys="Ctrl+P" />
          <IconButton icon={Pin} label="Pins, pressed" pressed />
          <IconButton icon={Pin} label="Pins, small" size="small" />
          <IconButton icon={Trash} label="Delete" danger />
          <IconButton icon={Pin} label="Pins, disabled" disabled />
        </Specimen>
      </Section>
      <Fields />
      <Section title="Pictures">
        <Specimen name="avatar">
          {([16, 20, 24, 32, 40, 48, 80] as const).map((size) => (
            <Avatar key={size} id={`${size}`} name="Ada Lovelace" size={size} />
          ))}
        </Specimen>
        <Specimen name="avatar with status">
          {(["online", "idle", "dnd", "offline"] as const).map((status) => (
            <Avatar key={status} id={status} name="Ada" size={32} status={status} />
          ))}
          <StatusDot status="online" />
        </Specimen>
        <Specimen name="guild icon">
          {([20, 24, 32, 48, 64, 80] as const).map((size) => (
            <GuildIcon key={size} id={`${size}`} name="Good Boat" size={size} />
          ))}
          <GuildIcon id="emoji" name="🦀 crabs" />
          <GuildIcon id="none" name="" />
        </Specimen>
        <Specimen name="logo">
          <Logo size={64} />
        </Specimen>
        <Specimen name="icons">
          {Object.entries(icons).map(([name, of]) => (
            <Icon key={name} of={of} />
          ))}
        </Specimen>
      </Section>
      <Notices />
      <Floating />
    </>
  );
}

function Fields() {
  const [text, setText] = useState("Ada");
  const [on, setOn] = useState(true);
  const [pick, setPick] = useState<"a" | "b">("a");
  const options = [
    ["a", "The first"],
    ["b", LONG],
  ] as const;
  return (
    <Section title="Fields">
      <Specimen name="text field">
        <TextField label="Name" hint="Others see it." value={text} onText={setText} />
        <TextField label="Topic" optional value="" placeholder="Nothing yet" onText={setText} />
        <TextField label="Name" error="That name is taken." value={text} onText={setText} />
        <TextField label="Name" disabled value={text} onText={setText} />
      </Specimen>
      <Specimen name="password field">
        <PasswordField label="Password" value={text} onText={setText} autoComplete="new-password" />
        <PasswordField
          label="Password"
          error="Too short."
          value=""
          onText={setText}
          autoComplete="new-password"
        />
      </Specimen>
      <Specimen name="code field">
        <CodeField code="123456" onCode={setText} error={null} />
        <CodeField code="000000" onCode={setText} error="This code is not right." />
      </Specimen>
      <Specimen name="text area">
        <TextArea label="Description" rows={3} value={LONG} onText={setText} />
      </Specimen>
      <Specimen name="select">
        <Select label="Ends after" value={pick} options={options} onValue={setPick} />
        <Select label="Disabled" value={pick} options={options} onValue={setPick} disabled />
      </Specimen>
      <Specimen name="switch">
        <Switch label="Less motion" hint={LONG} on={on} onChange={setOn} />
        <Switch label="Off" on={!on} onChange={() => setOn(!on)} />
        <Switch label="Disabled" on disabled onChange={setOn} />
      </Specimen>
      <Specimen name="choice">
        <Choice
          label="Theme"
          value={pick}
          options={[
            { value: "a", label: "Dark", hint: "For the night" },
            { value: "b", label: LONG },
          ]}
          onValue={setPick}
        />
      </Specimen>
    </Section>
  );
}

function Notices() {
  const [tab, setTab] = useState<"one" | "two">("one");
  return (
    <Section title="Notices">
      {(["plain", "ok", "warn", "danger"] as const).map((tone) => (
        <Specimen key={tone} name={`banner, ${tone}`}>
          <Banner tone={tone} acts={<Button small>Try now</Button>}>
            You can read what is here and go on writing. {LONG}.
          </Banner>
        </Specimen>
      ))}
      <Specimen name="empty">
        <Empty icon={Hash} title="Nobody is banned" text="Who is banned cannot join again.">
          <Button>Do something</Button>
        </Empty>
      </Specimen>
      <Specimen name="badge, tag, keys">
        <Badge n={1} />
        <Badge n={120} />
        <CrownMark words={t("common.owner")} />
        <Tag>bot</Tag>
        <Tag tone="accent">new</Tag>
        <Keys of="Ctrl+Shift+ArrowUp" />
      </Specimen>
      <Specimen name="progress">
        <Spinner />
        <Loading />
      </Specimen>
      <Specimen name="skeleton">
        <MessageSkeleton rows={3} />
      </Specimen>
      <Specimen name="tabs" framed="row">
        <Tabs
          label="Pages"
          value={tab}
          onValue={setTab}
          tabs={[
            { value: "one", label: "Overview", icon: Hash },
            { value: "two", label: LONG },
          ]}
          foot={<Button look="danger-quiet">Sign out</Button>}
        >
          <p>What is on the page.</p>
        </Tabs>
      </Specimen>
    </Section>
  );
}

function Floating() {
  const [anchor, setAnchor] = useState<Anchor | null>(null);
  const [open, setOpen] = useState(false);
  return (
    <Section title="What floats">
      <Specimen name="menu">
        <Button
          onClick={(event) =>
            menuAt(event, "A menu", [
              { label: "Answer", icon: Hash, keys: "R", act: () => {} },
              { label: "Checked", checked: true, act: () => {} },
              { label: "Disabled", disabled: true, act: () => {} },
              "line",
              { label: "Delete", icon: Trash, danger: true, act: () => {} },
            ])
          }
        >
          Open a menu
        </Button>
      </Specimen>
      <Specimen name="toasts">
        {(["plain", "ok", "danger"] as const).map((tone) => (
          <Button key={tone} onClick={() => toast(`Something happened. ${LONG}.`, tone)}>
            {`A toast, ${tone}`}
          </Button>
        ))}
        <div className="nx-main">
          <ToastPlace rank="main" />
        </div>
      </Specimen>
      <Specimen name="tip">
        <IconButton icon={Pin} label="Point at it, or come by Tab" keys="Ctrl+P" />
      </Specimen>
      <Specimen name="popover">
        <Button onClick={(event) => setAnchor(event.currentTarget)}>Open a popover</Button>
        {anchor === null ? null : (
          <Popover anchor={anchor} label="A popover" onClose={() => setAnchor(null)}>
            <p>It closes by Escape, and when something else is clicked.</p>
          </Popover>
        )}
      </Specimen>
      <Specimen name="dialog">
        <Button onClick={() => setOpen(true)}>Open a dialog</Button>
        {open ? <Sample onClose={() => setOpen(false)} /> : null}
      </Specimen>
    </Section>
  );
}

function Sample({ onClose }: { onClose: () => void }): ReactNode {
  return (
    <DialogBox title="A dialog" onClose={onClose}>
      <p>What is asked, and what it will do. {LONG}.</p>
      <Button look="primary" onClick={onClose}>
        Close
      </Button>
    </DialogBox>
  );
}
