import assert from 'node:assert/strict';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { container, idle, job, podOf, waitForever } from '../support/pods.ts';
import { askHttp, netexecPod } from '../support/programs.ts';
import type { Scope } from '../support/scope.ts';

const waitCommand = ['sh', '-c', waitForever];

/** Behaviours of lives of containers. */
export const containerLives: Behaviours = (behaviour) => {
  for (const hook of ['postStart', 'preStop']) {
    for (const kind of ['exec', 'http']) {
      behaviour(
        `[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute ${hook.toLowerCase()} ${kind} hook properly`,
        async (s) => {
          const { status } = await s.start(netexecPod('handler'));
          const handler =
            kind === 'exec'
              ? { exec: { command: askHttp(status.podIP, 8080, `/echo?msg=${hook}`) } }
              : { httpGet: { path: `/echo?msg=${hook}`, host: status.podIP, port: 8080 } };
          await s.start(
            idle('hooked', { lifecycle: { [hook]: handler } }, { terminationGracePeriodSeconds: 15 }),
          );
          if (hook === 'preStop') {
            await s.delete('pods', 'hooked');
            await s.gone('pods', 'hooked');
          }
          await eventually('the hook runs', async () =>
            (await s.logs('handler')).includes(`GET /echo?msg=${hook}`),
          );
        },
      );
    }
  }

  behaviour('[sig-node] PreStop should call prestop when killing a pod', async (s) => {
    const { status } = await s.start(netexecPod('server'));
    const preStop = { exec: { command: askHttp(status.podIP, 8080, '/prestop') } };
    await s.start(idle('tester', { lifecycle: { preStop } }, { terminationGracePeriodSeconds: 30 }));
    await s.delete('pods', 'tester');
    await eventually('prestop', async () => (await s.logs('server')).includes('GET /prestop'));
  });

  const message = async (
    s: Scope,
    line: string,
    parts: object,
    phase: string,
  ): Promise<string | undefined> => {
    const pod = await s.finish(job('ends', line, parts));
    assert.equal(pod.status.phase, phase);
    return pod.status.containerStatuses[0].state.terminated.message;
  };
  const blackbox =
    '[sig-node] Container Runtime blackbox test on terminated container should report termination message';
  const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };

  behaviour(
    `${blackbox} if TerminationMessagePath is set as non-root user and at a non-default path`,
    async (s) => {
      const parts = {
        terminationMessagePath: '/dev/termination-custom-log',
        securityContext: { runAsUser: 1000 },
      };
      assert.equal(await message(s, 'printf DONE > /dev/termination-custom-log', parts, 'Succeeded'), 'DONE');
    },
  );

  behaviour(
    `${blackbox} from log output if TerminationMessagePolicy FallbackToLogsOnError is set`,
    async (s) => {
      assert.equal(await message(s, 'printf DONE; exit 1', fallback, 'Failed'), 'DONE');
    },
  );

  behaviour(
    `${blackbox} as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set`,
    async (s) => {
      assert.equal((await message(s, 'printf DONE; exit 0', fallback, 'Succeeded')) ?? '', '');
    },
  );

  behaviour(
    `${blackbox} from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set`,
    async (s) => {
      assert.equal(
        await message(s, 'printf OK > /dev/termination-log; echo DONE', fallback, 'Succeeded'),
        'OK',
      );
    },
  );

  behaviour(
    '[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status',
    async (s) => {
      const line =
        'f=/restart/count; printf x >> $f; n=$(wc -c < $f); if [ $n -ge 3 ]; then sleep 1000 & trap "exit 0" TERM; wait; fi; exit 1';
      const mounts = { volumeMounts: [{ name: 'v', mountPath: '/restart' }] };
      const volumes = [{ name: 'v', emptyDir: {} }];
      const expected: Record<string, [phase: string, restarts: number, ready: boolean]> = {
        Always: ['Running', 2, true],
        OnFailure: ['Running', 2, true],
        Never: ['Failed', 0, false],
      };
      await Promise.all(
        Object.entries(expected).map(async ([restartPolicy, [phase, restarts, ready]]) => {
          const name = restartPolicy.toLowerCase();
          await s.create(
            podOf(name, [container('main', { command: ['sh', '-c', line], ...mounts })], {
              restartPolicy,
              volumes,
            }),
          );
          const pod = await s.until(
            'pods',
            name,
            `to be ${phase} after ${restarts} restarts`,
            (p) =>
              p.status.phase === phase &&
              p.status.containerStatuses[0].restartCount === restarts &&
              p.status.containerStatuses[0].ready === ready,
          );
          const [state] = Object.keys(pod.status.containerStatuses[0].state);
          assert.equal(state, ready ? 'running' : 'terminated');
        }),
      );
    },
  );

  const initPod = (restartPolicy: string, inits: readonly string[], command: readonly string[]) =>
    podOf('pod-init', [container('run1', { command })], {
      restartPolicy,
      initContainers: inits.map((line, i) => container(`init${i + 1}`, { command: ['sh', '-c', line] })),
    });
  const condition = (pod: any, type: string) => pod.status.conditions.find((c: any) => c.type === type);

  behaviour('[sig-node] InitContainer should invoke init containers on a RestartNever pod', async (s) => {
    const pod = await s.finish(initPod('Never', ['true', 'true'], ['true']));
    assert.equal(pod.status.phase, 'Succeeded');
    assert.equal(condition(pod, 'Initialized').status, 'True');
    for (const init of pod.status.initContainerStatuses) {
      assert.equal(init.ready, true);
      assert.equal(init.state.terminated.exitCode, 0);
    }
  });

  behaviour('[sig-node] InitContainer should invoke init containers on a RestartAlways pod', async (s) => {
    const pod = await s.start(initPod('Always', ['true', 'true'], waitCommand));
    assert.equal(pod.status.phase, 'Running');
    assert.equal(condition(pod, 'Initialized').status, 'True');
    for (const init of pod.status.initContainerStatuses) assert.equal(init.state.terminated.exitCode, 0);
  });

  behaviour(
    '[sig-node] InitContainer should not start app containers if init containers fail on a RestartAlways pod',
    async (s) => {
      await s.create(initPod('Always', ['false', 'true'], waitCommand));
      const pod = await s.until(
        'pods',
        'pod-init',
        'to have restarted init1 thrice',
        (p) => p.status.initContainerStatuses?.[0].restartCount >= 3,
      );
      assert.equal(pod.status.phase, 'Pending');
      assert.equal(condition(pod, 'Initialized').status, 'False');
      assert.equal(condition(pod, 'Initialized').reason, 'ContainersNotInitialized');
      assert.match(
        condition(pod, 'Initialized').message,
        /^containers with incomplete status: \[init1 init2\]$/,
      );
      assert.equal(pod.status.initContainerStatuses[1].state.waiting.reason, 'PodInitializing');
      assert.equal(pod.status.containerStatuses[0].state.waiting.reason, 'PodInitializing');
      assert.equal(pod.status.containerStatuses[0].restartCount, 0);
    },
  );

  behaviour(
    '[sig-node] InitContainer should not start app containers and fail the pod if init containers fail on a RestartNever pod',
    async (s) => {
      const pod = await s.finish(initPod('Never', ['true', 'false'], waitCommand));
      assert.equal(pod.status.phase, 'Failed');
      assert.equal(condition(pod, 'Initialized').status, 'False');
      assert.match(condition(pod, 'Initialized').message, /^containers with incomplete status: \[init2\]$/);
      assert.equal(pod.status.containerStatuses[0].state.waiting.reason, 'PodInitializing');
    },
  );

  behaviour(
    '[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs',
    async (s) => {
      assert.equal(await s.output(job('busybox', "echo 'Hello World'")), 'Hello World\n');
    },
  );

  behaviour(
    '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason',
    async (s) => {
      await s.create(podOf('fails', [container('main', { command: ['false'] })]));
      await s.until('pods', 'fails', 'terminated', (p) => {
        const state = p.status.containerStatuses?.[0];
        const ended = state?.state.terminated ?? state?.lastState.terminated;
        return ended?.exitCode !== undefined && ended.exitCode !== 0 && ended.reason === 'Error';
      });
    },
  );

  behaviour(
    '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete',
    async (s) => {
      await s.create(podOf('fails', [container('main', { command: ['false'] })]));
      await s.delete('pods', 'fails');
      await s.gone('pods', 'fails');
    },
  );

  behaviour(
    '[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly]',
    async (s) => {
      const pod = await s.finish(
        job('reads', 'echo test > /file; cat /proc/self/attr/current >/dev/null; test -e /file', {
          securityContext: { readOnlyRootFilesystem: true },
        }),
      );
      assert.equal(pod.status.phase, 'Failed');
      assert.match(await s.logs('reads'), /Read-only file system/);
    },
  );

  behaviour(
    '[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts',
    async (s) => {
      const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
      assert.match(
        await s.output(job('aliases', 'cat /etc/hosts', {}, { hostAliases })),
        /^123\.45\.67\.89\tfoo\tbar$/m,
      );
    },
  );

  behaviour('[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file', async (s) => {
    const volumes = [{ name: 'v', hostPath: { path: '/etc/hosts', type: 'File' } }];
    const containers = ['busybox-1', 'busybox-2', 'busybox-3'].map((name) =>
      container(name, {
        command: waitCommand,
        volumeMounts: [
          { name: 'v', mountPath: '/etc/hosts-original' },
          ...(name === 'busybox-3' ? [{ name: 'v', mountPath: '/etc/hosts' }] : []),
        ],
      }),
    );
    await Promise.all([
      s.start(podOf('own', containers, { volumes })),
      s.start(podOf('hosts', containers.slice(0, 2), { volumes, hostNetwork: true })),
    ]);
    const hosts = (pod: string, c: string, file: string) =>
      s.kubectl('exec', pod, '-c', c, '--', 'cat', `/etc/${file}`);
    const managed = /^# Kubernetes-managed hosts file/;
    assert.match(await hosts('own', 'busybox-1', 'hosts'), managed);
    assert.match(await hosts('own', 'busybox-2', 'hosts'), managed);
    assert.equal(await hosts('own', 'busybox-3', 'hosts'), await hosts('own', 'busybox-3', 'hosts-original'));
    for (const c of ['busybox-1', 'busybox-2'])
      assert.ok((await hosts('hosts', c, 'hosts')).endsWith(await hosts('hosts', c, 'hosts-original')));
  });

  behaviour(
    '[sig-node] Ephemeral Containers will start an ephemeral container in an existing pod',
    async (s) => {
      await s.start(idle('target'));
      const pod = await s.api.patch(
        `${s.path('pods', 'target')}/ephemeralcontainers`,
        {
          spec: {
            ephemeralContainers: [
              container('debugger', {
                command: ['sh', '-c', 'while :; do echo polo; sleep 1; done'],
                stdin: true,
                tty: true,
              }),
            ],
          },
        },
        'application/strategic-merge-patch+json',
      );
      assert.equal(pod.spec.ephemeralContainers.length, 1);
      await s.until(
        'pods',
        'target',
        'with a running debugger',
        (p) => p.status.ephemeralContainerStatuses?.[0]?.state.running,
      );
      await eventually('its log', async () => (await s.logs('target', 'debugger')).includes('polo'));
    },
  );

  behaviour(
    '[sig-node] Ephemeral Containers should update the ephemeral containers in an existing pod',
    async (s) => {
      await s.start(idle('target'));
      const path = `${s.path('pods', 'target')}/ephemeralcontainers`;
      await s.api.patch(
        path,
        { spec: { ephemeralContainers: [container('debugger1', { command: waitCommand })] } },
        'application/strategic-merge-patch+json',
      );
      const pod = await s.api.get(path);
      assert.equal(pod.kind, 'Pod');
      pod.spec.ephemeralContainers.push(container('debugger2', { command: waitCommand }));
      await s.api.change(path, (p) => {
        p.spec.ephemeralContainers = pod.spec.ephemeralContainers;
      });
      const names = (await s.api.get(path)).spec.ephemeralContainers.map((c: any) => c.name);
      assert.deepEqual(names, ['debugger1', 'debugger2']);
      await s.until(
        'pods',
        'target',
        'with both',
        (p) => p.status.ephemeralContainerStatuses?.filter((c: any) => c.state.running).length === 2,
      );
    },
  );

  behaviour(
    '[sig-node] Security Context When creating a container with runAsUser should run the container with uid 65534 [LinuxOnly]',
    async (s) => {
      assert.equal(await s.output(job('uid', 'id -u', { securityContext: { runAsUser: 65534 } })), '65534\n');
    },
  );

  for (const [title, parts, spec] of [
    [
      'container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup',
      { securityContext: { runAsUser: 1001, runAsGroup: 2002 } },
      {},
    ],
    [
      'pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup',
      {},
      { securityContext: { runAsUser: 1001, runAsGroup: 2002 } },
    ],
  ] as const) {
    behaviour(`[sig-node] Security Context should support ${title} [LinuxOnly]`, async (s) => {
      assert.equal(await s.output(job('ids', 'id -u; id -g', parts, spec)), '1001\n2002\n');
    });
  }

  behaviour(
    '[sig-node] Security Context When creating a pod with privileged should run the container as unprivileged when false [LinuxOnly]',
    async (s) => {
      const line = 'hostname changed; grep CapEff /proc/self/status';
      const text = await s.output(job('plain', line, { securityContext: { privileged: false } }));
      assert.match(text, /CapEff:\t00000000a[0-9a-f]+$/m);
      assert.match(text, /Operation not permitted|must be root|permission/i);
    },
  );

  behaviour(
    '[sig-node] Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false',
    async (s) => {
      assert.equal(
        await s.output(
          job('writes', 'touch /checkfile && echo ok', {
            securityContext: { readOnlyRootFilesystem: false },
          }),
        ),
        'ok\n',
      );
    },
  );

  behaviour(
    '[sig-node] Security Context when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly]',
    async (s) => {
      const text = await s.output(
        job('stays', 'grep NoNewPrivs /proc/self/status', {
          securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false },
        }),
      );
      assert.equal(text, 'NoNewPrivs:\t1\n');
    },
  );

  behaviour('[sig-node] Sysctls [LinuxOnly] should support sysctls [Environment:NotInUserNS]', async (s) => {
    const securityContext = { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] };
    assert.equal(
      await s.output(job('sysctl', 'cat /proc/sys/kernel/shm_rmid_forced', {}, { securityContext })),
      '1\n',
    );
  });

  behaviour('[sig-node] Sysctls [LinuxOnly] should reject invalid sysctls', async (s) => {
    const sysctls = [
      { name: 'foo-', value: 'bar' },
      { name: 'kernel.shmmax', value: '100000000' },
      { name: 'safe-and-unsafe', value: '100000000' },
      { name: 'bar..', value: '42' },
    ];
    const { code, message: text } = await s.refusal(
      job('sysctl', 'true', {}, { securityContext: { sysctls } }),
    );
    assert.equal(code, 422);
    assert.match(text, /Invalid value: "foo-"/);
    assert.match(text, /Invalid value: "bar\.\."/);
    assert.doesNotMatch(text, /safe-and-unsafe/);
    assert.doesNotMatch(text, /kernel\.shmmax/);
  });
};
