import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kubeconfig } from '@coxswain/client';
import { VirtualClock } from '@coxswain/machinery';
import { WebhookCredentials } from './webhook-credentials.ts';

const clock = new VirtualClock();

function credentials(names: readonly string[], current = ''): WebhookCredentials {
  const config: Kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [],
    users: names.map((name) => ({ name, user: { token: name } })),
    contexts: [{ name: 'here', context: { cluster: '', user: current } }],
    'current-context': 'here',
  };
  return new WebhookCredentials(config);
}

test('WebhookCredentials finds the user of a host as upstream does', async () => {
  const cases: readonly (readonly [names: readonly string[], target: string, user: string | undefined])[] = [
    [['a.ns.svc:443', 'a.ns.svc', '*'], 'a.ns.svc:443', 'a.ns.svc:443'],
    [['*.svc:443', 'a.ns.svc'], 'a.ns.svc:443', '*.svc:443'],
    [['a.ns.svc', '*.svc', '*'], 'a.ns.svc:443', 'a.ns.svc'],
    [['*.ns.svc', '*.svc'], 'a.ns.svc:443', '*.ns.svc'],
    [['a.ns.svc', '*'], 'a.ns.svc:8443', '*'],
    [['a.ns.svc'], 'a.ns.svc:8443', undefined],
    [[], 'x:443', undefined],
  ];
  for (const [names, target, user] of cases) {
    const { authorization } = await credentials(names).of(target, clock);
    assert.equal(authorization, user === undefined ? undefined : `Bearer ${user}`, `${names} for ${target}`);
  }
  assert.equal((await credentials(['me'], 'me').of('x:443', clock)).authorization, 'Bearer me');
});
