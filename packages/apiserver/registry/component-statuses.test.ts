import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestHttpsServer } from '@coxswain/pki/testing';
import { TestListener } from '../http/testing-listener.ts';
import { type ComponentCheck, probeComponent } from './component-statuses.ts';

const path = '/api/v1/componentstatuses';
let listener: TestListener;

before(async () => {
  listener = await TestListener.start({
    components: new Map<string, ComponentCheck>([
      ['controller-manager', async () => ({ healthy: true, message: 'ok' })],
      ['scheduler', async () => ({ healthy: false, message: 'is away' })],
    ]),
  });
});

after(() => listener.close());

const status = (name: string, healthy: boolean, message: string) => ({
  metadata: { name },
  conditions: [{ type: 'Healthy', status: healthy ? 'True' : 'False', message }],
});
const ask = async (at: string, accept = 'application/json'): Promise<any> =>
  JSON.parse((await listener.ask(path + at, { headers: { accept } })).body);

test('componentstatuses tell how the components are at present', async () => {
  assert.deepEqual(await ask(''), {
    kind: 'ComponentStatusList',
    apiVersion: 'v1',
    metadata: {},
    items: [
      status('controller-manager', true, 'ok'),
      status('scheduler', false, 'is away'),
      status('etcd-0', true, 'ok'),
    ],
  });
  const one = { kind: 'ComponentStatus', apiVersion: 'v1', ...status('etcd-0', true, 'ok') };
  assert.deepEqual(await ask('/etcd-0'), one);
});

test('they are printed, selected by name, and read by nobody who may not', async () => {
  const table = await ask('', 'application/json;as=Table;g=meta.k8s.io;v=v1');
  assert.deepEqual(
    table.rows.map((row: { cells: unknown }) => row.cells),
    [
      ['controller-manager', 'Healthy', 'ok', ''],
      ['scheduler', 'Unhealthy', 'is away', ''],
      ['etcd-0', 'Healthy', 'ok', ''],
    ],
  );
  const { items } = await ask('?fieldSelector=metadata.name%3Dscheduler');
  assert.deepEqual(items, [status('scheduler', false, 'is away')]);
  assert.equal((await listener.ask(path, { token: 'alice' })).code, 403);
});

test('one that is not there is told of as upstream does, and none can be written', async () => {
  const { code, body } = await listener.ask(`${path}/none`);
  const { reason, message } = JSON.parse(body);
  assert.deepEqual([code, reason, message], [500, undefined, 'Component not found: none']);
  assert.equal((await listener.ask(`${path}/etcd-0`, { method: 'DELETE' })).code, 405);
});

test('probeComponent() asks /healthz, whoever signed for the component', async () => {
  let cut = false;
  const answers: [number, string][] = [
    [200, 'ok'],
    [500, 'no'],
  ];
  const server = await TestHttpsServer.start((request, response) => {
    assert.equal(request.url, '/healthz');
    if (cut) {
      response.writeHead(200, { 'content-length': '9' }).write('ok', () => request.socket.destroy());
      return;
    }
    const [code, text] = answers.shift() as [number, string];
    response.writeHead(code).end(text);
  });
  const port = Number(new URL(server.url).port);
  assert.deepEqual(await probeComponent(port), { healthy: true, message: 'ok' });
  const refused = { healthy: false, message: 'HTTP probe failed with statuscode: 500' };
  assert.deepEqual(await probeComponent(port), refused);
  cut = true;
  const cutOff = await probeComponent(port);
  assert.equal(cutOff.healthy, false);
  assert.match(cutOff.message, /^Get "https:\/\/127\.0\.0\.1:\d+\/healthz": /);
  await server.close();
  assert.deepEqual(await probeComponent(port), {
    healthy: false,
    message: `Get "https://127.0.0.1:${port}/healthz": dial tcp 127.0.0.1:${port}: connect: connection refused`,
  });
});
