import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry, VirtualClock } from '@coxswain/machinery';
import { AccessMetrics } from './access-metrics.ts';

test('AccessMetrics counts each request, and measures a sample of them', async () => {
  const registry = new MetricsRegistry();
  const clock = new VirtualClock();
  const metrics = new AccessMetrics(registry, clock);
  for (let i = 0; i < 10; i++) {
    const began = metrics.beginAuthentication();
    await clock.advance(2);
    metrics.authenticated(began);
  }
  metrics.unauthenticated(metrics.beginAuthentication(), true);
  metrics.authorized(metrics.beginAuthorization(), { decision: 'no-opinion', reason: '' });
  metrics.authorized(metrics.beginAuthorization(), { decision: 'deny', reason: '', error: 'x' });
  metrics.decisions('denied', 'hook', 'Webhook').inc();
  const lines = registry.text().split('\n');
  for (const line of [
    'authentication_duration_seconds_count{result="success"} 10',
    'authentication_duration_seconds_bucket{result="success",le="0.001"} 0',
    'authentication_duration_seconds_bucket{result="success",le="0.002"} 10',
    'authentication_duration_seconds_count{result="error"} 1',
    'authorization_duration_seconds_count{result="no-opinion"} 1',
    'authorization_duration_seconds_count{result="error"} 1',
    'apiserver_authorization_decisions_total{decision="denied",name="hook",type="Webhook"} 1',
  ]) {
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  }
});
