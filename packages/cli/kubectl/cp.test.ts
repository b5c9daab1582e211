import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSpec } from './cp.ts';
import { parsePort } from './port-forward.ts';

test('parseSpec() tells pods from local paths', () => {
  assert.deepEqual(parseSpec('/tmp/x'), { namespace: undefined, pod: undefined, path: '/tmp/x' });
  assert.deepEqual(parseSpec('web:/tmp/x'), { namespace: undefined, pod: 'web', path: '/tmp/x' });
  assert.deepEqual(parseSpec('ns/web:/tmp/x'), { namespace: 'ns', pod: 'web', path: '/tmp/x' });
  assert.throws(() => parseSpec(':/x'), /filespec must match/);
});

test('parsePort() reads numbers, names and the ports of a service', () => {
  const pod = {
    metadata: { name: 'web' },
    spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
  } as never;
  const service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80, targetPort: 'http' }] } } as never;
  assert.deepEqual(parsePort('80', pod), { local: 80, remote: 80 });
  assert.deepEqual(parsePort('9000:http', pod), { local: 9000, remote: 8080 });
  assert.deepEqual(parsePort(':80', pod), { local: 0, remote: 80 });
  assert.deepEqual(parsePort('80', pod, service), { local: 80, remote: 8080 });
  assert.throws(() => parsePort('81', pod, service), /does not have a service port 81/);
});
