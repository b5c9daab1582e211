import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { silentLogger } from '@coxswain/machinery';
import { freePort } from '@coxswain/machinery/testing';
import { HealthServers } from './health-servers.ts';

function ask(port: number): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = get({ port, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    request.on('error', reject);
  });
}

/** Asks until the port answers: it opens a moment after `sync`. */
async function answer(port: number): Promise<{ status: number; body: unknown }> {
  for (;;) {
    try {
      return await ask(port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    }
  }
}

test('HealthServers say whether this node has endpoints, until they are no longer wanted', async () => {
  let healthy = true;
  const servers = new HealthServers(silentLogger, () => healthy);
  const port = await freePort();
  const web = { namespace: 'default', name: 'web', port };
  servers.sync([{ ...web, localEndpoints: 2 }]);
  assert.deepEqual(await answer(port), {
    status: 200,
    body: { service: { namespace: 'default', name: 'web' }, localEndpoints: 2, serviceProxyHealthy: true },
  });
  servers.sync([{ ...web, localEndpoints: 0 }]);
  assert.equal((await ask(port)).status, 503);
  servers.sync([{ ...web, localEndpoints: 1 }]);
  healthy = false;
  assert.equal((await ask(port)).status, 503);
  servers.close();
  await assert.rejects(ask(port), { code: 'ECONNREFUSED' });
});
