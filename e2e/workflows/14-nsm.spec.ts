import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../src/test.ts';

let directory: string;
test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fl-nsm-'));
});
test.afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('a domain is exported as objects of Network Service Mesh, the same objects by console and command line', async ({
  stack,
  signedIn: page,
}) => {
  const exported = await stack.flatland('export', join(directory, 'sandbox'), '--nsm', 'sandbox');
  expect(exported.exitCode, exported.stderr).toBe(0);
  expect(exported.stdout).toContain('Pods restart');
  const network = await readFile(join(directory, 'sandbox/onprem-fra/vl3-sandbox.yaml'), 'utf8');
  expect(network).toContain('kind: NetworkService\n');
  expect(await readFile(join(directory, 'sandbox/onprem-fra/clients-sandbox.yaml'), 'utf8')).toContain(
    'networkservicemesh.io: kernel://sandbox/ns-sandbox',
  );

  await page.goto(new URL('/?sel=domain:sandbox', page.url()).href);
  await page.getByTestId('export-nsm').click();
  await expect(page.getByTestId('nsm-file')).toHaveText([/clients-sandbox\.yaml/, /vl3-sandbox\.yaml/]);
  await expect(page.getByTestId('nsm-notes')).toContainText('Pods restart');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download onprem-fra/vl3-sandbox.yaml' }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toBe(`# onprem-fra/vl3-sandbox.yaml\n${network}`);
});

test('what Network Service Mesh cannot express is refused with the reason, and no file is written', async ({
  stack,
  signedIn: page,
}) => {
  const refused = await stack.flatland('export', join(directory, 'red'), '--nsm', 'red');
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('istio-red in aws-east')]);
  expect(existsSync(join(directory, 'red'))).toBe(false);
  await page.goto(new URL('/?sel=domain:red', page.url()).href);
  await page.getByTestId('export-nsm').click();
  await expect(page.getByTestId('nsm-refusal')).toContainText('istio-red in aws-east');
  await expect(page.getByTestId('nsm-file')).toHaveCount(0);
});

test('what workloads ask of Network Service Mesh already is found, and what of it a domain matches', async ({
  stack,
  signedIn: page,
}) => {
  const annotate = (value: string) =>
    stack.kubectl(
      '--context',
      'aws-east',
      'annotate',
      'namespace',
      'ledger',
      `networkservicemesh.io${value}`,
    );
  await page.goto(new URL('/discover', page.url()).href);
  await expect(page.getByText('Nothing uses Network Service Mesh')).toBeVisible();
  expect((await annotate('=kernel://green@my.gke-west,kernel://other/nsm-1')).exitCode).toBe(0);
  try {
    const rows = page.getByTestId('discovered-row');
    await expect(rows).toHaveText([
      /green@my\.gke-west.*member of the domain/s,
      /other.*not managed by Flatland/s,
    ]);
  } finally {
    await annotate('-');
  }
  await expect(page.getByText('Nothing uses Network Service Mesh')).toBeVisible();
});
