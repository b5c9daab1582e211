/** Objects for the tables of tests. */

import { containerHash } from '../kuberuntime/labels.ts';
import type { RuntimeContainer, RuntimeContainerState, RuntimePod } from '../pleg/runtime-pod.ts';
import type { Container, Pod, PodSpec, PodStatus } from '../types.ts';

export function testPod(spec: Partial<PodSpec>, metadata: Pod['metadata'] = {}, status: PodStatus = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'uid-1', ...metadata },
    spec: { restartPolicy: 'Always', containers: [], ...spec },
    status,
  };
}

/** A container of the runtime; `sandbox-1` and exit code 0 where nothing else is said. */
export function ran(
  container: Container,
  state: RuntimeContainerState,
  parts: Partial<RuntimeContainer> = {},
): RuntimeContainer {
  return {
    id: `${container.name}-id`,
    sandboxId: 'sandbox-1',
    name: container.name,
    state,
    createdAt: 0,
    startedAt: 0,
    finishedAt: 0,
    exitCode: 0,
    reason: '',
    message: '',
    image: container.image ?? '',
    imageRef: '',
    logPath: '',
    info: {
      hash: containerHash(container),
      restartCount: 0,
      terminationMessagePath: '',
      terminationMessagePolicy: 'File',
    },
    raw: { mounts: [], labels: {}, annotations: {} } as unknown as RuntimeContainer['raw'],
    ...parts,
  };
}

/** A pod of the runtime in one sandbox that is ready. */
export function runtimePod(
  containers: readonly RuntimeContainer[],
  sandbox: { readonly ready?: boolean; readonly attempt?: number } | null = {},
): RuntimePod {
  const ready = sandbox?.ready ?? true;
  return {
    uid: 'uid-1',
    name: 'web',
    namespace: 'default',
    containers,
    ips: sandbox && ready ? ['10.0.0.2'] : [],
    sandboxes:
      sandbox === null
        ? []
        : [
            {
              id: 'sandbox-1',
              metadata: { name: 'web', namespace: 'default', uid: 'uid-1', attempt: sandbox.attempt ?? 0 },
              state: ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
              createdAt: 0,
              labels: {},
              annotations: {},
              runtimeHandler: '',
              ips: ready ? ['10.0.0.2'] : [],
              hostNetwork: false,
            },
          ],
  };
}
