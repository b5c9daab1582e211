/** Why a local cluster cannot be made, found or taken down. Stable; tests and exit codes rest on it. */
export type ClusterErrorCode =
  | 'COMMAND_FAILED'
  | 'MISSING_PREREQUISITE'
  | 'NOT_PRIVILEGED'
  | 'INVALID_OPTION'
  | 'ADDRESS_IN_USE'
  | 'PROCESS_DIED'
  | 'STATE_DAMAGED'
  | 'NOT_RUNNING'
  | 'BUSY';

/** A failure of the cluster machinery; the message is one sentence for a person. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
