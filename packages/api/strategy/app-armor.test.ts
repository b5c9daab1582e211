import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, factOf, pod } from './test-objects.ts';
import { warningsOnCreate } from './warnings.ts';

const key = 'container.apparmor.security.beta.kubernetes.io/c';
const profile = { type: 'RuntimeDefault' };
const deprecated = `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`;

describe('syncAppArmor()', () => {
  it('writes the annotation of a field', () => {
    const made = pod({ containers: [{ ...container, securityContext: { appArmorProfile: profile } }] });
    assert.equal(made.metadata.annotations?.[key], 'runtime/default');
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Pod'), made), []);
  });

  it('fills the field from the annotation, and tells so', () => {
    const made = pod({ containers: [{ ...container }] }, { annotations: { [key]: 'localhost/p' } });
    const { appArmorProfile } = made['spec'].containers[0].securityContext;
    assert.deepEqual(appArmorProfile, { type: 'Localhost', localhostProfile: 'p' });
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Pod'), made), [deprecated]);
  });

  it("leaves a container that has its pod's profile alone", () => {
    const spec = { securityContext: { appArmorProfile: profile }, containers: [{ ...container }] };
    const made = pod(spec, { annotations: { [key]: 'runtime/default' } });
    assert.equal(made['spec'].containers[0].securityContext, undefined);
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Pod'), made), []);
  });

  it('leaves ordinary pods without annotations', () => {
    assert.equal(pod().metadata.annotations, undefined);
  });
});
