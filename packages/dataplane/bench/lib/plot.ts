/** A bar chart of one figure for each way, as SVG. */
export interface Bar {
  readonly name: string;
  readonly value: number;
}

const WIDTH = 760;
const LABEL_WIDTH = 190;
const BAR_HEIGHT = 22;
const GAP = 8;

/** Charts, one below the other, each with its title. */
export function barCharts(
  charts: readonly { readonly title: string; readonly bars: readonly Bar[] }[],
): string {
  const parts: string[] = [];
  let y = 10;
  for (const { title, bars } of charts) {
    const greatest = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
    parts.push(`<text x="10" y="${y + 16}" font-weight="bold">${escape(title)}</text>`);
    y += 28;
    for (const { name, value } of bars) {
      const width = ((WIDTH - LABEL_WIDTH - 90) * value) / greatest;
      const middle = y + BAR_HEIGHT * 0.7;
      parts.push(
        `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escape(name)}</text>`,
        `<rect x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="#4477aa"/>`,
        `<text x="${(LABEL_WIDTH + width + 6).toFixed(1)}" y="${middle}">${value.toPrecision(3)}</text>`,
      );
      y += BAR_HEIGHT + GAP;
    }
    y += 16;
  }
  const style = 'font-family="sans-serif" font-size="13"';
  const size = `width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}"`;
  const background = `<rect width="${WIDTH}" height="${y}" fill="#ffffff"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>${background}${parts.join('')}</svg>\n`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
