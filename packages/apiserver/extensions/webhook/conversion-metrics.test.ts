import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry } from '@coxswain/machinery';
import { ConversionMetrics } from './conversion-metrics.ts';

test('ConversionMetrics counts conversions by what they came to', () => {
  const registry = new MetricsRegistry();
  const metrics = new ConversionMetrics(registry);
  const conversion = { definition: 'things.example.com', from: 'v1', to: 'v2', ms: 1 };
  metrics.converted({ ...conversion, failure: undefined });
  metrics.converted({ ...conversion, failure: 'conversion_webhook_call_failure' });
  metrics.converted({ ...conversion, failure: '' });
  const counted = registry
    .text()
    .split('\n')
    .filter((line) => /^apiserver_\w+(total|_count)\{/.test(line));
  const failed = 'failure_type="conversion_webhook_call_failure",result="failure"';
  const of = 'crd_name="things.example.com",from_version="v1"';
  const expected = [
    `apiserver_conversion_webhook_duration_seconds_count{${failed}} 1`,
    'apiserver_conversion_webhook_duration_seconds_count{failure_type="",result="success"} 1',
    `apiserver_conversion_webhook_request_total{${failed}} 1`,
    'apiserver_conversion_webhook_request_total{failure_type="",result="success"} 1',
    `apiserver_crd_conversion_webhook_duration_seconds_count{${of},succeeded="false",to_version="v2"} 2`,
    `apiserver_crd_conversion_webhook_duration_seconds_count{${of},succeeded="true",to_version="v2"} 1`,
  ];
  assert.deepEqual(counted.sort(), expected.sort());
});
