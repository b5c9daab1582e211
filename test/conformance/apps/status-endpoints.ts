import assert from 'node:assert/strict';
import type { Api } from '../support/api.ts';
import { condition } from './workloads.ts';

/** The status of a workload can be read, updated and patched apart from the rest, and its changes are watched. */
export async function checkStatusEndpoints(api: Api, collection: string, name: string): Promise<void> {
  const path = `${collection}/${name}`;
  const log = await api.watch(collection);
  assert.equal((await api.get(`${path}/status`)).metadata.name, name);
  await api.change(`${path}/status`, (object) => {
    object.status.conditions = [
      ...(object.status.conditions ?? []),
      { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' },
    ];
  });
  const has = (type: string) => (event: any) =>
    event.object.metadata.name === name && condition(event.object, type)?.status === 'True';
  await log.next('the update', has('StatusUpdate'));
  const patch = { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } };
  const patched = await api.patch(`${path}/status`, patch);
  assert.equal(condition(patched, 'StatusPatched').status, 'True');
  await log.next('the patch', has('StatusPatched'));
  log.close();
}

/** The scale can be read, updated and patched, and is the workload's. */
export async function checkScale(api: Api, path: string): Promise<void> {
  const scale = await api.get(`${path}/scale`);
  assert.equal(scale.kind, 'Scale');
  assert.equal(scale.spec.replicas, 1);
  assert.equal(scale.status.replicas, 1);
  const updated = await api.change(`${path}/scale`, (object) => {
    object.spec.replicas = 2;
  });
  assert.equal(updated.spec.replicas, 2);
  assert.equal((await api.get(path)).spec.replicas, 2);
  const patched = await api.patch(`${path}/scale`, { spec: { replicas: 4 } });
  assert.equal(patched.spec.replicas, 4);
  assert.equal((await api.get(path)).spec.replicas, 4);
}
