import type { Locator, Page } from '@playwright/test';
import { MapPage } from './pages/map-page.ts';
import { SAMPLE } from './sample.ts';

/** Something that the console shows, and how to come to see it. */
export interface ConsoleView {
  readonly name: string;
  readonly path: string;
  /** Opens what no link opens. */
  readonly open?: (page: Page) => Promise<void>;
  /** Whether Tab is followed through it: it has stops that no other view has. */
  readonly walked?: true;
  /** What is there once it is seen. */
  readonly shows: (page: Page) => Locator;
}

const select = (key: string, more = '') => `/?sel=${encodeURIComponent(key)}${more}`;
const pair = (from: string, to: string) =>
  `/why?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
/** Keys are heard once the page has come to life. */
const press = (key: string) => async (page: Page) => {
  await new MapPage(page).ready();
  await page.keyboard.press(key);
};
const testId = (id: string) => (page: Page) => page.getByTestId(id).first();
const text = (words: string) => (page: Page) => page.getByText(words).first();
const panel = (title: string) => (page: Page) =>
  page.getByTestId('side-panel').getByRole('heading', { name: title, exact: true });
const click = (testId: string) => (page: Page) => page.getByTestId(testId).first().click();

/** Of a server that is not there, and a user who would run a program. */
const HOSTILE_KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {exec: {}}}]
contexts: [{name: somewhere, context: {cluster: c, user: u}}]`;

/** Pages, with what can be unfolded in them. */
export const PAGES: readonly ConsoleView[] = [
  { name: 'map', path: '/', shows: testId('map') },
  { name: 'map with its table', walked: true, path: '/?view=split', shows: testId('map-table-row') },
  { name: 'table of the map', path: '/?view=table', shows: testId('map-table-row') },
  { name: 'map by namespace', path: '/?group=true', shows: testId('map') },
  { name: 'traffic', path: '/?lens=traffic', shows: testId('map') },
  { name: 'infrastructure', path: '/?lens=infrastructure', shows: testId('map') },
  { name: 'mesh', path: '/?lens=mesh', shows: testId('map') },
  {
    name: 'everything filtered away',
    walked: true,
    path: '/?q=nothing-is-called-so',
    shows: testId('filtered-away'),
  },
  { name: 'legend', path: '/', open: click('legend-open'), shows: testId('legend') },
  { name: 'domains', walked: true, path: '/domains', shows: testId('domains-row') },
  { name: 'workloads', walked: true, path: '/workloads', shows: testId('workloads-row') },
  {
    name: 'discover, with nothing found',
    path: '/discover',
    shows: text('Nothing uses Network Service Mesh'),
  },
  { name: 'why, before a question', path: '/why', shows: text('May A reach B?') },
  { name: 'why, yes', walked: true, path: pair(SAMPLE.frontend, SAMPLE.inventory), shows: testId('hop') },
  { name: 'why, no', path: pair(SAMPLE.frontend, SAMPLE.ledgerDb), shows: testId('verdict') },
  {
    name: 'why, all pairs',
    path: '/why',
    open: (page) => page.getByRole('tab', { name: 'All pairs' }).click(),
    shows: testId('cell'),
  },
  { name: 'activity', walked: true, path: '/activity', shows: testId('changes') },
  { name: 'drift, with nothing drifted', path: '/activity?tab=drift', shows: testId('no-drift') },
  {
    name: 'audit',
    path: '/activity',
    open: (page) => page.getByRole('tab', { name: 'Audit' }).click(),
    shows: testId('audit'),
  },
  { name: 'connect', walked: true, path: '/connect', shows: testId('cluster-row') },
  { name: 'a page that is not there', path: '/nowhere', shows: text('There is no such page') },
];

/** Panels of what is selected. */
export const PANELS: readonly ConsoleView[] = [
  {
    name: 'workload in two domains',
    walked: true,
    path: select(`workload:${SAMPLE.billing}`),
    shows: panel('billing'),
  },
  {
    name: 'workload in no domain',
    path: select(`workload:${SAMPLE.printServer}`),
    shows: panel('print-server'),
  },
  { name: 'domain', walked: true, path: select('domain:red'), shows: panel('red') },
  { name: 'cluster', walked: true, path: select('cluster:onprem-fra'), shows: panel('onprem-fra') },
  {
    name: 'membership',
    walked: true,
    path: select(`membership:${SAMPLE.billing}|green`),
    shows: panel('billing in green'),
  },
  { name: 'mesh', path: select('mesh:aws-east/istio-red'), shows: panel('istio-red') },
  { name: 'namespace', path: select('namespace:aws-east/shop', '&group=true'), shows: panel('shop') },
  {
    name: 'node',
    path: select('node:aws-east/aws-east-1', '&lens=infrastructure'),
    shows: panel('aws-east-1'),
  },
  { name: 'something that has gone', path: select('domain:gone'), shows: text('It is not there any more') },
];

/** Dialogs, and what opens over a page. */
export const DIALOGS: readonly ConsoleView[] = [
  { name: 'palette', path: '/', open: press('Control+k'), shows: testId('palette') },
  { name: 'keyboard shortcuts', path: '/', open: press('?'), shows: (page) => page.getByRole('dialog') },
  {
    name: 'targets of a workload',
    path: select(`workload:${SAMPLE.reporting}`),
    open: click('panel-connect'),
    shows: testId('target-picker'),
  },
  { name: 'a new domain', path: '/domains', open: click('new-domain-open'), shows: testId('new-domain') },
  {
    name: 'a new domain that clashes',
    path: '/domains',
    open: async (page) => {
      await click('new-domain-open')(page);
      await page.getByTestId('new-domain-prefixes').fill('10.244.0.0/16');
    },
    shows: text('overlaps the pod range'),
  },
  {
    name: 'which domain',
    path: select(`workload:${SAMPLE.reporting}`),
    open: async (page) => {
      await click('panel-connect')(page);
      await page.locator(`[data-value-id="workload:${SAMPLE.ledgerDb}"]`).click();
    },
    shows: testId('choose-domain'),
  },
  {
    name: 'export to Network Service Mesh',
    path: select('domain:sandbox'),
    open: click('export-nsm'),
    shows: testId('nsm-file'),
  },
  {
    name: 'export that is refused',
    path: select('domain:red'),
    open: click('export-nsm'),
    shows: testId('nsm-refusal'),
  },
  {
    name: 'connect a cluster',
    path: '/connect',
    open: click('connect-open'),
    shows: testId('connect-dialog'),
  },
  {
    name: 'connect a cluster, with a context that is refused',
    path: '/connect',
    open: async (page) => {
      await click('connect-open')(page);
      await page.getByTestId('kubeconfig-text').fill(HOSTILE_KUBECONFIG);
      await click('connect-next')(page);
    },
    shows: testId('kubeconfig-fault'),
  },
  {
    name: 'connect a cluster, with a preflight that failed',
    path: '/connect',
    open: async (page) => {
      await click('connect-open')(page);
      await page.getByTestId('kubeconfig-text').fill(HOSTILE_KUBECONFIG.replace('exec: {}', 'token: x'));
      await click('connect-next')(page);
      await page.getByRole('button', { name: 'Run the preflight' }).click();
    },
    shows: testId('preflight-line'),
  },
  {
    name: 'account',
    path: '/',
    open: (page) => page.getByRole('button', { name: 'Account and help' }).click(),
    shows: (page) => page.getByRole('menu'),
  },
];
