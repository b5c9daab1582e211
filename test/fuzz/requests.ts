import type { KubeObject } from '@coxswain/machinery';
import type { SeededRandom } from '../support/seeded-random.ts';
import * as corpus from './corpus.ts';
import { mutateJson, mutateText } from './mutate.ts';

/** A request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const collections = [
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/configmaps',
  '/api/v1/namespaces/default/services',
  '/api/v1/namespaces',
  '/api/v1/nodes',
  '/apis/apps/v1/namespaces/default/deployments',
  '/apis/apps/v1/namespaces/default/controllerrevisions',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/coordination.k8s.io/v1/namespaces/default/leases',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
];
const others = [
  '/',
  '/api',
  '/apis',
  '/openapi/v2',
  '/openapi/v3',
  '/version',
  '/healthz',
  '/metrics',
  '/api/v1',
  '/apis/apps',
  '//',
  '/%',
  '/api/v1/%2e%2e/x',
];
const subresources = [
  '/status',
  '/scale',
  '/binding',
  '/eviction',
  '/finalize',
  '/log',
  '/proxy/x',
  '/token',
  '/ephemeralcontainers',
  '/approval',
];
const tokens = [
  'null',
  '{}',
  '[]',
  '1',
  '{"v":"meta.k8s.io/v1","rv":1,"start":"x"}',
  '{"v":"meta.k8s.io/v1","rv":-1,"start":"\\u0000"}',
  '{"v":1}',
];
const options: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['continue', [...tokens.map((token) => Buffer.from(token).toString('base64url')), 'x', '%00']],
  ['limit', ['1', '0', '-1', '9223372036854775808', 'x']],
  ['resourceVersion', ['0', '1', '-1', '99999999999999999999', 'x', '']],
  ['resourceVersionMatch', ['Exact', 'NotOlderThan', 'x']],
  ['labelSelector', corpus.selectors],
  ['fieldSelector', ['metadata.name=fuzz', 'spec.x=1', 'status.phase!=Running', '=', 'metadata.name']],
  ['timeoutSeconds', ['0', '1', '-1', 'x']],
  ['dryRun', ['All', 'x', '']],
  ['fieldManager', ['m', 'a'.repeat(200), '\u0000']],
  ['fieldValidation', ['Strict', 'Warn', 'Ignore', 'x']],
  ['force', ['true', 'false', 'x']],
  ['propagationPolicy', ['Orphan', 'Foreground', 'x']],
  ['gracePeriodSeconds', ['0', '-1', 'x']],
  ['pretty', ['true', '1', 'x']],
  ['timeout', ['1ns', '-1s', 'x', '1000h']],
  ['allowWatchBookmarks', ['true', 'x']],
  ['sendInitialEvents', ['true', 'x']],
  ['__proto__', ['x']],
];
const contentTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'text/plain',
  '',
  'application/json; charset=x; =',
];
const accepts = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;g=meta.k8s.io;v=v1',
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json',
  '*/*',
  ';;,',
  'text/html;q=0.1',
];

/** Where the objects of the corpus are served. */
const homes = [
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/configmaps',
  '/api/v1/namespaces/default/services',
  '/apis/apps/v1/namespaces/default/controllerrevisions',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
];
const patchTypes = contentTypes.filter((type) => type.includes('patch'));

/** A request of chance: mostly nearly right, so that it gets far. */
export function makeRequest(random: SeededRandom): FuzzRequest {
  const which = random.below(homes.length);
  const home = random.oneIn(6) ? random.pick(collections) : (homes[which] as string);
  const method = random.pick([
    'GET',
    'GET',
    'POST',
    'POST',
    'PUT',
    'PATCH',
    'PATCH',
    'PATCH',
    'DELETE',
    'HEAD',
  ]);
  const onCollection = method === 'POST' || (method !== 'PUT' && method !== 'PATCH' && random.oneIn(2));
  const name = which === 4 ? '/widgets.example.com' : '/fuzz';
  let path = home + (onCollection ? '' : name) + (random.oneIn(6) ? random.pick(subresources) : '');
  if (random.oneIn(20)) path = random.pick(others);
  if (random.oneIn(20))
    path = `/${encodeURI(mutateText(path, collections, random).toWellFormed()).replace(/^\/+/, '')}`;
  const query = new URLSearchParams();
  for (let i = random.below(3); i > 0; i--) {
    const [option, values] = random.pick(options);
    const value = random.pick(values);
    query.append(option, random.oneIn(6) ? mutateText(value, values, random).slice(0, 2_000) : value);
  }
  const usual = method === 'PATCH' ? random.pick(patchTypes) : 'application/json';
  const contentType = random.oneIn(8) ? random.pick(contentTypes) : usual;
  const accept = random.oneIn(3) ? random.pick(accepts) : 'application/json';
  const headers = { 'content-type': contentType, accept };
  const body = method === 'GET' || method === 'HEAD' ? '' : makeBody(method, contentType, which, random);
  return { method, path: `${path}?${query}`, headers, body };
}

function makeBody(method: string, contentType: string, which: number, random: SeededRandom): string {
  const patches = contentType.includes('json-patch') ? corpus.jsonPatches : corpus.mergePatches;
  const patch = method === 'PATCH' && contentType !== 'application/apply-patch+yaml' && !random.oneIn(6);
  let value = patch ? random.pick(patches) : named(corpus.objects[which] as KubeObject);
  for (let i = random.below(4); i > 0; i--)
    value = mutateJson(value, [...patches, ...corpus.objects], random);
  const text = JSON.stringify(value) ?? '';
  return random.oneIn(8) ? mutateText(text, [text], random) : text;
}

function named(object: KubeObject): unknown {
  if (object.kind === 'CustomResourceDefinition') return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, name: 'fuzz', namespace: 'default' } };
}
