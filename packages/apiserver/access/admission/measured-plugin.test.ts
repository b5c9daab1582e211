import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry, newForbidden, VirtualClock } from '@coxswain/machinery';
import type { AdmissionPlugin } from '../contract.ts';
import { PluginMetrics } from './measured-plugin.ts';
import { attributesOf, run } from './testing.ts';

test('PluginMetrics.measured() counts every call by its outcome', async () => {
  const registry = new MetricsRegistry();
  const clock = new VirtualClock();
  await clock.advance(1000);
  const plugin: AdmissionPlugin = {
    name: 'Slow',
    handles: () => true,
    admit: async () => {
      await clock.sleep(30);
    },
    validate: (a) => {
      if (a.name === 'bad') throw newForbidden(a.resource, a.name, 'no');
    },
  };
  const measured = new PluginMetrics(registry, clock).measured(plugin);
  for (const name of ['a', 'b', 'bad']) {
    const running = run(measured, { object: { metadata: { name } } });
    await clock.advance(30);
    assert.equal(await running, name === 'bad' ? 'pods "bad" is forbidden: no' : '');
  }
  const count = (type: string, rejected: boolean): string | undefined =>
    registry
      .text()
      .split('\n')
      .find((line) =>
        line.includes(`_count{name="Slow",operation="CREATE",rejected="${rejected}",type="${type}"}`),
      )
      ?.split(' ')[1];
  assert.equal(count('admit', false), '3');
  assert.equal(count('validate', false), '2');
  assert.equal(count('validate', true), '1');
  // three of 30 ms
  assert.match(registry.text(), /rejected="false",type="admit",le="0\.025"\} 0\n.*le="0\.1"\} 3\n/);
  assert.equal(measured.handles(attributesOf({}).operation), true);
});
