import { allFeatureGates } from '@coxswain/api';
import type { MetricsRegistry } from '@coxswain/machinery';

/** What the metrics tell of the server's features and of themselves. */
export interface MetricsAboutMetrics {
  /** `--feature-gates`: those that were set. */
  readonly featureGates: ReadonlyMap<string, boolean>;
  /** `--disabled-metrics`. */
  readonly disabled: readonly string[];
}

/** Tells which features are on, and how many metrics there are; put together when somebody asks. */
export function addMetricsAboutMetrics(registry: MetricsRegistry, about: MetricsAboutMetrics): void {
  const features = registry.gauge({
    name: 'kubernetes_feature_enabled',
    help: 'Feature gates; 1: on.',
    labels: ['name', 'stage'],
    stability: 'BETA',
  });
  const registered = registry.counter({
    name: 'registered_metrics_total',
    help: 'Metrics by how far they may be relied on.',
    labels: ['deprecated_version', 'stability_level'],
    stability: 'BETA',
  });
  const disabled = registry.counter({
    name: 'disabled_metrics_total',
    help: 'Metrics that are not told.',
    stability: 'BETA',
  });
  registry.counter({ name: 'hidden_metrics_total', help: 'Metrics that are hidden.', stability: 'BETA' });
  // Every metric is told with every label: there is nothing that could fall into an unexpected category.
  registry.counter({
    name: 'cardinality_enforcement_unexpected_categorizations_total',
    help: 'Values of labels that were told as unexpected.',
  });
  disabled.with().value = about.disabled.length;
  registry.disable(about.disabled);
  let told = false;
  registry.beforeWrite(() => {
    registered.clear();
    for (const stability of registry.stabilities) registered.with('', stability).inc();
    if (told) return;
    told = true;
    for (const { name, stage, byDefault } of allFeatureGates().values()) {
      const on = about.featureGates.get(name) ?? byDefault;
      features.with(name, stage).set(on ? 1 : 0);
    }
  });
}
