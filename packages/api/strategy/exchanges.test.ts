import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  applyDefaults,
  decodeJson,
  findResource,
  normalizeClusterIPs,
  prepareForCreate,
  validateCreate,
} from '@coxswain/api';
import { type KubeObject, newInvalid, type ResourceFact } from '@coxswain/machinery';

/**
 * Every recorded creation that upstream refused as invalid is refused here with the same causes, and every one
 * that it took passes. The recordings lie beside the checkout; without them there is nothing to hold against.
 */
const folder = join(import.meta.dirname, '../../../../shared/exchanges');

interface Step {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly body?: Record<string, any>;
  readonly expect: { readonly status: number; readonly body?: Record<string, any> };
}

interface Scenario {
  readonly name: string;
  readonly vars?: Record<string, string>;
  readonly steps: readonly Step[];
}

/** What refuses these is not validation by itself: allocation, admission, the store. */
const elsewhere =
  /already allocated|not configured|valid range|failed to allocate|denied request|must be one of privileged|compilation failed|must evaluate|openAPIV3Schema/;

function resourceAt(path: string): { resource: ResourceFact; namespace: string } | undefined {
  const parts = path.split('?')[0]!.split('/').filter(Boolean);
  const group = parts[0] === 'api' ? '' : parts[1]!;
  const rest = parts[0] === 'api' ? parts.slice(1) : parts.slice(2);
  const version = rest.shift()!;
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = namespaced ? rest[1]! : '';
  const names = namespaced ? rest.slice(2) : rest;
  const resource = names.length === 1 ? findResource(group, version, names[0]!) : undefined;
  return resource && { resource, namespace };
}

/** Stands for the part of a name that differs from run to run. */
const runMark = /\$\{run\}/;

function expand(value: unknown, vars: Record<string, string>): any {
  const text = JSON.stringify(value)
    .replace(/\$\{repeat:(.):(\d+)\}/g, (_, ch: string, n: string) => ch.repeat(Number(n)))
    .replace(/\$\{([a-z0-9]+)\}/g, (all, name: string) => vars[name]?.replace(runMark, 'r1') ?? all);
  return JSON.parse(text);
}

function create(
  step: Step,
  vars: Record<string, string>,
  target: { resource: ResourceFact; namespace: string },
) {
  const { resource } = target;
  const text = JSON.stringify(expand(step.body, vars));
  const object = decodeJson(text, resource.type, { strict: false }).object as KubeObject;
  applyDefaults(object, resource);
  object.metadata ??= {};
  if (resource.namespaced) object.metadata.namespace = expand(target.namespace, vars);
  if (object.metadata.generateName && !object.metadata.name)
    object.metadata.name = `${object.metadata.generateName}abcde`;
  object.metadata.uid = '11111111-1111-4111-8111-111111111111';
  if (resource.kind === 'Service') allocate(object['spec']);
  if (resource.kind === 'Pod') object['spec'].serviceAccountName ||= 'default';
  prepareForCreate(resource, object, { now: '2026-01-01T00:00:00Z' });
  return { object, errors: validateCreate(resource, object) };
}

/** What the allocators would have set by the time of validation. */
function allocate(spec: Record<string, any>): void {
  normalizeClusterIPs(spec, undefined);
  if (spec['externalTrafficPolicy'] === 'Local') spec['healthCheckNodePort'] ||= 31000;
}

function matches(expected: string, actual: string): boolean {
  const pattern = expected
    .split(/\$\{[^}]*\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*');
  return new RegExp(`^${pattern}$`).test(actual);
}

describe('validateCreate() against recorded exchanges', { skip: !existsSync(folder) }, () => {
  const files = existsSync(folder)
    ? readdirSync(folder).filter((f) => f.endsWith('.json') && f !== 'tokens.json')
    : [];
  for (const file of files) {
    const { scenarios } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { scenarios: Scenario[] };
    for (const scenario of scenarios) {
      const vars = { run: 'r1', ns: 'ns', ...scenario.vars };
      for (const [i, step] of scenario.steps.entries()) {
        if (step.method !== 'POST' || step.body === undefined) continue;
        const target = resourceAt(step.path);
        const message: string = step.expect.body?.['message'] ?? '';
        const refused = step.expect.status === 422 && step.expect.body?.['reason'] === 'Invalid';
        if (target === undefined || (!refused && step.expect.status !== 201)) continue;
        if (step.expect.body?.['details']?.kind?.endsWith('Options')) continue;
        if (!target.resource.verbs.includes('get') || elsewhere.test(message)) continue;
        // Definitions are checked where schemas are compiled.
        if (refused && target.resource.group === 'apiextensions.k8s.io') continue;
        it(`${file} ${scenario.name} ${i} ${step.id}`, () => {
          const { object, errors } = create(step, vars, target);
          if (!refused) {
            assert.deepEqual(errors, []);
            return;
          }
          const { details } = step.expect.body!;
          const status = newInvalid(target.resource, object.metadata.name ?? '', errors).status;
          const causes = (list: any[]): string[] => list.map((c) => `${c.field}: ${c.reason}: ${c.message}`);
          const expected = causes(expand(details.causes, vars));
          const actual = causes([...(status.details?.causes ?? [])]);
          const same = expected.length === actual.length && expected.every((e, n) => matches(e, actual[n]!));
          if (!same) assert.deepEqual(actual, expected);
        });
      }
    }
  }
});
