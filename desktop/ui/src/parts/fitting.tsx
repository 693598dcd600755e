import { useLayoutEffect, useRef, useState } from "react";

/**
 * One thing said in ways that are ever shorter: the first for which the nearest element with `data-room` has a line is
 * shown, and the last takes as many lines as it needs. Nothing is cut off.
 */
export function Fitting({ id, ways }: { id?: string; ways: readonly string[] }) {
  const ref = useRef<HTMLElement>(null);
  const [at, setAt] = useState(0);
  const all = ways.join("\n");
  useLayoutEffect(() => {
    const words = ref.current;
    const room = words?.closest("[data-room]");
    if (words == null || room == null) return;
    const choose = () => setAt(firstThatFits(all.split("\n"), words, room));
    const watch = new ResizeObserver(choose);
    watch.observe(room);
    choose();
    // Letters are as wide as the font that is still on its way.
    document.fonts.addEventListener("loadingdone", choose);
    return () => {
      watch.disconnect();
      document.fonts.removeEventListener("loadingdone", choose);
    };
  }, [all]);
  return (
    <bdi ref={ref} id={id} className="nx-fitting">
      {ways[Math.min(at, ways.length - 1)]}
    </bdi>
  );
}

function firstThatFits(ways: readonly string[], words: HTMLElement, room: Element): number {
  const child = [...room.children].find((each) => each.contains(words)) as HTMLElement | undefined;
  const around = (child?.offsetWidth ?? 0) - words.offsetWidth;
  const ruler = words.cloneNode() as HTMLElement;
  ruler.removeAttribute("id");
  ruler.classList.add("nx-ruler");
  words.after(ruler);
  const at = ways.findIndex((way) => {
    ruler.textContent = way;
    return Math.ceil(ruler.getBoundingClientRect().width) + around <= room.clientWidth;
  });
  ruler.remove();
  return at < 0 ? ways.length - 1 : at;
}
