import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IpAddress } from '../address/ip.ts';
import { parseCorefile } from './parse-corefile.ts';
import { NODE_DNS } from './node-dns.ts';
import { corefileState, wireCorefile } from './wire-corefile.ts';

/** As kubeadm makes it. */
const KUBEADM = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
    }
    loop
    reload
    loadbalance
}
`;

/** As NodeLocal DNSCache has it: several servers, each bound to its node's address. */
const NODE_LOCAL = `cluster.local:53 {
    errors
    bind 169.254.20.10 10.96.0.10
    forward . __PILLAR__CLUSTER__DNS__ {
            force_tcp
    }
}
.:53 {
    errors
    bind 169.254.20.10 10.96.0.10
    forward . __PILLAR__UPSTREAM__SERVERS__
}
`;

function forwardingTo(upstream: string): string {
  return wired('.:53 {\n}\n', 'red.flatland').slice('.:53 {\n}\n'.length).replace('127.0.0.1:7453', upstream);
}

function wired(corefile: string, ...zones: string[]): string {
  const result = wireCorefile(corefile, zones, NODE_DNS);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}

function refused(corefile: string, ...zones: string[]): string {
  const result = wireCorefile(corefile, zones, NODE_DNS);
  return result.ok ? 'not refused' : `${result.error.code}: ${result.error.detail}`;
}

test('domains’ zones are forwarded to the node’s agent, with the client’s address, for the addresses of the root', () => {
  expect(wired(NODE_LOCAL, 'red.flatland', 'Green.flatland.')).toBe(`${NODE_LOCAL}# flatland: begin
green.flatland:53 red.flatland:53 {
    bind 169.254.20.10 10.96.0.10
    errors
    rewrite edns0 subnet set 32 128
    forward . 127.0.0.1:7453
}
# flatland: end
`);
});

test('the same zones again change nothing, other zones replace them, none give the first Corefile back', () => {
  const zones = fc.uniqueArray(fc.constantFrom('a.flatland', 'b.flatland', 'c.example', 'd.flatland'));
  fc.assert(
    fc.property(fc.constantFrom(KUBEADM, NODE_LOCAL), zones, zones, (corefile, first, second) => {
      const once = wired(corefile, ...first);
      expect(wired(once, ...first.toReversed())).toBe(once);
      expect(wired(once, ...second)).toBe(wired(corefile, ...second));
      expect(wired(once)).toBe(corefile);
    }),
  );
});

test.each([
  ['10.96.0.53', '10.96.0.53:53'],
  ['fd00:96::53', '[fd00:96::53]:53'],
])(
  'a name server among the pods asks over a Service, %s, and is led to another one to the byte',
  (address, text) => {
    const service = { address: address as IpAddress, port: 53 };
    const once = wireCorefile(KUBEADM, ['red.flatland'], service);
    expect(once.ok && once.value).toContain(`    forward . ${text}\n`);
    if (!once.ok) return;
    expect(corefileState(once.value, ['red.flatland'], service)).toEqual({ ok: true, value: 'wired' });
    expect(corefileState(once.value, ['red.flatland'], NODE_DNS)).toEqual({ ok: true, value: 'outdated' });
    expect(wired(once.value, 'red.flatland')).toBe(wired(KUBEADM, 'red.flatland'));
    expect(wired(once.value)).toBe(KUBEADM);
  },
);

test('what is behind our part stays there', () => {
  const more = 'example.org {\n    whoami\n}\n';
  expect(wired(wired(KUBEADM, 'red.flatland') + more)).toBe(KUBEADM + more);
});

test('the state says whether all zones are forwarded', () => {
  const state = (corefile: string, ...zones: string[]) => corefileState(corefile, zones, NODE_DNS);
  const once = wired(KUBEADM, 'red.flatland');
  expect(state(KUBEADM, 'red.flatland')).toEqual({ ok: true, value: 'not-wired' });
  expect(state(once, 'red.flatland')).toEqual({ ok: true, value: 'wired' });
  expect(state(once, 'red.flatland', 'blue.flatland')).toEqual({ ok: true, value: 'outdated' });
  expect(state(once)).toEqual({ ok: true, value: 'outdated' });
  expect(state(KUBEADM)).toEqual({ ok: true, value: 'not-wired' });
});

test('another address of the root’s server is taken over', () => {
  const once = wired(NODE_LOCAL, 'red.flatland');
  const moved = once.replace(NODE_LOCAL, NODE_LOCAL.replaceAll('169.254.20.10', '169.254.20.11'));
  expect(corefileState(moved, ['red.flatland'], NODE_DNS)).toEqual({ ok: true, value: 'outdated' });
  expect(wired(moved, 'red.flatland')).toContain(
    '    bind 169.254.20.11 10.96.0.10\n    errors\n    rewrite',
  );
});

test.each([
  ['import custom/*.server\n', 'corefile-unreadable: line 1 imports'],
  ['{$ZONE}:53 {\n}\n', 'corefile-unreadable: line 1 has what is put in only when CoreDNS starts'],
  ['a.example:53 {\n  log {\n}\n', 'corefile-unreadable: the block of line 1 does not end'],
  ['}\n', 'corefile-unreadable: line 1 closes'],
  ['"\n', 'corefile-unreadable: a quotation does not end'],
  ['. {\n}\n', 'corefile-unreadable: 2 blocks serve the root'],
  ['dns://RED.flatland.:53 {\n}\n', 'zone-served: the Corefile serves red.flatland already'],
  ['other.example, red.flatland {\n}\n', 'zone-served: the Corefile serves red.flatland already'],
  ['# flatland: begin\n', 'corefile-changed: '],
  [forwardingTo('example.org:53'), 'corefile-changed: '],
  [forwardingTo('127.0.0.1:7453 10.0.0.1'), 'corefile-changed: '],
  ['# flatland: begin\nred.flatland:53 {\n    whoami\n}\n# flatland: end\n', 'corefile-changed: '],
])('a Corefile with %j is refused', (more, why) => {
  expect(refused(more + KUBEADM, 'red.flatland')).toContain(why);
});

test('a Corefile without a root, or whose last line does not end, is refused', () => {
  expect(refused('example.org {\n}\n', 'red.flatland')).toContain('0 blocks serve the root');
  expect(refused(KUBEADM.trimEnd(), 'red.flatland')).toContain('its last line does not end');
});

test('comments, quotations, snippets and blocks within blocks are read over', () => {
  const text = `(common) { # a snippet
  errors
}
a.example b.example, # two
c.example {
  import common
  template IN A { # } not the end
    answer "{{ .Name }} }"
    nested {
    }
  }
}
`;
  expect(parseCorefile(text)).toEqual({
    ok: true,
    value: [
      { keys: [], directives: [['errors']] },
      {
        keys: ['a.example', 'b.example', 'c.example'],
        directives: [
          ['import', 'common'],
          ['template', 'IN', 'A'],
        ],
      },
    ],
  });
});

test('any text is read or refused, never more', () => {
  const word = fc.constantFrom(
    '{',
    '}',
    '#',
    '"',
    '\n',
    ' ',
    '.',
    'a',
    '# flatland: begin\n',
    '# flatland: end\n',
    ',',
  );
  const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(''));
  fc.assert(
    fc.property(text, (corefile) => void wireCorefile(corefile, ['red.flatland'], NODE_DNS)),
    { numRuns: 2000 },
  );
});
