import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateHash } from './template-hash.ts';

/** The template of the deployment in Kubernetes' documentation, with its defaults. */
const nginx = {
  metadata: { labels: { app: 'nginx' } },
  spec: {
    containers: [
      {
        name: 'nginx',
        image: 'nginx:1.14.2',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  },
};

describe('templateHash()', () => {
  it('is the number of the Go struct of this release', () => {
    assert.equal(templateHash(nginx, undefined), '6c5f67b5f7');
  });

  it('gives another name for each count of collisions', () => {
    const names = [undefined, 0, 1, 2].map((count) => templateHash(nginx, count));
    assert.equal(new Set(names).size, names.length);
  });
});
