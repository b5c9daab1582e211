/** Waiting reasons that a failed step leaves in the container's status. */
export type SyncReason =
  | 'CrashLoopBackOff'
  | 'ImagePullBackOff'
  | 'ErrImagePull'
  | 'ErrImageNeverPull'
  | 'InvalidImageName'
  | 'ImageInspectError'
  | 'RegistryUnavailable'
  | 'CreateContainerConfigError'
  | 'PreCreateHookError'
  | 'CreateContainerError'
  | 'PreStartHookError'
  | 'RunContainerError'
  | 'PostStartHookError'
  | 'KillContainerError'
  | 'CreatePodSandboxError'
  | 'ConfigPodSandboxError'
  | 'KillPodSandboxError';

/** A step of a pod's sync that failed: its reason is what the container waits for. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly reason: SyncReason;
  /** Ms after which trying again makes sense; absent: the usual back-off. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: SyncReason,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}
