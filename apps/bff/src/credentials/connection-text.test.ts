import { inspect } from 'node:util';
import type { Connection } from '@flatland/kube/client/connection';
import { sensitive } from '@flatland/kube/client/sensitive';
import type { ServerUrl } from '@flatland/kube/client/server-url';
import type { ClusterName } from '@flatland/shared/model/names';
import { expect, test } from 'vitest';
import { connectionText, readConnectionText } from './connection-text.ts';

const NAME = 'west' as ClusterName;
const base = { cluster: 'west', server: 'https://api.example:6443' as ServerUrl };

test.each<Connection>([
  { ...base, credential: { kind: 'token', token: sensitive('canary') } },
  {
    ...base,
    caPem: 'CA',
    tlsServerName: 'api.example',
    credential: { kind: 'client-certificate', certificatePem: 'CERTIFICATE', keyPem: sensitive('canary') },
  },
])('a connection comes back as it was, and still prints no secret', (connection) => {
  const back = readConnectionText(connectionText(connection), NAME);
  expect(connectionText(back!)).toBe(connectionText(connection));
  expect(back).toMatchObject({ ...connection, credential: { kind: connection.credential.kind } });
  expect(`${inspect(back, { depth: 9 })}${JSON.stringify(back)}`).not.toContain('canary');
});

test.each(['', 'null', '{"server":"http://api.example","credential":{"kind":"token","token":"x"}}', '[]'])(
  '%j is no connection',
  (text) => {
    expect(readConnectionText(text, NAME)).toBeUndefined();
  },
);
