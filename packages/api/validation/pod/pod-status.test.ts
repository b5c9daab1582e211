import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { prepareForStatusUpdate, validateStatusUpdate } from '../../strategy/strategy.ts';
import { changed, container, factOf, now, pod, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';

const fact = factOf('v1', 'Pod');

/** What is wrong with a change of the status of a pod that had another. */
function report(status: Json, before: Json = {}, spec: Json = {}): string[] {
  const old = pod({ containers: [container], ...spec });
  Object.assign(old['status'], before);
  const next: KubeObject = changed(old, (copy) => {
    Object.assign(copy['status'], status);
  });
  prepareForStatusUpdate(fact, next, old, { now });
  return texts(validateStatusUpdate(fact, next, old));
}

const ended = (exitCode: number): Json => ({
  containerStatuses: [{ name: 'c', ready: false, state: { terminated: { exitCode } } }],
});
const running: Json = { containerStatuses: [{ name: 'c', ready: true, state: { running: {} } }] };

describe('validatePodStatusUpdate()', () => {
  const dead =
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state';
  const cases: readonly (readonly [title: string, got: string[], ...want: string[]])[] = [
    ['a container that starts again', report(running, ended(0))],
    ['a container that never starts again', report(running, ended(0), { restartPolicy: 'Never' }), dead],
    ['a container that failed', report(running, ended(1), { restartPolicy: 'OnFailure' })],
    ['a container that succeeded', report(running, ended(0), { restartPolicy: 'OnFailure' }), dead],
    [
      'a container whose own policy is not to start again',
      report(running, ended(1), { containers: [{ ...container, restartPolicy: 'Never' }] }),
      dead,
    ],
    [
      'a container with a rule for its exit code',
      report(running, ended(3), {
        containers: [
          {
            ...container,
            restartPolicy: 'Never',
            restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }],
          },
        ],
      }),
    ],
    [
      'another class',
      report({ qosClass: 'Burstable' }),
      'status.qosClass: Invalid value: "Burstable": field is immutable',
    ],
    [
      'a nomination of a pod that is bound',
      report({ nominatedNodeName: 'm' }, {}, { nodeName: 'n' }),
      'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node',
    ],
    [
      'addresses of one family',
      report({ podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], podIP: '10.0.0.1' }),
      'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family',
    ],
    [
      'a host address that is not the host’s',
      report({ hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] }),
      'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`',
    ],
    [
      'a status of a claim that the pod does not have',
      report({ resourceClaimStatuses: [{ name: 'a' }] }),
      'status.resourceClaimStatuses[0].name: Invalid value: "a": must match the name of an entry in `spec.resourceClaims`',
    ],
    [
      'a generation below zero',
      report({ observedGeneration: -1 }),
      'status.observedGeneration: Invalid value: -1: must be a non-negative integer',
    ],
  ];
  for (const [title, got, ...want] of cases) {
    it(`${want.length === 0 ? 'takes' : 'refuses'} ${title}`, () => assert.deepEqual(got, want));
  }
});
