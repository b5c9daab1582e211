export type { ClusterEvent, ClusterReader, Cycle, Plugin, Refusal, Snapshot } from './framework.ts';
export { defaultPlugins } from './plugins/default-plugins.ts';
export { Scheduler, type SchedulerOptions } from './scheduler.ts';
