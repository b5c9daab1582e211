import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { idle, job } from '../support/pods.ts';
import type { Scope } from '../support/scope.ts';

const mounts = { volumeMounts: [{ name: 'info', mountPath: '/etc/podinfo' }] };

/** Behaviours of volumes of the downward API. */
export const downwardVolumes: Behaviours = (behaviour) => {
  const kinds = {
    'Downward API volume': (items: object[], parts: object = {}) => ({
      name: 'info',
      downwardAPI: { items, ...parts },
    }),
    'Projected downwardAPI': (items: object[], parts: object = {}) => ({
      name: 'info',
      projected: { sources: [{ downwardAPI: { items } }], ...parts },
    }),
  };
  for (const [kind, volume] of Object.entries(kinds)) {
    const name = (text: string) => `[sig-storage] ${kind} ${text}`;
    const podname = { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } };
    const run = (s: Scope, line: string, volumes: object[], parts: object = {}): Promise<string> =>
      s.output(job('informed', line, { ...mounts, ...parts }, { volumes }));

    behaviour(name('should provide podname only'), async (s) => {
      assert.equal(await run(s, 'cat /etc/podinfo/podname', [volume([podname])]), 'informed');
    });

    behaviour(name('should set DefaultMode on files [LinuxOnly]'), async (s) => {
      const line = 'stat -L -c %a /etc/podinfo/podname';
      assert.equal(await run(s, line, [volume([podname], { defaultMode: 0o400 })]), '400\n');
    });

    behaviour(name('should set mode on item file [LinuxOnly]'), async (s) => {
      const line = 'stat -L -c %a /etc/podinfo/podname';
      assert.equal(await run(s, line, [volume([{ ...podname, mode: 0o400 }])]), '400\n');
    });

    const resources = {
      requests: { cpu: '250m', memory: '32Mi' },
      limits: { cpu: '1250m', memory: '64Mi' },
    };
    const expected = {
      "container's cpu limit": ['limits.cpu', '2'],
      "container's memory limit": ['limits.memory', '67108864'],
      "container's cpu request": ['requests.cpu', '1'],
      "container's memory request": ['requests.memory', '33554432'],
    };
    for (const [what, [resource, value]] of Object.entries(expected)) {
      behaviour(name(`should provide ${what}`), async (s) => {
        const item = { path: 'value', resourceFieldRef: { containerName: 'main', resource } };
        assert.equal(await run(s, 'cat /etc/podinfo/value', [volume([item])], { resources }), value);
      });
    }

    for (const resource of ['cpu', 'memory']) {
      behaviour(
        name(
          `should provide node allocatable (${resource}) as default ${resource} limit if the limit is not set`,
        ),
        async (s) => {
          const item = {
            path: 'value',
            resourceFieldRef: { containerName: 'main', resource: `limits.${resource}` },
          };
          assert.match(await run(s, 'cat /etc/podinfo/value', [volume([item])]), /^[1-9]\d*$/);
        },
      );
    }

    for (const what of ['labels', 'annotations']) {
      behaviour(name(`should update ${what} on modification`), async (s) => {
        const item = { path: what, fieldRef: { fieldPath: `metadata.${what}` } };
        const meta = {
          labels: { key1: 'value1', key2: 'value2' },
          annotations: { key1: 'value1', key2: 'value2' },
        };
        await s.start(idle('informed', mounts, { volumes: [volume([item])] }, meta));
        const read = () => s.exec('informed', 'cat', `/etc/podinfo/${what}`);
        assert.match(await read(), /^key1="value1"\nkey2="value2"$/m);
        await s.api.change(s.path('pods', 'informed'), (pod) => {
          pod.metadata[what].key3 = 'value3';
        });
        await eventually('the new value', async () => (await read()).includes('key3="value3"'));
      });
    }
  }
};
