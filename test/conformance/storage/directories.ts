import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { configMap, container, idle, job, podOf, secret } from '../support/pods.ts';

const mounts = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };

/** Behaviours of empty directories, parts of volumes and expansion. */
export const directories: Behaviours = (behaviour) => {
  for (const medium of ['default', 'tmpfs']) {
    const volumes = [{ name: 'v', emptyDir: medium === 'tmpfs' ? { medium: 'Memory' } : {} }];
    const type = medium === 'tmpfs' ? /^tmpfs$/m : /^(?!tmpfs).+$/m;

    behaviour(
      `[sig-storage] EmptyDir volumes volume on ${medium === 'tmpfs' ? 'tmpfs' : 'default medium'} should have the correct mode [LinuxOnly]`,
      async (s) => {
        const text = await s.output(
          job('mode', 'stat -c %a /v; grep " /v " /proc/mounts | cut -d" " -f3', mounts, { volumes }),
        );
        assert.match(text, /^777\n/);
        assert.match(text.slice(4), type);
      },
    );

    for (const user of ['root', 'non-root']) {
      for (const mode of ['0644', '0666', '0777']) {
        behaviour(
          `[sig-storage] EmptyDir volumes should support (${user},${mode},${medium}) [LinuxOnly]`,
          async (s) => {
            const line = `umask 0; echo content > /v/file; chmod ${mode} /v/file; stat -c "%a %u" /v/file; cat /v/file; stat -c %a /v`;
            const securityContext = user === 'root' ? {} : { runAsUser: 1001 };
            const text = await s.output(job('writes', line, mounts, { volumes, securityContext }));
            assert.equal(text, `${mode.slice(1)} ${user === 'root' ? 0 : 1001}\ncontent\n777\n`);
          },
        );
      }
    }
  }

  behaviour(
    '[sig-storage] EmptyDir volumes pod should support shared volumes between containers',
    async (s) => {
      const volumes = [{ name: 'v', emptyDir: {} }];
      const reader = container('main', {
        command: ['sh', '-c', 'while :; do sleep 1; done'],
        ...mounts,
      });
      const writer = container('writer', {
        command: ['sh', '-c', 'echo "Hello from the busy-box sub-container" > /v/shareddata.txt; sleep 1000'],
        ...mounts,
      });
      await s.start(podOf('shares', [reader, writer], { volumes }));
      await eventually(
        'the file',
        async () =>
          (await s.kubectl('exec', 'shares', '-c', 'main', '--', 'cat', '/v/shareddata.txt')) ===
          'Hello from the busy-box sub-container\n',
      );
    },
  );

  const atomic: Record<string, { volume: object; file: string; text: string }> = {
    'configmap pod': {
      volume: { configMap: { name: 'map' } },
      file: 'configmap-key',
      text: 'configmap-value',
    },
    'secret pod': { volume: { secret: { secretName: 'hidden' } }, file: 'secret-key', text: 'secret-value' },
    'downward pod': {
      volume: { downwardAPI: { items: [{ path: 'podname', fieldRef: { fieldPath: 'metadata.name' } }] } },
      file: 'podname',
      text: 'part',
    },
    'projected pod': {
      volume: {
        projected: {
          sources: [{ configMap: { name: 'map', items: [{ key: 'configmap-key', path: 'projected-key' }] } }],
        },
      },
      file: 'projected-key',
      text: 'configmap-value',
    },
  };
  for (const [kind, { volume, file, text }] of Object.entries(atomic)) {
    behaviour(
      `[sig-storage] Subpath Atomic writer volumes should support subpaths with ${kind}`,
      async (s) => {
        await s.create(
          configMap('map', { 'configmap-key': 'configmap-value' }),
          secret('hidden', { 'secret-key': 'secret-value' }),
        );
        const volumeMounts = [
          { name: 'v', mountPath: '/probe/file', subPath: file },
          { name: 'w', mountPath: '/liveness' },
        ];
        const volumes = [
          { name: 'v', ...volume },
          { name: 'w', emptyDir: {} },
        ];
        assert.equal(await s.output(job('part', 'cat /probe/file', { volumeMounts }, { volumes })), text);
      },
    );
  }

  behaviour(
    '[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file',
    async (s) => {
      await s.create(configMap('map', { 'configmap-key': 'configmap-value' }));
      const volumeMounts = [{ name: 'v', mountPath: '/etc/resolv.conf', subPath: 'configmap-key' }];
      const volumes = [{ name: 'v', configMap: { name: 'map' } }];
      assert.equal(
        await s.output(job('part', 'cat /etc/resolv.conf', { volumeMounts }, { volumes })),
        'configmap-value',
      );
    },
  );

  const named = [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
  const scratch = [{ name: 'v', emptyDir: {} }];

  behaviour(
    '[sig-node] Variable Expansion should allow substituting values in a volume subpath',
    async (s) => {
      const volumeMounts = [
        { name: 'v', mountPath: '/logscontainer', subPathExpr: '$(POD_NAME)' },
        { name: 'v', mountPath: '/testcontainer' },
      ];
      const line = 'test -d /testcontainer/expands && echo here';
      const pod = job('expands', line, { env: named, volumeMounts }, { volumes: scratch });
      assert.equal(await s.output(pod), 'here\n');
    },
  );

  for (const [what, value] of [
    ['backticks', '`hostname`'],
    ['absolute path', '/tmp'],
  ]) {
    behaviour(
      `[sig-node] Variable Expansion should fail substituting values in a volume subpath with ${what}`,
      async (s) => {
        const env = [{ name: 'POD_NAME', value: what === 'backticks' ? '..' : value }];
        const subPathExpr = what === 'backticks' ? '$(POD_NAME)' : '$(POD_NAME)';
        const volumeMounts = [{ name: 'v', mountPath: '/logscontainer', subPathExpr }];
        await s.create(idle('fails', { env, volumeMounts }, { volumes: scratch }));
        await s.until('pods', 'fails', 'refused', (pod) =>
          /CreateContainerConfigError/.test(pod.status.containerStatuses?.[0]?.state.waiting?.reason),
        );
        assert.equal((await s.get('pods', 'fails')).status.phase, 'Pending');
      },
    );
  }

  behaviour('[sig-node] Variable Expansion should succeed in writing subpaths in container', async (s) => {
    const env = [
      { name: 'ANNOTATION', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } },
    ];
    const volumeMounts = [
      { name: 'v', mountPath: '/subpath_mount', subPathExpr: '$(ANNOTATION)/$(POD_NAME)' },
      { name: 'v', mountPath: '/volume_mount' },
    ];
    await s.start(
      idle(
        'writes',
        { env: [...named, ...env], volumeMounts },
        { volumes: scratch },
        { annotations: { mysubpath: 'mypath' } },
      ),
    );
    await s.shell('writes', 'echo text > /subpath_mount/test.log');
    assert.equal(await s.shell('writes', 'cat /volume_mount/mypath/writes/test.log'), 'text\n');
  });

  behaviour(
    '[sig-node] Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container [Slow]',
    async (s) => {
      const env = [
        { name: 'ANNOTATION', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mysubpath']" } } },
      ];
      const volumeMounts = [
        { name: 'v', mountPath: '/subpath_mount', subPathExpr: '$(ANNOTATION)/$(POD_NAME)' },
      ];
      const pod = idle(
        'mends',
        { env: [...env, ...named], volumeMounts },
        { volumes: scratch },
        { annotations: { notmysubpath: 'x' } },
      );
      await s.create(pod);
      await s.until(
        'pods',
        'mends',
        'waiting',
        (p) => p.status.containerStatuses?.[0]?.state.waiting?.reason === 'CreateContainerConfigError',
      );
      await s.api.change(s.path('pods', 'mends'), (p) => {
        p.metadata.annotations = { mysubpath: 'mypath' };
      });
      await s.ready('mends');
    },
  );

  behaviour(
    '[sig-node] ImageVolume should succeed with pod and pull policy of Always [LinuxOnly] [MinimumKubeletVersion:1.35]',
    async (s) => {
      const volumes = [{ name: 'v', image: { reference: container('x').image, pullPolicy: 'IfNotPresent' } }];
      const text = await s.output(job('reads', 'grep -c nobody /v/etc/passwd', mounts, { volumes }));
      assert.equal(text, '1\n');
    },
  );
};
