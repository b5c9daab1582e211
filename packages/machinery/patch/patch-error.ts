import { newBadRequest, newStatusError, type StatusError } from '../status-error.ts';

/**
 * Why a patch was not applied, and how the API server answers it:
 * `PATCH_MALFORMED` 400, `PATCH_TOO_LARGE` 413, `PATCH_NOT_APPLICABLE` 422, `PATCH_FAILED` 500.
 */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly code: 'PATCH_MALFORMED' | 'PATCH_TOO_LARGE' | 'PATCH_NOT_APPLICABLE' | 'PATCH_FAILED';

  constructor(code: PatchError['code'], message: string) {
    super(message);
    this.code = code;
  }

  /** The Status of upstream's API server; a patch that does not apply is told without its reason. */
  toStatusError(): StatusError {
    switch (this.code) {
      case 'PATCH_MALFORMED':
        return newBadRequest(this.message);
      case 'PATCH_TOO_LARGE':
        return newStatusError({
          code: 413,
          reason: 'RequestEntityTooLarge',
          message: `Request entity too large: ${this.message}`,
        });
      case 'PATCH_NOT_APPLICABLE':
        return newStatusError({
          code: 422,
          reason: 'Invalid',
          message: 'the server rejected our request due to an error in our request',
          details: {},
        });
      case 'PATCH_FAILED':
        return newStatusError({ code: 500, reason: '', message: this.message });
    }
  }
}
