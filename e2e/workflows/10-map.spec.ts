import { expect, SAMPLE, test } from '../src/test.ts';

test('where the map moves under a pointer that rests, the handle goes to what is under it now', async ({
  map,
  signedIn,
}) => {
  const handle = signedIn.getByTestId('connect-handle');
  const { rendered } = await map.node('domain:green');
  await signedIn.mouse.move(rendered.x, rendered.y);
  await expect(handle).toHaveAttribute('data-key', 'domain:green');
  await signedIn.getByTestId('map').press('+');
  await signedIn.getByTestId('map').press('+');
  await expect(handle).not.toHaveAttribute('data-key', 'domain:green');
});

test('a map seen from far away keeps hubs that are read, hit, and do not lie on each other', async ({
  map,
  signedIn,
}) => {
  for (let step = 0; step < 8; step++) await signedIn.getByTestId('map').press('-');
  const near = await map.node('cluster:aws-east');
  const hub = await map.node('domain:green');
  expect(near.rendered.width).toBeLessThan(60);
  expect(hub.rendered.width / near.rendered.width).toBeGreaterThan(0.6);
  const hubs = (await map.seam()).nodes.filter((node) => node.type === 'domain');
  for (const [index, { rendered: a }] of hubs.entries())
    for (const { rendered: b } of hubs.slice(index + 1))
      expect(Math.abs(a.x - b.x) >= a.width - 1 || Math.abs(a.y - b.y) >= a.height - 1).toBe(true);
  await signedIn.mouse.click(hub.rendered.x + hub.rendered.width * 0.2, hub.rendered.y);
  await expect(signedIn.getByTestId('side-panel')).toHaveAttribute('data-key', 'domain:green');
});

test('Escape lets go of a drag, wherever the focus is', async ({ map, signedIn }) => {
  await map.dragOver(`workload:${SAMPLE.reporting}`, 'domain:green');
  expect((await map.seam()).gesture).toBe('dragging');
  await signedIn.keyboard.press('Escape');
  expect((await map.seam()).gesture).toBe('idle');
  await signedIn.mouse.up();
  await expect(signedIn.getByTestId('staged-bar')).toHaveCount(0);
  await expect(signedIn.getByRole('dialog')).toHaveCount(0);
});
