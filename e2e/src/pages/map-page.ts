import { expect, type Page } from '@playwright/test';
import { PATIENCE_MS } from '../worlds/patience.ts';

/** What the tests read of the map: the console's `window.__flatlandGraph`. */
export interface Seam {
  readonly nodes: readonly {
    readonly key: string;
    readonly label: string;
    readonly type: string;
    readonly drifted?: number;
    readonly rendered: {
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };
  }[];
  readonly edges: readonly {
    readonly key: string;
    readonly type: string;
    readonly state?: { readonly kind: string };
    readonly drifted?: number;
  }[];
  readonly targets: Readonly<Record<string, string>>;
  readonly gesture: string;
  readonly selected?: string;
  readonly focused?: string;
}

/** The map as a person uses it: by pointer and by keyboard. */
export class MapPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Everything that the seam tells, as plain data. */
  async seam(): Promise<Seam> {
    return this.page.evaluate(() => {
      const graph = (window as unknown as { __flatlandGraph?: Seam }).__flatlandGraph;
      if (graph === undefined) throw new Error('the map is not there');
      const { nodes, edges, targets, gesture, selected, focused } = graph;
      return JSON.parse(JSON.stringify({ nodes, edges, targets, gesture, selected, focused })) as Seam;
    });
  }

  async ready(): Promise<void> {
    await this.page.waitForFunction(
      () => (window as unknown as { __flatlandGraph?: { ready: boolean } }).__flatlandGraph?.ready === true,
    );
  }

  async node(key: string): Promise<Seam['nodes'][number]> {
    const node = (await this.seam()).nodes.find((candidate) => candidate.key === key);
    if (node === undefined) throw new Error(`the map shows no ${key}`);
    return node;
  }

  /** Workloads and domains that a pointer cannot reach, because something lies above their middle. */
  async covered(): Promise<string[]> {
    const { nodes } = await this.seam();
    const places = nodes
      .filter((node) => node.type === 'workload' || node.type === 'domain')
      .map((node) => [node.key, node.rendered.x, node.rendered.y] as const);
    return this.page.evaluate(
      (all) =>
        all.flatMap(([key, x, y]) => {
          const top = document.elementFromPoint(x, y);
          return top?.closest('.fl-map') && !top.matches('.fl-minimap') ? [] : [key];
        }),
      places,
    );
  }

  /** State of a membership edge, or undefined where there is none. */
  async memberState(workload: string, domain: string): Promise<string | undefined> {
    return (await this.seam()).edges.find((edge) => edge.key === `membership:${workload}|${domain}`)?.state
      ?.kind;
  }

  async expectMember(workload: string, domain: string, kind: string | undefined): Promise<void> {
    await expect.poll(() => this.memberState(workload, domain), { timeout: PATIENCE_MS }).toBe(kind);
  }

  /** Waits until so many objects of an element are not what was applied. */
  async expectDrift(key: string, count: number | undefined): Promise<void> {
    await expect
      .poll(
        async () => {
          const { nodes, edges } = await this.seam();
          return [...nodes, ...edges].find((element) => element.key === key)?.drifted;
        },
        { timeout: PATIENCE_MS, message: `drift of ${key}` },
      )
      .toBe(count);
  }

  /** Drags from the handle of one element over another, and stops there with the button down. */
  async dragOver(source: string, target: string): Promise<void> {
    await this.grab(source);
    const { rendered } = await this.node(target);
    await this.page.mouse.move(rendered.x, rendered.y, { steps: 12 });
  }

  /** Drags from the handle of one element onto another. */
  async drag(source: string, target: string): Promise<void> {
    await this.dragOver(source, target);
    await this.page.mouse.up();
  }

  /** Presses the handle that an element shows under the pointer. Gives its place. */
  async grab(source: string): Promise<{ readonly x: number; readonly y: number }> {
    const handle = this.page.locator('.fl-handle');
    // The map is fitted again while it loads: the pointer follows its element.
    await expect(async () => {
      const { rendered } = await this.node(source);
      await this.page.mouse.move(rendered.x - 1, rendered.y);
      await this.page.mouse.move(rendered.x, rendered.y);
      await expect(handle).toBeVisible({ timeout: 2000 });
      await expect(handle).toHaveAttribute('data-key', source, { timeout: 2000 });
    }).toPass({ timeout: PATIENCE_MS });
    const box = await handle.boundingBox();
    if (box === null) throw new Error('the handle has no place');
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await this.page.mouse.move(at.x, at.y);
    await this.page.mouse.down();
    return at;
  }

  async click(key: string): Promise<void> {
    const { rendered } = await this.node(key);
    await this.page.mouse.click(rendered.x, rendered.y);
  }

  /** Moves the map's focus to an element by arrows alone; the map has the keyboard's focus. */
  async moveFocusTo(key: string): Promise<void> {
    const visited = new Map<string, number>();
    for (let step = 0; step < 80; step++) {
      const seam = await this.seam();
      if (seam.focused === key) return;
      const from = seam.nodes.find((node) => node.key === seam.focused);
      const to = seam.nodes.find((node) => node.key === key)?.rendered;
      if (to === undefined) throw new Error(`the map shows no ${key}`);
      const seen = visited.get(seam.focused ?? '') ?? 0;
      visited.set(seam.focused ?? '', seen + 1);
      const [dx, dy] = [to.x - (from?.rendered.x ?? 0), to.y - (from?.rendered.y ?? 0)];
      const horizontal = dx > 0 ? 'ArrowRight' : 'ArrowLeft';
      const vertical = dy > 0 ? 'ArrowDown' : 'ArrowUp';
      const [first, second] = Math.abs(dx) > Math.abs(dy) ? [horizontal, vertical] : [vertical, horizontal];
      // Where the best way leads back to a place seen before, another is tried.
      const ways = [first, second, 'ArrowLeft', 'ArrowDown', 'ArrowRight', 'ArrowUp'];
      await this.page.keyboard.press(ways[seen % ways.length] ?? first);
    }
    throw new Error(`arrows do not lead to ${key}`);
  }
}
