const cache = new Map<string, string>();
const CACHE_LIMIT = 5000;

/** Text cut to a width with an ellipsis, in the context's font. */
export function fitText(ctx: CanvasRenderingContext2D, text: string, maxWidth: number): string {
  const key = `${ctx.font}|${maxWidth}|${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  let fitted = text;
  if (ctx.measureText(text).width > maxWidth) {
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (ctx.measureText(`${text.slice(0, middle)}…`).width <= maxWidth) low = middle;
      else high = middle - 1;
    }
    fitted = `${text.slice(0, low)}…`;
  }
  if (cache.size > CACHE_LIMIT) cache.clear();
  cache.set(key, fitted);
  return fitted;
}

/** Text that stays legible over edges: the ground around its letters is painted over them. */
export function haloText(
  ctx: CanvasRenderingContext2D,
  text: string,
  at: { readonly x: number; readonly y: number; readonly ground: string; readonly width?: number },
): void {
  ctx.save();
  ctx.strokeStyle = at.ground;
  ctx.lineWidth = at.width ?? 5;
  ctx.lineJoin = 'round';
  ctx.strokeText(text, at.x, at.y);
  ctx.restore();
  ctx.fillText(text, at.x, at.y);
}

/** Forgets measured text: fonts have loaded. */
export function forgetText(): void {
  cache.clear();
}
