import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MetricsRegistry, systemClock } from '@coxswain/machinery';
import { attributesOf } from '../../access/admission/testing.ts';
import type { Authorizer, ObjectReader } from '../../access/contract.ts';
import { type Answer, startTestWebhook, type TestWebhook } from '../webhook/testing-webhook.ts';
import { WebhookCaller } from './webhook.ts';
import { type WebhookKind, WebhookMetrics } from './webhook-metrics.ts';

interface Case {
  readonly what: string;
  readonly kind?: WebhookKind;
  readonly answer?: ReturnType<Answer>;
  readonly failurePolicy?: string;
  readonly dryRun?: boolean;
  readonly counts: readonly string[];
}

const patch = Buffer.from('[{"op":"remove","path":"/none"}]').toString('base64');

const cases: readonly Case[] = [
  {
    what: 'one that allows',
    answer: { allowed: true },
    counts: ['request_total{code="200",name="w",operation="CREATE",rejected="false",type="validating"} 1'],
  },
  {
    what: 'one that refuses, by the code of its refusal',
    answer: { allowed: false, status: { code: 422 } },
    counts: [
      'rejection_count{error_type="no_error",name="w",operation="CREATE",rejection_code="422",type="validating"} 1',
      'request_total{code="422",name="w",operation="CREATE",rejected="true",type="validating"} 1',
    ],
  },
  {
    what: 'one whose refusal has a code beyond all',
    answer: { allowed: false, status: { code: 1000 } },
    counts: [
      'rejection_count{error_type="no_error",name="w",operation="CREATE",rejection_code="600",type="validating"} 1',
      'request_total{code="600",name="w",operation="CREATE",rejected="true",type="validating"} 1',
    ],
  },
  {
    what: 'one that fails and may not',
    kind: 'mutating',
    answer: { uid: 'other' },
    counts: [
      'rejection_count{error_type="calling_webhook_error",name="w",operation="CREATE",rejection_code="503",type="admit"} 1',
      'request_total{code="503",name="w",operation="CREATE",rejected="true",type="admit"} 1',
    ],
  },
  {
    what: 'one that fails and may',
    kind: 'mutating',
    answer: { uid: 'other' },
    failurePolicy: 'Ignore',
    counts: [
      'fail_open_count{name="w",type="admit"} 1',
      'request_total{code="503",name="w",operation="CREATE",rejected="false",type="admit"} 1',
    ],
  },
  {
    what: 'one whose patch does not apply',
    kind: 'mutating',
    answer: { allowed: true, patch, patchType: 'JSONPatch' },
    counts: [
      'rejection_count{error_type="apiserver_internal_error",name="w",operation="CREATE",rejection_code="0",type="admit"} 1',
      'request_total{code="0",name="w",operation="CREATE",rejected="true",type="admit"} 1',
    ],
  },
  {
    what: 'one that cannot be asked in a dry run',
    dryRun: true,
    counts: [
      'rejection_count{error_type="apiserver_internal_error",name="w",operation="CREATE",rejection_code="0",type="validating"} 1',
      'request_total{code="0",name="w",operation="CREATE",rejected="true",type="validating"} 1',
    ],
  },
];

describe('WebhookMetrics counts', () => {
  let hook: TestWebhook;
  before(async () => {
    hook = await startTestWebhook();
  });
  after(() => hook.close());

  for (const { what, kind = 'validating', answer, failurePolicy = 'Fail', dryRun = false, counts } of cases) {
    test(what, async () => {
      const registry = new MetricsRegistry();
      const caller = new WebhookCaller({
        reader: { list: () => [], get: () => undefined } as unknown as ObjectReader,
        authorizer: {} as Authorizer,
        clock: systemClock,
        uid: () => 'uid',
        random: () => 0,
        metrics: new WebhookMetrics(registry),
      });
      hook.answers.set('/w', () => answer ?? {});
      const webhook = {
        name: 'w',
        clientConfig: { url: `${hook.url}/w`, caBundle: hook.caBundle },
        sideEffects: dryRun ? 'Some' : 'None',
        admissionReviewVersions: ['v1'],
        failurePolicy,
      };
      const apply = async (): Promise<void> => {
        throw new Error('the patch does not apply');
      };
      const asked: string[] = [];
      const shown = {
        ...attributesOf({ dryRun, object: { metadata: { name: 'p' } } }),
        webhookTimes: {
          waitedForWebhook: (of: WebhookKind, ms: number) => void asked.push(`${of} ${ms > 0}`),
        },
      };
      await caller.ask({ webhook, kind, shown, suffix: 'round_0_index_0', apply }).catch(() => {});
      const told = registry
        .text()
        .split('\n')
        .filter((line) => /^apiserver_admission_webhook_[a-z_]+(count|total)\{/.test(line))
        .filter((line) => !line.includes('duration_seconds'))
        .map((line) => line.slice('apiserver_admission_webhook_'.length));
      assert.deepEqual(told.sort(), counts);
      assert.deepEqual(asked, dryRun ? [] : [`${kind} true`]);
    });
  }
});
