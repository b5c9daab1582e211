import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { askHttps, type HttpsAnswer } from '@coxswain/pki/testing';
import { ApiProcess } from '../support/api-process.ts';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';
import { type FuzzRequest, makeRequest } from './requests.ts';

const requests = countFromEnvironment('COX_FUZZ_REQUESTS', 4_000);
const clients = 8;
/** What takes longer than this hangs, on the slowest machine. */
const patienceMs = 60_000;
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-fuzz-'));
let server: ApiProcess | undefined;
after(async () => {
  await server?.kill();
  rmSync(root, { recursive: true, force: true });
});

/** Sends a request; resolves once the answer is whole. */
function send(
  api: ApiProcess,
  agent: Agent,
  { method, path, headers, body }: FuzzRequest,
): Promise<HttpsAnswer> {
  const own = { authorization: `Bearer ${api.token}`, 'content-length': Buffer.byteLength(body) };
  const options = { method, agent, ca: api.ca, timeout: patienceMs, headers: { ...headers, ...own } };
  return askHttps(`${api.url}${path}`, options, body);
}

/** What upstream, too, answers by 500: a strategic merge patch that contradicts itself, a version of one object that is no number. */
const knownFaults =
  /resourceVersion: Invalid value|unknown patch type|expected a (map\[|\[\]interface)|does not contain declared merge key|element types are not identical|doesn't match \$setElementOrder|lists of lists|patch directive|unable to find api field in struct|data type is not struct|failed to create typed patch object|no preferred addresses found/;

/** 501, 503 and 504 tell of the faults of others. */
function isFault({ code, body }: HttpsAnswer): boolean {
  return code === 502 || (code === 500 && !knownFaults.test(body));
}

it(`${requests} odd requests are answered, none of them by a fault of the server`, async (t) => {
  const api = await ApiProcess.start({ command: 'apiserver', dir: join(root, 'data') });
  server = api;
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const counts = new Map<number, number>();
  const found: string[] = [];
  let left = requests;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const odd = makeRequest(random);
      const shown = JSON.stringify(odd).slice(0, 3_000);
      // An answer to HEAD does not say why.
      const said = odd.method === 'HEAD' ? { ...odd, method: 'GET' } : odd;
      const answer = await send(api, agent, odd).catch((cause: unknown) => {
        throw new Error(`not answered: ${shown}`, { cause });
      });
      if (isFault(answer) && isFault(said === odd ? answer : await send(api, agent, said)))
        found.push(`${answer.code} ${answer.body.slice(0, 500)} to ${shown}`);
      counts.set(answer.code, (counts.get(answer.code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  t.diagnostic(
    [...counts]
      .sort()
      .map(([code, count]) => `${count} of ${code}`)
      .join(', '),
  );
  assert.deepEqual(found.slice(0, 20), []);
  assert.ok((counts.get(200) ?? 0) > requests / 20 && (counts.get(201) ?? 0) > 0, 'some were right');
  const ready = { method: 'GET', path: '/readyz', headers: {}, body: '' };
  assert.equal((await send(api, agent, ready)).code, 200);
  agent.destroy();
});
