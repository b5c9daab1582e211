import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, created, pod, texts } from '../../strategy/test-objects.ts';
import { privilegeFaults } from './privileges.ts';

const privileged = { ...container, securityContext: { privileged: true } };
const hostProcess = { securityContext: { windowsOptions: { hostProcess: true } } };

describe('privilegeFaults()', () => {
  it('finds nothing wrong with containers that ask for nothing', () => {
    assert.deepEqual(privilegeFaults(pod()), []);
  });

  it('finds privileged containers in pods and in templates', () => {
    const object = pod({ initContainers: [{ ...privileged, name: 'i' }] });
    assert.deepEqual(texts(privilegeFaults(object)), [
      'spec.initContainers[0].securityContext.privileged: Forbidden: disallowed by cluster policy',
    ]);
    const template = { spec: { restartPolicy: 'Never', containers: [privileged] } };
    const cronJob = created('batch/v1', 'CronJob', {
      spec: { schedule: '@daily', jobTemplate: { spec: { template } } },
    });
    assert.deepEqual(texts(privilegeFaults(cronJob)), [
      'spec.jobTemplate.spec.template.spec.containers[0].securityContext.privileged: Forbidden: disallowed by cluster policy',
    ]);
  });

  it('finds containers that run on their host, unless they say that they do not', () => {
    assert.deepEqual(texts(privilegeFaults(pod(hostProcess))), [
      'spec: Forbidden: hostProcess containers are disallowed by cluster policy',
    ]);
    const own = { ...container, securityContext: { windowsOptions: { hostProcess: false } } };
    assert.deepEqual(privilegeFaults(pod({ ...hostProcess, containers: [own] })), []);
  });
});
