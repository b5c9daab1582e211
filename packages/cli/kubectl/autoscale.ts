import { createGenerated, generatorFlags } from './create/generator.ts';
import { Failure } from './error-text.ts';
import { builderOptions, visit } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, managerFlag } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

const verb: Verb = {
  usage:
    'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [--memory=MEMORY]',
  summary: 'Create an autoscaler that chooses how many pods a deployment, replica set or stateful set has.',
  required: ['max'],
  flags: {
    ...generatorFlags,
    ...fileFlags,
    ...managerFlag('kubectl-autoscale'),
    cpu: { type: 'string', help: 'Target for CPU: a percentage of the request, or a quantity' },
    'cpu-percent': { type: 'int', default: '-1', help: 'Target for CPU in percent of the request' },
    max: { type: 'int', default: '-1', help: 'Most pods' },
    memory: { type: 'string', help: 'Target for memory: a percentage of the request, or a quantity' },
    min: { type: 'int', default: '-1', help: 'Fewest pods' },
    name: { type: 'string', help: 'Name of the autoscaler' },
  },
  run: async (session) => {
    const { flags } = session;
    const [min, max] = [flags.int('min') ?? -1, flags.int('max') ?? -1];
    if (max < 1) throw new Failure(`--max=MAXPODS is required and must be at least 1, max: ${max}`);
    if (max < min)
      throw new Failure(`--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
    const { all: _, ...options } = builderOptions(session);
    await visit(session, options, async ({ mapping, name }) => {
      const group = mapping.group === '' ? '' : `${mapping.group}/`;
      const scaleTargetRef = { apiVersion: `${group}${mapping.version}`, kind: mapping.kind, name };
      const metrics = metricsOf(session);
      const autoscaler = {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: flags.string('name') || name },
        spec: {
          maxReplicas: max,
          ...(metrics.length > 0 ? { metrics } : {}),
          ...(min > 0 ? { minReplicas: min } : {}),
          scaleTargetRef,
        },
        status: { currentMetrics: null, desiredReplicas: 0 },
      };
      await createGenerated(session, autoscaler, undefined, 'autoscaled');
    });
    return 0;
  },
};

export const autoscale = kubectlCommand('autoscale', verb);

function metricsOf({ flags }: Session): object[] {
  const percent = flags.int('cpu-percent') ?? -1;
  const cpu = flags.string('cpu') ?? (percent >= 0 ? `${percent}%` : undefined);
  return Object.entries({ cpu, memory: flags.string('memory') }).flatMap(([name, target]) =>
    target === undefined ? [] : [{ type: 'Resource', resource: { name, target: targetOf(target) } }],
  );
}

function targetOf(text: string): object {
  const percent = /^(\d+)%$/.exec(text);
  if (percent) return { averageUtilization: Number(percent[1]), type: 'Utilization' };
  return { averageValue: text, type: 'AverageValue' };
}
