import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldPath } from '@coxswain/machinery';
import { deviceExpressionFault } from './device-expression.ts';

const path = FieldPath.root('p');

describe('deviceExpressionFault()', () => {
  for (const source of [
    'device.driver == "gpu.example.com"',
    'device.attributes["gpu.example.com"].model == "a"',
    'device.capacity["gpu.example.com"].memory.compareTo(quantity("10Gi")) >= 0',
    'device.attributes["gpu.example.com"].version.isGreaterThan(semver("1.0.0"))',
    'device.attributes["gpu.example.com"].shared',
  ]) {
    it(`takes ${source}`, () => {
      assert.equal(deviceExpressionFault(path, source), undefined);
    });
  }

  it('refuses what is no condition', () => {
    assert.equal(
      deviceExpressionFault(path, 'device.driver')?.message,
      'Invalid value: "device.driver": must evaluate to bool or the unknown type, not string',
    );
  });

  it('refuses what does not compile', () => {
    const message = deviceExpressionFault(path, 'device.nothing')?.message ?? '';
    assert.match(
      message,
      /^Invalid value: "device\.nothing": compilation failed: ERROR: <input>:1:7: undefined field 'nothing'/,
    );
  });

  it('refuses what would take too long', () => {
    const all = (inner: string) => `device.attributes.all(a, ${inner})`;
    const source = all(all(all(all('device.attributes.all(b, b != a)'))));
    assert.equal(deviceExpressionFault(path, source)?.message, 'Forbidden: too complex, exceeds cost limit');
  });
});
