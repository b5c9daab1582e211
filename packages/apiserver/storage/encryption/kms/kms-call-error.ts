import { grpcCodes } from '@coxswain/machinery';

/** Faults that another attempt may not meet. */
const passing: ReadonlySet<string> = new Set([
  'Aborted',
  'Canceled',
  'DeadlineExceeded',
  'ResourceExhausted',
  'Unavailable',
]);

/** The name of a gRPC code. */
export function grpcCodeName(code: number): string {
  return grpcCodes[code] ?? `Code(${code})`;
}

/** A KMS plugin was called and failed; the message is as Go's gRPC has it. */
export class KmsCallError extends Error {
  override readonly name = 'KmsCallError';
  readonly code = 'KMS_CALL';
  /** Such as `Unavailable`. */
  readonly grpcCode: string;

  /** @param code gRPC's number */
  constructor(code: number, details: string, options?: ErrorOptions) {
    const grpcCode = grpcCodeName(code);
    super(`rpc error: code = ${grpcCode} desc = ${details}`, options);
    this.grpcCode = grpcCode;
  }

  /** Whether another attempt may not meet it. */
  get passes(): boolean {
    return passing.has(this.grpcCode);
  }
}
