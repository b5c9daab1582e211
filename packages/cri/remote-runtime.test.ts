import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvelope } from './container-events.ts';
import { shellImage, startContainerd, whyNoContainerd } from './containerd-suite.ts';
import { RemoteRuntime } from './remote-runtime.ts';
import { RuntimeError } from './runtime-error.ts';
import { runtimeSuite } from './runtime-suite.ts';

const reason = whyNoContainerd();
if (reason === undefined) {
  runtimeSuite('RemoteRuntime over containerd', async () => {
    const containerd = await startContainerd();
    return {
      runtime: containerd.runtime,
      image: shellImage,
      logDirectory: `${containerd.dir}/logs`,
      cgroupParent: `${containerd.cgroupRoot}/pods`,
      close: () => containerd.close(),
    };
  });
} else test('RemoteRuntime over containerd', { skip: reason }, () => {});

test('version() rejects with Unavailable when nothing listens on the socket', async () => {
  const runtime = new RemoteRuntime({ socket: '/nonexistent/containerd.sock' });
  await assert.rejects(
    runtime.version(),
    (error) => error instanceof RuntimeError && error.code === 'Unavailable',
  );
  runtime.close();
});

test('readEnvelope() reads the exit of a container and passes over that of an executed process', () => {
  const exit = (containerId: string, id: string) => ({
    namespace: 'k8s.io',
    topic: '/tasks/exit',
    event: { value: Buffer.concat([field(1, containerId), field(2, id), Buffer.from([0x18, 0x96, 0x01])]) },
  });
  assert.deepEqual(readEnvelope(exit('abc', 'abc')), { containerId: 'abc', type: 'stopped' });
  assert.equal(readEnvelope(exit('abc', 'exec-1')), undefined);
  assert.equal(readEnvelope({ ...exit('abc', 'abc'), namespace: 'moby' }), undefined);
  assert.equal(readEnvelope({ ...exit('abc', 'abc'), topic: '/images/create' }), undefined);
});

function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}
