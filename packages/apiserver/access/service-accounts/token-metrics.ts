import type { Counter, MetricsRegistry } from '@coxswain/machinery';

/** Counts the uses of service accounts' tokens by their kind, under upstream's names. */
export class TokenMetrics {
  /** Tokens of pods within the time that they were asked for. */
  readonly valid: Counter;
  /** The same after it. */
  readonly stale: Counter;
  /** Tokens for no audience. */
  readonly legacy: Counter;
  readonly auto: Counter;
  readonly manual: Counter;
  readonly invalid: Counter;

  constructor(registry: MetricsRegistry) {
    const counter = (name: string, help: string): Counter =>
      registry.counter({ name: `serviceaccount_${name}_total`, help }).with();
    this.valid = counter('valid_tokens', 'Uses of extended tokens within the time asked for.');
    this.stale = counter('stale_tokens', 'Uses of extended tokens after the time asked for.');
    this.legacy = counter('legacy_tokens', 'Uses of tokens for no audience.');
    this.auto = counter(
      'legacy_auto_token_uses',
      'Uses of tokens of Secrets that were made with an account.',
    );
    this.manual = counter('legacy_manual_token_uses', 'Uses of tokens of Secrets that were made by hand.');
    this.invalid = counter(
      'invalid_legacy_auto_token_uses',
      'Uses of tokens of Secrets that are no longer good as nobody used them.',
    );
  }
}
