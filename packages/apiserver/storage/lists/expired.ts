import { newStatusError, StatusError } from '@coxswain/machinery';
import { decodeContinue, encodeContinue } from './continue-token.ts';

/** Upstream's 410 for a list whose revision is forgotten; one that was being continued is offered a token of now. */
export function expired(continued: string): StatusError {
  if (continued === '') {
    return newStatusError({
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    });
  }
  const { start } = decodeContinue(continued);
  const error = newStatusError({
    code: 410,
    reason: 'Expired',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  });
  const metadata = { continue: encodeContinue({ revision: -1, start }) };
  return new StatusError({ ...error.status, metadata });
}
