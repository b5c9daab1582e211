import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry, VirtualClock } from '@coxswain/machinery';
import { InFlight } from './in-flight.ts';
import { parseQuery } from './query.ts';
import type { Request, Response } from './reply.ts';
import { RequestFlow } from './request-flow.ts';
import { parseRequestInfo } from './request-info.ts';

test('RequestFlow adds up mutating webhooks, which are asked in turn, and takes the longest of the others', () => {
  const clock = new VirtualClock();
  const inFlight = new InFlight(new MetricsRegistry(), () => clock.monotonic());
  const limits = { clock, limiter: undefined, inFlight, timeoutMs: 60_000 };
  const info = parseRequestInfo('POST', '/api/v1/namespaces/a/pods', false);
  const [request, response] = [{} as Request, {} as Response];
  const exchange = { info, query: parseQuery(''), request, response, flow: undefined, began: 0 };
  const flow = new RequestFlow(limits, exchange, () => {});
  assert.equal(flow.waitedMs, 0);
  for (const ms of [10, 20]) flow.waitedForWebhook('mutating', ms);
  for (const ms of [5, 40, 15]) flow.waitedForWebhook('validating', ms);
  assert.equal(flow.waitedMs, 70);
});
