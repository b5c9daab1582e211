import { grpcCodes } from '@coxswain/machinery';

export type RuntimeErrorCode = (typeof grpcCodes)[number];

/** A refusal of a container runtime. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: RuntimeErrorCode;
  /** The runtime's own words, without the prefix. */
  readonly details: string;

  constructor(code: RuntimeErrorCode, details: string, options?: { readonly cause?: unknown }) {
    // The form of Go's gRPC errors, which events and statuses of pods carry.
    super(`rpc error: code = ${code} desc = ${details}`, options);
    this.code = code;
    this.details = details;
  }
}

export function codeName(number: number): RuntimeErrorCode {
  return grpcCodes[number] ?? 'Unknown';
}

export const isRuntimeNotFound = (error: unknown): boolean =>
  error instanceof RuntimeError && error.code === 'NotFound';
