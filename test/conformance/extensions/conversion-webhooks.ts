import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Behaviours } from '../support/behaviours.ts';
import { CustomResources, sketch } from '../support/custom-resources.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

let server: WebhookServer;

/** v1 has `hostPort: host:port`, v2 has `host` and `port`. */
function convert({ desiredAPIVersion, objects }: any): object {
  const convertedObjects = objects.map(({ hostPort, host, port, ...rest }: any) => {
    const made = { ...rest, apiVersion: desiredAPIVersion };
    if (desiredAPIVersion.endsWith('/v1')) return { ...made, hostPort: `${host}:${port}` };
    const [first, second] = String(hostPort).split(':');
    return { ...made, host: first, port: second };
  });
  return { result: { status: 'Success' }, convertedObjects };
}

const text = { type: 'string' };
const v1Schema = { type: 'object', properties: { hostPort: text } };
const v2Schema = { type: 'object', properties: { host: text, port: text } };

const converting = () => ({
  conversion: {
    strategy: 'Webhook',
    webhook: { clientConfig: server.clientConfig('/convert'), conversionReviewVersions: ['v1', 'v1beta1'] },
  },
});
const named = (list: any) => list.items.map((item: any) => item.metadata.name);

export const conversionWebhooks: Behaviours = (behaviour) => {
  before(async () => {
    server = await startWebhookServer();
    server.answers.set('/convert', convert);
  });
  after(() => server.close());

  behaviour('CustomResourceConversionWebhook should be able to convert from CR v1 to CR v2', async (s) => {
    const custom = await CustomResources.define(
      s,
      sketch([{ schema: v1Schema }, { name: 'v2', schema: v2Schema }], converting()),
    );
    await custom.create('a', { hostPort: 'localhost:8080' });
    const { host, port } = await s.api.get(custom.of('a', 'v2'));
    assert.deepEqual([host, port], ['localhost', '8080']);
    await custom.remove();
  });

  behaviour(
    'CustomResourceConversionWebhook should be able to convert a non homogeneous list of CRs',
    async (s) => {
      const custom = await CustomResources.define(
        s,
        sketch([{ schema: v1Schema }, { name: 'v2', schema: v2Schema }], converting()),
      );
      await custom.create('a', { hostPort: 'localhost:8080' });
      await s.api.change(custom.path, (found) => {
        found.spec.versions[0].storage = false;
        found.spec.versions[1].storage = true;
      });
      await custom.create('b', { hostPort: 'localhost:9090' });
      const v2 = await s.api.get(custom.of(undefined, 'v2'));
      assert.deepEqual(
        v2.items.map((item: any) => [item.apiVersion.split('/')[1], item.host, item.port]),
        [
          ['v2', 'localhost', '8080'],
          ['v2', 'localhost', '9090'],
        ],
      );
      const v1 = await s.api.get(custom.of());
      assert.deepEqual(
        v1.items.map((item: any) => item.hostPort),
        ['localhost:8080', 'localhost:9090'],
      );
      await custom.remove();
    },
  );

  behaviour(
    'CustomResourceFieldSelectors CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector',
    async (s) => {
      const v1 = { schema: v1Schema, more: { selectableFields: [{ jsonPath: '.hostPort' }] } };
      const v2 = {
        name: 'v2',
        schema: v2Schema,
        more: { selectableFields: [{ jsonPath: '.host' }, { jsonPath: '.port' }] },
      };
      const custom = await CustomResources.define(s, sketch([v1, v2], converting()));
      await custom.create('a', { hostPort: 'host1:80' });
      await custom.create('b', { hostPort: 'host1:8080' });
      await custom.create('c', { hostPort: 'host2:80' });
      assert.deepEqual(named(await s.api.get(`${custom.of()}?fieldSelector=hostPort%3Dhost1%3A80`)), ['a']);
      const all = custom.of(undefined, 'v2');
      assert.deepEqual(named(await s.api.get(`${all}?fieldSelector=host%3Dhost1`)), ['a', 'b']);
      assert.deepEqual(named(await s.api.get(`${all}?fieldSelector=host%3Dhost1%2Cport%3D80`)), ['a']);
      const from = (await s.api.get(all)).metadata.resourceVersion;
      const watch = await s.api.watch(all, { fieldSelector: 'host=host1', resourceVersion: from });
      await s.api.patch(custom.of('c', 'v2'), { host: 'host1' });
      await watch.next('c comes', (e) => e.type === 'ADDED' && e.object.metadata.name === 'c');
      await s.api.patch(custom.of('a', 'v2'), { host: 'host3' });
      await watch.next('a goes', (e) => e.type === 'DELETED' && e.object.metadata.name === 'a');
      await s.api.delete(custom.of('b'));
      await watch.next('b goes', (e) => e.type === 'DELETED' && e.object.metadata.name === 'b');
      watch.close();
      await custom.remove();
    },
  );
};
