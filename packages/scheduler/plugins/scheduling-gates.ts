import { type Plugin, refuse } from '../framework.ts';

/** Keeps pods with scheduling gates out of the queue until every gate is lifted. */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue(pod) {
    const gates: readonly { name: string }[] = pod['spec'].schedulingGates ?? [];
    if (gates.length === 0) return undefined;
    return refuse(
      'SchedulingGates',
      `waiting for scheduling gates: [${gates.map((g) => g.name).join(' ')}]`,
      false,
    );
  },
  wakes: ['pod-itself'],
};
