import { mkdtempSync } from 'node:fs';
import { ApiProcess } from './support/api-process.ts';
import { askHttps } from '@coxswain/pki/testing';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
const api = await ApiProcess.start({ command: process.argv[2] ?? 'apiserver', dir: join(mkdtempSync(join(tmpdir(), 'zzsoak-')), 'data') } as any);
const agent = new Agent({ keepAlive: true, maxSockets: 20 });
const send = (method: string, path: string, body?: any, type = 'application/json') => { const t = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body); return askHttps(`${api.url}${path}`, { method, agent, ca: api.ca, timeout: 60000, headers: { 'content-type': type, authorization: `Bearer ${api.token}`, 'content-length': Buffer.byteLength(t) } }, t); };
const gauge = async (n: string) => { const { body } = await send('GET', '/metrics'); return Number(new RegExp(`^${n}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(body)?.[1]); };
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const names = (await send('GET', '/metrics')).body.split('\n').filter((l) => /^(nodejs_heap|process_resident|nodejs_external)/.test(l)).map((l) => l.split(' ')[0]); console.log(names.join(' '));
async function cycle(i: number) {
  const g = `s${i % 5}.example.com`;
  const c = await send('POST', crds, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `soaks.${g}` }, spec: { group: g, scope: 'Namespaced', names: { plural: 'soaks', kind: 'Soak' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: Object.fromEntries(Array.from({ length: 30 }, (_, k) => [`f${i}x${k}`, { type: 'string', maxLength: 20, 'x-kubernetes-validations': [{ rule: `self != "x${i}"` }] }])) } } } } }] } });
  if (c.code !== 201) console.log(c.code, c.body.slice(0, 300));
  for (let k = 0; k < 100; k++) { const r = await send('GET', `/apis/${g}/v1/namespaces/default/soaks`); if (r.code === 200) break; await new Promise((f) => setTimeout(f, 20)); }
  await Promise.all(Array.from({ length: 20 }, (_, k) => send('POST', `/apis/${g}/v1/namespaces/default/soaks`, { apiVersion: `${g}/v1`, kind: 'Soak', metadata: { name: `o${k}` }, spec: { [`f${i}x1`]: 'a' } })));
  await Promise.all(Array.from({ length: 20 }, (_, k) => send('PATCH', `/apis/${g}/v1/namespaces/default/soaks/o${k}`, { spec: { [`f${i}x1`]: `b${i}` } }, 'application/merge-patch+json')));
  await send('GET', `/apis/${g}/v1/soaks?watch=1&timeoutSeconds=1&resourceVersion=0`);
  if (i % 3 === 0) await send('GET', '/openapi/v2');
  await send('GET', `/openapi/v3/apis/${g}/v1`);
  await send('DELETE', `${crds}/soaks.${g}`);
  for (let k = 0; k < 100; k++) { const r = await send('GET', `${crds}/soaks.${g}`); if (r.code === 404) break; await new Promise((f) => setTimeout(f, 20)); }
  await Promise.all(Array.from({ length: 50 }, (_, k) => send('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: `c${k}` }, data: { [`k${i}`]: 'x'.repeat(2000) } })));
  await send('PATCH', '/api/v1/namespaces/default/configmaps/c1?fieldManager=m' + i, `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c1}\ndata: {z${i}: a}\n`, 'application/apply-patch+yaml');
  await send('DELETE', '/api/v1/namespaces/default/configmaps');
  await send('POST', '/api/v1/namespaces', { metadata: { name: `n${i}` } }); await send('DELETE', `/api/v1/namespaces/n${i}`); await send('PUT', `/api/v1/namespaces/n${i}/finalize`, { kind: 'Namespace', apiVersion: 'v1', metadata: { name: `n${i}` }, spec: { finalizers: [] } });
}
const n = Number(process.argv[3] ?? 120);
for (let i = 0; i < n; i++) { await cycle(i); if (i % 15 === 14) console.log(i + 1, 'heap', Math.round((await gauge('nodejs_heap_size_used_bytes')) / 1e6), 'rss', Math.round((await gauge('process_resident_memory_bytes')) / 1e6), 'ext', Math.round((await gauge('nodejs_external_memory_bytes')) / 1e6)); }
await api.kill(); process.exit(0);
