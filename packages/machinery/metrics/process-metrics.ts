import { MetricsRegistry } from './metrics-registry.ts';

/**
 * Metrics of what the components of one process share: their work queues. A server of the process tells them with its
 * own; there is one process, so there is one of these.
 */
export const processMetrics = new MetricsRegistry();
