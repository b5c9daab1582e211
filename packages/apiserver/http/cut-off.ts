import { constants, type Http2ServerResponse } from 'node:http2';
import type { Response } from './reply.ts';

/** Ends an answer in the middle, so that its client cannot take it for whole. */
export function cutOff(response: Response): void {
  const { stream } = response as Http2ServerResponse;
  if (stream === undefined) response.destroy();
  else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}
