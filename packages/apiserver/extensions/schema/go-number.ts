/** Whether Go reads a JSON number as an integer: what does not fit into 64 bits becomes a floating point number. */
export function isWholeNumber(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}
