import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Client, loadKubeconfig } from '@coxswain/client';
import { startTestServer } from '../access/remote/testing-server.ts';
import { TestListener } from '../http/testing-listener.ts';
import type { AuditOptions } from './build-auditor.ts';
import type { Policy } from './policy.ts';

const policy: Policy = {
  rules: [
    { level: 'None', users: ['system:apiserver'] },
    {
      level: 'RequestResponse',
      resources: [{ group: '', resources: ['configmaps'] }],
      omitManagedFields: true,
    },
    { level: 'Request', resources: [{ group: '', resources: ['pods'] }], omitStages: ['RequestReceived'] },
    { level: 'None', nonResourceURLs: ['/healthz*'] },
    { level: 'Metadata' },
  ],
};
const batch = { bufferSize: 10, maxBatchSize: 1, maxBatchWaitMs: 0, concurrent: false };
const maps = '/api/v1/namespaces/default/configmaps';

describe('an audited server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-audit-'));
  const path = join(dir, 'audit.log');
  let listener: TestListener;
  let seen = 0;
  const log: NonNullable<AuditOptions['log']> = {
    mode: 'blocking',
    batch,
    format: 'json',
    file: { path, maxAgeDays: 0, maxBackups: 0, maxSizeMegabytes: 0, compress: false },
  };

  const lines = (): any[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  /** The events since the test began. */
  const events = (): any[] => lines().slice(seen);
  const complete = (): any => events().find((event) => event.stage === 'ResponseComplete');

  before(async () => {
    listener = await TestListener.start({ audit: { policy, log } });
  });
  after(async () => {
    await listener.close();
    rmSync(dir, { recursive: true });
  });
  beforeEach(() => {
    seen = lines().length;
  });

  test('writes down a creation with what was sent and answered, under the id of the answer', async () => {
    const body = JSON.stringify({ metadata: { name: 'a' }, data: { k: 'v' } });
    const answer = await listener.ask(maps, {
      method: 'POST',
      body,
      headers: { 'x-forwarded-for': '1.2.3.4' },
    });
    assert.equal(answer.code, 201);
    const [received, done] = events();
    assert.equal(received.stage, 'RequestReceived');
    assert.equal(received.stageTimestamp, received.requestReceivedTimestamp);
    assert.equal(received.responseStatus, undefined);
    assert.equal(done.auditID, answer.headers['audit-id']);
    assert.equal(done.stage, 'ResponseComplete');
    assert.equal(done.verb, 'create');
    assert.deepEqual(done.sourceIPs, ['1.2.3.4', '127.0.0.1']);
    assert.deepEqual(done.user, { username: 'root', groups: ['system:masters', 'system:authenticated'] });
    assert.deepEqual(done.objectRef, {
      resource: 'configmaps',
      namespace: 'default',
      name: 'a',
      apiVersion: 'v1',
    });
    assert.deepEqual(done.responseStatus, { metadata: {}, code: 201 });
    assert.deepEqual(done.requestObject, {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'a' },
      data: { k: 'v' },
    });
    assert.deepEqual(done.responseObject.data, { k: 'v' });
    assert.equal(done.responseObject.metadata.managedFields, undefined);
    assert.deepEqual(done.annotations, {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': '',
    });
  });

  test('keeps the id that a client chose', async () => {
    const answer = await listener.ask('/version', { headers: { 'audit-id': 'mine' } });
    assert.equal(answer.headers['audit-id'], 'mine');
    assert.equal(complete().auditID, 'mine');
  });

  test('writes down lists, patches and deletions', async () => {
    await listener.ask(`${maps}?limit=5`);
    assert.equal(complete().responseObject.kind, 'ConfigMapList');
    seen = lines().length;
    const headers = { 'content-type': 'application/merge-patch+json' };
    await listener.ask(`${maps}/a`, { method: 'PATCH', headers, body: '{"data":{"k":"w"}}' });
    assert.deepEqual(complete().requestObject, { data: { k: 'w' } });
    seen = lines().length;
    const body = '{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}';
    const length = { 'content-length': String(body.length) };
    await listener.askHttp1(`${maps}/a`, { method: 'DELETE', body, headers: length });
    assert.deepEqual(complete().requestObject, {
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/__internal',
      propagationPolicy: 'Background',
    });
    assert.equal(complete().responseStatus.status, 'Success');
  });

  test('loses the event of a patch that is no JSON, as upstream does', async () => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    const answer = await listener.ask(`${maps}/none`, { method: 'PATCH', headers, body: '{bad' });
    assert.equal(answer.code, 404);
    assert.deepEqual(
      events().map(({ stage }) => stage),
      ['RequestReceived'],
    );
  });

  test('tells nothing of a fault that the client gets in no form that it asked for', async () => {
    const answer = await listener.ask(`${maps}/none`, { headers: { accept: 'text/html' } });
    assert.equal(answer.code, 406);
    assert.deepEqual(complete().responseStatus, { metadata: {}, code: 406 });
    assert.equal(complete().responseObject, undefined);
  });

  test('writes down what is refused, and why', async () => {
    assert.equal((await listener.ask('/api/v1/nodes', { token: 'alice' })).code, 403);
    const refused = complete();
    assert.equal(refused.annotations['authorization.k8s.io/decision'], 'forbid');
    assert.equal(refused.responseStatus.reason, 'Forbidden');
    assert.match(refused.responseStatus.message, /User "alice" cannot list resource "nodes"/);
    seen = lines().length;
    assert.equal((await listener.ask('/api/v1/nodes', { token: 'nobody' })).code, 401);
    const [only, ...others] = events();
    assert.equal(others.length, 0);
    assert.equal(only.stage, 'ResponseStarted');
    assert.deepEqual(only.user, {});
    assert.equal(only.responseStatus.code, 401);
  });

  test('writes down who acts as somebody else', async () => {
    await listener.ask('/api/v1/nodes', { headers: { 'impersonate-user': 'bob' } });
    assert.equal(complete().user.username, 'root');
    assert.deepEqual(complete().impersonatedUser, { username: 'bob', groups: ['system:authenticated'] });
    assert.deepEqual(complete().authenticationMetadata, {
      impersonationConstraint: 'impersonate:user-info',
    });
  });

  test('writes down a watch as it begins and as it ends', async () => {
    await listener.ask('/api/v1/pods?watch=1&timeoutSeconds=1');
    assert.deepEqual(
      events().map((event) => [event.stage, event.responseStatus.code]),
      [
        ['ResponseStarted', 200],
        ['ResponseComplete', 200],
      ],
    );
  });

  test('writes down what components in the process do', async () => {
    const client = new Client(
      listener.server.loopback({ name: 'system:kube-scheduler', groups: [] }, 'sched/1'),
    );
    await assert.rejects(
      client.resource({ group: '', version: 'v1', resource: 'secrets' }, 'default').list(),
    );
    const event = complete();
    assert.equal(event.user.username, 'system:kube-scheduler');
    assert.equal(event.userAgent, 'sched/1');
    assert.equal(event.requestURI, '/api/v1/namespaces/default/secrets');
    assert.equal(event.responseStatus.code, 403);
  });

  test('leaves out what the policy leaves out', async () => {
    await listener.ask('/healthz');
    assert.deepEqual(events(), []);
  });

  test('notes the pod security policy that a pod was held to', async () => {
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    await listener.ask('/api/v1/namespaces/default/pods', { method: 'POST', body: JSON.stringify(pod) });
    assert.equal(complete().annotations['pod-security.kubernetes.io/enforce-policy'], 'privileged:latest');
    assert.equal(complete().requestObject.spec.containers[0].terminationMessagePath, '/dev/termination-log');
    assert.equal(complete().responseObject, undefined);
  });

  test('tells how many events there were', async () => {
    const { body } = await listener.ask('/metrics');
    assert.match(body, /^apiserver_audit_event_total [1-9]/m);
    assert.match(body, /^apiserver_audit_level_total\{level="RequestResponse"\} [1-9]/m);
  });
});

test('in mode blocking-strict what cannot be written down is refused', async () => {
  const file = { path: '/dev/full', maxAgeDays: 0, maxBackups: 0, maxSizeMegabytes: 1, compress: false };
  const audit: AuditOptions = { policy, log: { mode: 'blocking-strict', batch, format: 'json', file } };
  const listener = await TestListener.start({ audit });
  const answer = await listener.ask('/version?a=<b>');
  const unaudited = await listener.ask('/healthz');
  await listener.close();
  assert.equal(answer.code, 500);
  assert.equal(answer.body, 'Internal Server Error: "/version?a=&lt;b&gt;": failed to store audit event\n');
  assert.equal(unaudited.code, 200);
});

describe('a server that sends its events to a webhook', () => {
  const start = async (mode: 'blocking' | 'batch') => {
    const hook = await startTestServer();
    hook.answers.set('/audit', () => ({ body: {} }));
    const webhook = {
      mode,
      batch: { bufferSize: 100, maxBatchSize: 50, maxBatchWaitMs: 30_000, concurrent: true },
      endpoint: loadKubeconfig(hook.kubeconfig('/audit')),
      initialBackoffMs: 1,
    };
    const listener = await TestListener.start({ audit: { policy, webhook } });
    after(() => hook.close());
    const sent = (): string[] =>
      hook
        .asked('/audit')
        .flatMap((list) => list.items)
        .filter((event) => event.user.username === 'root')
        .map((event) => event.stage);
    return { listener, sent };
  };

  test('lets a request wait for it in mode blocking', async () => {
    const { listener, sent } = await start('blocking');
    await listener.ask('/version');
    assert.equal(sent()[0], 'RequestReceived');
    await listener.close();
  });

  test('sends what waits in mode batch before it ends', async () => {
    const { listener, sent } = await start('batch');
    await listener.ask('/version');
    assert.deepEqual(sent(), []);
    await listener.close();
    assert.deepEqual(sent(), ['RequestReceived', 'ResponseComplete']);
  });
});
