/** Puts the keyboard into the message box, if there is one. */
export function focusComposer(): void {
  document.querySelector<HTMLTextAreaElement>("[data-nx=composer]")?.focus();
}

/** Puts text where the caret is, as if it had been typed: undoing works. */
export function insertText(text: string): void {
  const box = document.querySelector<HTMLTextAreaElement>("[data-nx=composer]");
  if (box === null) return;
  box.focus();
  const start = box.selectionStart;
  const before = start > 0 && !/\s/.test(box.value[start - 1] ?? " ") && !/^\s/.test(text) ? " " : "";
  // The only way that keeps the browser's own list of what can be undone.
  const done = document.execCommand("insertText", false, before + text);
  if (!done) box.setRangeText(before + text, start, box.selectionEnd, "end");
}
