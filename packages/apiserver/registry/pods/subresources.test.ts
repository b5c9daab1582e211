import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
const budgets = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
const labels = { app: 'a' };

let running: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;

before(async () => {
  running = await startTestServer();
  client = new Client(running.server.loopback(loopbackUser));
});
after(() => running.close());

async function newPod(name: string, status: object = {}): Promise<KubeObject> {
  const resource = client.resource(pods, 'default');
  const made = await resource.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: { containers: [{ name: 'c', image: 'i:1' }] },
  });
  return resource.updateStatus({ ...made, status: { ...made['status'], ...status } });
}

async function newBudget(name: string, status: object): Promise<void> {
  const resource = client.resource(budgets, 'default');
  const made = await resource.create({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec: { minAvailable: 1, selector: { matchLabels: labels } },
  });
  await resource.updateStatus({ ...made, status: { observedGeneration: 1, ...status } });
}

function bind(pod: string, metadata: object, node = 'n'): Promise<KubeObject> {
  return client.resource(pods, 'default').createSubresource(pod, 'binding', {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata,
    target: { kind: 'Node', name: node },
  } as KubeObject);
}

function evict(pod: string, more: object = {}): Promise<KubeObject> {
  return client.resource(pods, 'default').createSubresource(pod, 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: pod },
    ...more,
  } as KubeObject);
}

describe('bindPod()', () => {
  it('assigns the pod, ends its nomination and says that it is scheduled', async () => {
    const unscheduled = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: 'no room',
    };
    const { uid } = (await newPod('bound', { nominatedNodeName: 'm', conditions: [unscheduled] })).metadata;
    await bind('bound', { name: 'bound', uid, annotations: { why: 'room' } });
    const pod = await client.resource(pods, 'default').get('bound');
    assert.equal(pod['spec'].nodeName, 'n');
    assert.equal(pod['status'].nominatedNodeName, undefined);
    assert.equal(pod.metadata.annotations?.['why'], 'room');
    const [condition] = pod['status'].conditions;
    assert.deepEqual(Object.keys(condition).sort(), [
      'lastProbeTime',
      'lastTransitionTime',
      'status',
      'type',
    ]);
    assert.equal(condition.status, 'True');
  });

  it('refuses a binding of another name, of another pod, and of a bound one', async () => {
    await newPod('free');
    await assert.rejects(bind('free', { name: 'other' }), {
      message: 'name in URL does not match name in Binding object',
    });
    await assert.rejects(bind('free', {}), { message: /name in URL does not match/ });
    await assert.rejects(bind('free', { name: 'free', uid: 'x' }), {
      message:
        /^Operation cannot be fulfilled on pods "free": StorageError: invalid object, Code: 4, .*Precondition failed: UID in precondition: x,/,
    });
    await bind('free', { name: 'free' });
    await assert.rejects(bind('free', { name: 'free' }), {
      message:
        'Operation cannot be fulfilled on pods/binding "free": pod free is already assigned to node "n"',
    });
  });
});

describe('evictPod()', () => {
  it('refuses an eviction of another name', async () => {
    await newPod('named', { phase: 'Running' });
    await assert.rejects(evict('named', { metadata: { name: 'other' } }), {
      message: 'name in URL does not match name in Eviction object',
    });
  });

  it('takes from the budget, which says so when that was the last', async () => {
    await newPod('covered', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    await newBudget('budget', {
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    });
    await evict('covered');
    const { status } = await client.resource(budgets, 'default').get('budget');
    assert.equal(status.disruptionsAllowed, 0);
    assert.ok(status.disruptedPods.covered);
    const [condition] = status.conditions;
    assert.deepEqual(
      [condition.type, condition.status, condition.reason],
      ['DisruptionAllowed', 'False', 'InsufficientPods'],
    );
    await newPod('next', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    await assert.rejects(evict('next'), {
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    });
  });

  it('answers a failure as what it made where there is more than one budget', async () => {
    await newBudget('second', {
      disruptionsAllowed: 1,
      currentHealthy: 2,
      desiredHealthy: 1,
      expectedPods: 2,
    });
    await newPod('twice', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
    const { status, code, message } = await evict('twice');
    assert.deepEqual([status, code], ['Failure', 500]);
    assert.match(message, /more than one PodDisruptionBudget/);
  });
});

describe('forbidPrivileges()', () => {
  it('refuses privileged containers in pods, in templates and in what is put into pods', async () => {
    const { server, close } = await startTestServer({ allowPrivileged: false });
    const careful = new Client(server.loopback(loopbackUser));
    const container = { name: 'c', image: 'i:1' };
    const privileged = { ...container, name: 'p', securityContext: { privileged: true } };
    const resource = careful.resource(pods, 'default');
    const object = (containers: object[]) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: { containers },
    });
    const disallowed = /securityContext\.privileged: Forbidden: disallowed by cluster policy$/;
    await assert.rejects(resource.create(object([privileged])), { message: disallowed });
    const spec = { schedule: '@daily', jobTemplate: { spec: { template: object([privileged]) } } };
    await assert.rejects(
      careful
        .resource({ group: 'batch', version: 'v1', resource: 'cronjobs' }, 'default')
        .create({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'j' }, spec }),
      { message: /disallowed by cluster policy/ },
    );
    const made = await resource.create(object([container]));
    const next = { ...made, spec: { ...made['spec'], ephemeralContainers: [privileged] } };
    await assert.rejects(resource.updateSubresource('p', 'ephemeralcontainers', next), {
      message: disallowed,
    });
    await close();
  });
});
