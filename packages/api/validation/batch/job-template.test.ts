import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { container, created } from '../../strategy/test-objects.ts';
import type { Errors, Json } from '../values.ts';
import { validateJobTemplateUpdate } from './job-template.ts';

function job(spec: Json, status: Json = {}): KubeObject {
  const template = { spec: { restartPolicy: 'Never', containers: [container] } };
  const object = created('batch/v1', 'Job', { spec: { template, ...spec } });
  object['status'] = status;
  return object;
}

/** The fields that refuse a change of the template of a stored job. */
function refusing(old: KubeObject, change: (template: Json) => void): string[] {
  const template = structuredClone(old['spec'].template);
  change(template);
  const errs: Errors = [];
  validateJobTemplateUpdate(errs, template, old);
  return errs.map((error) => error.field);
}

const resources = (template: Json): void => {
  template['spec'].containers[0].resources = { requests: { cpu: '4' } };
};
const scheduling = (template: Json): void => {
  template['spec'].nodeSelector = { zone: 'a' };
  template['spec'].affinity = { nodeAffinity: {} };
  template['metadata'].labels.extra = 'yes';
};
const image = (template: Json): void => {
  template['spec'].containers[0].image = 'other';
};
const startTime = '2026-01-01T00:00:00Z';
const suspended = { suspend: true };
const marked = { startTime, conditions: [{ type: 'Suspended', status: 'True' }] };

describe('validateJobTemplateUpdate()', () => {
  const cases: readonly (readonly [
    title: string,
    old: KubeObject,
    change: (template: Json) => void,
    ...fields: string[],
  ])[] = [
    ['no change of a running job', job({}), () => undefined],
    ['other resources of a running job', job({}), resources, 'spec.template'],
    ['other resources of a job that never started', job(suspended), resources],
    ['other nodes of a job that never started', job(suspended), scheduling],
    ['another image of a job that never started', job(suspended), image, 'spec.template.spec'],
    ['other resources of a job that just paused', job(suspended, { startTime }), resources, 'spec.template'],
    ['other resources of a job that has paused', job(suspended, marked), resources],
    ['other nodes of a job that has paused', job(suspended, marked), scheduling],
    ['other resources while pods are left', job(suspended, { active: 1 }), resources, 'spec.template'],
  ];
  for (const [title, old, change, ...fields] of cases) {
    it(`${fields.length === 0 ? 'takes' : 'refuses'} ${title}`, () => {
      assert.deepEqual(refusing(old, change), fields);
    });
  }
});
