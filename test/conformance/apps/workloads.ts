import { container, idle } from '../../e2e/support/objects.ts';

export type Kind = 'Deployment' | 'ReplicaSet' | 'DaemonSet' | 'StatefulSet';

/** A workload of apps/v1 whose pods do nothing, unless the parts say otherwise. */
export function workload(
  kind: Kind,
  name: string,
  spec: object = {},
  containerParts: object = {},
  labels: Readonly<Record<string, string>> = { name },
): any {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, labels },
    spec: {
      selector: { matchLabels: labels },
      ...spec,
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 1, containers: [container({ ...idle, ...containerParts })] },
      },
    },
  };
}

/** A readiness that a test decides by touching a file. */
export const readyFile = {
  readinessProbe: { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1 },
};

export const query = (labels: Readonly<Record<string, string>>): string =>
  `labelSelector=${encodeURIComponent(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  )}`;

export const condition = (object: any, type: string): any =>
  object.status?.conditions?.find((one: any) => one.type === type);
