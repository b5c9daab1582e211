/**
 * What a simulated container does, told by annotations of its pod; without any it runs until it is stopped.
 * Each may name one container, as `simulate.coxswain.dev/exit-after.<container>`, or hold for all.
 */
export interface Behaviour {
  /** Ms after its start that the container ends by itself; absent: never. */
  readonly exitAfterMs?: number;
  readonly exitCode: number;
  /** Ms that a start takes. */
  readonly startMs: number;
  /** Ms that a stop takes, when the container heeds it. */
  readonly stopMs: number;
  /** Ms after its start from which its probes by command succeed; absent: at once. */
  readonly readyAfterMs?: number;
  /** Why its image cannot be pulled; absent: it can. */
  readonly pullError?: string;
}

const prefix = 'simulate.coxswain.dev/';

/** The names of the annotations. Durations are in seconds, fractions allowed. */
export const behaviourAnnotations = {
  exitAfter: `${prefix}exit-after`,
  exitCode: `${prefix}exit-code`,
  startDuration: `${prefix}start-duration`,
  stopDuration: `${prefix}stop-duration`,
  readyAfter: `${prefix}ready-after`,
  pullError: `${prefix}pull-error`,
} as const;

export function readBehaviour(annotations: Readonly<Record<string, string>>, container: string): Behaviour {
  const text = (name: string): string | undefined => annotations[`${name}.${container}`] ?? annotations[name];
  const ms = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const seconds = Number(value);
    return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  };
  const exitAfterMs = ms(behaviourAnnotations.exitAfter);
  const readyAfterMs = ms(behaviourAnnotations.readyAfter);
  const pullError = text(behaviourAnnotations.pullError);
  return {
    ...(exitAfterMs === undefined ? {} : { exitAfterMs }),
    ...(readyAfterMs === undefined ? {} : { readyAfterMs }),
    ...(pullError === undefined ? {} : { pullError }),
    exitCode: Number(text(behaviourAnnotations.exitCode) ?? 0) || 0,
    startMs: ms(behaviourAnnotations.startDuration) ?? 0,
    stopMs: ms(behaviourAnnotations.stopDuration) ?? 0,
  };
}
