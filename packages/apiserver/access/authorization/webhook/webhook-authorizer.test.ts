import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Clock, type FieldError, FieldPath, silentLogger, systemClock } from '@coxswain/machinery';
import { ReviewClient } from '../../remote/review-client.ts';
import { startTestServer, type TestServer } from '../../remote/testing-server.ts';
import { ask } from '../../testing.ts';
import { compileMatchConditions } from './match-conditions.ts';
import { WebhookAuthorizer, type WebhookAuthorizerOptions } from './webhook-authorizer.ts';
import { WebhookMetrics } from './webhook-metrics.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

/** Time goes on, but nobody waits. */
const clock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  after: (ms, fn) => systemClock.after(ms, fn),
  sleep: async () => {},
};

const open: WebhookAuthorizer[] = [];
after(() => {
  for (const one of open) one.close();
});

function authorizer(path: string, options: Partial<WebhookAuthorizerOptions> = {}): WebhookAuthorizer {
  const made = new WebhookAuthorizer({
    name: 'hook',
    client: ReviewClient.fromFile(server.kubeconfig(path), clock),
    version: 'v1',
    authorizedTtlMs: 60_000,
    unauthorizedTtlMs: 0,
    decisionOnError: 'no-opinion',
    matchConditions: [],
    metrics: new WebhookMetrics(),
    clock,
    logger: silentLogger,
    random: () => 0,
    ...options,
  });
  open.push(made);
  return made;
}

/** Lets the webhook at a path say something. */
function say(path: string, status: Record<string, unknown>): void {
  server.answers.set(path, ({ apiVersion, kind }) => ({ body: { apiVersion, kind, status } }));
}

const jane = { name: 'jane', uid: 'u', groups: ['dev'], extra: { a: ['b'] } };

describe('WebhookAuthorizer', () => {
  test('asks with the whole request, and keeps consent alone when refusals are not to be kept', async () => {
    const hook = authorizer('/one');
    const request = ask(jane, 'list', 'pods', {
      namespace: 'ns',
      fieldSelector: 'spec.nodeName=a,status.phase!=Failed',
      labelSelector: 'app in (x,y),!old',
    });
    say('/one', { allowed: false, reason: 'not now' });
    assert.deepEqual(await hook.authorize(request), { decision: 'no-opinion', reason: 'not now' });
    say('/one', { allowed: true });
    assert.deepEqual(await hook.authorize(request), { decision: 'allow', reason: '' });
    assert.deepEqual(hook.authorize(request), { decision: 'allow', reason: '' });
    const [first, ...others] = server.asked('/one');
    assert.equal(others.length, 1);
    assert.deepEqual(first, {
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: {
        resourceAttributes: {
          namespace: 'ns',
          verb: 'list',
          version: 'v1',
          resource: 'pods',
          fieldSelector: {
            requirements: [
              { key: 'spec.nodeName', operator: 'In', values: ['a'] },
              { key: 'status.phase', operator: 'NotIn', values: ['Failed'] },
            ],
          },
          labelSelector: {
            requirements: [
              { key: 'app', operator: 'In', values: ['x', 'y'] },
              { key: 'old', operator: 'DoesNotExist' },
            ],
          },
        },
        user: 'jane',
        groups: ['dev'],
        extra: { a: ['b'] },
        uid: 'u',
      },
      status: { allowed: false },
    });
  });

  test('speaks v1beta1, and denies', async () => {
    const hook = authorizer('/beta', { version: 'v1beta1' });
    const request = ask(jane, 'get', '', { resourceRequest: false, path: '/metrics' });
    say('/beta', { allowed: false, denied: true, reason: 'never' });
    assert.deepEqual(await hook.authorize(request), { decision: 'deny', reason: 'never' });
    const [{ apiVersion, spec }] = server.asked('/beta');
    assert.equal(apiVersion, 'authorization.k8s.io/v1beta1');
    assert.deepEqual(spec.group, ['dev']);
    assert.deepEqual(spec.nonResourceAttributes, { path: '/metrics', verb: 'get' });
    say('/beta', { allowed: true, denied: true });
    assert.deepEqual(await hook.authorize(request), {
      decision: 'deny',
      reason: '',
      error: 'webhook subject access review returned both allow and deny response',
    });
  });

  test('comes to what the failure policy says when the webhook fails', async () => {
    server.answers.set('/broken', () => ({ status: 403, body: {} }));
    for (const decisionOnError of ['deny', 'no-opinion'] as const) {
      const hook = authorizer('/broken', { decisionOnError });
      const decision = await hook.authorize(ask(jane, 'get', 'pods'));
      assert.equal(decision.decision, decisionOnError);
      assert.notEqual(decision.error, undefined);
    }
  });

  test("words a server that is not there as Go's clients do", async () => {
    const gone = await startTestServer();
    const hook = authorizer('/x', { client: ReviewClient.fromFile(gone.kubeconfig('/x'), clock) });
    const { host } = new URL(gone.url);
    gone.close();
    const { error } = await hook.authorize(ask(jane, 'get', 'pods'));
    assert.equal(
      error,
      `Post "https://${host}/x?timeout=30s": dial tcp ${host}: connect: connection refused`,
    );
  });

  test('is asked only about what the match conditions let through', async () => {
    const errors: FieldError[] = [];
    const conditions = [
      "request.resourceAttributes.namespace == 'kube-system'",
      "!('admins' in request.groups)",
      "request.extra['a'][0] == 'b'",
    ];
    const matchConditions = compileMatchConditions(
      conditions.map((expression) => ({ expression })),
      FieldPath.root('authorizers').index(0),
      errors,
    );
    assert.deepEqual(errors, []);
    say('/conditions', { allowed: true });
    const hook = authorizer('/conditions', { matchConditions, decisionOnError: 'deny' });
    assert.deepEqual(hook.authorize(ask(jane, 'get', 'pods')), { decision: 'no-opinion', reason: '' });
    const within = { namespace: 'kube-system' };
    assert.equal((await hook.authorize(ask(jane, 'get', 'pods', within))).decision, 'allow');
    const { extra: _, ...plain } = jane;
    assert.deepEqual(hook.authorize(ask(plain, 'get', 'pods', within)), {
      decision: 'deny',
      reason: '',
      error: `cel evaluation error: expression '${conditions[2]}' resulted in error: no such key: a`,
    });
    assert.equal(
      (await hook.authorize(ask({ ...plain, groups: ['admins'] }, 'get', 'pods', within))).decision,
      'no-opinion',
    );
    assert.equal(server.asked('/conditions').length, 1);
  });
});
