/** Limits of the server as a whole; names and defaults are those of upstream's flags. */
export interface ServingOptions {
  /** `--enable-priority-and-fairness`. */
  readonly priorityAndFairness: boolean;
  /** `--max-requests-inflight`. */
  readonly maxRequestsInflight: number;
  /** `--max-mutating-requests-inflight`. */
  readonly maxMutatingRequestsInflight: number;
  /** `--request-timeout`. */
  readonly requestTimeoutMs: number;
  /** `--min-request-timeout`: watches last so long at least, and twice that at most. */
  readonly minRequestTimeoutMs: number;
  /** `--goaway-chance`: how probable it is that a request of HTTP/2 is the last of its connection. */
  readonly goawayChance: number;
  /** `--http2-max-streams-per-connection`. */
  readonly http2MaxStreams: number;
  /** `--shutdown-delay-duration`: how long a shutdown serves on while it says that it is not ready. */
  readonly shutdownDelayMs: number;
  /** `--shutdown-send-retry-after`. */
  readonly shutdownSendRetryAfter: boolean;
  /** `--cors-allowed-origins`: pages of which origins may ask. */
  readonly corsAllowedOrigins: readonly RegExp[];
  /** `--strict-transport-security-directives`; empty: browsers are told nothing. */
  readonly strictTransport: readonly string[];
  /** `--shutdown-watch-termination-grace-period`: over how long a shutdown ends watches. */
  readonly watchTerminationGraceMs: number;
  /** `--livez-grace-period`: so long livez is content with a start that is not finished. */
  readonly livezGraceMs: number;
  /** `--profiling`. */
  readonly profiling: boolean;
  /** Takes what is put to `/debug/flags/v`: how much is logged; throws when it means nothing. Absent: nobody does. */
  readonly setVerbosity?: (text: string) => void;
  /** What `/flagz` tells: names and values. */
  readonly flags: () => readonly (readonly [string, string])[];
}

export const defaultServing: ServingOptions = {
  priorityAndFairness: true,
  maxRequestsInflight: 400,
  maxMutatingRequestsInflight: 200,
  requestTimeoutMs: 60_000,
  minRequestTimeoutMs: 1_800_000,
  goawayChance: 0,
  http2MaxStreams: 100,
  shutdownDelayMs: 0,
  shutdownSendRetryAfter: false,
  corsAllowedOrigins: [],
  strictTransport: [],
  watchTerminationGraceMs: 0,
  livezGraceMs: 0,
  profiling: true,
  flags: () => [],
};
