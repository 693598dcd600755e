import { expect, test } from "vitest";
import { paced } from "../src/client/paced.ts";

/** A clock that is turned by hand. */
function clock() {
  let time = 1_000;
  const timers = new Map<() => void, number>();
  return {
    now: () => time,
    after(delay: number, callback: () => void) {
      timers.set(callback, time + delay);
      return () => timers.delete(callback);
    },
    pass(ms: number) {
      time += ms;
      for (const [callback, at] of [...timers]) {
        if (at > time) continue;
        timers.delete(callback);
        callback();
      }
    },
  };
}

function listening() {
  const time = clock();
  const store = paced(0, time, time.now);
  const heard: number[] = [];
  store.store.subscribe((state) => heard.push(state));
  return { time, heard, ...store };
}

test("a single event is told at once, a crowd of them together, and who asks always hears the latest", () => {
  const { time, heard, store, setSoon } = listening();
  setSoon(1);
  expect(heard).toEqual([1]);
  for (let number = 2; number <= 100; number += 1) setSoon(number);
  expect([heard, store.getState()]).toEqual([[1], 100]);
  time.pass(40);
  expect(heard).toEqual([1, 100]);
  time.pass(1_000);
  setSoon(101);
  expect(heard).toEqual([1, 100, 101]);
});

test("what a person does is told at once, with everything that waited, and that is not told again", () => {
  const { time, heard, set, setSoon } = listening();
  setSoon(1);
  setSoon(2);
  set(3);
  expect(heard).toEqual([1, 3]);
  time.pass(1_000);
  expect(heard).toEqual([1, 3]);
});
