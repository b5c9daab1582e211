import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { type KubeObject, VirtualClock } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { startTestServer } from '../testing-server.ts';

const group = 'flowcontrol.apiserver.k8s.io';

/** A server in memory, and its flow control objects. */
async function setUp(): Promise<{
  clock: VirtualClock;
  schemas: ReturnType<Client['resource']>;
  levels: ReturnType<Client['resource']>;
  close: () => Promise<void>;
}> {
  const clock = new VirtualClock();
  const { server, close } = await startTestServer({ clock });
  const client = new Client(server.loopback(loopbackUser));
  return {
    clock,
    schemas: client.resource({ group, version: 'v1', resource: 'flowschemas' }),
    levels: client.resource({ group, version: 'v1', resource: 'prioritylevelconfigurations' }),
    close,
  };
}

const schema = (level: string): KubeObject => ({
  apiVersion: `${group}/v1`,
  kind: 'FlowSchema',
  metadata: { name: 'mine' },
  spec: {
    matchingPrecedence: 500,
    priorityLevelConfiguration: { name: level },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'alice' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  },
});

const level = (name: string): KubeObject => ({
  apiVersion: `${group}/v1`,
  kind: 'PriorityLevelConfiguration',
  metadata: { name },
  spec: { type: 'Limited', limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' } } },
});

/** The Dangling condition as soon as it has that status. */
async function dangling(
  schemas: ReturnType<Client['resource']>,
  clock: VirtualClock,
  status: string,
): Promise<Record<string, string>> {
  for (;;) {
    const found = await schemas.get('mine');
    const condition = (found['status']?.conditions ?? []).find(
      (each: Record<string, string>) => each['type'] === 'Dangling' && each['status'] === status,
    );
    if (condition !== undefined) return condition;
    await clock.advance(0);
  }
}

test('ConfigObjects tells whether the level of a schema is there', async () => {
  const { clock, schemas, levels, close } = await setUp();
  await schemas.create(schema('mine'));
  assert.deepEqual(await dangling(schemas, clock, 'True'), {
    type: 'Dangling',
    status: 'True',
    reason: 'NotFound',
    message:
      'This FlowSchema references the PriorityLevelConfiguration object named "mine" but there is no such object',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  await levels.create(level('mine'));
  const condition = await dangling(schemas, clock, 'False');
  assert.deepEqual(
    [condition['reason'], condition['message']],
    ['Found', 'This FlowSchema references the PriorityLevelConfiguration object named "mine" and it exists'],
  );
  const { managedFields } = (await schemas.get('mine')).metadata;
  assert.ok(managedFields?.some(({ manager }) => manager === 'api-priority-and-fairness-config-consumer-v1'));
  await levels.delete('mine');
  await dangling(schemas, clock, 'True');
  await close();
});

test('ConfigObjects gives back what the release has, unless an administrator said to leave it', async () => {
  const { clock, schemas, levels, close } = await setUp();
  await schemas.delete('probes');
  const own = (await levels.get('workload-low')) as KubeObject;
  await levels.update({
    ...own,
    spec: { ...own['spec'], limited: { ...own['spec'].limited, nominalConcurrencyShares: 1 } },
  });
  const kept = (await levels.get('workload-high')) as KubeObject;
  await levels.update({
    ...kept,
    metadata: { ...kept.metadata, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'false' } },
    spec: { ...kept['spec'], limited: { ...kept['spec'].limited, nominalConcurrencyShares: 1 } },
  });
  const shares = async (name: string): Promise<number> =>
    (await levels.get(name))['spec'].limited.nominalConcurrencyShares;
  await clock.advance(59_000);
  assert.equal(await shares('workload-low'), 1);
  await clock.advance(1_000);
  while ((await shares('workload-low')) === 1) await clock.advance(0);
  assert.equal(await shares('workload-low'), 100);
  assert.equal(await shares('workload-high'), 1);
  assert.equal((await schemas.get('probes'))['spec'].matchingPrecedence, 2);
  await close();
});

test('ConfigObjects says whose a specification is, leaves the shares of the exempt, and removes what is no longer', async () => {
  const { clock, schemas, levels, close } = await setUp();
  const annotation = 'apf.kubernetes.io/autoupdate-spec';
  const changed = async (
    name: string,
    value: string | undefined,
    part: 'limited' | 'exempt',
  ): Promise<void> => {
    const found = (await levels.get(name)) as KubeObject;
    await levels.update({
      ...found,
      metadata: { ...found.metadata, annotations: value === undefined ? {} : { [annotation]: value } },
      spec: { ...found['spec'], [part]: { ...found['spec'][part], nominalConcurrencyShares: 7 } },
    });
  };
  await changed('workload-low', undefined, 'limited');
  await changed('workload-high', 'T', 'limited');
  await changed('exempt', 'false', 'exempt');
  const gone = { ...schema('exempt'), metadata: { name: 'gone', annotations: { [annotation]: 'true' } } };
  await schemas.create(gone);
  await schemas.create({ ...gone, metadata: { name: 'kept', annotations: { [annotation]: 'maybe' } } });
  await clock.advance(60_000);
  while ((await schemas.list()).items.some(({ metadata }) => metadata.name === 'gone'))
    await clock.advance(0);
  const told = async (name: string, part: string): Promise<unknown[]> => {
    const { metadata, spec } = (await levels.get(name)) as KubeObject & { spec: Record<string, any> };
    return [metadata.annotations?.[annotation], spec[part].nominalConcurrencyShares];
  };
  assert.deepEqual(await told('workload-low', 'limited'), ['false', 7]);
  assert.deepEqual(await told('workload-high', 'limited'), ['true', 40]);
  assert.deepEqual(await told('exempt', 'exempt'), ['true', 7]);
  assert.equal((await schemas.get('kept')).metadata.name, 'kept');
  await close();
});
