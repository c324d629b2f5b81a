/** Where the keyboard's focus is, and what is wrong with how that is shown. Runs in the page. */
export async function lookOfFocus(): Promise<
  { readonly path: string; readonly name: string; readonly faults: readonly string[] } | undefined
> {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return undefined;
  // Looks change over a frame, also where motion is reduced.
  const settled = async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const changing = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(changing.map((animation) => animation.finished));
  };
  await settled();
  const faults: string[] = [];
  const path: string[] = [];
  for (let at: Element | null = element; at !== null && at !== document.body; at = at.parentElement)
    path.unshift(`${at.tagName}${[...(at.parentElement?.children ?? [])].indexOf(at)}`);
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const points = [0.5, 0.1, 0.9].flatMap((x) =>
    [0.5, 0.1, 0.9].map((y) => [left + (right - left) * x, top + (bottom - top) * y] as const),
  );
  const seen = points.some(([x, y]) => {
    const above = document.elementFromPoint(x, y);
    return above !== null && (element.contains(above) || above.contains(element));
  });
  if (!seen) faults.push('lies under something, or outside the window');
  // The ring may be around the element, or around a label that holds it.
  const rings = () =>
    [element, element.parentElement, element.closest('label')].map((around) => {
      if (around === null) return '';
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, transform } =
        getComputedStyle(around);
      return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, transform].join();
    });
  const focused = rings();
  element.blur();
  await settled();
  const blurred = rings();
  element.focus({ preventScroll: true });
  if (focused.join() === blurred.join()) faults.push('looks the same with and without the focus');
  const name = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40);
  return { path: path.join('/'), name: `${element.tagName.toLowerCase()} "${name}"`, faults };
}
